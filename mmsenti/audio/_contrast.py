"""Spectral contrast: how far the peaks of octave bands rise above their valleys."""

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np

from mmsenti.audio._filters import fft_frequencies

__all__ = ["band_extremes", "octave_bands"]


@lru_cache(maxsize=64)
def octave_bands(
    sampling_rate: float, n_fft: int, n_octaves: int, fmin: float, quantile: float
) -> tuple[tuple[int, int, int], ...]:
    """Lay out the bands as librosa does: each but the lowest from one bin below its lower end.

    Parameters
    ----------
    sampling_rate : float, in Hz
    n_fft : int, in samples
    n_octaves : int
    fmin : float, in Hz
        Upper end of the band below the octaves.
    quantile : float
        Share of a band's bins that make its peak, and its valley: at least one bin.

    Returns
    -------
    tuple of (int, int, int), of length n_octaves + 1
        The first bin of each band, the bin behind its last, and how many of them make its peak,
        and its valley. A band that the spectrum does not reach is empty.

    Examples
    --------
    >>> octave_bands(16000, 512, 6, 200.0, 0.02)[0]
    (0, 6, 1)
    """
    frequencies = fft_frequencies(sampling_rate, n_fft)
    edges = np.concatenate([[0.0], fmin * 2.0 ** np.arange(n_octaves + 1)])
    bands = []
    for i, (lower, upper) in enumerate(pairwise(edges)):
        inside = np.flatnonzero((frequencies >= lower) & (frequencies <= upper))
        if not len(inside):
            bands.append((0, 0, 0))
            continue
        start = inside[0] - 1 if i else 0
        stop = len(frequencies) if i == n_octaves else inside[-1] + 1
        n_extreme = max(int(np.rint(quantile * (stop - start))), 1)
        if i < n_octaves:
            stop -= 1
        bands.append((int(start), int(stop), n_extreme))
    return tuple(bands)


def band_extremes(magnitude: np.ndarray, bands: Sequence[tuple[int, int, int]]) -> np.ndarray:
    """Find the peaks and the valleys of bands of a spectrum.

    Parameters
    ----------
    magnitude : ndarray of float32 of shape (n_frames, n_bins)
    bands : sequence of (int, int, int)
        As `octave_bands` gives them.

    Returns
    -------
    ndarray of float32 of shape (2 * n_bands, n_frames)
        The peaks of all bands, then the valleys; 0.0 for a band without bins.

    Examples
    --------
    >>> spectrum = np.array([[1.0, 5.0, 3.0]], dtype=np.float32)
    >>> band_extremes(spectrum, [(0, 3, 1), (0, 3, 2)]).ravel().tolist()
    [5.0, 4.0, 1.0, 2.0]
    """
    extremes = np.zeros((2, len(bands), len(magnitude)), dtype=np.float32)
    # Bin first, so that the extremes of a narrow band are taken over whole rows.
    by_bin = np.ascontiguousarray(magnitude.T)
    for i, (start, stop, n_extreme) in enumerate(bands):
        if stop <= start:
            continue
        if n_extreme == 1:
            by_bin[start:stop].max(axis=0, out=extremes[0, i])
            by_bin[start:stop].min(axis=0, out=extremes[1, i])
        else:
            # numpy sorts rows of float32 by vector instructions, faster than it partitions them.
            ordered = np.sort(magnitude[:, start:stop], axis=1)
            ordered[:, -n_extreme:].mean(axis=1, out=extremes[0, i])
            ordered[:, :n_extreme].mean(axis=1, out=extremes[1, i])
    return extremes.reshape(2 * len(bands), len(magnitude))
