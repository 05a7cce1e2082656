from ._freeze import freeze
from ._load import load_frozen
from ._model import FrozenClassifier, FrozenRegressor

__all__ = ["FrozenClassifier", "FrozenRegressor", "freeze", "load_frozen"]
