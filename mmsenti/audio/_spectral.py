"""The shape of the spectrum: where its energy lies, how it is spread and how it moves."""

from collections.abc import Sequence
from numbers import Integral, Real

import numpy as np

from mmsenti._descriptor import Descriptor
from mmsenti._params import Interval
from mmsenti.audio._clip import Clip
from mmsenti.audio._contrast import band_extremes, octave_bands
from mmsenti.audio._filters import fft_frequencies, levels
from mmsenti.audio._functionals import apply_functionals, name_functionals

__all__ = ["Spectral", "flatness", "flux", "moments", "rolloff", "unit_sum"]

_MIN_POWER = 1e-10
_TINY = 2.0**-126  # the smallest normal number of float32
_BLOCK = 1024  # frames worked on at once, so that memory stays flat
_GROUP = 16  # bins summed at once on the way to the roll-off


class Spectral(Descriptor):
    """Centroid, bandwidth, roll-off, flatness, flux and contrast, as functionals.

    All but the flux equal librosa's functions of the same name. Each is computed from the
    magnitude spectrum, flatness from the power spectrum.

    - ``spectral_centroid``, in Hz: mean frequency.
    - ``spectral_bandwidth``, in Hz: standard deviation of the frequency.
    - ``spectral_rolloff``, in Hz: the frequency below which a share of the magnitude lies.
    - ``spectral_flatness``, in [0, 1]: geometric over arithmetic mean; 1.0 is white.
    - ``spectral_flux``, in [0, sqrt(2)]: Euclidean distance of a spectrum of unit sum from that
      of the frame before [1]_; 0.0 in the first frame.
    - ``spectral_contrast_0`` to ``_n``, in dB: peak over valley in octave bands [2]_.

    Parameters
    ----------
    rolloff_share : float, default=0.85
        Share of the magnitude below the roll-off frequency, in (0, 1).
    contrast_bands : int, default=6
        Number of octaves; there is one more band, below them.
    contrast_fmin : float, default=200.0, in Hz
        Upper end of the band below the octaves. Bands that the spectrum does not reach have the
        contrast 0.0.
    contrast_quantile : float, default=0.02
        Share of a band's bins that make its peak, and its valley, in (0, 0.5).
    functionals : sequence of str, default=("mean", "std", "min", "max")
        Statistics over the frames: of mean, std, min, max, range, median, iqr, skewness and
        kurtosis.

    Notes
    -----
    Of digital silence all are 0.0 but the flatness, which is 1.0.

    References
    ----------
    .. [1] G. Tzanetakis and P. Cook, "Musical genre classification of audio signals", IEEE TSAP
       10(5), 2002.
    .. [2] D.-N. Jiang et al., "Music type classification by spectral contrast feature", ICME 2002.

    Examples
    --------
    >>> from mmsenti.audio import make_audio_features
    >>> tone = np.sin(2 * np.pi * 1000 * np.arange(16000) / 16000)
    >>> extractor = make_audio_features(Spectral(functionals=["median"]))
    >>> extractor.get_feature_names_out()[0]
    'spectral_centroid_median'
    >>> extractor.transform([tone]).round()[0, :3].tolist()
    [1000.0, 22.0, 1031.0]
    """

    _parameter_constraints = {
        "rolloff_share": [Interval(Real, 0, 1, closed="neither")],
        "contrast_bands": [Interval(Integral, 1, None, closed="left")],
        "contrast_fmin": [Interval(Real, 0, None, closed="neither")],
        "contrast_quantile": [Interval(Real, 0, 0.5, closed="neither")],
        "functionals": [list, tuple],
    }

    def __init__(
        self,
        *,
        rolloff_share: float = 0.85,
        contrast_bands: int = 6,
        contrast_fmin: float = 200.0,
        contrast_quantile: float = 0.02,
        functionals: Sequence[str] = ("mean", "std", "min", "max"),
    ) -> None:
        self.rolloff_share = rolloff_share
        self.contrast_bands = contrast_bands
        self.contrast_fmin = contrast_fmin
        self.contrast_quantile = contrast_quantile
        self.functionals = functionals

    def get_names(self) -> list[str]:
        """Name the features, track by track, each by functional.

        Returns
        -------
        list of str
        """
        shapes = ["centroid", "bandwidth", "rolloff", "flatness", "flux"]
        bands = [f"contrast_{i}" for i in range(self.contrast_bands + 1)]
        return name_functionals([f"spectral_{name}" for name in shapes + bands], self.functionals)

    def compute(self, clip: Clip) -> np.ndarray:
        """Compute the functionals of the spectrum's shape.

        Parameters
        ----------
        clip : Clip

        Returns
        -------
        ndarray of shape ((6 + contrast_bands) * n_functionals,)
        """
        frequencies = fft_frequencies(clip.sampling_rate, clip.n_fft)
        bands = octave_bands(
            clip.sampling_rate,
            clip.n_fft,
            self.contrast_bands,
            self.contrast_fmin,
            self.contrast_quantile,
        )
        n_bands = len(bands)
        shapes = np.empty((clip.n_frames, 5))
        extremes = np.empty((2 * n_bands, clip.n_frames), dtype=np.float32)
        before = None
        for start in range(0, clip.n_frames, _BLOCK):
            rows = slice(start, start + _BLOCK)
            power = clip.power[rows]
            magnitude = np.sqrt(power)
            spectra = unit_sum(magnitude)
            shapes[rows, :2] = moments(spectra, frequencies)
            shapes[rows, 2] = rolloff(spectra, frequencies, self.rolloff_share)
            shapes[rows, 3] = flatness(power)
            shapes[rows, 4] = flux(spectra, before)
            extremes[:, rows] = band_extremes(magnitude, bands)
            before = spectra[-1]
        contrast = levels(extremes[:n_bands]) - levels(extremes[n_bands:])
        contrast[[stop == 0 for _, stop, _ in bands]] = 0.0
        return apply_functionals(np.concatenate([shapes, contrast.T], axis=1), self.functionals)


def unit_sum(magnitude: np.ndarray) -> np.ndarray:
    """Scale each spectrum to unit sum; silence stays zero.

    Parameters
    ----------
    magnitude : ndarray of float32 of shape (n_frames, n_bins)

    Returns
    -------
    ndarray of float32 of shape (n_frames, n_bins)

    Examples
    --------
    >>> unit_sum(np.array([[1.0, 3.0], [0.0, 0.0]], dtype=np.float32)).tolist()
    [[0.25, 0.75], [0.0, 0.0]]
    """
    total = magnitude.sum(axis=1, keepdims=True)
    return magnitude / np.where(total >= _TINY, total, np.float32(1.0))


def moments(spectra: np.ndarray, frequencies: np.ndarray) -> np.ndarray:
    """Compute the mean and the standard deviation of the frequency, weighted by magnitude.

    Parameters
    ----------
    spectra : ndarray of shape (n_frames, n_bins)
        Of unit sum, or zero.
    frequencies : ndarray of shape (n_bins,), in Hz

    Returns
    -------
    ndarray of float64 of shape (n_frames, 2), in Hz
        Centroid and bandwidth; 0.0 for silence.

    Examples
    --------
    >>> moments(np.array([[0.5, 0.0, 0.5]]), np.array([0.0, 100.0, 200.0])).tolist()
    [[100.0, 100.0]]
    """
    powers = np.stack([np.ones_like(frequencies), frequencies, frequencies**2], axis=1)
    # The variance of a narrow spectrum is a small difference of large numbers: float64.
    sums = spectra.astype(np.float64) @ powers
    total = np.where(sums[:, 0] > 0, sums[:, 0], 1.0)
    centroid = sums[:, 1] / total
    variance = np.maximum(sums[:, 2] / total - centroid**2, 0.0)
    return np.stack([centroid, np.sqrt(variance)], axis=1)


def rolloff(spectra: np.ndarray, frequencies: np.ndarray, share: float = 0.85) -> np.ndarray:
    """Find the lowest frequency up to which a share of the magnitude lies.

    Parameters
    ----------
    spectra : ndarray of shape (n_frames, n_bins)
    frequencies : ndarray of shape (n_bins,), in Hz
    share : float, default=0.85

    Returns
    -------
    ndarray of float64 of shape (n_frames,), in Hz
        That of the lowest bin for silence.

    Examples
    --------
    >>> rolloff(np.array([[0.75, 0.25, 0.0]]), np.array([0.0, 100.0, 200.0])).tolist()
    [100.0]
    """
    # A running sum over all bins is slow; over groups of bins, and then over the bins of the one
    # group where the share is reached, it is short twice.
    n_frames, n_bins = spectra.shape
    starts = np.arange(0, n_bins, _GROUP)
    groups = np.cumsum(np.add.reduceat(spectra, starts, axis=1), axis=1, dtype=np.float64)
    wanted = share * groups[:, -1:]
    group = (groups >= wanted).argmax(axis=1)
    rows = np.arange(n_frames)
    below = np.where(group > 0, groups[rows, group - 1], 0.0)
    bins = starts[group][:, np.newaxis] + np.arange(_GROUP)
    inside = spectra[rows[:, np.newaxis], np.minimum(bins, n_bins - 1)]
    reached = below[:, np.newaxis] + np.cumsum(inside, axis=1, dtype=np.float64) >= wanted
    # Sums in another order differ in their last digit: the group's last bin reaches it for sure.
    reached[:, -1] = True
    return frequencies[np.minimum(starts[group] + reached.argmax(axis=1), n_bins - 1)]


def flatness(power: np.ndarray) -> np.ndarray:
    """Divide the geometric by the arithmetic mean of each spectrum.

    Parameters
    ----------
    power : ndarray of float32 of shape (n_frames, n_bins)
        Taken as at least 1e-10, as librosa does.

    Returns
    -------
    ndarray of float32 of shape (n_frames,), in [0, 1]
        1.0 for silence.

    Examples
    --------
    >>> flatness(np.array([[1.0, 4.0]], dtype=np.float32)).round(3).tolist()
    [0.800000011920929]
    """
    power = np.clip(power, np.float32(_MIN_POWER), np.inf)  # both limits, as in `decibels`
    # The logarithms need numpy's careful sum; for the others a product is exact enough, and fast.
    weights = np.full(power.shape[1], 1.0 / power.shape[1], dtype=np.float32)
    return np.exp(np.log(power).mean(axis=1)) / (power @ weights)


def flux(spectra: np.ndarray, before: np.ndarray | None = None) -> np.ndarray:
    """Measure how far each spectrum is from that of the frame before.

    Parameters
    ----------
    spectra : ndarray of shape (n_frames, n_bins)
        Of unit sum, or zero.
    before : ndarray of shape (n_bins,), default=None
        The spectrum of the frame before the first.

    Returns
    -------
    ndarray of shape (n_frames,), in [0, sqrt(2)]
        Euclidean distance; 0.0 in a first frame that has none before.

    Examples
    --------
    >>> flux(np.array([[0.25, 0.75], [1.0, 0.0]])).round(3).tolist()
    [0.0, 1.061]
    """
    change = np.empty_like(spectra)
    change[0] = 0.0 if before is None else spectra[0] - before
    np.subtract(spectra[1:], spectra[:-1], out=change[1:])
    return np.sqrt(np.einsum("ij,ij->i", change, change))
