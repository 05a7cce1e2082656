import numpy as np
import pytest

from mmsenti.audio import Prosody
from mmsenti.audio._clip import Clip
from mmsenti.audio._prosody import pauses, zero_crossing_rate


def features_of(source, **params):
    prosody = Prosody(**params)
    return dict(zip(prosody.get_names(), map(float, prosody.compute(Clip(source))), strict=True))


def assert_equals_librosa(librosa, clip):
    prosody = Prosody()
    features = dict(zip(prosody.get_names(), prosody.compute(clip), strict=True))
    framing = {"frame_length": 512, "hop_length": 160}
    rms = librosa.feature.rms(y=clip.signal, pad_mode="constant", **framing)[0]
    zcr = librosa.feature.zero_crossing_rate(clip.signal, **framing)[0]
    for name, track in (("rms", rms), ("zcr", zcr)):
        for functional in ("mean", "std", "min", "max"):
            expected = getattr(np, functional)(track)
            assert features[f"{name}_{functional}"] == pytest.approx(expected, rel=1e-4, abs=1e-7)


def test_equals_librosa_on_speech(librosa, speech_files):
    for path in speech_files[::70]:
        assert_equals_librosa(librosa, Clip(path))


@pytest.mark.parametrize("n_samples", [512, 1300, 30001])
def test_equals_librosa_on_noise(librosa, n_samples):
    noise = np.random.default_rng(1).standard_normal(n_samples).astype(np.float32)
    noise[::7] = 0
    assert_equals_librosa(librosa, Clip(noise))


def test_a_tone(tone):
    features = features_of(tone(220))
    for name in ("mean", "median", "min", "max"):
        assert features[f"f0_{name}"] == pytest.approx(220, rel=0.01)
    assert features["f0_range"] < 0.1
    assert abs(features["f0_slope"]) < 0.1
    assert features["voicing_mean"] > 0.95
    assert features["voiced_share"] > 0.9
    assert features["duration"] == 1.0
    # Half of full scale: a peak of -6 dB, a root mean square 3 dB below.
    assert features["energy_max"] == pytest.approx(-9.03, abs=0.1)
    # Two crossings in each of 220 periods.
    assert features["zcr_mean"] == pytest.approx(440 / 16000, rel=0.05)
    assert features["silence_share"] == features["pause_rate"] == features["pause_mean"] == 0.0


def test_a_glide_of_an_octave_in_two_seconds():
    t = np.arange(32000) / 16000
    # Exponential: six semitones a second.
    phase = 2 * np.pi * 150 * 2 / np.log(2) * 2 ** (t / 2)
    features = features_of(0.5 * np.sin(phase))
    assert features["f0_slope"] == pytest.approx(6, rel=0.03)
    assert features["f0_range"] == pytest.approx(0.9 * 12, rel=0.05)
    assert features["f0_change"] == pytest.approx(0.06, rel=0.1)


def test_pauses_of_a_clip(tone):
    silence = np.zeros(8000, dtype=np.float32)
    word = tone(200, 0.5)
    # 0.5 s of silence first and last, and twice between three words.
    features = features_of(np.concatenate([silence, word, silence, word, silence, word, silence]))
    assert features["duration"] == 3.5
    assert features["pause_rate"] == pytest.approx(2 / 3.5)
    # Frames of 32 ms reach into the silence.
    assert features["pause_mean"] == pytest.approx(0.5, abs=0.04)
    assert features["silence_share"] == pytest.approx(4 / 7, abs=0.04)
    assert features["energy_spread"] == pytest.approx(100 - 9, abs=1)


def test_louder_by_20_db_moves_levels_alone(tone):
    quiet, loud = features_of(tone(amplitude=0.05)), features_of(tone(amplitude=0.5))
    assert loud["energy_mean"] - quiet["energy_mean"] == pytest.approx(20, abs=1e-3)
    assert loud["rms_mean"] == pytest.approx(10 * quiet["rms_mean"], rel=1e-4)
    for name in ("f0_mean", "zcr_mean", "energy_std", "voiced_share"):
        assert loud[name] == pytest.approx(quiet[name], rel=1e-3)


def test_a_crescendo(tone):
    t = np.arange(16000) / 16000
    features = features_of(tone(amplitude=1.0) * 10 ** ((10 * t - 20) / 20))
    assert features["energy_slope"] == pytest.approx(10, rel=0.1)


def test_silence_and_noise_have_no_f0():
    for signal in (np.zeros(16000), 0.1 * np.random.default_rng(0).standard_normal(16000)):
        features = features_of(signal)
        for name, value in features.items():
            if name.startswith(("f0", "voic")):
                assert value == 0.0, name
    silence = features_of(np.zeros(16000))
    assert silence["energy_mean"] == silence["energy_min"] == -100.0
    assert silence["silence_share"] == 1.0
    assert silence["zcr_max"] == silence["rms_max"] == silence["pause_rate"] == 0.0


@pytest.mark.parametrize("n_samples", [1, 160, 511, 2000])
def test_short_clips_are_finite(n_samples):
    features = features_of(np.full(n_samples, 0.5))
    assert np.isfinite(list(features.values())).all()
    assert features["duration"] == n_samples / 16000


def test_zero_crossings_by_hand():
    # Frames of four around the samples 0, 4 and 8: (1, 1, 1, -1), (1, -1, 1, 1), (1, 1, 1, 1).
    signal = np.array([1, -1, 1, -1, 1, 1, 1, 1], dtype=np.float32)
    assert zero_crossing_rate(signal, 4, 4).tolist() == [0.25, 0.5, 0.0]


@pytest.mark.parametrize(
    ("silent", "expected"),
    [
        ("1111", []),
        ("0000", []),
        ("1001", []),
        ("0110", [0.2]),
        ("01011011101", [0.2, 0.3]),
    ],
)
def test_pauses_lie_between_sounding_frames(silent, expected):
    mask = np.array([c == "1" for c in silent])
    # A single silent frame of 0.1 s is below the shortest pause.
    np.testing.assert_allclose(pauses(mask, 0.1, 0.15), expected)


def test_an_empty_range_is_refused():
    with pytest.raises(ValueError, match="fmax=100 Hz must be above fmin=200 Hz"):
        Prosody(fmin=200.0, fmax=100.0).get_names()


def test_a_sample_below_the_threshold_is_zero_and_has_no_sign():
    signal = np.tile(np.array([1e-11, -1e-11], dtype=np.float32), 50)
    assert not zero_crossing_rate(signal, 16, 4).any()
    assert zero_crossing_rate(10 * signal, 16, 4).max() == 0
    assert zero_crossing_rate(100 * signal, 16, 4).max() == 15 / 16
