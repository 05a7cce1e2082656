"""Whatever a user holds one sound in, as mono samples at one rate."""

import math
import os
from collections.abc import Iterable
from numbers import Real
from typing import Any

import numpy as np

from mmsenti.audio._decode import decode, mix_down
from mmsenti.audio._limits import MAX_CHANNELS, check_duration, check_rate

__all__ = ["Sound", "read_sound"]

_MAX_AMPLITUDE = 2.0**32  # beyond any integer taken for a float: its power leaves float32
_ODD_AMPLITUDE = 16.0  # of full scale: louder than any mastering, so probably unscaled PCM
_PCM_TYPES = ("uint8", "int8", "int16", "int32")


class Sound:
    """A sound as it came.

    Attributes
    ----------
    signal : ndarray of float32 of shape (n_samples,)
        Mono, at the rate asked for.
    duration : float, in seconds
    remarks : list of str
    """

    def __init__(self, signal: np.ndarray, duration: float, remarks: list[str]) -> None:
        self.signal = signal
        self.duration = duration
        self.remarks = remarks


def read_sound(source: Any, sampling_rate: int, max_duration: float) -> Sound:
    """Read a sound from a path, bytes, an array or (signal, sampling_rate).

    Parameters
    ----------
    source : str, path-like, bytes, ndarray or tuple
    sampling_rate : int, in Hz
        Rate of the result, and of an array that comes without one.
    max_duration : float, in seconds

    Returns
    -------
    Sound

    Examples
    --------
    >>> read_sound((np.zeros(8000, dtype=np.int16), 8000), 16000, 600.0).signal.shape
    (16000,)
    """
    remarks: list[str] = []
    if isinstance(source, str | os.PathLike | bytes | bytearray | memoryview):
        rate, blocks = decode(source, max_duration, remarks)
    elif isinstance(source, tuple):
        rate, blocks = _read_pair(source, max_duration)
    elif hasattr(source, "__array__") and not isinstance(source, np.generic):
        rate = float(sampling_rate)
        blocks = [_read_array(source, rate, max_duration)]
    elif isinstance(source, Real):
        raise ValueError("a number, not a path, bytes, an array or (signal, sampling_rate).")
    else:
        raise TypeError(
            "expected a path, bytes, an array of samples or (signal, sampling_rate), "
            f"got {type(source).__name__}."
        )
    return _assemble(blocks, rate, sampling_rate, max_duration, remarks)


def _read_pair(pair: tuple[Any, ...], max_duration: float) -> tuple[float, list[np.ndarray]]:
    if len(pair) != 2 or isinstance(pair[0], Real) or not isinstance(pair[1], Real):
        shown = ", ".join(type(part).__name__ for part in pair)
        raise TypeError(f"expected (signal, sampling_rate), got ({shown}).")
    rate = float(pair[1])
    check_rate(rate)
    return rate, [_read_array(pair[0], rate, max_duration)]


def _read_array(array: Any, rate: float, max_duration: float) -> np.ndarray:
    array = np.asarray(array)
    if array.ndim == 2:
        array = _channels_last(array)
    elif array.ndim != 1:
        raise ValueError(
            f"samples of shape {array.shape}; expected (n_samples,) or, with channels, two axes."
        )
    check_duration(len(array), rate, max_duration)
    signal = _as_float(array)
    return signal if signal.ndim == 1 else mix_down(signal)


def _channels_last(array: np.ndarray) -> np.ndarray:
    n_first, n_second = array.shape
    if n_first == n_second > 1:
        raise ValueError(
            f"samples of shape {array.shape}: which axis is the channels is not clear. "
            "Mix them down to one axis."
        )
    if not array.size:
        return array.reshape(0, 1)
    if n_first < n_second:
        array = array.T
    if array.shape[1] > MAX_CHANNELS:
        raise ValueError(
            f"samples of shape {array.shape}: more than {MAX_CHANNELS} channels are no sound."
        )
    return array


def _as_float(array: np.ndarray) -> np.ndarray:
    if array.dtype.kind == "f":
        # A float64 beyond float32 becomes infinite here and is refused with the others.
        with np.errstate(over="ignore"):
            return array.astype(np.float32)
    if array.dtype.name not in _PCM_TYPES:
        raise ValueError(
            f"samples of type {array.dtype}; expected float in [-1, 1], or PCM as "
            f"{', '.join(_PCM_TYPES)}."
        )
    full_scale = 2.0 ** (8 * array.dtype.itemsize - 1)
    offset = full_scale if array.dtype.kind == "u" else 0.0
    return ((array - offset) / full_scale).astype(np.float32)


def _assemble(
    blocks: Iterable[np.ndarray],
    rate: float,
    sampling_rate: int,
    max_duration: float,
    remarks: list[str],
) -> Sound:
    """Check, resample and join the blocks of a sound, one at a time to keep memory flat."""
    resample = None
    if rate != sampling_rate:
        import soxr  # here, because it is only needed where there is something to resample

        stream = soxr.ResampleStream(rate, sampling_rate, 1, dtype="float32", quality="HQ")
        resample = stream.resample_chunk
    parts, n_samples, peak = [], 0, 0.0
    for block in blocks:
        n_samples += len(block)
        check_duration(n_samples, rate, max_duration)
        peak = max(peak, _peak(block))
        parts.append(resample(block) if resample else block)
    if not n_samples:
        raise ValueError("holds no samples. Record or export it again.")
    if resample:
        parts.append(resample(np.empty(0, dtype=np.float32), last=True))
    if peak > _ODD_AMPLITUDE:
        remarks.append(
            f"samples reach {peak:.6g}, though float samples are in [-1, 1]; scale integer PCM."
        )
    return Sound(parts[0] if len(parts) == 1 else np.concatenate(parts), n_samples / rate, remarks)


def _peak(block: np.ndarray) -> float:
    if not len(block):
        return 0.0
    peak = max(float(block.max()), -float(block.min()))  # NaN passes through both
    if not math.isfinite(peak):
        raise ValueError("holds samples that are NaN or infinite. Export it again.")
    if peak > _MAX_AMPLITUDE:
        raise ValueError(f"holds samples of {peak:.3g}; expected float samples in [-1, 1].")
    return peak
