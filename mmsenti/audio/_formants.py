"""Formants: the resonances of the vocal tract, by linear prediction."""

from functools import lru_cache
from numbers import Integral, Real

import numpy as np

from mmsenti._descriptor import Descriptor
from mmsenti._params import Interval
from mmsenti.audio._clip import Clip
from mmsenti.audio._filters import even_blocks, lag_cosines
from mmsenti.audio._functionals import mean_and_std, quantiles

__all__ = ["Formants", "find_resonances", "linear_prediction"]

_N_GRID = 512  # points of the spectrum of the prediction between 0 and its top
_FACTORS = 9  # points whose product is taken: 9 of 1e-30 are far from the least of numbers
_LOW = 1e-300
_BLOCK = 256  # frames worked on at once
_STATISTICS = ("mean", "std", "p20", "p80")


class Formants(Descriptor):
    """Frequency, bandwidth and level of the first formants over voiced frames.

    The spectrum up to `top` is modelled by linear prediction [1]_; the resonances are the peaks
    of the model. Their width is that of the parabola through the inverse of the model at the
    peak, which for a single resonance is exact.

    Parameters
    ----------
    n_formants : int, default=3
    top : float, default=5500.0, in Hz
        Upper end of the modelled band: that of five formants of an average voice.
    order : int, default=11
        Number of coefficients of the prediction: two for a formant, and some for the slope.

    Notes
    -----
    ``formant_1_frequency_...`` and ``formant_1_bandwidth_...``, in Hz, and ``formant_1_level_...``
    in dB over the mean level of the model; each as mean, standard deviation, 20th and 80th
    percentile over voiced frames. 0.0 where no voiced frame has the formant.

    References
    ----------
    .. [1] J. Makhoul, "Spectral Linear Prediction: Properties and Applications", IEEE Transactions
       on Acoustics, Speech, and Signal Processing 23(3), 1975.

    Examples
    --------
    >>> formants = Formants(n_formants=1)
    >>> formants.get_names()[:2]
    ['formant_1_frequency_mean', 'formant_1_frequency_std']
    """

    feature_version = 1

    _parameter_constraints = {
        "n_formants": [Interval(Integral, 1, 5, closed="both")],
        "top": [Interval(Real, 1000, None, closed="left")],
        "order": [Interval(Integral, 2, 40, closed="both")],
    }

    def __init__(self, *, n_formants: int = 3, top: float = 5500.0, order: int = 11) -> None:
        self.n_formants = n_formants
        self.top = top
        self.order = order

    def get_names(self) -> list[str]:
        """Name the features, formant by formant.

        Returns
        -------
        list of str of length 12 * n_formants
        """
        return [
            f"formant_{i}_{track}_{statistic}"
            for i in range(1, self.n_formants + 1)
            for track in ("frequency", "bandwidth", "level")
            for statistic in _STATISTICS
        ]

    def compute(self, clip: Clip) -> np.ndarray:
        """Compute the features of one clip.

        Parameters
        ----------
        clip : Clip

        Returns
        -------
        ndarray of float64 of shape (12 * n_formants,)
        """
        voiced = clip.f0().voiced
        values = np.zeros((self.n_formants, 3, len(_STATISTICS)))
        if not voiced.any():
            return values.ravel()
        n_bins = min(round(self.top / clip.sampling_rate * clip.n_fft) + 1, clip.power.shape[1])
        top = (n_bins - 1) * clip.sampling_rate / clip.n_fft
        coefficients = linear_prediction(clip.power[voiced, :n_bins], self.order)
        found = find_resonances(coefficients, top, self.n_formants)
        for i, tracks in enumerate(np.moveaxis(found, 1, 0)):
            there = tracks[~np.isnan(tracks[:, 0])]
            if len(there):
                outer = quantiles(there, (0.2, 0.8))
                values[i] = np.stack([*mean_and_std(there), *outer], axis=1)
        return values.ravel()


def linear_prediction(power: np.ndarray, order: int) -> np.ndarray:
    """Model spectra by the all-pole filter that predicts their signals best.

    Parameters
    ----------
    power : ndarray of shape (n_frames, n_bins)
        From 0 Hz to the top of the band, which is taken for half a sampling rate.
    order : int

    Returns
    -------
    ndarray of float64 of shape (n_frames, order + 1)
        Coefficients of the inverse filter, the first of which is 1.

    Examples
    --------
    >>> grid = np.exp(-1j * np.linspace(0, np.pi, 65))
    >>> one_pole = 1 / np.abs(1 - 0.5 * grid) ** 2
    >>> linear_prediction(one_pole[np.newaxis], 1).round(3).tolist()
    [[1.0, -0.5]]
    """
    correlation = lag_cosines(power.shape[1], order + 1) @ power.T.astype(np.float64)
    # A trace of white noise keeps silence and pure tones solvable.
    correlation[0] = correlation[0] * (1 + 1e-6) + 1e-12
    # Coefficient by coefficient, so that each step runs over the frames side by side.
    filters = np.zeros((order + 1, len(power)))
    filters[0] = 1.0
    error = correlation[0].copy()
    for i in range(1, order + 1):  # Levinson's recursion, for all frames at once
        reflection = np.einsum("ij,ij->j", filters[:i], correlation[i:0:-1])
        reflection /= -error
        filters[1 : i + 1] += reflection * filters[i - 1 :: -1][:i]
        error *= 1 - reflection**2
    return filters.T


def find_resonances(filters: np.ndarray, top: float, n: int) -> np.ndarray:
    """Find the lowest peaks of all-pole spectra.

    Parameters
    ----------
    filters : ndarray of shape (n_frames, order + 1)
    top : float, in Hz
    n : int

    Returns
    -------
    ndarray of float64 of shape (n_frames, n, 3)
        Frequency and bandwidth in Hz, level in dB over the mean level; NaN where a spectrum has
        fewer peaks.

    Examples
    --------
    >>> pole = np.exp(-np.pi * 80 / 8000 + 2j * np.pi * 700 / 8000)  # 700 Hz, 80 Hz wide
    >>> resonance = np.array([[1.0, -2 * pole.real, abs(pole) ** 2]])
    >>> find_resonances(resonance, 4000, 1)[0, 0, :2].round(-1).tolist()
    [700.0, 80.0]
    """
    found = np.full((len(filters), n, 3), np.nan)
    correlation = _autocorrelation(filters)
    for rows in even_blocks(len(filters), _BLOCK):
        inverse = correlation[rows] @ _grid_waves(filters.shape[1])
        # What rounding may have missed; with both limits, as in `decibels`.
        np.clip(inverse, _LOW, np.inf, out=inverse)
        _find_peaks(inverse, top / _N_GRID, found[rows])
    return found


def _find_peaks(inverse: np.ndarray, step: float, found: np.ndarray) -> None:
    """Fill in the resonances of a few inverse spectra, on a grid of a step in Hz."""
    falls = inverse[:, 1:] < inverse[:, :-1]
    is_peak = falls[:, :-1] & ~falls[:, 1:]
    # Several times faster than the two places that np.nonzero finds.
    frames, places = np.divmod(np.flatnonzero(is_peak), is_peak.shape[1])
    number = np.arange(len(frames)) - np.searchsorted(frames, frames)
    first = number < found.shape[1]
    frames, places, number = frames[first], places[first] + 1, number[first]
    before, peak, after = (inverse[frames, places + i] for i in (-1, 0, 1))
    bend = (before - 2 * peak + after) / 2
    offset = (before - after) / (4 * bend)
    lowest = np.maximum(peak - bend * offset**2, 0.0)
    found[frames, number, 0] = (places + offset) * step
    found[frames, number, 1] = 2 * np.sqrt(lowest / bend) * step
    found[frames, number, 2] = _mean_level(inverse)[frames] - 10 * np.log10(peak)


def _mean_level(power: np.ndarray) -> np.ndarray:
    """Average the levels of spectra, in dB."""
    n_frames, n_points = power.shape
    # A logarithm of products, as one takes as long as twenty multiplications.
    factors = power.reshape(n_frames, _FACTORS, n_points // _FACTORS)
    products = np.maximum(np.multiply.reduce(factors, axis=1), _LOW)
    return 10 / n_points * np.log10(products).sum(axis=1)


def _autocorrelation(filters: np.ndarray) -> np.ndarray:
    """Correlate the coefficients of each filter with themselves, at all lags from 0 on."""
    by_step = filters.T
    n = len(by_step)
    lags = [np.einsum("ij,ij->j", by_step[: n - k], by_step[k:]) for k in range(n)]
    return np.stack(lags, axis=1)


@lru_cache(maxsize=8)
def _grid_waves(n: int) -> np.ndarray:
    """Cosines that transform autocorrelations at n lags to power at the points of the grid."""
    # The fast transform would work on as many zeros as there are points.
    waves = np.cos(np.pi / _N_GRID * np.outer(np.arange(n), np.arange(_N_GRID + 1)))
    waves[1:] *= 2  # each lag but 0 has a twin on the other side
    return waves
