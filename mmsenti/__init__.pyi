from . import audio, datasets, evaluation, fusion, image, text
from ._descriptor import Descriptor
from .frozen import freeze, load_frozen
from .persistence import load, save
from .store import FeatureStore
from .streaming import iter_features

__version__: str

__all__ = [
    "Descriptor",
    "FeatureStore",
    "audio",
    "datasets",
    "evaluation",
    "freeze",
    "fusion",
    "image",
    "iter_features",
    "load",
    "load_frozen",
    "save",
    "text",
]
