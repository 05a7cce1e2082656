from . import audio, datasets, fusion, image, text
from ._descriptor import Descriptor
from .persistence import load, save

__version__: str

__all__ = ["Descriptor", "audio", "datasets", "fusion", "image", "load", "save", "text"]
