"""A closer look at one fusion of a comparison, out of fold like the comparison itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sklearn
from sklearn.base import clone
from sklearn.utils import _safe_indexing
from sklearn.utils.parallel import Parallel, delayed

from mmsenti._rows import numbered
from mmsenti.evaluation._bootstrap import draw_weights, score_classes, score_values
from mmsenti.evaluation._comparison import LOSSES, Study
from mmsenti.evaluation._controls import control_table
from mmsenti.evaluation._empty_rows import empty_rows_expected
from mmsenti.evaluation._evidence import word_effects
from mmsenti.evaluation._explain import contributions
from mmsenti.evaluation._fitted import fitted_fusion, fitted_modalities, kind_of, parts_of
from mmsenti.evaluation._once import Memo
from mmsenti.evaluation._out_of_fold import fusion_of, respond_to, share_fits
from mmsenti.evaluation._shapley import without
from mmsenti.evaluation._workers import workers_may_change
from mmsenti.fusion._table import named_columns

__all__ = ["Look", "take_a_look"]

MISSING_RATES = (0.0, 0.1, 0.3, 0.5, 0.7)
TRAINING_SHARES = (0.1, 0.3)  # and all of them
_LEARNING_FOLDS = 1  # its fits are the dearest part, and a curve needs fewer rows than a table
_WORDS_A_TEXT = 40


@dataclass
class Look:
    """What a closer look saw, in the order of `rows`.

    Attributes
    ----------
    names : list of str
        The modalities that the estimator has.
    rows : ndarray of int of shape (n_predicted,)
    said : ndarray of shape (n_predicted,)
        Classes as numbers, or values.
    probabilities : ndarray of shape (n_predicted, n_classes), or None
    contributions : ndarray of shape (n_modalities, n_predicted)
        To the log-odds of the predicted class, or to the value.
    base : ndarray of shape (n_predicted,)
        What the model says without any modality.
    words : list of list of (int, int, float)
        Of each row: where each word begins and ends, and its effect.
    left_out, permuted : dict of str to ndarray of shape (n_draws,)
        What the metric loses without each modality, and with its cells permuted over rows.
    missing, learning : list of (float, ndarray of shape (n_draws,))
        Rate of missing cells, and share of the training rows, and what the metric is there.
    """

    names: list[str]
    rows: np.ndarray
    said: np.ndarray
    probabilities: np.ndarray | None
    contributions: np.ndarray
    base: np.ndarray
    words: list[list[tuple[int, int, float]]]
    left_out: dict[str, np.ndarray]
    permuted: dict[str, np.ndarray]
    missing: list[tuple[float, np.ndarray]]
    learning: list[tuple[float, np.ndarray]]


def take_a_look(
    study: Study,
    estimator: Any,
    models: Sequence[Any],
    weights: np.ndarray,
    n_jobs: int | None = None,
) -> Look:
    """Ask an estimator of a study more than the comparison did, in each fold.

    Parameters
    ----------
    study : Study
    estimator : FusionClassifier, FusionRegressor or search over one
    models : sequence of fitted estimator or None
        Of each fold, where the comparison has kept them.
    weights : ndarray of shape (n_draws, n_predicted)
        Of the bootstrap.
    n_jobs : int, default=None
        Folds at once.

    Returns
    -------
    Look
    """
    table = (study.X, study.y, study.groups, study.classes)
    models = models or [None] * len(study.folds)
    tasks = [
        delayed(_look_into_fold)(estimator, model, *table, *fold)
        for model, fold in zip(models, study.folds, strict=True)
    ]
    tasks += [
        delayed(_learn_from)(share, estimator, *table, *fold)
        for share in TRAINING_SHARES
        for fold in study.folds[:_LEARNING_FOLDS]
    ]
    with workers_may_change():
        done = Parallel(n_jobs=n_jobs)(tasks)
    parts, learnt = done[: len(study.folds)], done[len(study.folds) :]
    rows = np.concatenate([test for _, test in study.folds])

    def measure_all(answers: Sequence[Any]) -> np.ndarray:
        own = rows[: sum(len(said) for said, _ in answers)]
        drawn = weights
        if len(own) < len(rows):  # the first folds: a draw of all groups may have none of theirs
            groups = None if study.groups is None else study.groups[own]
            drawn = draw_weights(groups, len(own), len(weights) - 1)
        return _goodness(study, own, *_joined(answers), drawn)

    def measure(key: Any) -> np.ndarray:
        return measure_all([part["answers"][key] for part in parts])

    n = len(study.folds[:_LEARNING_FOLDS])
    curve = [learnt[i : i + n] for i in range(0, len(learnt), n)]
    curve.append([part["answers"]["whole"] for part in parts[:n]])

    whole = measure("whole")
    said, probabilities = _joined([part["answers"]["whole"] for part in parts])
    sign = -1.0 if study.metric in LOSSES else 1.0
    names = [name for name, _, _ in fusion_of(estimator).modalities]
    return Look(
        names=names,
        rows=rows,
        said=said,
        probabilities=probabilities,
        contributions=np.concatenate([part["contributions"] for part in parts], axis=1),
        base=np.concatenate([part["base"] for part in parts]),
        words=[words for part in parts for words in part["words"]],
        left_out={name: whole - measure(("left out", name)) for name in names},
        permuted={name: whole - measure(("permuted", name)) for name in names},
        missing=[(rate, sign * measure(("missing", rate))) for rate in MISSING_RATES],
        learning=[
            (share, sign * measure_all(answers))
            for share, answers in zip((*TRAINING_SHARES, 1.0), curve, strict=True)
        ],
    )


def _joined(answers: Sequence[Any]) -> tuple[np.ndarray, np.ndarray | None]:
    said, probabilities = zip(*answers, strict=True)
    joined = None if probabilities[0] is None else np.concatenate(probabilities)
    return np.concatenate(said), joined


def _goodness(
    study: Study, rows: np.ndarray, said: np.ndarray, probabilities: Any, weights: np.ndarray
) -> np.ndarray:
    y = study.targets[rows]
    if study.classes is None:
        scores = score_values(y, said, weights)
    else:
        scores = score_classes(y, said, probabilities, weights)
    return -scores[study.metric] if study.metric in LOSSES else scores[study.metric]


def _look_into_fold(
    estimator: Any,
    model: Any,
    X: Any,
    y: np.ndarray,
    groups: np.ndarray | None,
    classes: np.ndarray | None,
    train: np.ndarray,
    test: np.ndarray,
) -> dict[str, Any]:
    estimator = clone(estimator)
    share_fits(fusion_of(estimator), Memo())
    with empty_rows_expected():
        known = model is not None
        fusion = fitted_fusion(model) if known else _fit(estimator, X, y, groups, train)
        columns = fitted_modalities(fusion)
        rows = _safe_indexing(X, test)
        answers: dict[Any, Any] = {"whole": _ask(fusion, rows, test, classes)}
        for name in columns:
            column = columns[name]
            answers["left out", name] = _ask(fusion, without(rows, [column]), test, classes)
            permuted = control_table(rows, [column], "shuffled")
            answers["permuted", name] = _ask(fusion, permuted, test, classes)
        for rate in MISSING_RATES:
            holes = _with_holes(rows, columns, rate)
            answers["missing", rate] = _ask(fusion, holes, test, classes)
        with numbered(test):
            values, base, _ = contributions(fusion, rows)
        outputs = answers["whole"][0] if classes is not None else np.zeros(len(test), dtype=int)
        own = np.arange(len(test))
        return {
            "answers": answers,
            "contributions": values[:, own, outputs],
            "base": base[own, outputs],
            "words": _words(fusion, rows, columns, outputs),
        }


def _learn_from(
    share: float,
    estimator: Any,
    X: Any,
    y: np.ndarray,
    groups: np.ndarray | None,
    classes: np.ndarray | None,
    train: np.ndarray,
    test: np.ndarray,
) -> Any:
    """Fit on a share of the training rows, and predict the same rows as ever."""
    with empty_rows_expected():
        fusion = _fit(estimator, X, y, groups, _part_of(train, groups, y, classes, share))
        return _ask(fusion, _safe_indexing(X, test), test, classes)


def _fit(estimator: Any, X: Any, y: np.ndarray, groups: Any, train: np.ndarray) -> Any:
    inner = None if groups is None else groups[train]
    with sklearn.config_context(enable_metadata_routing=True), numbered(train):
        return fitted_fusion(clone(estimator).fit(_safe_indexing(X, train), y[train], groups=inner))


def _ask(fusion: Any, rows: Any, test: np.ndarray, classes: Any) -> Any:
    with numbered(test):
        return respond_to(fusion, rows, classes)


def _part_of(
    train: np.ndarray, groups: Any, y: np.ndarray, classes: Any, share: float
) -> np.ndarray:
    """Draw a share of the training groups, and then whatever each class lacks to be learnt."""
    rng = np.random.default_rng(0)
    codes = np.arange(len(train))
    if groups is not None:
        codes = np.unique(groups[train], return_inverse=True)[1]
    order = rng.permutation(codes.max() + 1)
    rank = np.argsort(order)[codes]
    kept = rank < max(2, round(share * len(order)))
    if classes is not None:
        for label in np.unique(y[train]):
            own = np.flatnonzero(y[train] == label)
            kept[own[np.argsort(rank[own], kind="stable")[:5]]] = True
    return train[kept]


def _with_holes(rows: Any, columns: dict[str, Any], rate: float) -> Any:
    """Remove each modality of each row at a rate."""
    rng = np.random.default_rng(0)
    for column in columns.values():
        gone = rng.random(len(rows)) < rate
        names = named_columns(column)
        rows = rows.assign(**{name: rows[name].astype(object).mask(gone) for name in names})
    return rows


def _words(
    fusion: Any, rows: Any, columns: dict[str, Any], outputs: np.ndarray
) -> list[list[tuple[int, int, float]]]:
    for part in parts_of(fusion):
        column = columns[part.name]
        if isinstance(column, str) and kind_of(part.transformer) == "text":
            return word_effects(fusion, rows, column, outputs, most=_WORDS_A_TEXT)
    return [[] for _ in range(len(rows))]
