from . import metrics
from ._ablation import ablation
from ._compare import Comparison, compare
from ._display import ModalityImportanceDisplay
from ._explain import Explanation, explain

__all__ = [
    "Comparison",
    "Explanation",
    "ModalityImportanceDisplay",
    "ablation",
    "compare",
    "explain",
    "metrics",
]
