from . import metrics
from ._ablation import ablation
from ._compare import compare
from ._comparison import Comparison
from ._display import ModalityImportanceDisplay
from ._explain import Explanation, explain
from ._report import Report

__all__ = [
    "Comparison",
    "Explanation",
    "ModalityImportanceDisplay",
    "Report",
    "ablation",
    "compare",
    "explain",
    "metrics",
]
