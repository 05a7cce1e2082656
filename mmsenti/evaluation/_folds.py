"""The folds of an evaluation, which never split a group."""

import warnings
from typing import Any

import numpy as np
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    StratifiedGroupKFold,
    StratifiedKFold,
    check_cv,
)

from mmsenti._missing import missing_mask

__all__ = ["Folds", "check_groups", "make_folds"]

Folds = list[tuple[np.ndarray, np.ndarray]]

_N_SPLITS = 5


def check_groups(groups: Any, n_samples: int) -> np.ndarray | None:
    """Make sure that every row has a group, where there are groups at all.

    Parameters
    ----------
    groups : array-like of shape (n_samples,) or None
    n_samples : int

    Returns
    -------
    ndarray of shape (n_samples,) or None

    Raises
    ------
    ValueError
    """
    if groups is None:
        return None
    groups = np.asarray(groups)
    if groups.shape != (n_samples,):
        raise ValueError(
            f"groups must name the group of each of {n_samples} rows; got the shape {groups.shape}."
        )
    if missing_mask(groups).any():
        raise ValueError(
            f"groups must name the group of every row; row {missing_mask(groups).argmax()} has "
            "none. Give rows that belong to nobody a group of their own."
        )
    return groups


def make_folds(cv: Any, X: Any, y: np.ndarray, groups: Any, *, classifier: bool) -> Folds:
    """Split rows into those to fit on and those to predict.

    Parameters
    ----------
    cv : int, splitter, iterable of (train, test) or None
        A number, or None for (at most) five, makes shuffled folds that keep groups whole where
        there are any, and the shares of the classes where there are classes. An official split
        is one pair: ``[(train, test)]``.
    X : table of shape (n_samples, n_columns)
    y : ndarray of shape (n_samples,)
    groups : ndarray of shape (n_samples,) or None
        Speaker, author or clip of each row.
    classifier : bool

    Returns
    -------
    list of (ndarray, ndarray)

    Raises
    ------
    ValueError
        If a row is predicted twice, or by a fit that has seen it or a row of its group.

    Examples
    --------
    >>> y, groups = np.array([0, 1, 0, 1]), np.array(["a", "a", "b", "b"])
    >>> [test.tolist() for _, test in make_folds(2, y, y, groups, classifier=True)]
    [[2, 3], [0, 1]]
    """
    if cv is None or isinstance(cv, int | np.integer):
        cv = _splitter(cv, y, groups, classifier)
    with warnings.catch_warnings():
        # A splitter may know the groups already; whether it does is seen below.
        warnings.filterwarnings("ignore", "The groups parameter is ignored", UserWarning)
        folds = [
            (_positions(train, len(y)), _positions(test, len(y)))
            for train, test in check_cv(cv, y, classifier=classifier).split(X, y, groups)
        ]
    tested = np.concatenate([test for _, test in folds])
    if len(np.unique(tested)) < len(tested):
        raise ValueError("cv must predict no row twice; choose a splitter that partitions rows.")
    for train, test in folds:
        if np.intersect1d(train, test).size:
            raise ValueError("cv fits on rows that it predicts; every score would be too good.")
        shared = [] if groups is None else np.intersect1d(groups[train], groups[test]).tolist()
        if shared:
            raise ValueError(
                f"cv splits the group {shared[0]!r} over training and test rows; choose a "
                "splitter that keeps groups whole, as StratifiedGroupKFold does."
            )
    return folds


def _positions(rows: Any, n_samples: int) -> np.ndarray:
    rows = np.asarray(rows)
    return np.flatnonzero(rows) if rows.dtype == bool else np.arange(n_samples)[rows]


def _splitter(n_splits: Any, y: np.ndarray, groups: Any, classifier: bool) -> Any:
    counts = np.unique(y, return_counts=True)[1]
    if classifier and len(counts) < 2:
        raise ValueError("there is only one class; a comparison needs at least two.")
    most = len(y) if groups is None else len(np.unique(groups))
    if most < 2:
        what = "rows" if groups is None else "groups"
        raise ValueError(f"folds need at least two {what}, got {most}.")
    if n_splits is None:
        n_splits = min(_N_SPLITS, most, max(2, counts.min()) if classifier else most)
    if classifier:
        kind = StratifiedKFold if groups is None else StratifiedGroupKFold
    else:
        kind = KFold if groups is None else GroupKFold
    return kind(n_splits, shuffle=True, random_state=0)
