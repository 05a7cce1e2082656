"""Predictions of rows that the model has not seen, for many candidates fold by fold."""

import pickle
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sklearn
from sklearn.base import clone, is_classifier
from sklearn.utils import _safe_indexing
from sklearn.utils.parallel import Parallel, delayed

from mmsenti._rows import numbered
from mmsenti.evaluation._bootstrap import score_classes, score_values
from mmsenti.evaluation._controls import control_table
from mmsenti.evaluation._empty_rows import empty_rows_expected
from mmsenti.evaluation._folds import Folds, make_folds
from mmsenti.evaluation._once import Memo, Once
from mmsenti.evaluation._workers import workers_may_change
from mmsenti.fusion import FusionClassifier, FusionRegressor
from mmsenti.fusion._oof import inner_folds

__all__ = [
    "Candidate",
    "Predictions",
    "fusion_of",
    "predict_out_of_fold",
    "respond_to",
    "score_out_of_fold",
    "share_fits",
    "with_params",
]

_MOST_KEPT = 2**26  # bytes of the models of a fold


@dataclass(frozen=True)
class Candidate:
    """A model to be compared.

    Parameters
    ----------
    modalities : tuple of str
    strategy : str
        Its name in the table.
    params : mapping of str to object
        Of the fusion, its strategy above all.
    control : str, default=""
        See `mmsenti.evaluation._controls`.
    added : tuple
        Columns of the modalities that the control is made of.
    """

    modalities: tuple[str, ...]
    strategy: str
    params: Mapping[str, Any]
    control: str = ""
    added: tuple[Any, ...] = ()


@dataclass
class Predictions:
    """Out-of-fold predictions of a candidate, in the order of `rows`.

    Attributes
    ----------
    rows : ndarray of int of shape (n_predicted,)
    said : ndarray of shape (n_predicted,)
        Predicted classes, as numbers in the order of the sorted labels, or values.
    probabilities : ndarray of shape (n_predicted, n_classes), or None
        None of values, and of classifiers that give none.
    fit_ms, predict_ms : float
        Milliseconds a row, features being there already.
    models : list of fitted estimator or None
        Of each fold; None where they are a control's, or too large to keep.
    """

    rows: np.ndarray
    said: np.ndarray
    probabilities: np.ndarray | None
    fit_ms: float = 0.0
    predict_ms: float = 0.0
    models: Sequence[Any] = ()

    def score(self, y: np.ndarray, weights: np.ndarray) -> dict[str, np.ndarray]:
        """Score the predictions under each weighting of their rows.

        Parameters
        ----------
        y : ndarray of shape (n_samples,)
            Classes as numbers, or values, of the whole table.
        weights : ndarray of shape (n_draws, n_predicted)

        Returns
        -------
        dict of str to ndarray of shape (n_draws,)
        """
        y = y[self.rows]
        if y.dtype.kind == "f":
            return score_values(y, self.said, weights)
        return score_classes(y, self.said, self.probabilities, weights)


def fusion_of(estimator: Any) -> Any:
    """Return the fusion that an estimator, or a search over one, is about.

    Raises
    ------
    TypeError
        If it is about anything else.
    """
    fusion = estimator
    while not isinstance(fusion, FusionClassifier | FusionRegressor):
        fusion = getattr(fusion, "estimator", None)
        if fusion is None:
            raise TypeError(
                "estimator must be a FusionClassifier or a FusionRegressor, or a search over one; "
                f"got {estimator!r}."
            )
    return fusion


def with_params(estimator: Any, params: Mapping[str, Any]) -> Any:
    """Return a clone whose fusion has other parameters."""
    estimator = clone(estimator)
    fusion_of(estimator).set_params(**params)
    return estimator


def predict_out_of_fold(
    estimator: Any,
    candidates: Sequence[Candidate],
    modalities: Mapping[str, tuple[str, Any, Any]],
    X: Any,
    y: np.ndarray,
    groups: np.ndarray | None,
    folds: Folds,
    n_jobs: int | None = None,
) -> list[Predictions]:
    """Fit and predict every candidate in every fold.

    Parameters
    ----------
    estimator : FusionClassifier, FusionRegressor or search over one
    candidates : sequence of Candidate
    modalities : mapping of str to (str, transformer, column)
        By their names.
    X : DataFrame of shape (n_samples, n_columns)
    y : ndarray of shape (n_samples,)
        Labels, or values.
    groups : ndarray of shape (n_samples,) or None
    folds : list of (ndarray, ndarray)
    n_jobs : int, default=None
        Folds at once.

    Returns
    -------
    list of Predictions
        One a candidate.
    """
    with workers_may_change():
        parts = Parallel(n_jobs=n_jobs)(
            delayed(_run_fold)(estimator, candidates, modalities, X, y, groups, fold)
            for fold in folds
        )
    rows = np.concatenate([test for _, test in folds])
    n_fitted = sum(len(train) for train, _ in folds)
    return [_join(rows, [part[i] for part in parts], n_fitted) for i in range(len(candidates))]


def score_out_of_fold(
    fusion: Any,
    X: Any,
    y: np.ndarray,
    groups: np.ndarray | None,
    cv: Any,
    n_jobs: int | None = None,
) -> dict[str, float]:
    """Score the predictions of one fusion, as it is, of rows that it has not seen.

    Parameters
    ----------
    fusion : FusionClassifier or FusionRegressor
        With its modalities named.
    X : DataFrame of shape (n_samples, n_columns)
    y : ndarray of shape (n_samples,)
        Labels, or values.
    groups : ndarray of shape (n_samples,) or None
    cv : int, splitter or None
        See `mmsenti.evaluation.compare`.
    n_jobs : int, default=None
        Folds at once.

    Returns
    -------
    dict of str to float
    """
    classifier = is_classifier(fusion)
    folds = make_folds(cv, X, y, groups, classifier=classifier)
    modalities = {modality[0]: modality for modality in fusion.modalities}
    candidate = Candidate(tuple(modalities), "", {})
    (found,) = predict_out_of_fold(fusion, [candidate], modalities, X, y, groups, folds, n_jobs)
    targets = np.unique(y, return_inverse=True)[1] if classifier else y
    scores = found.score(targets, np.ones((1, len(found.rows))))
    return {name: float(drawn[0]) for name, drawn in scores.items()}


def _join(rows: np.ndarray, parts: list[Any], n_fitted: int) -> Predictions:
    said, probabilities, fit_seconds, predict_seconds, models = zip(*parts, strict=True)
    return Predictions(
        rows,
        np.concatenate(said),
        None if probabilities[0] is None else np.concatenate(probabilities),
        fit_ms=1e3 * sum(fit_seconds) / n_fitted,
        predict_ms=1e3 * sum(predict_seconds) / len(rows),
        models=models,
    )


def _run_fold(
    estimator: Any,
    candidates: Sequence[Candidate],
    modalities: Mapping[str, tuple[str, Any, Any]],
    X: Any,
    y: np.ndarray,
    groups: np.ndarray | None,
    fold: tuple[np.ndarray, np.ndarray],
) -> list[Any]:
    memo = Memo()
    inner = _inner_folds(fusion_of(estimator), estimator, X, y, groups, fold[0])
    answers, models = [], []
    for candidate in candidates:
        table = X
        if candidate.control:
            table = control_table(X, candidate.added, candidate.control)
        chosen = [modalities[name] for name in candidate.modalities]
        model = with_params(estimator, {**candidate.params, "modalities": chosen})
        share_fits(fusion_of(model), memo)
        fusion_of(model).cv = inner
        answers.append(_fit_and_predict(model, memo, table, y, groups, *fold))
        models.append(None if candidate.control else model)
    memo.clear()
    if len(pickle.dumps(models)) > _MOST_KEPT:
        models = [None] * len(models)
    return [(*answer, model) for answer, model in zip(answers, models, strict=True)]


def _inner_folds(
    fusion: Any, estimator: Any, X: Any, y: np.ndarray, groups: Any, train: np.ndarray
) -> Any:
    """Make the folds inside of a fold once for all candidates; a search makes its own."""
    if estimator is not fusion or not (fusion.cv is None or isinstance(fusion.cv, int)):
        return fusion.cv
    rows = _safe_indexing(X, train)
    inner = None if groups is None else groups[train]
    try:
        return inner_folds(fusion.cv, rows, y[train], inner, classifier=is_classifier(fusion))
    except ValueError:  # which is for those to say that have need of them
        return fusion.cv


def share_fits(fusion: Any, memo: Memo) -> None:
    """Let what a fusion has in common with others be fitted, and transform, once.

    Parameters
    ----------
    fusion : FusionClassifier or FusionRegressor
        Changed in place.
    memo : Memo
    """
    fusion.modalities = [
        (name, part if isinstance(part, str) else Once(part, memo), column)
        for name, part, column in fusion.modalities
    ]
    estimator = fusion.estimator
    if estimator is None:
        estimator = fusion._default_models()["estimator"]
    fusion.estimator = Once(estimator, memo)


def _fit_and_predict(
    model: Any,
    memo: Memo,
    X: Any,
    y: np.ndarray,
    groups: np.ndarray | None,
    train: np.ndarray,
    test: np.ndarray,
) -> tuple[np.ndarray, np.ndarray | None, float, float]:
    inner = None if groups is None else groups[train]
    saved, started = memo.saved, time.perf_counter()
    # A search hands groups to its folds and to the fusion inside: none is ever split.
    with sklearn.config_context(enable_metadata_routing=True), numbered(train):
        model.fit(_safe_indexing(X, train), y[train], groups=inner)
    fitted = time.perf_counter()
    fit_seconds = fitted - started + memo.saved - saved
    saved = memo.saved
    rows = _safe_indexing(X, test)
    # Every candidate is scored on all rows: those that lack all of its modalities too.
    with empty_rows_expected(), numbered(test):
        said, probabilities = respond_to(
            model, rows, np.unique(y) if is_classifier(model) else None
        )
    return said, probabilities, fit_seconds, time.perf_counter() - fitted + memo.saved - saved


def respond_to(
    model: Any, X: Any, classes: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray | None]:
    """Return what a fitted model predicts, and its probabilities.

    Parameters
    ----------
    model : fitted classifier or regressor
    X : table of shape (n_samples, n_columns)
    classes : ndarray of shape (n_classes,), or None
        Sorted labels; None of values.

    Returns
    -------
    said : ndarray of shape (n_samples,)
        Classes as numbers, or values.
    probabilities : ndarray of shape (n_samples, n_classes), or None
        Zero for a class that no training row had. None of values, and of classifiers that give
        none.
    """
    said = model.predict(X)
    if classes is None:
        return np.asarray(said, dtype=np.float64), None
    said = np.searchsorted(classes, said)
    if not hasattr(model, "predict_proba"):
        return said, None
    probabilities = np.zeros((len(said), len(classes)))
    probabilities[:, np.searchsorted(classes, model.classes_)] = model.predict_proba(X)
    return said, probabilities
