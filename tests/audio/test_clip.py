import io

import numpy as np
import pytest
import soundfile
import soxr

from mmsenti.audio._clip import Clip
from mmsenti.audio._wav import read_plain_wav


def pcm16(signal):
    return np.round(np.asarray(signal, dtype=np.float64) * 32767).astype("<i2")


# Sources


def test_path_pathlike_bytes_and_pair_are_the_same_sound(tmp_path, tone, wav):
    samples = pcm16(tone())
    content = wav(samples)
    path = tmp_path / "tone.wav"
    path.write_bytes(content)
    expected = samples / np.float32(32768)
    for source in (str(path), path, content, bytearray(content), memoryview(content)):
        np.testing.assert_array_equal(Clip(source).signal, expected)
    np.testing.assert_array_equal(Clip((samples, 16000)).signal, expected)
    np.testing.assert_array_equal(Clip(samples).signal, expected)


@pytest.mark.parametrize("channels", [1, 2, 3])
def test_plain_wav_equals_libsndfile(tmp_path, channels, wav):
    samples = np.random.default_rng(channels).integers(-32768, 32767, 3000 * channels)
    path = tmp_path / "noise.wav"
    path.write_bytes(wav(samples.astype("<i2"), channels=channels))
    decoded, _ = soundfile.read(path, dtype="float32", always_2d=True)
    np.testing.assert_allclose(Clip(path).signal, decoded.mean(axis=1), rtol=0, atol=6e-8)


def test_plain_wav_skips_other_chunks(wav):
    content = wav(np.full(1000, 16384, dtype="<i2"))
    odd = b"LIST" + (3).to_bytes(4, "little") + b"abc\0"
    content = content[:12] + odd + content[12:] + odd
    assert read_plain_wav(io.BytesIO(content)) is not None
    clip = Clip(content)
    assert clip.remarks == []
    np.testing.assert_array_equal(clip.signal, np.full(1000, 0.5))


@pytest.mark.parametrize(
    ("dtype", "low", "half"),
    [("uint8", 0, 192), ("int8", -128, 64), ("int16", -(2**15), 2**14), ("int32", -(2**31), 2**30)],
)
def test_integers_are_scaled_by_their_type(dtype, low, half):
    signal = Clip(np.array([low, half] * 300, dtype=dtype)).signal
    assert signal[:2].tolist() == [-1.0, 0.5]


@pytest.mark.parametrize("dtype", ["int64", "uint16", "complex64", "bool", "U3", "object"])
def test_other_types_are_refused(dtype):
    with pytest.raises(ValueError, match=r"samples of type .*expected float in \[-1, 1\], or PCM"):
        Clip(np.ones(600).astype(dtype))


def test_the_shorter_axis_is_the_channels(tone):
    left, right = tone(220), tone(300)
    for stereo in (np.stack([left, right]), np.stack([left, right], axis=1)):
        np.testing.assert_allclose(Clip(stereo).signal, (left + right) / 2, atol=1e-7)


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((600, 600), "not clear"),
        ((100, 90), "64 channels"),
        ((2, 3, 4), "expected"),
        ((), "expect"),
    ],
)
def test_ambiguous_shapes_are_refused(shape, message):
    with pytest.raises(ValueError, match=message):
        Clip(np.zeros(shape, dtype=np.float32))


def test_a_number_is_content_and_an_object_a_mistake():
    with pytest.raises(ValueError, match="a number, not a path"):
        Clip(123)
    with pytest.raises(TypeError, match=r"expected a path, bytes, an array .* got dict"):
        Clip({})
    with pytest.raises(
        TypeError, match=r"expected \(signal, sampling_rate\), got \(int, ndarray\)"
    ):
        Clip((16000, np.zeros(600)))


# Rates


@pytest.mark.parametrize("rate", [1000, 8000, 22050, 44100, 192000])
def test_resampling_equals_soxr(rate, tone):
    signal = tone(440, 0.5, rate)
    expected = soxr.resample(signal, rate, 16000, quality="HQ")
    np.testing.assert_allclose(Clip((signal, rate)).signal, expected, atol=1e-6)


def test_a_long_sound_is_resampled_in_blocks_without_a_seam(tone, encode):
    # 100 s at 44.1 kHz are five blocks.
    signal = tone(100, 100, 44100)
    clip = Clip(encode(signal, 44100, "WAV", "FLOAT"))
    expected = tone(100, 100, 16000)
    assert len(clip.signal) == len(expected)
    np.testing.assert_allclose(clip.signal[200:-200], expected[200:-200], atol=1e-3)


@pytest.mark.parametrize("rate", [0, 1, 999, 768_001, 2**31 - 1, 2**32 - 1])
def test_absurd_rates_are_refused(rate, wav):
    with pytest.raises(ValueError, match=r"sampling rate|SF_INFO"):
        Clip(wav(np.zeros(600, dtype="<i2"), rate))


@pytest.mark.parametrize("channels", [0, 65, 65535])
def test_absurd_channels_are_refused(channels, wav):
    with pytest.raises(ValueError, match=r"[Cc]hannel"):
        Clip(wav(np.zeros(65 * 100, dtype="<i2"), channels=channels))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e30, -1e30])
@pytest.mark.parametrize("kind", ["array", "file"])
def test_samples_that_are_no_sound_are_refused(value, kind, tone, wav):
    signal = tone().copy()
    signal[500] = value
    source = signal if kind == "array" else wav(signal, bits=32, tag=3)
    with pytest.raises(ValueError, match="holds samples"):
        Clip(source)
    with pytest.raises(ValueError, match="holds samples"):
        Clip((np.full(600, 1e300), 44100))


def test_unscaled_integers_in_a_float_array_are_remarked():
    clip = Clip(np.full(1000, 32767.0))
    assert clip.remarks == [
        "samples reach 32767, though float samples are in [-1, 1]; scale integer PCM."
    ]


@pytest.mark.parametrize("source", [np.zeros(0), np.zeros((0, 2)), (np.zeros(0), 8000)])
def test_no_samples(source, wav):
    with pytest.raises(ValueError, match="holds no samples"):
        Clip(source)
    with pytest.raises(ValueError, match="holds no samples"):
        Clip(wav(b""))


@pytest.mark.parametrize("kind", ["array", "plain", "compressed"])
def test_max_duration(kind, wav, encode):
    def source(n):
        if kind == "array":
            return np.zeros(n, dtype=np.float32)
        if kind == "plain":
            return wav(np.zeros(n, dtype="<i2"))
        return encode(np.zeros(n), 16000, "FLAC")

    assert Clip(source(32000), max_duration=2.0).duration == 2.0
    with pytest.raises(ValueError, match=r"lasts 2\.\d+ s or more, and max_duration is 2 s"):
        Clip(source(32001), max_duration=2.0)


@pytest.mark.parametrize("n_samples", [1, 160, 511])
def test_below_one_frame_zeros_fill_up_with_a_remark(n_samples):
    clip = Clip(np.ones(n_samples, dtype=np.float32))
    assert clip.signal.sum() == n_samples
    assert clip.signal.shape == (512,)
    assert clip.duration == n_samples / 16000
    assert clip.remarks == [
        f"shorter than one frame ({n_samples} of 512 samples at 16000 Hz); filled up with zeros."
    ]
    assert Clip(np.ones(512, dtype=np.float32)).remarks == []


# Views


@pytest.mark.parametrize("n_samples", [512, 513, 4000, 16001, 47999])
@pytest.mark.parametrize(("n_fft", "hop_length"), [(512, 160), (400, 200), (501, 77)])
def test_power_equals_librosa(n_samples, n_fft, hop_length, librosa):
    noise = np.random.default_rng(n_samples).standard_normal(n_samples).astype(np.float32)
    clip = Clip(noise, n_fft=n_fft, hop_length=hop_length)
    expected = np.abs(librosa.stft(noise, n_fft=n_fft, hop_length=hop_length, pad_mode="constant"))
    assert clip.power.dtype == np.float32
    np.testing.assert_allclose(clip.power, expected.T**2, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("setting", [(40, 0.0, None), (26, 50.0, 7000.0), (80, 0.0, 8000.0)])
def test_mel_equals_librosa(setting, librosa, tone):
    n_mels, fmin, fmax = setting
    noise = np.random.default_rng(0).standard_normal(16000).astype(np.float32)
    clip = Clip(noise)
    filters = librosa.filters.mel(sr=16000, n_fft=512, n_mels=n_mels, fmin=fmin, fmax=fmax)
    np.testing.assert_allclose(clip.mel(*setting), clip.power @ filters.T, rtol=1e-4, atol=1e-7)


def test_views_are_computed_once(tone):
    clip = Clip(tone())
    assert clip.power is clip.power
    assert clip.frames is clip.frames
    assert clip.mel(26) is clip.mel(26)
    assert clip.f0() is clip.f0()
    assert clip.mel(26) is not clip.mel(27)


def test_mel_range_that_is_empty(tone):
    with pytest.raises(ValueError, match=r"fmax=100 Hz must be above fmin=200 Hz"):
        Clip(tone()).mel(40, 200.0, 100.0)
