from . import metrics
from ._ablation import ablation
from ._compare import Comparison, compare
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
