"""Cycles: how much one period of a voice differs from the next."""

import numpy as np

from mmsenti._descriptor import Descriptor
from mmsenti.audio._clip import Clip
from mmsenti.audio._functionals import mean_and_std

__all__ = ["Cycles", "successive_peaks"]

_NEXT = (0.75, 1.25)  # of the period: where the peak of the next cycle is looked for


class Cycles(Descriptor):
    """Jitter and shimmer: changes of length and height from one cycle to the next.

    Around the middle of each voiced frame three successive peaks are taken, one period of the f0
    apart or nearly so; they make two cycles.

    Parameters
    ----------
    None

    Notes
    -----
    - ``cycles_jitter``: mean absolute difference of two cycles' lengths over their mean length.
    - ``cycles_jitter_std``: standard deviation of that difference over the frames.
    - ``cycles_shimmer``: mean absolute difference of two peaks' heights, in dB.
    - ``cycles_shimmer_std``: its standard deviation over the frames.

    A peak's place is that of the parabola through it and its neighbours. 0.0 without voice.

    References
    ----------
    .. [1] Y. Horii, "Vocal Shimmer in Sustained Phonation", Journal of Speech and Hearing Research
       23(1), 1980.
    .. [2] F. Eyben et al., "The Geneva Minimalistic Acoustic Parameter Set (GeMAPS) for Voice
       Research and Affective Computing", IEEE Transactions on Affective Computing 7(2), 2016.

    Examples
    --------
    >>> tone = np.sin(2 * np.pi * 220 * np.arange(16000) / 16000)
    >>> bool(np.abs(Cycles().compute(Clip(tone))).max() < 0.02)
    True
    """

    feature_version = 1

    def get_names(self) -> list[str]:
        """Name the features.

        Returns
        -------
        list of str of length 4
        """
        return [f"cycles_{name}" for name in ("jitter", "jitter_std", "shimmer", "shimmer_std")]

    def compute(self, clip: Clip) -> np.ndarray:
        """Compute the features of one clip.

        Parameters
        ----------
        clip : Clip

        Returns
        -------
        ndarray of float64 of shape (4,)
        """
        pitch = clip.f0()
        middles = np.flatnonzero(pitch.voiced) * clip.hop_length
        periods = clip.sampling_rate / pitch.f0[pitch.voiced].astype(np.float64)
        # Beyond the ends there are no cycles to compare.
        inside = (middles > periods) & (middles + 3 * periods < len(clip.signal))
        middles, periods = middles[inside], periods[inside]
        if not len(middles):
            return np.zeros(4)
        places, heights = successive_peaks(clip.signal, middles, periods)
        lengths = np.diff(places, axis=1)
        jitter = np.abs(np.diff(lengths, axis=1)[:, 0]) / np.maximum(lengths.mean(axis=1), 1.0)
        levels = 20 * np.log10(np.maximum(heights, 1e-5))
        shimmer = np.abs(np.diff(levels[:, :2], axis=1)[:, 0])
        return np.array([*mean_and_std(jitter), *mean_and_std(shimmer)])


def successive_peaks(
    signal: np.ndarray, middles: np.ndarray, periods: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Find three successive peaks near each of several places.

    Parameters
    ----------
    signal : ndarray of shape (n_samples,)
    middles : ndarray of int of shape (n,), in samples
    periods : ndarray of shape (n,), in samples

    Returns
    -------
    places : ndarray of float64 of shape (n, 3), in samples
        Between samples where the parabola through a peak has its top.
    heights : ndarray of float64 of shape (n, 3)

    Examples
    --------
    >>> tone = np.cos(2 * np.pi * np.arange(400) / 50)
    >>> places, _ = successive_peaks(tone, np.array([160]), np.array([50.0]))
    >>> places.round(3).tolist()
    [[150.0, 200.0, 250.0]]
    """
    reach = int(np.ceil(periods.max() * max(_NEXT))) + 1
    padded = np.pad(np.asarray(signal, dtype=np.float64), (reach, 3 * reach))
    places = np.empty((len(middles), 3))
    heights = np.empty((len(middles), 3))
    at = middles + reach - np.floor(periods / 2).astype(np.intp)
    span = np.ceil(periods).astype(np.intp)
    for cycle in range(3):
        at = _highest(padded, at, span)
        before, top, after = (padded[at + i] for i in (-1, 0, 1))
        bend = before - 2 * top + after
        offset = np.where(bend < 0, (before - after) / (2 * np.minimum(bend, -1e-12)), 0.0)
        offset = np.clip(offset, -0.5, 0.5)
        places[:, cycle] = at + offset - reach
        heights[:, cycle] = top - (before - after) * offset / 4
        start, end = (np.rint(share * periods).astype(np.intp) for share in _NEXT)
        at, span = at + start, end - start + 1
    return places, heights


def _highest(signal: np.ndarray, starts: np.ndarray, spans: np.ndarray) -> np.ndarray:
    """Place of the largest sample of each stretch."""
    longest = int(spans.max())
    windows = np.lib.stride_tricks.sliding_window_view(signal, longest)[starts]
    np.putmask(windows, np.arange(longest) >= spans[:, np.newaxis], -np.inf)
    return starts + windows.argmax(axis=1)
