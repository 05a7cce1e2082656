"""Audio features beside librosa, openSMILE and python_speech_features.

    python benchmarks/run.py audio [--sizes 1 100 10000]

Each work begins with 16-bit WAV files of 3 s at 16 kHz, which soundfile reads for the peers.
*limit* is reading, framing, windowing and the real Fourier transform alone. "shared" gives librosa
one spectrum for all of its functions, as few users do. librosa computes 128 mel bands unless it is
told otherwise, so ours does too where the row says so.
"""

from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import soundfile
from pairs import Case, available, forget, grow_old

from mmsenti import Descriptor
from mmsenti.audio import (
    MFCC,
    AudioFeatures,
    Cycles,
    Formants,
    Intonation,
    Spectral,
    SpectralBalance,
    make_audio_features,
)
from mmsenti.audio._clip import Clip
from mmsenti.audio._functionals import apply_functionals, name_functionals
from mmsenti.audio._prosody import root_mean_square, zero_crossing_rate

_RATE, _N_FFT, _HOP = 16000, 512, 160
_FRAMES = {"n_fft": _N_FFT, "hop_length": _HOP}
_FUNCTIONALS = ("mean", "std", "min", "max")
_BANDS = 128  # librosa's default


class Level(Descriptor):
    """Root mean square and zero-crossing rate, which `Prosody` has beside the f0."""

    def get_names(self):
        """Name the functionals."""
        return name_functionals(["rms", "zcr"], _FUNCTIONALS)

    def compute(self, clip):
        """Compute the functionals of one clip."""
        tracks = [
            root_mean_square(clip.frames),
            zero_crossing_rate(clip.signal, clip.n_fft, clip.hop_length),
        ]
        return apply_functionals(np.stack(tracks, axis=1), _FUNCTIONALS)


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


def read(path):
    return soundfile.read(path, dtype="float32")[0]


def librosa_mfcc(signal, n_mels=_BANDS):
    import librosa

    mfcc = librosa.feature.mfcc(
        y=signal, sr=_RATE, n_mfcc=20, n_mels=n_mels, pad_mode="constant", **_FRAMES
    )
    deltas = [librosa.feature.delta(mfcc, order=order) for order in (1, 2)]
    return functionals([mfcc, *deltas])


def librosa_full(signal, shared=False):
    """Compute what MFCC, Level and Spectral do, as far as librosa has it."""
    from librosa import feature, stft

    given = {"y": signal}
    if shared:
        given = {"S": np.abs(stft(signal, pad_mode="constant", **_FRAMES))}
        mel = feature.melspectrogram(S=given["S"] ** 2, sr=_RATE)
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


@cache
def opensmile_egemaps():
    import opensmile

    smile = opensmile.Smile(
        feature_set=opensmile.FeatureSet.eGeMAPSv02,
        feature_level=opensmile.FeatureLevel.Functionals,
    )
    return lambda signal: smile.process_signal(signal, _RATE)


def egemaps_kinds(**params):
    """Make an extractor of the kinds of features that eGeMAPS has, and of no others."""
    mfcc = MFCC(n_mfcc=4, functionals=("mean", "std"), frames="voiced")
    descriptors = [Intonation(), SpectralBalance(), Formants(), Cycles(), mfcc]
    return make_audio_features(*descriptors, **params)


def frames_and_transform(signal):
    padded = np.pad(signal, _N_FFT // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, _N_FFT)[::_HOP]
    window = np.hanning(_N_FFT + 1)[:-1].astype(np.float32)
    return np.fft.rfft(frames * window, norm="forward")


def each(function, paths):
    for path in paths:
        function(read(path))


def transform(extractor, paths):
    forget()
    extractor.transform(paths)


def track_pitch(paths):
    for path in paths:
        Clip(path).f0()


def check_mfcc(path, n_mels):
    ours = MFCC(n_mels=n_mels).compute(Clip(path))
    np.testing.assert_allclose(ours, librosa_mfcc(read(path), n_mels), rtol=1e-4, atol=2e-3)


def check_full(path):
    clip = Clip(path)
    spectral = dict(zip(Spectral().get_names(), Spectral().compute(clip), strict=True))
    names = ("centroid", "bandwidth", "rolloff", "flatness", *(f"contrast_{i}" for i in range(7)))
    ours = [
        spectral[f"spectral_{name}_{functional}"] for name in names for functional in _FUNCTIONALS
    ]
    ours = np.concatenate([MFCC(n_mels=_BANDS).compute(clip), Level().compute(clip), ours])
    np.testing.assert_allclose(ours, librosa_full(read(path)), rtol=1e-3, atol=2e-3)


def cases(size):
    """Yield the cases of one size."""
    with TemporaryDirectory() as folder:
        paths = [str(Path(folder, f"{seed}.wav")) for seed in range(size)]
        for seed, path in enumerate(paths):
            soundfile.write(path, voice(seed), _RATE, "PCM_16")
        grow_old()
        yield from file_cases(paths)


def file_cases(paths):
    """Yield the cases of some files."""
    size = len(paths)
    limit = partial(each, frames_and_transform, paths)
    for n_mels in (_BANDS, 40):
        peers = {"librosa": partial(each, partial(librosa_mfcc, n_mels=n_mels), paths)}
        if n_mels == 40 and available("python_speech_features"):
            peers["python_speech_features"] = partial(each, speech_features_mfcc, paths)
        ours = partial(transform, make_audio_features(MFCC(n_mels=n_mels)), paths)
        check = partial(check_mfcc, paths[0], n_mels)
        yield Case(f"3 s, MFCC + deltas, {n_mels} bands", ours, peers, size, check, limit)
    peers = {
        "librosa": partial(each, librosa_full, paths),
        "librosa, shared": partial(each, partial(librosa_full, shared=True), paths),
    }
    ours = partial(transform, make_audio_features(MFCC(n_mels=_BANDS), Level(), Spectral()), paths)
    check = partial(check_full, paths[0])
    yield Case("3 s, MFCC + level + spectral", ours, peers, size, check, limit)
    peers = {}
    if available("opensmile"):
        peers["openSMILE eGeMAPS"] = partial(each, opensmile_egemaps(), paths)
    for work, extractor in (
        ("the kinds of eGeMAPS", egemaps_kinds()),
        ("all of AudioFeatures", AudioFeatures()),
    ):
        ours = partial(transform, extractor, paths)
        yield Case(f"3 s, {work}", ours, peers, size, limit=limit)
    if size <= 100:
        peers = {"librosa yin": partial(each, librosa_yin, paths)}
        yield Case("3 s, f0 and voicing", partial(track_pitch, paths), peers, size)
