from . import metrics
from ._compare import Comparison, compare

__all__ = ["Comparison", "compare", "metrics"]
