from . import audio, datasets, fusion, image, text
from .persistence import load, save

__version__: str

__all__ = ["audio", "datasets", "fusion", "image", "load", "save", "text"]
