"""The table of a comparison, what it was made of, and how its measures are called."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mmsenti.evaluation._folds import Folds
from mmsenti.evaluation._out_of_fold import Predictions, with_params

__all__ = [
    "ALONE",
    "LOSSES",
    "METRIC_NAMES",
    "SINGLE",
    "Comparison",
    "Study",
    "best_row",
    "check_metric",
    "goodness",
]

LOSSES = ("log_loss", "ece", "mae")
METRIC_NAMES = {
    "accuracy": "accuracy",
    "macro_f1": "macro-F1",
    "weighted_f1": "weighted F1",
    "uar": "UAR",
    "macro_auc": "AUC",
    "log_loss": "log loss",
    "ece": "ECE",
    "mae": "MAE",
    "pearson_r": "Pearson r",
    "ccc": "CCC",
    "acc_2": "Acc-2",
    "acc_2_without_zeros": "Acc-2 without 0",
    "acc_5": "Acc-5",
    "acc_7": "Acc-7",
}
ALONE = "alone"  # the strategy of a single modality
SINGLE = {"strategy": "feature"}


@dataclass
class Study:
    """What a comparison was made of, and each row's predictions: what a report draws.

    Attributes
    ----------
    estimator : FusionClassifier, FusionRegressor or search over one
        With the modalities that were compared.
    X : DataFrame of shape (n_samples, n_columns)
    y : ndarray of shape (n_samples,)
        Labels, or values (floats).
    groups : ndarray of shape (n_samples,) or None
    folds : list of (ndarray, ndarray)
    classes : ndarray of shape (n_classes,), or None
        Sorted labels; None of values.
    metric : str
        What verdicts go by.
    strategies : dict of str to dict
        Parameters of the fusion by the name of the strategy.
    modalities : dict of str to (str, transformer, column)
    present : dict of str to ndarray of bool of shape (n_samples,)
        Which rows have a modality.
    errors : list of (int, str, str, str)
        Row, modality, path and reason of each cell that could not be read.
    duplicates : list of dict
        See `mmsenti.evaluation._duplicates`.
    n_resamples : int
        Draws of the bootstrap.
    predictions : list of Predictions
        One a row of the table.
    """

    estimator: Any
    X: Any
    y: np.ndarray
    groups: np.ndarray | None
    folds: Folds
    classes: np.ndarray | None
    metric: str
    strategies: dict[str, dict[str, Any]]
    modalities: dict[str, tuple[str, Any, Any]]
    present: dict[str, np.ndarray]
    errors: list[tuple[int, str, str, str]]
    duplicates: list[dict[str, Any]]
    n_resamples: int
    predictions: list[Predictions]

    @property
    def targets(self) -> np.ndarray:
        """Classes as numbers in the order of the sorted labels, or values."""
        return self.y if self.classes is None else np.searchsorted(self.classes, self.y)


class Comparison(pd.DataFrame):
    """The table that `compare` returns: a DataFrame that knows what it was made of.

    Attributes
    ----------
    study_ : Study
        Folds, predictions, duplicates and cells that could not be read.
    """

    _metadata = ["study_"]
    study_: Study

    @property
    def _constructor(self) -> type[pd.DataFrame]:
        return pd.DataFrame  # a part of the table is a table

    def estimator(self, row: int) -> Any:
        """Return what was fitted and scored in a row, unfitted.

        Parameters
        ----------
        row : int
            Place in the table.

        Returns
        -------
        FusionClassifier, FusionRegressor or search over one
            To fit on all rows, or on others.
        """
        study, chosen = self.study_, self.iloc[row]
        # A single modality is a fusion of one.
        params = study.strategies.get(chosen["strategy"], SINGLE)
        modalities = [study.modalities[name] for name in chosen["modalities"].split(" + ")]
        return with_params(study.estimator, {**params, "modalities": modalities})


def best_row(table: Comparison) -> int:
    """Return the place of the fusion with the best metric; without fusions, of the best row."""
    level = goodness(table, table.study_.metric)
    fused = (table["strategy"] != ALONE).to_numpy()
    return int(np.argmax(np.where(fused, level, -np.inf) if fused.any() else level))


def check_metric(metric: str | None, scores: Mapping[str, Any]) -> str:
    """Return the metric, or where it is None the one that fits what was predicted."""
    if metric is None:
        return next(name for name in ("macro_auc", "pearson_r", "macro_f1") if name in scores)
    if metric not in scores:
        raise ValueError(f"metric must be one of {', '.join(scores)}; got {metric!r}.")
    return metric


def goodness(scores: Mapping[str, np.ndarray] | pd.DataFrame, metric: str) -> np.ndarray:
    """Return a measure of which more is better: a loss is negated."""
    values = np.asarray(scores[metric])
    return -values if metric in LOSSES else values
