from . import audio, datasets, fusion, image, text
from ._descriptor import Descriptor
from .persistence import load, save
from .store import FeatureStore

__version__: str

__all__ = [
    "Descriptor",
    "FeatureStore",
    "audio",
    "datasets",
    "fusion",
    "image",
    "load",
    "save",
    "text",
]
