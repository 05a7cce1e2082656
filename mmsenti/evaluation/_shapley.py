"""The exact Shapley value of each modality, over all subsets of modalities.

A row may lack any modality, so what a model says of a subset of them is no approximation: it is its
prediction of the row with the other cells missing. With three modalities eight predictions give the
exact values, which add up to the distance from the model's prior to its prediction.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations
from math import factorial
from typing import Any

import numpy as np
from sklearn.base import is_classifier

from mmsenti.evaluation._empty_rows import empty_rows_expected
from mmsenti.fusion._table import named_columns, with_columns

__all__ = ["all_subsets", "respond", "shapley_values", "without"]

_LEAST = 1e-6  # probabilities nearer to 0 or 1 than this have this log-odds


def all_subsets(names: Sequence[str]) -> list[tuple[str, ...]]:
    """List all subsets, the empty one first.

    Examples
    --------
    >>> all_subsets(["text", "image"])
    [(), ('text',), ('image',), ('text', 'image')]
    """
    return [s for size in range(len(names) + 1) for s in combinations(names, size)]


def shapley_values(worth: Mapping[tuple[str, ...], np.ndarray], names: Sequence[str]) -> np.ndarray:
    """Share the worth of all out among the members, by their part in every subset.

    Parameters
    ----------
    worth : mapping of tuple of str to ndarray
        Of each subset of `names`, in their order, the empty one included; all of one shape.
    names : sequence of str

    Returns
    -------
    ndarray of shape (n_names, ...)
        They add up to the worth of all less that of none.

    References
    ----------
    .. [1] L. S. Shapley, "A Value for n-Person Games", Contributions to the Theory of Games II,
       1953.

    Examples
    --------
    >>> worth = {(): 0, ("a",): 1, ("b",): 2, ("a", "b"): 5}
    >>> shapley_values({subset: np.array(value) for subset, value in worth.items()}, ["a", "b"])
    array([2., 3.])
    """
    n = len(names)
    values = np.zeros((n, *np.shape(worth[()])))
    for i, name in enumerate(names):
        for subset in all_subsets([other for other in names if other != name]):
            share = factorial(len(subset)) * factorial(n - len(subset) - 1) / factorial(n)
            joined = tuple(other for other in names if other in (*subset, name))
            values[i] += share * (worth[joined] - worth[subset])
    return values


def without(X: Any, columns: Sequence[Any]) -> Any:
    """Return the table with the cells of some modalities missing.

    Parameters
    ----------
    X : DataFrame of shape (n_samples, n_columns)
    columns : sequence of str or list of str
        Columns of the modalities.

    Returns
    -------
    DataFrame of shape (n_samples, n_columns)
    """
    names = [name for column in columns for name in named_columns(column)]
    return with_columns(X.drop(columns=[name for name in names if name in X.columns]), names)


def respond(model: Any, X: Any) -> np.ndarray:
    """Return what a model says of rows, in units that contributions add up in.

    Parameters
    ----------
    model : fitted fusion
    X : table of shape (n_samples, n_columns)

    Returns
    -------
    ndarray of shape (n_samples, n_outputs)
        Of a classifier the log-odds of each class against all others; decision values where it
        gives no probabilities; of a regressor its values, as one column.
    """
    with empty_rows_expected():
        if not is_classifier(model):
            return np.asarray(model.predict(X), dtype=np.float64).reshape(-1, 1)
        if hasattr(model, "predict_proba"):
            return log_odds(model.predict_proba(X))
        decided = np.asarray(model.decision_function(X), dtype=np.float64)
        return np.stack([-decided, decided], axis=1) if decided.ndim == 1 else decided


def log_odds(probabilities: np.ndarray) -> np.ndarray:
    """Return the log-odds of each class against all others.

    Examples
    --------
    >>> log_odds(np.array([[0.5, 0.25, 0.25]])).round(3)
    array([[ 0.   , -1.099, -1.099]])
    """
    p = np.clip(np.asarray(probabilities, dtype=np.float64), _LEAST, 1 - _LEAST)
    return np.log(p) - np.log1p(-p)
