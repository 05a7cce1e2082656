from ._balance import SpectralBalance
from ._cepstral import MFCC
from ._clip import Clip
from ._cycles import Cycles
from ._extractor import AudioFeatures, make_audio_features
from ._formants import Formants
from ._group_scaler import GroupStandardScaler
from ._intonation import Intonation
from ._modulation import Modulation
from ._prosody import Prosody
from ._spectral import Spectral

__all__ = [
    "MFCC",
    "AudioFeatures",
    "Clip",
    "Cycles",
    "Formants",
    "GroupStandardScaler",
    "Intonation",
    "Modulation",
    "Prosody",
    "Spectral",
    "SpectralBalance",
    "make_audio_features",
]
