"""SpectralBalance: how the energy of a voice is shared by low and high frequencies."""

import numpy as np

from mmsenti._descriptor import Descriptor
from mmsenti.audio._clip import Clip
from mmsenti.audio._filters import decibels, fft_frequencies
from mmsenti.audio._functionals import mean_and_std

__all__ = ["SpectralBalance", "balance"]

_TRACKS = ("alpha_ratio", "hammarberg", "slope_0_500", "slope_500_1500", "harmonicity", "h1_h2")
_STATISTICS = ("voiced_mean", "voiced_std", "unvoiced_mean")


class SpectralBalance(Descriptor):
    """Alpha ratio, Hammarberg index and spectral slopes, and the harmonics of voiced frames.

    For each frame, as in eGeMAPS [1]_:

    - ``balance_alpha_ratio``, in dB: energy of 50 to 1000 Hz over that of 1 to 5 kHz.
    - ``balance_hammarberg``, in dB: strongest bin of 0 to 2 kHz over that of 2 to 5 kHz [2]_.
    - ``balance_slope_0_500``, ``balance_slope_500_1500``, in dB per 100 Hz: of the line
      through the level of the bins there.

    and for each voiced frame alone

    - ``balance_harmonicity``, in dB: energy of the periodic over that of the other part,
      10 log10(r / (1 - r)) of the autocorrelation r at the period [3]_.
    - ``balance_h1_h2``, in dB: level at f0 over that at 2 f0.

    Each as ``..._voiced_mean`` and ``..._voiced_std``, the former also as ``..._unvoiced_mean``.

    Parameters
    ----------
    None

    Notes
    -----
    Where there is no voiced (unvoiced) frame its values are 0.0. Bands above half the sampling
    rate are empty, at the floor of 1e-10 of power.

    References
    ----------
    .. [1] F. Eyben et al., "The Geneva Minimalistic Acoustic Parameter Set (GeMAPS) for Voice
       Research and Affective Computing", IEEE Transactions on Affective Computing 7(2), 2016.
    .. [2] B. Hammarberg et al., "Perceptual and Acoustic Correlates of Abnormal Voice Qualities",
       Acta Oto-Laryngologica 90, 1980.
    .. [3] P. Boersma, "Accurate short-term analysis of the fundamental frequency and the
       harmonics-to-noise ratio of a sampled sound", IFA Proceedings 17, 1993.

    Examples
    --------
    >>> descriptor = SpectralBalance()
    >>> tone = np.sin(2 * np.pi * 220 * np.arange(16000) / 16000)
    >>> values = dict(zip(descriptor.get_names(), descriptor.compute(Clip(tone))))
    >>> bool(values["balance_alpha_ratio_voiced_mean"] > 40)
    True
    """

    feature_version = 1

    def get_names(self) -> list[str]:
        """Name the features.

        Returns
        -------
        list of str of length 16
        """
        of_all = [f"{track}_{s}" for track in _TRACKS[:4] for s in _STATISTICS]
        of_voiced = [f"{track}_{s}" for track in _TRACKS[4:] for s in _STATISTICS[:2]]
        return [f"balance_{name}" for name in of_all + of_voiced]

    def compute(self, clip: Clip) -> np.ndarray:
        """Compute the features of one clip.

        Parameters
        ----------
        clip : Clip

        Returns
        -------
        ndarray of float64 of shape (16,)
        """
        pitch = clip.f0()
        frequencies = fft_frequencies(clip.sampling_rate, clip.n_fft)
        tracks = balance(clip.power, frequencies)
        voiced, unvoiced = tracks[pitch.voiced], tracks[~pitch.voiced]
        strength = np.clip(pitch.strength[pitch.voiced].astype(np.float64), 1e-3, 1 - 1e-3)
        harmonicity = decibels(strength / (1 - strength))
        first, second = (
            _level_at(clip.power[pitch.voiced], n * pitch.f0[pitch.voiced] / frequencies[1])
            for n in (1, 2)
        )
        of_all = np.stack([*mean_and_std(voiced), *mean_and_std(unvoiced)[:1]], axis=1)
        of_voiced = mean_and_std(np.stack([harmonicity, first - second], axis=1))
        return np.concatenate([of_all.ravel(), np.stack(of_voiced, axis=1).ravel()])


def balance(power: np.ndarray, frequencies: np.ndarray) -> np.ndarray:
    """Compute alpha ratio, Hammarberg index and both slopes of each frame.

    Parameters
    ----------
    power : ndarray of shape (n_frames, n_bins)
    frequencies : ndarray of shape (n_bins,), in Hz

    Returns
    -------
    ndarray of float64 of shape (n_frames, 4)

    Examples
    --------
    >>> frequencies = np.array([0.0, 250.0, 500.0, 1000.0, 1500.0, 3000.0])
    >>> levels = np.array([[-4.0, -6.5, -9.0, -15.0, -21.0, -39.0]])
    >>> balance(10 ** (levels / 10), frequencies)[:, 1:].round(2).tolist()
    [[35.0, -1.0, -1.2]]
    """
    bin_width = frequencies[1]

    def band(low: float, high: float) -> slice:
        first, last = np.searchsorted(frequencies, [low, high * (1 + 1e-9)])
        return slice(int(first), max(int(last), int(first) + 1))

    low, high = (
        power[:, band(*ends)].sum(axis=1) for ends in ((50, 1000), (1000 + bin_width / 2, 5000))
    )
    low_peak, high_peak = (
        power[:, band(*ends)].max(axis=1, initial=0.0)
        for ends in ((0, 2000), (2000 + bin_width / 2, 5000))
    )
    ratios = [decibels(low) - decibels(high), decibels(low_peak) - decibels(high_peak)]
    return np.stack(
        [*ratios, *(_slope(power, frequencies, band(*e)) for e in ((0, 500), (500, 1500)))], axis=1
    )


def _slope(power: np.ndarray, frequencies: np.ndarray, bins: slice) -> np.ndarray:
    x = frequencies[bins] - frequencies[bins].mean()
    return decibels(power[:, bins]) @ (100 * x / max(float(x @ x), 1e-12))


def _level_at(power: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Level of the strongest of the three bins around each frame's place, in dB."""
    bins = np.rint(places).astype(np.intp)[:, np.newaxis] + np.arange(-1, 2)
    rows = np.arange(len(power))[:, np.newaxis]
    return decibels(power[rows, np.clip(bins, 0, power.shape[1] - 1)].max(axis=1, initial=0.0))
