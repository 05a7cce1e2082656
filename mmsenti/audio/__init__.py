"""Audio: what a voice tells beside its words.

Conventions
-----------
A sample is a `Clip`: mono float32 in [-1, 1] at the extractor's `sampling_rate` (16,000 Hz by
default), decoded once. Views are frame first: frames are of shape (n_frames, n_fft), the power
spectrum of shape (n_frames, 1 + n_fft // 2). Frames are centred on multiples of `hop_length`
with zeros beyond both ends, as librosa frames them with ``pad_mode="constant"``. Frequencies are
in Hz, times in seconds, levels in dB of full scale. Every functional over an empty set of frames,
as of the f0 of a clip without a voice, has the value 0.0.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submod_attrs={
        "_balance": ["SpectralBalance"],
        "_cepstral": ["MFCC"],
        "_clip": ["Clip"],
        "_cycles": ["Cycles"],
        "_extractor": ["AudioFeatures", "make_audio_features"],
        "_formants": ["Formants"],
        "_group_scaler": ["GroupStandardScaler"],
        "_intonation": ["Intonation"],
        "_modulation": ["Modulation"],
        "_prosody": ["Prosody"],
        "_spectral": ["Spectral"],
    },
)
