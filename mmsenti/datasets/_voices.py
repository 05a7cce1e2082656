"""Speak a few syllables whose melody, pace and strength carry a given sentiment."""

import io
from itertools import pairwise
from typing import NamedTuple

import numpy as np

__all__ = ["SAMPLING_RATE", "Throat", "draw_throat", "encode_wav", "speak"]

SAMPLING_RATE = 16_000  # in Hz
_TABLE_SIZE = 1024  # samples of one stored vocal period
_MAX_FREQUENCY = 5000.0  # in Hz; above it a voice of this kind has nothing to say

# First three formants of a man's vowels, in Hz: G. E. Peterson and H. L. Barney, "Control Methods
# Used in a Study of the Vowels", JASA 24(2), 1952, table II.
_FORMANTS = np.array(
    [
        [270.0, 2290.0, 3010.0],
        [530.0, 1840.0, 2480.0],
        [730.0, 1090.0, 2440.0],
        [570.0, 840.0, 2410.0],
        [300.0, 870.0, 2240.0],
    ]
)
_BANDWIDTHS = np.array([70.0, 100.0, 140.0])  # in Hz


class Throat(NamedTuple):
    """How an author sounds, whatever the sentiment.

    Attributes
    ----------
    pitch : float
        Resting pitch, in Hz.
    formant_scale : float
        Formants as a multiple of the table's: a shorter throat sounds higher.
    breath : float
        Amplitude of breath noise, as a share of the voice's.
    """

    pitch: float
    formant_scale: float
    breath: float


def draw_throat(rng: np.random.RandomState) -> Throat:
    """Draw the voice of one author.

    Parameters
    ----------
    rng : RandomState

    Returns
    -------
    Throat
    """
    pitch = 100.0 * 2.0 ** rng.uniform(0.0, 1.1)
    # Higher voices come from shorter throats, loosely.
    scale = 0.92 + 0.25 * np.log2(pitch / 100.0) + rng.uniform(-0.04, 0.04)
    return Throat(pitch, float(scale), float(rng.uniform(0.01, 0.04)))


def speak(valence: float, throat: Throat, rng: np.random.RandomState) -> np.ndarray:
    """Speak a clip of 0.6 to 1 s.

    Cheer is high, rising, fast, loud and bright; gloom is low, falling, slow, soft and dull.

    Parameters
    ----------
    valence : float
        Sentiment to show, in [-1, 1].
    throat : Throat
    rng : RandomState

    Returns
    -------
    ndarray of float64 of shape (n_frames,)
        Signal at 16 kHz, in (-1, 1).

    References
    ----------
    .. [1] P. N. Juslin and P. Laukka, "Communication of Emotions in Vocal Expression and Music
       Performance", Psychological Bulletin 129(5), 2003.
    """
    n_frames = int(SAMPLING_RATE * rng.uniform(0.62, 0.98))
    lively = valence + rng.normal(0.0, 0.08)
    rate = 4.2 + 1.5 * lively + rng.uniform(-0.3, 0.3)  # syllables per second
    n_syllables = max(2, round(rate * n_frames / SAMPLING_RATE))
    pitch = _melody(n_frames, lively, throat.pitch, rng)
    phase = np.cumsum(pitch) / SAMPLING_RATE % 1.0
    edges = np.linspace(0, n_frames, n_syllables + 1).astype(int)
    tilt = 1.6 - 0.5 * lively  # how fast the harmonics fall
    voice = np.empty(n_frames)
    for start, stop in pairwise(edges.tolist()):
        formants = _FORMANTS[rng.randint(len(_FORMANTS))] * throat.formant_scale
        period = _vocal_period(float(pitch[start:stop].mean()), formants, tilt)
        voice[start:stop] = period[(phase[start:stop] * _TABLE_SIZE).astype(int)]
        voice[start:stop] *= _swell(stop - start, lively)
    voice += throat.breath * rng.standard_normal(n_frames)
    level = 10.0 ** ((-17.0 + 7.0 * lively + rng.normal(0.0, 1.0)) / 20.0)
    return np.clip(voice * level, -0.999, 0.999)


def _melody(
    n_frames: int, lively: float, resting_pitch: float, rng: np.random.RandomState
) -> np.ndarray:
    """Pitch in Hz of each frame: a slope with waves on it, in semitones from the resting one."""
    time = np.linspace(0.0, 1.0, n_frames)
    slope = 5.0 * lively * (time - 0.5)
    waves = (1.2 + 0.9 * lively) * np.sin(2 * np.pi * (rng.uniform(1.5, 2.5) * time + rng.rand()))
    jitter = rng.uniform(-1.0, 1.0)
    return resting_pitch * 2.0 ** ((2.0 * lively + slope + waves + jitter) / 12.0)


def _vocal_period(pitch: float, formants: np.ndarray, tilt: float) -> np.ndarray:
    """One period of a vowel, of unit root mean square, from its harmonics."""
    harmonics = np.arange(1, int(_MAX_FREQUENCY / pitch) + 1)
    frequencies = harmonics[:, np.newaxis] * pitch
    gains = 1.0 / (1.0 + ((frequencies - formants) / _BANDWIDTHS) ** 2)
    spectrum = np.zeros(_TABLE_SIZE // 2 + 1, dtype=complex)
    # Phases of their own keep the peak low, as in a real voice.
    spectrum[harmonics] = (gains.sum(axis=1) + 0.02) * harmonics**-tilt * np.exp(1j * harmonics**2)
    period = np.fft.irfft(spectrum, _TABLE_SIZE)
    return period / np.sqrt(np.mean(period**2))


def _swell(n_frames: int, lively: float) -> np.ndarray:
    """Loudness within a syllable: up, down to a short pause; sharper when lively."""
    time = np.linspace(0.0, 1.0, n_frames)
    return np.sin(np.pi * time ** (0.75 - 0.2 * lively)) ** 0.8


def encode_wav(signal: np.ndarray) -> bytes:
    """Encode a clip as a 16-bit WAV file.

    Parameters
    ----------
    signal : ndarray of shape (n_frames,)
        At 16 kHz, in [-1, 1].

    Returns
    -------
    bytes

    Examples
    --------
    >>> encode_wav(np.zeros(100))[:4]
    b'RIFF'
    """
    import soundfile

    buffer = io.BytesIO()
    soundfile.write(buffer, signal, SAMPLING_RATE, format="WAV", subtype="PCM_16")
    return buffer.getvalue()
