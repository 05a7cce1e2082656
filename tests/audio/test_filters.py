"""Decimation against its definition and against tones, whose fate is known."""

import numpy as np
import pytest
import soxr

from mmsenti.audio._filters import decimate

_RATE = 16000


def sine(frequency, n_samples=_RATE):
    return np.sin(2 * np.pi * frequency / _RATE * np.arange(n_samples)).astype(np.float32)


@pytest.mark.parametrize("factor", [2, 3, 5, 6])
@pytest.mark.parametrize("n_samples", [1, 2, 3, 15, 16, 17, 33, 1000])
def test_decimation_is_a_windowed_sinc_of_which_each_nth_sample_is_kept(factor, n_samples):
    signal = np.random.default_rng(n_samples).normal(size=n_samples).astype(np.float32)
    half = 6 * factor
    steps = np.arange(-half, half + 1)
    taps = np.sinc(steps / factor) * np.hanning(2 * half + 3)[1:-1]
    filtered = np.convolve(signal.astype(float), taps / taps.sum())[half : half + n_samples]
    kept = decimate(signal, factor)
    assert kept.dtype == np.float32
    np.testing.assert_allclose(kept, filtered[::factor], atol=1e-6)


@pytest.mark.parametrize("frequency", [0.5, 100.0, 1000.0, 3000.0])
def test_low_tones_stay_where_they_are(frequency):
    inner = slice(6, -6)  # beside silence, as at both ends, is another signal
    tone = sine(frequency)
    np.testing.assert_allclose(decimate(tone, 2)[inner], tone[::2][inner], atol=3e-3)


@pytest.mark.parametrize("frequency", [5000.0, 5700.0, 6600.0, 7990.0])
def test_high_tones_do_not_come_back_as_low_ones(frequency):
    assert np.abs(decimate(sine(frequency), 2)[6:-6]).max() < 0.01


def test_a_voice_is_as_a_resampler_has_it():
    voice = sum(sine(frequency) / frequency for frequency in (120.0, 240.0, 360.0, 1200.0, 1440.0))
    middle = slice(100, -100)
    resampled = soxr.resample(voice, _RATE, _RATE // 4, quality="VHQ")
    np.testing.assert_allclose(decimate(voice, 4)[middle], resampled[middle], atol=1e-4)
