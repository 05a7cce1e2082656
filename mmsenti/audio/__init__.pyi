from ._cepstral import MFCC
from ._extractor import AudioFeatures, make_audio_features
from ._prosody import Prosody
from ._spectral import Spectral

__all__ = ["MFCC", "AudioFeatures", "Prosody", "Spectral", "make_audio_features"]
