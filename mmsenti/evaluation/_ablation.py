"""How much a fitted model loses without a modality, and with one that belongs to other rows."""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import is_classifier

from mmsenti.evaluation._bootstrap import score_classes, score_values
from mmsenti.evaluation._comparison import LOSSES, check_metric
from mmsenti.evaluation._controls import control_table
from mmsenti.evaluation._empty_rows import empty_rows_expected
from mmsenti.evaluation._fitted import fitted_fusion, fitted_modalities
from mmsenti.evaluation._out_of_fold import respond_to
from mmsenti.evaluation._shapley import without
from mmsenti.fusion._table import as_table

__all__ = ["ablation"]


def ablation(
    model: Any,
    X: Any,
    y: Any,
    *,
    metric: str | None = None,
    n_repeats: int = 5,
    random_state: int = 0,
) -> pd.DataFrame:
    """Measure the importance of each modality of a fitted fusion.

    Parameters
    ----------
    model : fitted fusion, or search that has found one
        Of any strategy.
    X : DataFrame, dict or list of dict of shape (n_samples, n_columns)
        Rows that the model has not seen; of those that it has, importance means little.
    y : array-like of shape (n_samples,)
        Labels, or values.
    metric : str, default=None
        A measure of `mmsenti.evaluation.metrics`; None is "macro_auc" ("macro_f1" where there are
        no probabilities), or "pearson_r" of values.
    n_repeats : int, default=5
        Permutations.
    random_state : int, default=0
        Of the permutations.

    Returns
    -------
    DataFrame of shape (n_modalities, 5)
        By modality: ``score`` of the rows as they are, ``without`` the modality; ``ablation``, how
        much worse that is; ``permutation``, how much worse it is with the modality's cells
        permuted over the rows, and ``permutation_std`` over the repeats. Positive is
        importance, also for losses. Ablation tells whether the modality is needed,
        permutation how far the model trusts it. Cells are read once, features remembered.
        ``attrs["metric"]`` names the metric.

    Raises
    ------
    TypeError
        Of a model that is no fusion.
    ValueError
        Of an unknown metric.

    Examples
    --------
    >>> from sklearn.preprocessing import StandardScaler
    >>> from mmsenti.fusion import FusionClassifier
    >>> X = pd.DataFrame({"loud": [1.0, 2.0, 3.0, 4.0] * 3, "noise": [1.0, 1.0, 2.0] * 4})
    >>> modalities = [(name, StandardScaler(), [name]) for name in X]
    >>> y = np.array([0, 0, 1, 1] * 3)
    >>> table = ablation(FusionClassifier(modalities).fit(X, y), X, y)
    >>> table["ablation"].idxmax()
    'loud'
    """
    fusion = fitted_fusion(model)
    X = as_table(X)
    classifier = is_classifier(fusion)
    y = np.asarray(y, dtype=None if classifier else np.float64)
    classes = fusion.classes_ if classifier else None
    if classes is not None and not np.isin(y, classes).all():
        raise ValueError(f"y has labels that the model does not know; it knows {classes.tolist()}.")

    def goodness(table: Any) -> float:
        return _measure(fusion, table, y, classes, metric)[1]

    name, score = _measure(fusion, X, y, classes, metric)
    rows = {}
    for modality, column in fitted_modalities(fusion).items():
        alone = goodness(without(X, [column]))
        permuted = [
            goodness(control_table(X, [column], "shuffled", seed=random_state + i))
            for i in range(n_repeats)
        ]
        sign = -1.0 if name in LOSSES else 1.0
        rows[modality] = {
            "score": sign * score,
            "without": sign * alone,
            "ablation": score - alone,
            "permutation": score - float(np.mean(permuted)),
            "permutation_std": float(np.std(permuted)),
        }
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("modality")
    table.attrs["metric"] = name
    return table


def _measure(
    fusion: Any, X: Any, y: np.ndarray, classes: np.ndarray | None, metric: str | None
) -> tuple[str, float]:
    """Return the name of the metric and its value, of which more is better."""
    with empty_rows_expected():
        said, probabilities = respond_to(fusion, X, classes)
    once = np.ones((1, len(y)))
    if classes is None:
        scores = score_values(y, said, once)
    else:
        scores = score_classes(np.searchsorted(classes, y), said, probabilities, once)
    name = check_metric(metric, scores)
    value = float(scores[name][0])
    return name, -value if name in LOSSES else value
