"""Fundamental frequency by autocorrelation, for all frames of a clip at once."""

import numpy as np

from mmsenti.audio._filters import even_blocks, hann_window, lag_cosines
from mmsenti.audio._functionals import median

__all__ = ["Pitch", "track_pitch"]

_WORKING_RATE = 8000.0  # Hz at most twice this: enough for 600 Hz with interpolated lags
_PERIODS = 3.0  # of the lowest f0 in a window
_VOICING_THRESHOLD = 0.45
_SILENCE_THRESHOLD = 0.03  # share of the loudest frame's level
_SILENCE_FLOOR = 1e-5  # -100 dB of full scale: below the last bit of 16
_OCTAVE_COST = 0.03
_JUMP_COST = 0.3  # per octave away from the neighbourhood's median
_NEIGHBOURS = 10  # frames to each side whose median an f0 is held against
_BLOCK = 160  # frames worked on at once


class Pitch:
    """The f0 of each frame of a clip.

    Attributes
    ----------
    f0 : ndarray of float32 of shape (n_frames,)
        In Hz; 0.0 where there is no voice.
    voiced : ndarray of bool of shape (n_frames,)
    strength : ndarray of float32 of shape (n_frames,)
        Height of the chosen peak of the normalised autocorrelation, in [0, 1]; 0.0 without one,
        and in frames that are too quiet for a voice.
    """

    def __init__(self, f0: np.ndarray, voiced: np.ndarray, strength: np.ndarray) -> None:
        self.f0 = f0
        self.voiced = voiced
        self.strength = strength


class _Candidates:
    """The normalised autocorrelation at the lags of [fmin, fmax] and one beyond each end."""

    def __init__(
        self,
        heights: np.ndarray,
        scores: np.ndarray,
        levels: np.ndarray,
        lags: np.ndarray,
        rate: float,
    ) -> None:
        self.heights = heights
        self.scores = scores
        self.levels = levels
        self.lags = lags
        self.rate = rate


def track_pitch(
    signal: np.ndarray,
    sampling_rate: float,
    hop_length: int,
    n_frames: int,
    fmin: float = 65.0,
    fmax: float = 600.0,
) -> Pitch:
    """Find the fundamental frequency of each frame.

    The autocorrelation of a Hann-windowed frame over that of the window has its peaks at the
    periods; the highest is chosen, with a small cost on long periods and, in a second pass, on
    the distance from the median of the voiced frames around. That median takes the place of the
    path search of [1]_, which no array operation can do.

    Parameters
    ----------
    signal : ndarray of float32 of shape (n_samples,)
    sampling_rate : float, in Hz
    hop_length : int, in samples
    n_frames : int
    fmin, fmax : float, in Hz
        Range of the f0.

    Returns
    -------
    Pitch
        Without voiced frames for silence, noise and a constant.

    References
    ----------
    .. [1] P. Boersma, "Accurate short-term analysis of the fundamental frequency and the
       harmonics-to-noise ratio of a sampled sound", IFA Proceedings 17, 1993.

    Examples
    --------
    >>> tone = np.sin(2 * np.pi * 220 * np.arange(16000) / 16000).astype(np.float32)
    >>> bool(abs(np.median(track_pitch(tone, 16000, 160, 101).f0) - 220) < 1)
    True
    """
    found = _find_candidates(signal, sampling_rate, hop_length, n_frames, fmin, fmax)
    best = found.scores.argmax(axis=1)
    f0, strength = _interpolate(found, best)
    voiced = _voicing(found, best, strength)
    if voiced.any():
        medians = _running_median(np.log2(f0), voiced)
        octaves = np.log2(found.rate / found.lags, dtype=np.float32)
        distance = np.abs(octaves - medians[:, np.newaxis])
        np.putmask(distance, np.isinf(found.scores), 0.0)
        best = (found.scores - _JUMP_COST * distance).argmax(axis=1)
        f0, strength = _interpolate(found, best)
        voiced = _voicing(found, best, strength)
    return Pitch(np.where(voiced, f0, 0.0).astype(np.float32), voiced, strength)


def _find_candidates(
    signal: np.ndarray,
    sampling_rate: float,
    hop_length: int,
    n_frames: int,
    fmin: float,
    fmax: float,
) -> _Candidates:
    factor = max(1, int(sampling_rate // _WORKING_RATE))
    rate = sampling_rate / factor
    if factor > 1:
        import soxr  # here, because it is only needed where there is something to resample

        signal = soxr.resample(signal, sampling_rate, rate)
    length = int(np.ceil(_PERIODS * rate / fmin))
    longest = int(np.ceil(rate / fmin))
    shortest = max(2, min(int(rate // fmax), longest))
    starts = np.rint(np.arange(n_frames) * (hop_length / factor)).astype(np.intp)
    ends = max(0, int(starts[-1]) + length - len(signal))
    padded = np.pad(signal, (length // 2, ends))
    frames = np.lib.stride_tricks.sliding_window_view(padded, length)
    lags = np.arange(shortest, longest + 1)
    heights = np.zeros((n_frames, len(lags) + 2), dtype=np.float32)
    levels = np.empty(n_frames, dtype=np.float32)
    means = np.empty((n_frames, 1), dtype=np.float32)
    for rows in even_blocks(n_frames, _BLOCK):
        block = frames[starts[rows]]
        block.mean(axis=1, keepdims=True, out=means[rows])
        block -= means[rows]
        levels[rows] = np.sqrt(np.einsum("ij,ij->i", block, block) / length)
    window = hann_window(length).astype(np.float32)
    of_window = np.correlate(np.pad(window, (0, longest + 1)), window)
    # Of half of a recording, often, the level alone shows that there is no voice.
    loud = np.flatnonzero(_needed_strength(levels) < 1.0)
    length_filled = 1 << (length + longest + 1).bit_length()
    filled_up = np.zeros((min(_BLOCK, len(loud)), length_filled), dtype=np.float32)
    for part in even_blocks(len(loud), _BLOCK):
        rows = loud[part]
        block = filled_up[: len(rows)]
        np.subtract(frames[starts[rows]], means[rows], out=block[:, :length])
        block[:, :length] *= window
        products = _autocorrelation(block, longest + 2)
        products *= of_window[0] / (products[:, :1] * of_window)
        heights[rows] = products[:, shortest - 1 :]
    cost = _OCTAVE_COST * np.log2(lags * fmin / rate)
    middle = heights[:, 1:-1]
    is_peak = (middle >= heights[:, :-2]) & (middle > heights[:, 2:]) & (middle > 0)
    scores = middle - cost.astype(np.float32)
    np.putmask(scores, ~is_peak, np.float32(-np.inf))
    return _Candidates(heights, scores, levels, lags, rate)


def _autocorrelation(frames: np.ndarray, n_lags: int) -> np.ndarray:
    """Correlate float32 frames that end in so many zeros, up to a factor, at the lags from 0 on."""
    # norm="forward" is numpy's way to the single-precision transform: without a factor of that
    # type it falls back to a several times slower one.
    spectrum = np.fft.rfft(frames, norm="forward")
    power = np.square(spectrum.real) + np.square(spectrum.imag)
    # The way back as a product, which is several times faster for so few lags.
    return power @ lag_cosines(power.shape[1], n_lags, np.float32).T


def _interpolate(found: _Candidates, best: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Place a parabola through each chosen peak; return its frequency and height."""
    rows = np.arange(len(best))
    before, peak, after = (found.heights[rows, best + i] for i in range(3))
    bend = np.minimum(before - 2 * peak + after, -1e-9)
    offset = np.clip(0.5 * (before - after) / bend, -0.5, 0.5)
    strength = np.clip(peak - 0.25 * (before - after) * offset, 0.0, 1.0)
    strength[np.isinf(found.scores[rows, best])] = 0.0
    return found.rate / (found.lags[best] + offset), strength


def _voicing(found: _Candidates, best: np.ndarray, strength: np.ndarray) -> np.ndarray:
    """Ask more of a quiet frame than of a loud one, and company of every frame."""
    voiced = strength > _needed_strength(found.levels)
    company = np.zeros_like(voiced)
    company[1:] |= voiced[:-1]
    company[:-1] |= voiced[1:]
    return voiced & company


def _needed_strength(levels: np.ndarray) -> np.ndarray:
    """How strong the peak of a voiced frame must be; 1.0 or more where no frame is voiced."""
    loudest = max(float(levels.max()), _SILENCE_FLOOR)
    quietness = levels / loudest * ((1 + _VOICING_THRESHOLD) / _SILENCE_THRESHOLD)
    needed = _VOICING_THRESHOLD + np.maximum(0.0, 2.0 - quietness)
    return np.where(levels > _SILENCE_FLOOR, needed, np.inf)


def _running_median(values: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Compute the median of the chosen values around each frame; of all where there is none."""
    width = 2 * _NEIGHBOURS + 1
    kept = np.where(chosen, values, np.inf).astype(np.float32)
    padded = np.pad(kept, _NEIGHBOURS, constant_values=np.inf)
    # The values left out sort to the end, so that the middle of the others is at half their count.
    around = np.sort(np.lib.stride_tricks.sliding_window_view(padded, width), axis=1)
    count = np.isfinite(around).sum(axis=1)
    medians = around[np.arange(len(values)), np.maximum(count - 1, 0) // 2]
    return np.where(count > 0, medians, np.float32(median(values[chosen])))
