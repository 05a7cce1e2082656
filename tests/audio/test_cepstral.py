import numpy as np
import pytest

from mmsenti.audio import MFCC
from mmsenti.audio._cepstral import delta, mfcc
from mmsenti.audio._clip import Clip
from mmsenti.audio._filters import decibels


def reference(librosa, signal, rate=16000):
    coefficients = librosa.feature.mfcc(
        y=signal, sr=rate, n_mfcc=20, n_mels=40, n_fft=512, hop_length=160, pad_mode="constant"
    )
    return np.concatenate(
        [coefficients, *(librosa.feature.delta(coefficients, order=i) for i in (1, 2))]
    )


def assert_equals_librosa(librosa, clip):
    tracks = reference(librosa, clip.signal)
    expected = np.stack([f(tracks, axis=1) for f in (np.mean, np.std, np.min, np.max)], axis=1)
    # The mean of a derivative is a sum that cancels: it is held against the track's range.
    scale = np.maximum(np.abs(expected), np.ptp(tracks, axis=1)[:, np.newaxis])
    error = np.abs(MFCC().compute(clip).reshape(60, 4) - expected)
    assert (error <= 1e-4 * scale + 1e-4).all()


def test_equals_librosa_on_speech(librosa, speech_files):
    for path in speech_files[::70]:
        assert_equals_librosa(librosa, Clip(path))


@pytest.mark.parametrize("n_samples", [1300, 4001, 16000, 30001])
def test_equals_librosa_on_tones_and_noise(librosa, tone, n_samples):
    noise = np.random.default_rng(1).standard_normal(n_samples).astype(np.float32)
    assert_equals_librosa(librosa, Clip(0.1 * noise))
    assert_equals_librosa(librosa, Clip(tone(440, n_samples / 16000)))


def test_equals_librosa_after_resampling_and_mixing(librosa, tone):
    stereo = np.stack([tone(440, 1, 8000), tone(660, 1, 8000)])
    assert_equals_librosa(librosa, Clip((stereo, 8000)))


@pytest.mark.parametrize("n_samples", [1, 100, 511, 1500, 16000])
@pytest.mark.parametrize("level", [0.0, 1e-4, 0.1])
def test_bands_equal_librosas_on_scraps_silence_and_noise(librosa, n_samples, level):
    noise = np.random.default_rng(n_samples).standard_normal(n_samples).astype(np.float32)
    clip = Clip(np.float32(level) * noise)
    # Of a clip below one frame the signal is filled up with zeros: librosa gets that one.
    for n_mels in (26, 40, 64, 100, 128):
        expected = librosa.feature.melspectrogram(
            y=clip.signal, sr=16000, n_mels=n_mels, n_fft=512, hop_length=160, pad_mode="constant"
        )
        np.testing.assert_allclose(clip.mel(n_mels), expected.T, rtol=2e-4, atol=1e-12)


def test_silence():
    # -100 dB in all 40 bands: the orthonormal transform sums them over sqrt(40).
    features = MFCC().compute(Clip(np.zeros(16000, dtype=np.float32))).reshape(3, 20, 4)
    np.testing.assert_allclose(
        features[0, 0], [-100 * 40**0.5, 0, -100 * 40**0.5, -100 * 40**0.5], atol=1e-3
    )
    np.testing.assert_allclose(features[0, 1:], 0, atol=1e-4)
    np.testing.assert_allclose(features[1:], 0, atol=1e-4)


def test_names_follow_coefficient_derivative_functional():
    names = MFCC(functionals=["mean", "max"]).get_names()
    assert len(names) == 3 * 20 * 2
    assert names[:3] == ["mfcc_01_mean", "mfcc_01_max", "mfcc_02_mean"]
    assert names[40] == "mfcc_01_delta_mean"
    assert names[-1] == "mfcc_20_delta2_max"


def test_transform_of_one_band():
    # Two bands of 10 and 1000: 10 and 30 dB, their sum over sqrt(2), their difference too.
    coefficients = mfcc(np.array([[10.0, 1000.0]], dtype=np.float32), 2)
    np.testing.assert_allclose(coefficients, [[40 / 2**0.5, -20 / 2**0.5]], rtol=1e-5)


def test_quiet_bands_are_at_most_80_db_below_the_loudest():
    coefficients = mfcc(np.array([[1.0], [1e-9]], dtype=np.float32), 1)
    np.testing.assert_allclose(coefficients.ravel(), [0.0, -80.0], atol=1e-5)


@pytest.mark.parametrize("width", [3, 5, 9, 15])
def test_delta_equals_librosa(librosa, width):
    tracks = np.random.default_rng(0).standard_normal((40, 7)).astype(np.float32)
    got = delta(tracks, width)
    for order in (1, 2):
        expected = librosa.feature.delta(tracks.T, width=width, order=order).T
        np.testing.assert_allclose(got[:, (order - 1) * 7 : order * 7], expected, atol=1e-5)


def test_delta_of_a_parabola_is_its_derivative():
    # 3 t^2 - t: slope 6 t - 1 where a window of nine fits, bend 6 everywhere.
    t = np.arange(20, dtype=np.float32)[:, np.newaxis]
    got = delta(3 * t**2 - t)
    np.testing.assert_allclose(got[4:-4, 0], 6 * t[4:-4, 0] - 1, rtol=1e-4)
    np.testing.assert_allclose(got[:4, 0], got[4, 0])
    np.testing.assert_allclose(got[:, 1], 6, rtol=1e-3)


@pytest.mark.parametrize(("n_frames", "expected"), [(1, 0), (2, 0), (3, 2), (4, 2), (8, 2)])
def test_delta_of_few_frames_takes_the_longest_window_that_fits(n_frames, expected):
    line = 2 * np.arange(n_frames, dtype=np.float32)[:, np.newaxis]
    np.testing.assert_allclose(delta(line), [[expected, 0]] * n_frames, atol=1e-5)


def test_impossible_settings_are_refused():
    with pytest.raises(ValueError, match="n_mfcc=41 must not exceed n_mels=40"):
        MFCC(n_mfcc=41).get_names()
    with pytest.raises(ValueError, match="delta_width=8 must be odd"):
        MFCC(delta_width=8).get_names()
    with pytest.raises(ValueError, match=r"functionals are among mean, .* got 'mode'"):
        MFCC(functionals=["mean", "mode"]).get_names()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_levels_are_ten_times_the_logarithm(dtype):
    power = np.concatenate([[0.0, 1e-10, 1.0], 10 ** np.linspace(-12, 20, 500)]).astype(dtype)
    expected = 10 * np.log10(np.maximum(power.astype(np.float64), 1e-10))
    found = decibels(power)
    assert found.dtype == dtype
    np.testing.assert_allclose(found, expected, atol=3e-5 if dtype == np.float32 else 1e-12)
