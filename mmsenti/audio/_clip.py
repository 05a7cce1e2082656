"""Clip: the decoded sample of the audio modality."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from mmsenti._sample import Sample
from mmsenti.audio._filters import FilterGroup, even_blocks, hann_window, mel_groups
from mmsenti.audio._pitch import Pitch, track_pitch
from mmsenti.audio._sound import read_sound

__all__ = ["Clip"]

_BLOCK_SAMPLES = 1 << 16  # transformed at once
_STEVENS_POWER = 0.3  # which turns intensity into loudness


class Clip(Sample):
    """One sound, decoded to mono at a common rate, with the views its descriptors share.

    Parameters
    ----------
    source : str, path-like, bytes, ndarray or (signal, sampling_rate)
        A path; the bytes of a file; samples taken to be at `sampling_rate`; or samples with
        their own rate. Files are WAV, FLAC, OGG (Vorbis, Opus), MP3, AIFF or AU, known by their
        content, not their name. Samples are float in [-1, 1] or PCM of type uint8, int8, int16
        or int32, which are scaled. Of a 2-D array the shorter axis is the channels.
    sampling_rate : int, default=16000, in Hz
        Rate of every view; other rates are resampled to it.
    n_fft : int, default=512, in samples
        Length of a frame.
    hop_length : int, default=160, in samples
        Distance of frames.
    max_duration : float, default=600.0, in seconds
        A longer sound is refused, from its header where that tells.

    Attributes
    ----------
    duration : float, in seconds
        Of the sound as it came, greater than 0.
    remarks : list of str
        Says so where a file is cut short, or where a sound shorter than one frame has been
        filled up with zeros.

    Raises
    ------
    ValueError, OSError
        For what cannot be read, has no samples, is not finite, is louder than any sound, or lasts
        too long.
    TypeError
        For an object that is no sound at all.

    Examples
    --------
    >>> clip = Clip(np.zeros(16000, dtype=np.float32))
    >>> clip.duration, clip.frames.shape, clip.power.shape
    (1.0, (101, 512), (101, 257))
    """

    def __init__(
        self,
        source: Any,
        *,
        sampling_rate: int = 16000,
        n_fft: int = 512,
        hop_length: int = 160,
        max_duration: float = 600.0,
    ) -> None:
        super().__init__()
        self.sampling_rate = sampling_rate
        self.n_fft = n_fft
        self.hop_length = hop_length
        sound = read_sound(source, sampling_rate, max_duration)
        self.remarks += sound.remarks
        self.duration = sound.duration
        # Padded once, so that frames and signal are views of the same memory.
        self._padded = self._pad(sound.signal)
        self.signal = self._padded[n_fft // 2 : len(self._padded) - n_fft // 2]
        self._mels: dict[tuple[int, float, float | None], np.ndarray] = {}
        self._pitches: dict[tuple[float, float], Pitch] = {}

    def _pad(self, signal: np.ndarray) -> np.ndarray:
        half, n_missing = self.n_fft // 2, max(0, self.n_fft - len(signal))
        if n_missing:
            self.remarks.append(
                f"shorter than one frame ({len(signal)} of {self.n_fft} samples at "
                f"{self.sampling_rate} Hz); filled up with zeros."
            )
        end = half + len(signal)
        padded = np.empty(end + half + n_missing, dtype=np.float32)
        padded[:half], padded[half:end], padded[end:] = 0.0, signal, 0.0
        return padded

    @property
    def n_frames(self) -> int:
        """Number of frames, at least 1."""
        return len(self.frames)

    @property
    def frame_times(self) -> np.ndarray:
        """Middle of each frame, in seconds, of shape (n_frames,)."""
        return np.arange(self.n_frames) * (self.hop_length / self.sampling_rate)

    @cached_property
    def frames(self) -> np.ndarray:
        """Overlapping pieces of the signal, of shape (n_frames, n_fft): a read-only view."""
        return frame(self._padded, self.n_fft, self.hop_length)

    @cached_property
    def power(self) -> np.ndarray:
        """Power spectrum of each frame, of shape (n_frames, 1 + n_fft // 2), float32.

        The squared magnitude of the Fourier transform under a periodic Hann window, equal to
        ``abs(librosa.stft(signal, pad_mode="constant")) ** 2``, frames first.
        """
        # In double precision, as librosa has it: single loses the valleys of a loud frame. A few
        # frames at a time, in the same memory, stay in the processor's cache; norm="forward"
        # keeps numpy from a slower transform, and the window takes the norm back.
        window = hann_window(self.n_fft, float(self.n_fft))
        power = np.empty((self.n_frames, 1 + self.n_fft // 2), dtype=np.float32)
        most = max(1, _BLOCK_SAMPLES // self.n_fft)
        windowed = np.empty((min(most, self.n_frames), self.n_fft))
        spectrum = np.empty((len(windowed), power.shape[1]), dtype=np.complex128)
        for rows in even_blocks(self.n_frames, most):
            frames = self.frames[rows]
            x, z = windowed[: len(frames)], spectrum[: len(frames)]
            # Copied before, as numpy multiplies numbers of one type several times faster.
            np.copyto(x, frames)
            x *= window
            np.fft.rfft(x, norm="forward", out=z)
            squares = z.view(np.float64)
            squares *= squares
            np.add(squares[:, ::2], squares[:, 1::2], out=power[rows], casting="same_kind")
        return power

    def mel(self, n_mels: int = 40, fmin: float = 0.0, fmax: float | None = None) -> np.ndarray:
        """Power in the bands of Slaney's mel scale, computed once per setting.

        Parameters
        ----------
        n_mels : int, default=40
        fmin : float, default=0.0, in Hz
        fmax : float, default=None, in Hz
            None is half the sampling rate.

        Returns
        -------
        ndarray of float32 of shape (n_frames, n_mels)
        """
        key = (n_mels, fmin, fmax)
        if key not in self._mels:
            self._mels[key] = self._filtered(mel_groups(self.sampling_rate, self.n_fft, *key))
        return self._mels[key]

    def _filtered(self, groups: Sequence[FilterGroup]) -> np.ndarray:
        bands = np.empty((self.n_frames, groups[-1].bands.stop), dtype=np.float32)
        for group in groups:
            np.matmul(self.power[:, group.bins], group.filters, out=bands[:, group.bands])
        return bands

    @cached_property
    def loudness(self) -> np.ndarray:
        """Sum over 26 mel bands from 20 Hz of the power to 0.3, of shape (n_frames,), float64."""
        # In double precision: of a steady sound, single gives steps that look like a contour.
        return np.power(self.mel(26, 20.0), _STEVENS_POWER, dtype=np.float64).sum(axis=1)

    def f0(self, fmin: float = 65.0, fmax: float = 600.0) -> Pitch:
        """Fundamental frequency and voicing of each frame, computed once per setting.

        Parameters
        ----------
        fmin, fmax : float, in Hz

        Returns
        -------
        Pitch
            ``f0``, ``voiced`` and ``strength``, each of shape (n_frames,).
        """
        key = (fmin, fmax)
        if key not in self._pitches:
            self._pitches[key] = track_pitch(
                self.signal, self.sampling_rate, self.hop_length, self.n_frames, fmin, fmax
            )
        return self._pitches[key]


def frame(samples: np.ndarray, length: int, hop_length: int) -> np.ndarray:
    """Cut samples into overlapping frames without copying them.

    Parameters
    ----------
    samples : ndarray of shape (n_samples,)
        Contiguous, at least one frame.
    length, hop_length : int, in samples

    Returns
    -------
    ndarray of shape (n_frames, length)
        A read-only view.

    Examples
    --------
    >>> frame(np.arange(5), 3, 2).tolist()
    [[0, 1, 2], [2, 3, 4]]
    """
    # As `sliding_window_view` does, without its many checks, which take as long as reading a file.
    step = samples.itemsize
    shape = (1 + (len(samples) - length) // hop_length, length)
    frames = np.ndarray(shape, samples.dtype, samples, strides=(hop_length * step, step))
    frames.flags.writeable = False
    return frames
