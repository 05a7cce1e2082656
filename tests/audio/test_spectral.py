import numpy as np
import pytest

from mmsenti.audio import Spectral
from mmsenti.audio._clip import Clip
from mmsenti.audio._spectral import flatness, flux, moments, rolloff, unit_sum

TRACKS = ["centroid", "bandwidth", "rolloff", "flatness", *(f"contrast_{i}" for i in range(7))]


def reference(librosa, signal, rate, n_fft, hop_length, **contrast):
    feature = librosa.feature
    framing = {"n_fft": n_fft, "hop_length": hop_length, "pad_mode": "constant", "y": signal}
    return np.concatenate(
        [
            feature.spectral_centroid(sr=rate, **framing),
            feature.spectral_bandwidth(sr=rate, **framing),
            feature.spectral_rolloff(sr=rate, **framing),
            feature.spectral_flatness(**framing),
            feature.spectral_contrast(sr=rate, **contrast, **framing),
        ]
    )


def assert_equals_librosa(librosa, clip, **contrast):
    settings = {f"contrast_{name}": value for name, value in contrast.items()}
    spectral = Spectral(
        **{k.replace("contrast_n_bands", "contrast_bands"): v for k, v in settings.items()}
    )
    features = dict(zip(spectral.get_names(), spectral.compute(clip), strict=True))
    tracks = reference(
        librosa, clip.signal, clip.sampling_rate, clip.n_fft, clip.hop_length, **contrast
    )
    for name, track in zip(TRACKS, tracks, strict=False):
        for functional in ("mean", "std", "min", "max"):
            expected = getattr(np, functional)(track)
            got = features[f"spectral_{name}_{functional}"]
            assert got == pytest.approx(expected, rel=1e-4, abs=1e-5), (name, functional)


def test_equals_librosa_on_speech(librosa, speech_files):
    for path in speech_files[::70]:
        assert_equals_librosa(librosa, Clip(path))


@pytest.mark.parametrize("n_samples", [513, 1300, 16000, 30001])
def test_equals_librosa_on_noise(librosa, n_samples):
    noise = np.random.default_rng(1).standard_normal(n_samples).astype(np.float32)
    assert_equals_librosa(librosa, Clip(0.1 * noise))


@pytest.mark.parametrize(("rate", "n_fft", "hop_length"), [(22050, 2048, 512), (16000, 640, 160)])
def test_equals_librosa_in_other_framings(librosa, rate, n_fft, hop_length):
    # With 640 samples at 16 kHz the ends of the octaves fall on bins.
    noise = np.random.default_rng(2).standard_normal(20000).astype(np.float32)
    clip = Clip(noise, sampling_rate=rate, n_fft=n_fft, hop_length=hop_length)
    assert_equals_librosa(librosa, clip)
    assert_equals_librosa(librosa, clip, n_bands=4, fmin=100.0, quantile=0.1)


def test_long_clips_are_worked_on_in_blocks_without_a_seam():
    noise = np.random.default_rng(3).standard_normal(160 * 1500).astype(np.float32)
    whole = Spectral(functionals=["max"]).compute(Clip(noise))
    flux_of_all = flux(unit_sum(np.sqrt(Clip(noise).power)))
    index = Spectral(functionals=["max"]).get_names().index("spectral_flux_max")
    assert whole[index] == pytest.approx(flux_of_all.max(), rel=1e-6)
    mean = Spectral(functionals=["mean"]).compute(Clip(noise))[index]
    assert mean == pytest.approx(flux_of_all.mean(), rel=1e-5)


def test_a_tone_and_its_bandwidth():
    # A Hann window puts a tone on a bin into three bins, 1 : 2 : 1, of 31.25 Hz.
    signal = np.sin(2 * np.pi * 1000 * np.arange(16000) / 16000)
    spectral = Spectral(functionals=["median"])
    features = dict(zip(spectral.get_names(), spectral.compute(Clip(signal)), strict=True))
    assert features["spectral_centroid_median"] == pytest.approx(1000, rel=1e-3)
    assert features["spectral_bandwidth_median"] == pytest.approx(31.25 / 2**0.5, rel=1e-2)
    assert features["spectral_rolloff_median"] == 1031.25
    assert features["spectral_flux_median"] == pytest.approx(0, abs=1e-4)


def test_silence_is_flat_and_zero():
    spectral = Spectral()
    features = spectral.compute(Clip(np.zeros(4000)))
    expected = [
        1.0 if "flatness" in name and not name.endswith("std") else 0.0
        for name in spectral.get_names()
    ]
    np.testing.assert_allclose(features, expected, atol=1e-5)


def test_bands_beyond_the_spectrum_have_no_contrast():
    # At 8 kHz the octave from 6.4 kHz has no bin.
    noise = np.random.default_rng(0).standard_normal(8000)
    spectral = Spectral(functionals=["max"])
    clip = Clip(noise, sampling_rate=8000)
    features = dict(zip(spectral.get_names(), spectral.compute(clip), strict=True))
    assert features["spectral_contrast_6_max"] == 0.0
    assert features["spectral_contrast_5_max"] > 1.0


def test_moments_by_hand():
    # 1 at 0 Hz and 3 at 400 Hz: mean 300, variance (300^2 + 3 * 100^2) / 4.
    spectra = unit_sum(np.array([[1.0, 3.0]], dtype=np.float32))
    centroid, bandwidth = moments(spectra, np.array([0.0, 400.0]))[0]
    assert centroid == pytest.approx(300)
    assert bandwidth == pytest.approx((120_000 / 4) ** 0.5)


@pytest.mark.parametrize("n_bins", [1, 2, 15, 16, 17, 33, 257])
def test_rolloff_is_the_first_bin_that_reaches_the_share(n_bins):
    spectra = unit_sum(np.random.default_rng(n_bins).random((200, n_bins)))
    for share in (0.01, 0.5, 0.85, 0.99):
        cumulated = np.cumsum(spectra, axis=1)
        expected = (cumulated >= share * cumulated[:, -1:]).argmax(axis=1)
        np.testing.assert_array_equal(rolloff(spectra, np.arange(n_bins), share), expected)


def test_flatness_by_hand():
    # Geometric mean of 1 and 9 is 3, arithmetic 5.
    assert flatness(np.array([[1.0, 9.0]], dtype=np.float32))[0] == pytest.approx(0.6)


def test_flux_by_hand():
    spectra = np.array([[0.5, 0.5], [1.0, 0.0], [0.0, 1.0]])
    np.testing.assert_allclose(flux(spectra), [0, 0.5**0.5, 2**0.5])
    np.testing.assert_allclose(flux(spectra, np.array([0.5, 0.5]))[0], 0)
