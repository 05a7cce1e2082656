"""Audio features beside librosa, openSMILE and python_speech_features.

    python benchmarks/run.py audio [--sizes 1 100 10000]

*limit* is framing, windowing and the real Fourier transform alone. What is called "shared" gives
librosa one spectrum for all of its functions, as few users do.
"""

from functools import partial
from itertools import islice

import numpy as np
from pairs import Case, available, forget

from mmsenti.audio import MFCC, Prosody, Spectral, make_audio_features
from mmsenti.audio._clip import Clip

_RATE, _N_FFT, _HOP = 16000, 512, 160
_FRAMES = {"n_fft": _N_FFT, "hop_length": _HOP}
_FUNCTIONALS = ("mean", "std", "min", "max")


def voice(seed, seconds=3.0):
    """Make a gliding harmonic tone in noise, with pauses."""
    rng = np.random.default_rng(seed)
    times = np.arange(int(seconds * _RATE)) / _RATE
    f0 = 160 + 40 * np.sin(2 * np.pi * (0.7 + 0.2 * rng.random()) * times)
    phase = 2 * np.pi * np.cumsum(f0) / _RATE
    tone = sum(np.sin(k * phase) / k for k in range(1, 12))
    envelope = np.clip(np.sin(2 * np.pi * 1.5 * times) + 0.5, 0, 1)
    return (0.1 * tone * envelope + 0.003 * rng.normal(size=len(times))).astype(np.float32)


def functionals(tracks):
    tracks = np.vstack(tracks)
    return np.stack([getattr(np, name)(tracks, axis=1) for name in _FUNCTIONALS], axis=1).ravel()


def librosa_mfcc(signal):
    import librosa

    mfcc = librosa.feature.mfcc(
        y=signal, sr=_RATE, n_mfcc=20, n_mels=40, pad_mode="constant", **_FRAMES
    )
    deltas = [librosa.feature.delta(mfcc, order=order) for order in (1, 2)]
    return functionals([mfcc, *deltas])


def librosa_full(signal, shared=False):
    """Compute what MFCC, Spectral and Prosody do, as far as librosa has it."""
    from librosa import feature, stft

    given = {"y": signal}
    if shared:
        given = {"S": np.abs(stft(signal, pad_mode="constant", **_FRAMES))}
        mel = feature.melspectrogram(S=given["S"] ** 2, sr=_RATE, n_mels=40)
        mfcc = feature.mfcc(S=10 * np.log10(np.maximum(mel, 1e-10)), n_mfcc=20)
        deltas = [feature.delta(mfcc, order=order) for order in (1, 2)]
        cepstral = functionals([mfcc, *deltas])
    else:
        cepstral = librosa_mfcc(signal)
    spectral = {**_FRAMES, **given, "sr": _RATE}
    rms = {**given, "frame_length": _N_FFT, "hop_length": _HOP}
    flat = {**_FRAMES, **given}
    tracks = [
        feature.rms(**rms),
        feature.zero_crossing_rate(signal, frame_length=_N_FFT, hop_length=_HOP),
        feature.spectral_centroid(**spectral),
        feature.spectral_bandwidth(**spectral),
        feature.spectral_rolloff(**spectral),
        feature.spectral_flatness(**flat),
        feature.spectral_contrast(**spectral),
    ]
    return np.concatenate([cepstral, functionals(tracks)])


def librosa_yin(signal):
    import librosa

    return librosa.yin(signal, fmin=65, fmax=600, sr=_RATE, hop_length=_HOP)


def speech_features_mfcc(signal):
    from python_speech_features import delta, mfcc

    cepstra = mfcc(signal, _RATE, 0.032, 0.01, 20, 40, _N_FFT, appendEnergy=False)
    slopes = delta(cepstra, 4)
    return functionals([cepstra.T, slopes.T, delta(slopes, 4).T])


def opensmile_egemaps():
    import opensmile

    smile = opensmile.Smile(
        feature_set=opensmile.FeatureSet.eGeMAPSv02,
        feature_level=opensmile.FeatureLevel.Functionals,
    )
    return lambda signal: smile.process_signal(signal, _RATE)


def frames_and_transform(signal):
    padded = np.pad(signal, _N_FFT // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, _N_FFT)[::_HOP]
    window = np.hanning(_N_FFT + 1)[:-1].astype(np.float32)
    return np.fft.rfft(frames * window, norm="forward")


def each(function, items):
    for item in items:
        function(item)


def transform(extractor, cells):
    forget()
    extractor.transform(cells)


def check_mfcc(signal):
    ours = MFCC().compute(Clip(signal))
    np.testing.assert_allclose(ours, librosa_mfcc(signal), rtol=1e-4, atol=2e-3)


def check_spectral(signal):
    names = [f"spectral_{name}" for name in ("centroid", "bandwidth", "rolloff", "flatness")]
    spectral = dict(zip(Spectral().get_names(), Spectral().compute(Clip(signal)), strict=True))
    theirs = librosa_full(signal)[-4 * 11 : -4 * 7].reshape(4, 4)
    ours = [[spectral[f"{name}_{functional}"] for functional in _FUNCTIONALS] for name in names]
    np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-3)


def cases(size):
    """Yield the cases of one size."""
    signals = [voice(seed) for seed in range(size)]
    few = list(islice(signals, 100))
    check_mfcc_once = partial(check_mfcc, signals[0])
    limit = partial(each, frames_and_transform, signals)
    peers = {"librosa": partial(each, librosa_mfcc, signals)}
    if available("python_speech_features"):
        peers["python_speech_features"] = partial(each, speech_features_mfcc, signals)
    ours = partial(transform, make_audio_features(MFCC()), signals)
    yield Case("3 s, MFCC + deltas", ours, peers, size, check_mfcc_once, limit)

    def check():
        check_mfcc(signals[0])
        check_spectral(signals[0])

    peers = {
        "librosa": partial(each, librosa_full, signals),
        "librosa, shared": partial(each, partial(librosa_full, shared=True), signals),
    }
    parts = [MFCC(), Spectral(), Prosody()]
    if available("opensmile"):
        peers["openSMILE eGeMAPS"] = partial(each, opensmile_egemaps(), signals)
    ours = partial(transform, make_audio_features(*parts), signals)
    yield Case("3 s, MFCC + spectral + prosody", ours, peers, size, check, limit)
    if size <= 100:
        peers = {"librosa yin": partial(each, librosa_yin, few)}
        ours = partial(each, lambda signal: Clip(signal).f0(), few)
        yield Case("3 s, f0 and voicing", ours, peers, size)
