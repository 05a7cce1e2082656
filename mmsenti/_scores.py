"""Out-of-fold scores of a model, and the table that shows them."""

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn.base import clone, is_classifier
from sklearn.metrics import accuracy_score, f1_score, log_loss, mean_absolute_error
from sklearn.model_selection import GroupKFold, KFold, StratifiedGroupKFold, StratifiedKFold
from sklearn.utils.parallel import Parallel, delayed

from mmsenti._rows import numbered

__all__ = ["cross_validate", "format_scores", "score_predictions"]


def cross_validate(
    model: Any,
    X: Any,
    y: np.ndarray,
    *,
    groups: np.ndarray | None = None,
    n_splits: int = 5,
    n_jobs: int | None = None,
) -> dict[str, float]:
    """Score the out-of-fold predictions of a fusion.

    Parameters
    ----------
    model : FusionClassifier or FusionRegressor
    X : DataFrame of shape (n_samples, n_columns)
    y : ndarray of shape (n_samples,)
    groups : ndarray of shape (n_samples,), default=None
        Never split, neither by these folds nor by inner ones.
    n_splits : int, default=5
    n_jobs : int, default=None
        Folds at once.

    Returns
    -------
    dict of str to float
        See `score_predictions`.
    """
    folds = list(_splitter(model, groups, n_splits).split(X, y, groups))
    parts = Parallel(n_jobs=n_jobs)(
        delayed(_predict_fold)(model, X, y, groups, train, test) for train, test in folds
    )
    order = np.argsort(np.concatenate([test for _, test in folds]))
    predicted = np.concatenate([part[0] for part in parts])[order]
    if parts[0][1] is None:
        return score_predictions(y, predicted)
    return score_predictions(y, predicted, np.concatenate([part[1] for part in parts])[order])


def _splitter(model: Any, groups: Any, n_splits: int) -> Any:
    if is_classifier(model):
        kind = StratifiedKFold if groups is None else StratifiedGroupKFold
    else:
        kind = KFold if groups is None else GroupKFold
    return kind(n_splits, shuffle=True, random_state=0)


def _predict_fold(
    model: Any, X: Any, y: np.ndarray, groups: Any, train: np.ndarray, test: np.ndarray
) -> tuple[np.ndarray, np.ndarray | None]:
    inner = None if groups is None else groups[train]
    with numbered(train):
        fitted = clone(model).fit(X.iloc[train], y[train], groups=inner)
    rows = X.iloc[test]
    with warnings.catch_warnings(), numbered(test):
        # Single modalities are scored on all rows: those that lack it get the prior, as meant.
        warnings.filterwarnings("ignore", message=".* have no modality at all")
        predicted = fitted.predict(rows)
        if not hasattr(fitted, "predict_proba"):
            return predicted, None
        probabilities = np.zeros((len(test), len(classes := np.unique(y))))
        probabilities[:, np.searchsorted(classes, fitted.classes_)] = fitted.predict_proba(rows)
    return predicted, probabilities


def score_predictions(
    y: np.ndarray, predicted: np.ndarray, probabilities: np.ndarray | None = None
) -> dict[str, float]:
    """Score predictions of labels, with probabilities in the order of sorted labels, or values.

    Parameters
    ----------
    y, predicted : ndarray of shape (n_samples,)
    probabilities : ndarray of shape (n_samples, n_classes), default=None

    Returns
    -------
    dict of str to float
        Accuracy, macro-F1 and log loss of labels; MAE and Pearson's r of numbers.

    Examples
    --------
    >>> score_predictions(np.array(["a", "a", "b"]), np.array(["a", "b", "b"]))["accuracy"]
    0.666...
    >>> score_predictions(np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 6.0]))["MAE"]
    1.0
    """
    if np.asarray(y).dtype.kind == "f":
        spread = np.std(y) > 0 and np.std(predicted) > 0
        r = float(np.corrcoef(y, predicted)[0, 1]) if spread else 0.0
        return {"MAE": float(mean_absolute_error(y, predicted)), "Pearson r": r}
    scores = {
        "accuracy": float(accuracy_score(y, predicted)),
        "macro-F1": float(f1_score(y, predicted, average="macro", zero_division=0)),
    }
    if probabilities is not None:
        scores["log loss"] = float(log_loss(y, probabilities, labels=np.unique(y)))
    return scores


def format_scores(table: Mapping[str, Mapping[str, float]]) -> str:
    """Lay out scores, one named row each, so that columns line up.

    Parameters
    ----------
    table : mapping of str to mapping of str to float

    Returns
    -------
    str

    Examples
    --------
    >>> print(format_scores({"text": {"accuracy": 0.8}, "fused": {"accuracy": 0.875}}))
           accuracy
    text      0.800
    fused     0.875
    """
    names = list(next(iter(table.values())))
    left = max(len(row) for row in table)
    widths = [max(len(name), 8) for name in names]
    lines = [" " * left + "".join(f"  {n:>{w}}" for n, w in zip(names, widths, strict=True))]
    for row, scores in table.items():
        cells = (f"  {scores[n]:>{w}.3f}" for n, w in zip(names, widths, strict=True))
        lines.append(f"{row:<{left}}" + "".join(cells))
    return "\n".join(lines)
