import numpy as np
import pytest

from mmsenti.audio._clip import Clip
from mmsenti.audio._pitch import _autocorrelation


def vowel(f0, seconds=1.0, rate=16000, formants=((700, 80), (1200, 100), (2500, 150))):
    """A pulse train with a glottal slope through resonances."""
    f0 = np.broadcast_to(f0, int(seconds * rate))
    phase = np.cumsum(f0) / rate
    signal = np.diff(np.floor(phase), prepend=0.0)
    for frequency, bandwidth in ((0, 200), *formants):
        radius = np.exp(-np.pi * bandwidth / rate)
        a1, a2 = 2 * radius * np.cos(2 * np.pi * frequency / rate), radius**2
        output = np.zeros(len(signal) + 2)
        for n, x in enumerate(signal):
            output[n + 2] = x + a1 * output[n + 1] - a2 * output[n]
        signal = output[2:]
    return (0.5 * signal / np.abs(signal).max()).astype(np.float32)


@pytest.mark.parametrize("frequency", [80, 100, 150, 220, 300, 400, 550])
@pytest.mark.parametrize("rate", [8000, 16000, 22050, 44100])
def test_tones(frequency, rate, tone):
    clip = Clip(tone(frequency, 1.0, rate), sampling_rate=rate)
    pitch = clip.f0()
    inner = slice(8, -8)
    assert pitch.voiced[inner].all()
    np.testing.assert_allclose(pitch.f0[inner], frequency, rtol=0.01)


@pytest.mark.parametrize("frequency", [80, 110, 140, 200, 260, 330, 400])
def test_vowels(frequency):
    pitch = Clip(vowel(frequency)).f0()
    inner = slice(8, -8)
    assert pitch.voiced[inner].mean() > 0.98
    found = pitch.f0[inner][pitch.voiced[inner]]
    np.testing.assert_allclose(np.median(found), frequency, rtol=0.01)
    assert (np.abs(found / frequency - 1) > 0.2).mean() < 0.02


def test_a_vowel_without_its_fundamental(tone):
    # Harmonics 2, 3 and 4 of 150 Hz, as through a telephone.
    pitch = Clip(sum(tone(150 * k, 1.0, 16000, 0.2) for k in (2, 3, 4))).f0()
    np.testing.assert_allclose(np.median(pitch.f0[8:-8]), 150, rtol=0.01)


def test_a_glide_is_followed():
    f0 = np.linspace(120, 240, 32000)
    pitch = Clip(vowel(f0, 2.0)).f0()
    frames = np.arange(10, 190)
    np.testing.assert_allclose(pitch.f0[frames], f0[frames * 160], rtol=0.03)


def test_noise_silence_and_a_constant_have_no_voice(tone):
    noise = np.random.default_rng(0).standard_normal(48000)
    for signal in (0.1 * noise, np.zeros(16000), np.full(16000, 0.5), 1e-22 * noise):
        pitch = Clip(signal).f0()
        assert not pitch.voiced.any()
        assert not pitch.f0.any()


def test_quiet_noise_beside_a_voice_has_none():
    noise = 1e-4 * np.random.default_rng(0).standard_normal(16000)
    pitch = Clip(np.concatenate([noise, vowel(140), noise])).f0()
    assert pitch.voiced[:95].mean() < 0.02
    assert pitch.voiced[105:195].all()


def test_a_frame_below_three_percent_of_the_loudest_has_no_voice_nor_strength(tone):
    loud, quiet = tone(200, 0.5), tone(200, 0.5)
    for level, is_voice in ((0.025, False), (0.2, True)):
        pitch = Clip(np.concatenate([loud, np.float32(level) * quiet])).f0()
        later = slice(60, 95)
        assert pitch.voiced[:40].all()
        assert pitch.voiced[later].all() == is_voice == pitch.voiced[later].any()
        assert (pitch.strength[later] > 0.9).all() == is_voice == pitch.strength[later].any()


def test_a_voice_on_a_constant():
    np.testing.assert_allclose(np.median(Clip(vowel(140) + 0.3).f0().f0[8:-8]), 140, rtol=0.01)


@pytest.mark.parametrize("n_samples", [1, 160, 700])
def test_shapes_of_short_clips(n_samples):
    clip = Clip(np.ones(n_samples, dtype=np.float32))
    for view in vars(clip.f0()).values():
        assert view.shape == (clip.n_frames,)
        assert np.isfinite(view).all()


def test_the_range_is_a_parameter(tone):
    pitch = Clip(tone(500)).f0(65.0, 400.0)
    np.testing.assert_allclose(np.median(pitch.f0[8:-8]), 250, rtol=0.01)


def test_gross_errors_against_pyin_on_speech(librosa, speech_files):
    n_wrong = n_both = 0
    for path in speech_files[::175]:
        clip = Clip(path)
        reference, voiced, _ = librosa.pyin(
            clip.signal,
            fmin=65,
            fmax=600,
            sr=16000,
            frame_length=1024,
            hop_length=160,
            pad_mode="constant",
        )
        pitch = clip.f0()
        both = pitch.voiced & voiced
        n_both += both.sum()
        n_wrong += (np.abs(pitch.f0[both] / reference[both] - 1) > 0.2).sum()
    assert n_both > 100
    assert n_wrong < 0.03 * n_both


def test_autocorrelation_by_its_definition():
    frames = np.zeros((3, 64), dtype=np.float32)
    frames[:, :40] = np.random.default_rng(0).normal(size=(3, 40))
    lags = _autocorrelation(frames, 24)
    expected = [np.correlate(row, row, "full")[63 : 63 + 24] for row in frames.astype(float)]
    expected /= np.square(frames).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(lags / lags[:, :1], expected, atol=1e-6)
