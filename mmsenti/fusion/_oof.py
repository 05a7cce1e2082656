"""Out-of-fold predictions of the members, and what is learnt from them."""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.optimize import minimize
from sklearn.base import clone
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    StratifiedGroupKFold,
    StratifiedKFold,
    check_cv,
)
from sklearn.utils import _safe_indexing
from sklearn.utils.parallel import Parallel, delayed

from mmsenti._missing import missing_mask
from mmsenti._rows import numbered
from mmsenti.fusion._callbacks import begin_task, end
from mmsenti.fusion._rules import combine, combine_values

__all__ = ["fit_members", "inner_folds", "learn_weights", "out_of_fold"]

_N_SPLITS = 5
_N_STEPS = 20


def inner_folds(
    cv: Any, X: Any, y: np.ndarray, groups: Any, *, classifier: bool
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Split the training rows for out-of-fold predictions, never through a group.

    Parameters
    ----------
    cv : int, splitter, iterable of (train, test) or None
        A number, or None for (at most) five, makes folds that keep groups whole where `groups`
        are given, and are stratified for a classifier.
    X : table of shape (n_samples, n_columns)
    y : ndarray of shape (n_samples,)
    groups : array-like of shape (n_samples,) or None
        Speaker, author or clip of each row.
    classifier : bool

    Returns
    -------
    list of (ndarray, ndarray)
        Rows to fit on and rows to predict; every row is predicted exactly once.

    Raises
    ------
    ValueError
        If the folds are no partition, or there are fewer than two groups.
    """
    if groups is not None:
        groups = np.asarray(groups)
        if missing_mask(groups).any():
            raise ValueError(
                f"groups must name the group of every row; row {missing_mask(groups).argmax()} has "
                "none. Give rows that belong to nobody a group of their own."
            )
    if cv is None or isinstance(cv, int | np.integer):
        cv = _splitter(cv, y, groups, classifier)
    with warnings.catch_warnings():
        # A splitter may know the groups already; whether it does is seen below.
        warnings.filterwarnings("ignore", "The groups parameter is ignored", UserWarning)
        folds = list(check_cv(cv, y, classifier=classifier).split(X, y, groups))
    tested = np.sort(np.concatenate([test for _, test in folds]))
    if not np.array_equal(tested, np.arange(len(y))):
        raise ValueError(
            "cv must predict every row exactly once; choose a splitter that partitions the rows, "
            "as KFold and StratifiedGroupKFold do."
        )
    if groups is not None:
        for train, test in folds:
            shared = np.intersect1d(groups[train], groups[test])
            if shared.size:
                raise ValueError(
                    f"cv splits the group {shared.tolist()[0]!r} over training and test rows; "
                    "choose a splitter that keeps groups whole, as StratifiedGroupKFold does."
                )
    return folds


def _splitter(n_splits: int | None, y: np.ndarray, groups: Any, classifier: bool) -> Any:
    if len(y) < 2:
        raise ValueError("out-of-fold predictions need at least two rows, got 1 sample.")
    # More folds than rows of the rarest class would leave it out of some.
    smallest = max(2, np.unique(y, return_counts=True)[1].min()) if classifier else len(y)
    if groups is not None:
        n_groups = len(np.unique(groups))
        if n_groups < 2:
            raise ValueError(
                "out-of-fold predictions need at least two groups, got one. Leave groups out if "
                "the rows are independent."
            )
        n_splits = n_splits or min(_N_SPLITS, n_groups, smallest)
        return StratifiedGroupKFold(n_splits) if classifier else GroupKFold(n_splits)
    n_splits = n_splits or min(_N_SPLITS, smallest)
    return StratifiedKFold(n_splits) if classifier else KFold(n_splits)


def _fit(
    member: Any, X: Any, y: np.ndarray, sample_weight: Any, task: Any = None, owner: Any = None
) -> Any:
    if task is not None:
        task.call_on_fit_task_begin(estimator=owner, X=X, y=y)
    fitted = clone(member).fit(X, y, sample_weight=sample_weight)
    end(task, owner, X, y)
    return fitted


def fit_members(
    members: list[Any],
    X: Any,
    y: np.ndarray,
    sample_weight: Any,
    n_jobs: int | None,
    *,
    context: Any = None,
    owner: Any = None,
) -> list[Any]:
    """Fit each member on all training rows that have its modality.

    Callbacks of the owner, if the context is one, are told of each fit.
    """
    owner = owner if context is not None else None
    tasks = [begin_task(context, "fit-member", number) for number in range(len(members))]
    return Parallel(n_jobs=n_jobs)(
        delayed(_fit)(member, X, y, sample_weight, task, owner)
        for member, task in zip(members, tasks, strict=True)
    )


def _respond(member: Any, X: Any) -> np.ndarray:
    return member.predict_proba(X) if hasattr(member, "classes_") else member.predict(X)


def _predict_fold(
    member: Any,
    X: Any,
    y: np.ndarray,
    sample_weight: Any,
    fold: tuple[np.ndarray, np.ndarray],
    task: Any,
    owner: Any,
) -> np.ndarray:
    train, test = fold
    weights = None if sample_weight is None else np.asarray(sample_weight)[train]
    with numbered(train):
        fitted = _fit(member, _safe_indexing(X, train), y[train], weights, task, owner)
    with numbered(test):
        known = _respond(fitted, _safe_indexing(X, test))
    if not hasattr(fitted, "classes_"):
        return known
    classes = np.unique(y)
    response = np.zeros((len(test), len(classes)))  # a class that no training row had stays zero
    response[:, np.searchsorted(classes, fitted.classes_)] = known
    response[np.isnan(known).any(axis=1)] = np.nan
    return response


def out_of_fold(
    members: list[Any],
    X: Any,
    y: np.ndarray,
    folds: list[tuple[np.ndarray, np.ndarray]],
    *,
    sample_weight: Any = None,
    n_jobs: int | None = None,
    context: Any = None,
    owner: Any = None,
) -> np.ndarray:
    """Let each member predict every row by a fit that has not seen it.

    Parameters
    ----------
    members : list of ModalityClassifier or ModalityRegressor
    X : table of shape (n_samples, n_columns)
    y : ndarray of shape (n_samples,)
        Class labels, or values.
    folds : list of (ndarray, ndarray)
    sample_weight : array-like of shape (n_samples,), default=None
    n_jobs : int, default=None
        Fits at once.
    context : CallbackContext, default=None
        Told of each fit, in the name of `owner`, after those of `fit_members`.
    owner : estimator, default=None

    Returns
    -------
    ndarray of shape (n_members, n_samples, n_classes) or (n_members, n_samples)
        NaN where a row lacks the member's modality.
    """
    owner = owner if context is not None else None
    pairs = [(member, fold) for member in members for fold in folds]
    # Made beforehand: a task is not to be added while another one is being pickled.
    tasks = [
        begin_task(context, "fit-member-on-fold", len(members) + number)
        for number in range(len(pairs))
    ]
    parts = Parallel(n_jobs=n_jobs)(
        delayed(_predict_fold)(member, X, y, sample_weight, fold, task, owner)
        for (member, fold), task in zip(pairs, tasks, strict=True)
    )
    order = np.argsort(np.concatenate([test for _, test in folds]))
    n = len(folds)
    return np.stack(
        [np.concatenate(parts[m * n : (m + 1) * n])[order] for m in range(len(members))]
    )


def learn_weights(predictions: np.ndarray, y: np.ndarray, sample_weight: Any = None) -> np.ndarray:
    """Learn the weights of the mean of the members from their out-of-fold predictions.

    Parameters
    ----------
    predictions : ndarray of shape (n_members, n_samples, n_classes) or (n_members, n_samples)
        Probabilities, whose log loss is made small, or values, whose squared error is.
    y : ndarray of shape (n_samples,)
        Class labels, every class at least once, or values.
    sample_weight : array-like of shape (n_samples,), default=None

    Returns
    -------
    ndarray of shape (n_members,)
        Non-negative, with sum 1; equal where nothing could be learnt, and as equal as the rule of
        one standard error [1]_ allows where something could.

    References
    ----------
    .. [1] L. Breiman, J. H. Friedman, R. A. Olshen and C. J. Stone, "Classification and Regression
       Trees", Wadsworth, 1984, section 3.4.3.

    Examples
    --------
    >>> knows, guesses = [[0.9, 0.1], [0.1, 0.9]], [[0.5, 0.5], [0.5, 0.5]]
    >>> learn_weights(np.array([knows, guesses]), np.array([0, 1])).round(2)
    array([1., 0.])
    """
    classify = predictions.ndim == 3
    if classify:
        y = np.unique(y, return_inverse=True)[1]
    seen = ~np.isnan(predictions.reshape(len(predictions), len(y), -1)[:, :, 0]).all(axis=0)
    predictions, y = predictions[:, seen], y[seen]
    importance = np.ones(len(y)) if sample_weight is None else np.asarray(sample_weight)[seen]
    if not importance.sum() or len(predictions) == 1:
        return np.full(len(predictions), 1 / len(predictions))

    def losses(weights: np.ndarray) -> np.ndarray:
        if not classify:
            return (combine_values(predictions, "mean", weights) - y) ** 2
        true = combine(predictions, "mean", weights)[np.arange(len(y)), y]
        return -np.log(np.clip(true, 1e-15, None))

    def loss(logits: np.ndarray) -> float:
        return float(np.average(losses(_softmax(logits)), weights=importance))

    bounds = [(-8.0, 8.0)] * len(predictions)
    start = np.zeros(len(predictions))
    best = _softmax(minimize(loss, start, method="L-BFGS-B", bounds=bounds).x)
    return _towards_equal(best, losses, importance)


def _towards_equal(
    best: np.ndarray, losses: Callable[[np.ndarray], np.ndarray], importance: np.ndarray
) -> np.ndarray:
    """Return the most equal weights whose loss is within one standard error of the least.

    The best weights of a few hundred rows are those of chance, and cost more than they bring.
    """
    equal = np.full(len(best), 1 / len(best))
    least = losses(best)
    shares = importance / importance.sum()
    for step in np.linspace(0.0, 1.0, _N_STEPS, endpoint=False):
        weights = (1 - step) * equal + step * best
        worse = losses(weights) - least
        mean = shares @ worse
        error = np.sqrt(shares**2 @ (worse - mean) ** 2)
        if mean <= error:
            return weights
    return best


def _softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max())
    return powers / powers.sum()
