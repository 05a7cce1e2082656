"""Prosody: how loud, how high, how long and with what pauses a voice speaks."""

from collections.abc import Sequence
from numbers import Real

import numpy as np

from mmsenti._descriptor import Descriptor
from mmsenti._params import Interval
from mmsenti.audio._clip import Clip, frame
from mmsenti.audio._functionals import (
    apply_functionals,
    mean_and_std,
    median,
    name_functionals,
    quantile_span,
    slope,
)
from mmsenti.audio._pitch import Pitch

__all__ = ["Prosody", "pauses", "root_mean_square", "zero_crossing_rate"]

_LEVEL_FLOOR = 1e-5  # -100 dB of full scale
_SILENT_LEVEL = -80.0  # dB: below, a frame is silent however quiet the others are
_ZERO = 1e-10  # a sample as small as this is zero


class Prosody(Descriptor):
    """Loudness, zero crossings, fundamental frequency, voicing, duration and pauses.

    Functionals over all frames of

    - ``rms``: root mean square of the samples, in [0, 1].
    - ``energy``: the same in dB of full scale, at least -100.
    - ``zcr``: share of neighbouring samples of different sign, in [0, 1].

    and single numbers:

    - ``energy_spread``, in dB: from the 5th to the 95th percentile of the energy.
    - ``energy_slope``, in dB per second: of the line through the energy.
    - ``energy_change``, in dB: mean absolute change from frame to frame.
    - ``f0_mean``, ``f0_std``, ``f0_median``, ``f0_min``, ``f0_max``, in Hz, over voiced frames.
    - ``f0_range``, in semitones: from the 5th to the 95th percentile.
    - ``f0_semitone_std``, in semitones.
    - ``f0_slope``, in semitones per second: of the line through the f0 of voiced frames.
    - ``f0_change``, in semitones: mean absolute change between neighbouring voiced frames.
    - ``voicing_mean``, in [0, 1]: mean height of the autocorrelation's peak in voiced frames.
    - ``voiced_share``, in [0, 1]: voiced frames over all.
    - ``duration``, in seconds, of the sound before any filling up.
    - ``silence_share``, in [0, 1]: silent frames over all.
    - ``pause_rate``, per second: number of silent stretches between sounding frames.
    - ``pause_mean``, in seconds: their mean length.

    Parameters
    ----------
    fmin, fmax : float, default=65.0 and 600.0, in Hz
        Range of the f0.
    silence : float, default=25.0, in dB
        A frame is silent that is so much below the loudest, or below -80 dB of full scale.
    min_pause : float, default=0.1, in seconds
        Shortest silent stretch that is a pause and not part of a consonant.
    functionals : sequence of str, default=("mean", "std", "min", "max")
        Statistics over the frames: of mean, std, min, max, range, median, iqr, skewness and
        kurtosis.

    Notes
    -----
    Whatever is taken over voiced frames is 0.0 where there is none, as in noise and silence; so
    is ``f0_slope`` with one, and ``pause_mean`` without a pause. Digital silence has the energy
    -100 dB and the ``silence_share`` 1.0.

    References
    ----------
    .. [1] P. Boersma, "Accurate short-term analysis of the fundamental frequency and the
       harmonics-to-noise ratio of a sampled sound", IFA Proceedings 17, 1993.
    .. [2] R. Banse and K. Scherer, "Acoustic profiles in vocal emotion expression", Journal of
       Personality and Social Psychology 70(3), 1996.

    Examples
    --------
    >>> from mmsenti.audio import make_audio_features
    >>> tone = np.sin(2 * np.pi * 220 * np.arange(16000) / 16000)
    >>> extractor = make_audio_features(Prosody())
    >>> features = extractor.transform([tone])[0]
    >>> names = extractor.get_feature_names_out().tolist()
    >>> round(float(features[names.index("f0_median")]))
    220
    """

    feature_version = 1

    _parameter_constraints = {
        "fmin": [Interval(Real, 20, None, closed="left")],
        "fmax": [Interval(Real, 20, None, closed="neither")],
        "silence": [Interval(Real, 0, None, closed="neither")],
        "min_pause": [Interval(Real, 0, None, closed="left")],
        "functionals": [list, tuple],
    }

    def __init__(
        self,
        *,
        fmin: float = 65.0,
        fmax: float = 600.0,
        silence: float = 25.0,
        min_pause: float = 0.1,
        functionals: Sequence[str] = ("mean", "std", "min", "max"),
    ) -> None:
        self.fmin = fmin
        self.fmax = fmax
        self.silence = silence
        self.min_pause = min_pause
        self.functionals = functionals

    def get_names(self) -> list[str]:
        """Name the features.

        Returns
        -------
        list of str
        """
        if self.fmax <= self.fmin:
            raise ValueError(f"fmax={self.fmax:g} Hz must be above fmin={self.fmin:g} Hz.")
        return [
            *name_functionals(["rms", "energy", "zcr"], self.functionals),
            *("energy_spread", "energy_slope", "energy_change"),
            *("f0_mean", "f0_std", "f0_median", "f0_min", "f0_max"),
            *("f0_range", "f0_semitone_std", "f0_slope", "f0_change"),
            *("voicing_mean", "voiced_share", "duration"),
            *("silence_share", "pause_rate", "pause_mean"),
        ]

    def compute(self, clip: Clip) -> np.ndarray:
        """Compute the features of one clip.

        Parameters
        ----------
        clip : Clip

        Returns
        -------
        ndarray of shape (3 * n_functionals + 18,)
        """
        rms = root_mean_square(clip.frames).astype(np.float64)
        energy = 20.0 * np.log10(np.maximum(rms, _LEVEL_FLOOR))
        crossings = zero_crossing_rate(clip.signal, clip.n_fft, clip.hop_length)
        times = clip.frame_times
        change = np.abs(np.diff(energy)).mean() if len(energy) > 1 else 0.0
        silent = energy < max(energy.max() - self.silence, _SILENT_LEVEL)
        lengths = pauses(silent, clip.hop_length / clip.sampling_rate, self.min_pause)
        return np.concatenate(
            [
                apply_functionals(np.stack([rms, energy, crossings], axis=1), self.functionals),
                [quantile_span(energy, 0.05, 0.95), slope(times, energy), change],
                _pitch_functionals(clip.f0(self.fmin, self.fmax), times),
                [clip.duration, silent.mean()],
                [len(lengths) / clip.duration, lengths.mean() if len(lengths) else 0.0],
            ]
        )


def root_mean_square(frames: np.ndarray) -> np.ndarray:
    """Compute the level of frames.

    Parameters
    ----------
    frames : ndarray of shape (n_frames, n_fft)

    Returns
    -------
    ndarray of shape (n_frames,)

    Examples
    --------
    >>> root_mean_square(np.array([[3.0, -3.0], [0.0, 0.0]])).tolist()
    [3.0, 0.0]
    """
    return np.sqrt(np.einsum("ij,ij->i", frames, frames) / frames.shape[1])


def zero_crossing_rate(signal: np.ndarray, n_fft: int, hop_length: int) -> np.ndarray:
    """Count the changes of sign in each frame, over the samples of a frame.

    Parameters
    ----------
    signal : ndarray of shape (n_samples,)
        Continued beyond both ends by its first and last sample.
    n_fft, hop_length : int, in samples

    Returns
    -------
    ndarray of float32 of shape (n_frames,), in [0, 1]
        Zero counts as positive, as does a sample of at most 1e-10.

    Examples
    --------
    >>> zero_crossing_rate(np.array([1.0, -1.0, 1.0, 1.0]), 4, 4).tolist()
    [0.25, 0.0]
    """
    negative = np.pad(signal < -_ZERO, n_fft // 2, mode="edge")
    # Entry i tells of the samples i and i + 1, so a frame holds one entry fewer than samples.
    changes = (negative[1:] != negative[:-1]).astype(np.float32)
    return np.einsum("ij->i", frame(changes, n_fft - 1, hop_length)) / np.float32(n_fft)


def pauses(silent: np.ndarray, hop: float, min_pause: float) -> np.ndarray:
    """Measure the silent stretches between sounding frames.

    Parameters
    ----------
    silent : ndarray of bool of shape (n_frames,)
    hop : float, in seconds
    min_pause : float, in seconds

    Returns
    -------
    ndarray of shape (n_pauses,), in seconds
        The silence before the first and after the last sounding frame is no pause.

    Examples
    --------
    >>> pauses(np.array([1, 0, 1, 1, 0, 1, 0, 1], dtype=bool), 0.5, 1.0).tolist()
    [1.0]
    """
    sounding = np.flatnonzero(~silent)
    lengths = (np.diff(sounding) - 1) * hop
    return lengths[(lengths > 0) & (lengths >= min_pause - 1e-9)]


def _pitch_functionals(pitch: Pitch, times: np.ndarray) -> list[float]:
    if not pitch.voiced.any():
        return [0.0] * 11
    f0 = pitch.f0[pitch.voiced].astype(np.float64)
    semitones = 12.0 * np.log2(f0)
    together = np.diff(np.flatnonzero(pitch.voiced)) == 1
    changes = np.abs(np.diff(semitones))[together]
    return [
        *mean_and_std(f0),
        median(f0),
        f0.min(),
        f0.max(),
        quantile_span(semitones, 0.05, 0.95),
        mean_and_std(semitones)[1],
        slope(times[pitch.voiced], semitones),
        changes.mean() if len(changes) else 0.0,
        pitch.strength[pitch.voiced].mean(dtype=np.float64),
        pitch.voiced.mean(),
    ]
