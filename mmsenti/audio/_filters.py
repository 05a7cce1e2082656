"""Windows, mel filters and cosine transforms, computed once per setting; levels in dB; blocks."""

import math
from collections.abc import Iterator
from functools import lru_cache

import numpy as np

__all__ = [
    "FilterGroup",
    "cosine_transform",
    "decibels",
    "even_blocks",
    "fft_frequencies",
    "hann_window",
    "lag_cosines",
    "levels",
    "mel_filters",
    "mel_groups",
]

# Slaney's mel scale: linear below 1 kHz, logarithmic above.
_HZ_PER_MEL = 200.0 / 3
_LOG_START_HZ = 1000.0
_LOG_START_MEL = _LOG_START_HZ / _HZ_PER_MEL
_LOG_STEP = np.log(6.4) / 27.0

_DECIBELS = 10.0 / math.log(10.0)
_MIN_POWER = 1e-10
_DYNAMIC_RANGE = 80.0  # dB
_GROUP_BANDS = 16  # filters applied at once, at most: for fewer there is little to gain


class FilterGroup:
    """Some neighbouring filters, and the bins of a spectrum that they cover.

    Attributes
    ----------
    bins, bands : slice
    filters : ndarray of float32 of shape (n_bins, n_bands)
    """

    def __init__(self, bins: slice, bands: slice, filters: np.ndarray) -> None:
        self.bins = bins
        self.bands = bands
        self.filters = filters


def _frozen(array: np.ndarray) -> np.ndarray:
    """Make a cached array read-only, since every caller gets the same one."""
    array.flags.writeable = False
    return array


@lru_cache(maxsize=64)
def hann_window(length: int, scale: float = 1.0) -> np.ndarray:
    """Compute a periodic Hann window.

    Parameters
    ----------
    length : int, in samples
    scale : float, default=1.0
        Factor on the window.

    Returns
    -------
    ndarray of float64 of shape (length,)
        In [0, scale].

    Examples
    --------
    >>> hann_window(4).round(6).tolist()
    [0.0, 0.5, 1.0, 0.5]
    """
    phase = 2 * np.pi * np.arange(length) / length
    return _frozen(scale * (0.5 - 0.5 * np.cos(phase)))


@lru_cache(maxsize=64)
def fft_frequencies(sampling_rate: float, n_fft: int) -> np.ndarray:
    """List the centre frequencies of the bins of a real Fourier transform, in Hz.

    Examples
    --------
    >>> fft_frequencies(8000, 4).tolist()
    [0.0, 2000.0, 4000.0]
    """
    return _frozen(np.fft.rfftfreq(n_fft, 1.0 / sampling_rate))


def _hz_to_mel(frequency: float) -> float:
    if frequency < _LOG_START_HZ:
        return frequency / _HZ_PER_MEL
    return _LOG_START_MEL + float(np.log(frequency / _LOG_START_HZ)) / _LOG_STEP


def _mel_to_hz(mels: np.ndarray) -> np.ndarray:
    logarithmic = _LOG_START_HZ * np.exp(_LOG_STEP * (mels - _LOG_START_MEL))
    return np.where(mels < _LOG_START_MEL, mels * _HZ_PER_MEL, logarithmic)


@lru_cache(maxsize=64)
def mel_filters(
    sampling_rate: float, n_fft: int, n_mels: int, fmin: float, fmax: float | None
) -> np.ndarray:
    """Compute triangular filters evenly spaced on Slaney's mel scale, each of unit area.

    Parameters
    ----------
    sampling_rate : float, in Hz
    n_fft : int, in samples
    n_mels : int
    fmin : float, in Hz
    fmax : float or None, in Hz
        None is half the sampling rate.

    Returns
    -------
    ndarray of float32 of shape (1 + n_fft // 2, n_mels)
        Equal to the transpose of ``librosa.filters.mel(htk=False, norm="slaney")``. A filter
        narrower than a bin, or above half the sampling rate, is zero.

    Raises
    ------
    ValueError
        If `fmax` is not above `fmin`.

    References
    ----------
    .. [1] M. Slaney, "Auditory Toolbox, version 2", Interval Research Corporation, 1998.

    Examples
    --------
    >>> mel_filters(16000, 512, 40, 0.0, None).shape
    (257, 40)
    """
    upper = sampling_rate / 2 if fmax is None else fmax
    if upper <= fmin:
        raise ValueError(f"fmax={upper:g} Hz must be above fmin={fmin:g} Hz.")
    corners = _mel_to_hz(np.linspace(_hz_to_mel(fmin), _hz_to_mel(upper), n_mels + 2))
    ramps = fft_frequencies(sampling_rate, n_fft)[:, np.newaxis] - corners
    widths = np.diff(corners)
    rising = ramps[:, :-2] / widths[:-1]
    falling = -ramps[:, 2:] / widths[1:]
    filters = np.maximum(0.0, np.minimum(rising, falling))
    return _frozen((filters * (2.0 / (corners[2:] - corners[:-2]))).astype(np.float32))


@lru_cache(maxsize=64)
def mel_groups(
    sampling_rate: float, n_fft: int, n_mels: int, fmin: float, fmax: float | None
) -> tuple[FilterGroup, ...]:
    """Cut the mel filters into groups, so that a product leaves out most of their zeros.

    Parameters
    ----------
    sampling_rate, n_fft, n_mels, fmin, fmax
        As of `mel_filters`.

    Returns
    -------
    tuple of FilterGroup

    Examples
    --------
    >>> [group.bins for group in mel_groups(16000, 512, 128, 0.0, None)][:2]
    [slice(1, 13, None), slice(12, 25, None)]
    """
    filters = mel_filters(sampling_rate, n_fft, n_mels, fmin, fmax)
    groups = []
    for bands in even_blocks(n_mels, _GROUP_BANDS):
        covered = np.flatnonzero(filters[:, bands].any(axis=1))
        whole = bands.stop - bands.start == n_mels or not len(covered)
        bins = slice(0, len(filters)) if whole else slice(int(covered[0]), int(covered[-1]) + 1)
        groups.append(FilterGroup(bins, bands, _frozen(filters[bins, bands].copy())))
    return tuple(groups)


@lru_cache(maxsize=64)
def cosine_transform(n_inputs: int, n_outputs: int) -> np.ndarray:
    """Compute the matrix of an orthonormal cosine transform of type II.

    Parameters
    ----------
    n_inputs, n_outputs : int
        The first `n_outputs` coefficients of `n_inputs` values.

    Returns
    -------
    ndarray of float32 of shape (n_inputs, n_outputs)
        To be multiplied from the right.

    Examples
    --------
    >>> cosine_transform(4, 1).ravel().tolist()
    [0.5, 0.5, 0.5, 0.5]
    """
    position = np.arange(n_inputs)[:, np.newaxis] + 0.5
    matrix = np.cos(np.pi / n_inputs * position * np.arange(n_outputs)) * np.sqrt(2.0 / n_inputs)
    matrix[:, 0] = np.sqrt(1.0 / n_inputs)
    return _frozen(matrix.astype(np.float32))


@lru_cache(maxsize=64)
def lag_cosines(n_bins: int, n_lags: int, dtype: type = np.float64) -> np.ndarray:
    """Compute the matrix that turns a power spectrum into its autocorrelation at the first lags.

    Parameters
    ----------
    n_bins : int
        Of the spectrum, from 0 to half a sampling rate.
    n_lags : int
        From 0 on. For few of them a product is faster than the inverse Fourier transform.
    dtype : type, default=np.float64

    Returns
    -------
    ndarray of shape (n_lags, n_bins)
        To be multiplied from the left.

    Examples
    --------
    >>> (lag_cosines(3, 2) @ [1.0, 2.0, 1.0]).round(6).tolist()  # np.fft.irfft's first two
    [1.5, 0.0]
    """
    # One period of the cosine is enough, and a look-up takes a third of the time.
    period = 2 * (n_bins - 1)
    steps = np.outer(np.arange(n_lags), np.arange(n_bins)) % period
    cosines = (np.cos(2 * np.pi / period * np.arange(period)) / (n_bins - 1))[steps]
    cosines[:, [0, -1]] /= 2
    return _frozen(cosines.astype(dtype))


def decibels(power: np.ndarray) -> np.ndarray:
    """Express power as a level.

    Parameters
    ----------
    power : ndarray of float32 or float64
        At least one axis.

    Returns
    -------
    ndarray of the type and shape of `power`, in dB
        At least -100, which is that of 1e-10.

    Examples
    --------
    >>> decibels(np.array([100.0, 0.0])).round(6).tolist()
    [20.0, -100.0]
    """
    # By vector instructions, which numpy has for two limits and not for one (nor for a maximum
    # with a number): a third of the time. Of single precision it has them for natural logarithms,
    # which take a quarter of the time of those of base 10.
    level = np.clip(power, power.dtype.type(_MIN_POWER), np.inf)
    np.log(level, out=level)
    level *= level.dtype.type(_DECIBELS)
    return level


def levels(power: np.ndarray) -> np.ndarray:
    """Express power in dB, with librosa's floor and its range below the loudest.

    Parameters
    ----------
    power : ndarray of float32 or float64
        At least one value.

    Returns
    -------
    ndarray of the type and shape of `power`, in dB
        At least -100, and at least 80 below the largest.

    Examples
    --------
    >>> levels(np.array([[1.0, 0.0]])).tolist()
    [[0.0, -80.0]]
    """
    level = decibels(power)
    return np.clip(level, level.max() - _DYNAMIC_RANGE, np.inf, out=level)  # as in `decibels`


def even_blocks(n: int, most: int) -> Iterator[slice]:
    """Divide frames or bands into as few blocks as there can be, of about one length.

    Parameters
    ----------
    n : int
    most : int
        Length of a block, at most: frames as many as stay in the processor's cache.

    Yields
    ------
    slice

    Examples
    --------
    >>> list(even_blocks(5, 4))
    [slice(0, 3, None), slice(3, 5, None)]
    """
    n_blocks = max(1, -(-n // most))
    length = max(1, -(-n // n_blocks))
    for start in range(0, n, length):
        yield slice(start, min(start + length, n))
