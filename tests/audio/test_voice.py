"""Intonation, SpectralBalance, Formants, Cycles, Modulation: sounds whose values are known."""

import numpy as np
import pytest
from scipy.linalg import solve_toeplitz
from scipy.signal import freqz, lfilter

from mmsenti.audio import (
    MFCC,
    Clip,
    Cycles,
    Formants,
    Intonation,
    Modulation,
    SpectralBalance,
)
from mmsenti.audio._contours import CONTOUR_FUNCTIONALS, contour_functionals, slopes
from mmsenti.audio._formants import find_resonances, linear_prediction

RATE = 16000
VOICE = [Intonation(), SpectralBalance(), Formants(), Cycles(), Modulation()]


def values_of(descriptor, samples):
    values = descriptor.compute(Clip(np.asarray(samples, dtype=np.float32)))
    return dict(zip(descriptor.get_names(), map(float, values), strict=True))


def seconds(n):
    return np.arange(int(n * RATE)) / RATE


def pulses(places, heights=1.0, n=RATE):
    """Short smooth pulses, so that their tops lie between samples as well as on them."""
    time = np.arange(n)[:, np.newaxis]
    return (np.exp(-(((time - places) / 6) ** 2)) * heights).sum(axis=1) * 0.5


@pytest.mark.parametrize("descriptor", VOICE, ids=lambda d: type(d).__name__)
@pytest.mark.parametrize("samples", [np.zeros(8000), np.full(600, 0.2), np.ones(3) * 0.1])
def test_silence_and_scraps_have_defined_values(descriptor, samples):
    assert np.isfinite(list(values_of(descriptor, samples).values())).all()


# Contours


def test_contour_functionals_by_hand():
    # Up by 4 in two steps, down by 3 in one, undefined, up by 6 in one.
    values = np.array([1.0, 2.0, 5.0, 2.0, 99.0, 1.0, 7.0])
    chosen = values != 99
    rises, falls = slopes(values, chosen, 0.01)
    np.testing.assert_allclose(rises, [4 / 0.02, 6 / 0.01])
    np.testing.assert_allclose(falls, [300])
    found = dict(zip(CONTOUR_FUNCTIONALS, contour_functionals(values, chosen, 0.01), strict=True))
    defined = values[chosen]
    assert found["mean"] == pytest.approx(np.mean(defined))
    assert found["std"] == pytest.approx(np.std(defined))
    for share in (20, 50, 80):
        assert found[f"p{share}"] == pytest.approx(np.percentile(defined, share))
    assert found["span"] == pytest.approx(np.subtract(*np.percentile(defined, [80, 20])))
    assert (found["rise_mean"], found["rise_std"]) == pytest.approx((400, 200))
    assert (found["fall_mean"], found["fall_std"]) == pytest.approx((300, 0))


def test_intonation_of_a_glide():
    # 24 semitones up in two seconds: 12 a second, from 110 Hz, which is two octaves over 27.5.
    time = seconds(2)
    phase = 2 * np.pi * 110 * (2**time - 1) / np.log(2)
    found = values_of(Intonation(), 0.5 * np.sin(phase))
    assert found["intonation_f0_p50"] == pytest.approx(24 + 12, abs=0.3)
    assert found["intonation_f0_span"] == pytest.approx(0.6 * 24, rel=0.05)
    assert found["intonation_f0_rise_mean"] == pytest.approx(12, rel=0.1)


def test_rhythm_of_bursts():
    # Tones of 0.3 s every 0.5 s, four times: two a second.
    time = seconds(2)
    found = values_of(Intonation(), 0.5 * np.sin(2 * np.pi * 200 * time) * (time % 0.5 < 0.3))
    assert found["intonation_voiced_rate"] == 2
    assert found["intonation_voiced_mean"] == pytest.approx(0.3, abs=0.03)
    assert found["intonation_unvoiced_mean"] == pytest.approx(0.2, abs=0.03)
    assert found["intonation_voiced_std"] < 0.02


def test_loudness_follows_stevens_law():
    # Ten times the amplitude is a hundred times the power: 100 ** 0.3 as loud.
    tone = np.sin(2 * np.pi * 440 * seconds(1))
    loud, soft = (values_of(Intonation(), a * tone)["intonation_loudness_p50"] for a in (0.5, 0.05))
    assert loud / soft == pytest.approx(100**0.3, rel=1e-3)


def test_modulation_of_a_trembling_noise():
    rng = np.random.default_rng(0)
    noise = 0.1 * rng.normal(size=4 * RATE) * (1 + np.sin(2 * np.pi * 10 * seconds(4)))
    found = values_of(Modulation(), noise)
    assert max(found, key=found.get) == "modulation_8_to_12"
    shares = np.exp(list(found.values()))
    assert 0.5 < shares.sum() <= 1 + 1e-9
    silent = values_of(Modulation(), np.zeros(8000))
    assert list(silent.values()) == pytest.approx([np.log(1e-9)] * 9)


# Balance


def test_balance_of_two_tones():
    # 300 Hz and 2500 Hz at a tenth of its amplitude: 20 dB less.
    time = seconds(1)
    samples = 0.5 * np.sin(2 * np.pi * 312.5 * time) + 0.05 * np.sin(2 * np.pi * 2500 * time)
    found = values_of(SpectralBalance(), samples)
    assert found["balance_alpha_ratio_voiced_mean"] == pytest.approx(20, abs=0.3)
    assert found["balance_hammarberg_voiced_mean"] == pytest.approx(20, abs=0.3)


def test_h1_h2_of_two_harmonics():
    time = seconds(1)
    samples = 0.4 * np.sin(2 * np.pi * 250 * time) + 0.1 * np.sin(2 * np.pi * 500 * time)
    found = values_of(SpectralBalance(), samples)
    assert found["balance_h1_h2_voiced_mean"] == pytest.approx(20 * np.log10(4), abs=0.3)


def test_slope_of_noise_that_falls_by_a_known_amount():
    # Noise filtered so that power falls by 6 dB each 100 Hz: slopes of -6.
    rng = np.random.default_rng(0)
    spectrum = np.fft.rfft(rng.normal(size=4 * RATE))
    spectrum *= 10 ** (-6 / 20 * np.fft.rfftfreq(4 * RATE, 1 / RATE) / 100)
    found = values_of(SpectralBalance(), np.fft.irfft(spectrum) * 10)
    assert found["balance_slope_0_500_unvoiced_mean"] == pytest.approx(-6, abs=0.8)


def test_harmonicity_of_a_tone_in_noise():
    # The energy of the tone is ten times that of the noise: 10 dB.
    rng = np.random.default_rng(0)
    noise = rng.normal(size=2 * RATE)
    # Below 4 kHz, where the pitch is tracked.
    spectrum = np.fft.rfft(noise)
    spectrum[np.fft.rfftfreq(2 * RATE, 1 / RATE) > 3500] = 0
    noise = np.fft.irfft(spectrum)
    tone = np.sin(2 * np.pi * 200 * seconds(2))
    samples = 0.3 * (tone + noise * np.sqrt(0.05 / noise.var()))
    found = values_of(SpectralBalance(), samples)
    assert found["balance_harmonicity_voiced_mean"] == pytest.approx(10, abs=1.0)


# Formants


def test_linear_prediction_solves_the_normal_equations():
    rng = np.random.default_rng(0)
    power = rng.random((3, 129)) ** 4
    found = linear_prediction(power, 11)
    for spectrum, filters in zip(power, found, strict=True):
        correlation = np.fft.irfft(spectrum)[:12]
        correlation[0] = correlation[0] * (1 + 1e-6) + 1e-12
        expected = solve_toeplitz(correlation[:-1], -correlation[1:])
        np.testing.assert_allclose(filters, [1.0, *expected], rtol=1e-8, atol=1e-10)


def test_resonances_are_the_peaks_of_the_model():
    # Poles of 300, 1200 and 2500 Hz, far enough apart that each is a peak; 40 frames fill no block
    # and 200 more than one.
    poles = np.exp((-np.pi * 60 + 2j * np.pi * np.array([300, 1200, 2500])) / 8000)
    filters = np.poly(np.concatenate([poles, poles.conj()])).real
    frequencies, response = freqz(1, filters, np.arange(1, 4000) * 2 * np.pi / 8000)
    levels = 20 * np.log10(np.abs(response))
    grid = 20 * np.log10(np.abs(freqz(1, filters, np.linspace(0, np.pi, 513))[1]))
    tops = np.flatnonzero((levels[1:-1] > levels[:-2]) & (levels[1:-1] > levels[2:])) + 1
    for n_frames in (1, 40, 200):
        found = find_resonances(np.tile(filters, (n_frames, 1)), 4000.0, 4)
        assert np.isnan(found[:, 3]).all()
        hertz = frequencies[tops] * 8000 / (2 * np.pi)
        np.testing.assert_allclose(found[:, :3, 0], np.tile(hertz, (n_frames, 1)), atol=2.0)
        # At the point of the grid, which is up to half a step beside the peak.
        expected = np.tile(levels[tops] - grid.mean(), (n_frames, 1))
        np.testing.assert_allclose(found[:, :3, 2], expected, atol=0.1)


def test_formants_of_a_source_and_two_resonators():
    # A buzz at 120 Hz through resonators at 700 Hz and 1800 Hz, as a vowel is made.
    source = pulses(np.arange(100, RATE, RATE / 120))
    samples = np.append(source[0], np.diff(source)) * 0.1
    for frequency, width in ((700, 90), (1800, 120), (2900, 150)):
        radius = np.exp(-np.pi * width / RATE)
        a = [1, -2 * radius * np.cos(2 * np.pi * frequency / RATE), radius**2]
        samples = lfilter([sum(a)], a, samples)
    found = values_of(Formants(), samples / np.abs(samples).max() * 0.5)
    assert found["formant_1_frequency_mean"] == pytest.approx(700, rel=0.06)
    assert found["formant_2_frequency_mean"] == pytest.approx(1800, rel=0.04)
    assert found["formant_1_bandwidth_mean"] < 300
    assert found["formant_1_level_mean"] > found["formant_2_level_mean"]


# Cycles


def test_a_regular_voice_has_no_jitter_nor_shimmer():
    found = values_of(Cycles(), pulses(np.arange(50, RATE, 80)))
    assert found["cycles_jitter"] < 1e-3
    assert found["cycles_shimmer"] < 1e-2


def test_jitter_of_irregular_periods():
    periods = np.random.default_rng(0).normal(80, 1, 810)
    found = values_of(Cycles(), pulses(50 + np.cumsum(periods), n=4 * RATE))
    differences = np.abs(np.diff(periods))
    assert found["cycles_jitter"] == pytest.approx(differences.mean() / 80, rel=0.15)
    assert found["cycles_jitter_std"] == pytest.approx(differences.std() / 80, rel=0.2)
    assert found["cycles_shimmer"] < 1e-2


def test_shimmer_of_heights_that_alternate():
    places = np.arange(50, RATE, 80)
    heights = np.where(np.arange(len(places)) % 2, 1.0, 0.8)
    found = values_of(Cycles(), pulses(places, heights))
    assert found["cycles_shimmer"] == pytest.approx(20 * np.log10(1 / 0.8), rel=0.05)
    assert found["cycles_jitter"] < 5e-3


# Voiced frames alone


def test_mfcc_over_voiced_frames_is_that_of_the_voiced_part():
    time = seconds(2)
    tone = 0.5 * np.sin(2 * np.pi * 200 * time) * (time < 1)
    voiced = values_of(MFCC(frames="voiced", functionals=("mean",)), tone)
    whole = values_of(MFCC(functionals=("mean",)), tone)
    alone = values_of(MFCC(functionals=("mean",)), tone[2000:14000])
    assert voiced["mfcc_01_voiced_mean"] == pytest.approx(alone["mfcc_01_mean"], abs=5)
    assert abs(whole["mfcc_01_mean"] - alone["mfcc_01_mean"]) > 25
    noise = np.random.default_rng(0).normal(0, 0.1, 8000)
    voiced = values_of(MFCC(frames="voiced"), noise)
    assert list(voiced.values()) == list(values_of(MFCC(), noise).values())
