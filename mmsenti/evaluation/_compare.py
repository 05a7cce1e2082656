"""Compare modalities and fusion strategies on rows that no model has seen."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone, is_classifier
from sklearn.utils import _safe_indexing

from mmsenti._nested import nested_errors, nested_extractors
from mmsenti._rows import numbered
from mmsenti.evaluation._bootstrap import draw_weights
from mmsenti.evaluation._comparison import (
    ALONE,
    SINGLE,
    Comparison,
    Study,
    check_metric,
    goodness,
)
from mmsenti.evaluation._controls import CONTROLS
from mmsenti.evaluation._duplicates import find_duplicates
from mmsenti.evaluation._folds import check_groups, make_folds
from mmsenti.evaluation._out_of_fold import (
    Candidate,
    Predictions,
    fusion_of,
    predict_out_of_fold,
)
from mmsenti.fusion import default_modalities
from mmsenti.fusion._modality import check_modalities
from mmsenti.fusion._table import as_table, present_rows, resolve_column

__all__ = ["compare", "verdict"]

STRATEGIES = ("feature", "voting", "stacking", "hybrid")
_FIRST_FOLDS = 2  # by which it is settled what controls leave as it is


def compare(
    estimator: Any,
    X: Any,
    y: Any,
    *,
    groups: Any = None,
    cv: Any = None,
    strategies: Sequence[str] | Mapping[str, Mapping[str, Any]] | None = None,
    modalities: str | Sequence[Sequence[str]] = "all-subsets",
    metric: str | None = None,
    n_resamples: int = 300,
    n_jobs: int | None = None,
    verbose: int = 0,
) -> Comparison:
    """Compare subsets of modalities under fusion strategies, beside two controls.

    Every prediction is of a row that the model has not seen, in folds that split no group. A
    fusion's gain is over the best single modality of its subset, both scored on the same resampled
    groups. The modalities that are added to that one are also permuted over the rows (*shuffled*)
    and replaced by one and the same cell (*prior*), and all is fitted and predicted again: what
    gains as much as the real thing shows that the gain is not in the content. Which modality
    controls leave as it is, is settled by the first two folds.

    Parameters
    ----------
    estimator : FusionClassifier, FusionRegressor, or a search over one
        Its modalities are compared; all its other parameters stay. A search chooses inside each
        training fold.
    X : DataFrame, dict or list of dict of shape (n_samples, n_columns)
    y : array-like of shape (n_samples,)
        Labels, or values.
    groups : array-like of shape (n_samples,), default=None
        Speaker, author or clip of each row. Never split over folds, and drawn whole.
    cv : int, splitter, iterable of (train, test) or None, default=None
        A number, or None for (at most) five, makes shuffled folds that keep groups whole and the
        shares of classes. An official split is ``[(train, test)]``.
    strategies : list of str, or dict of str to dict, default=None
        Strategies of the fusion; or named sets of its parameters, as in ``{"product": {"strategy":
        "voting", "rule": "product"}}``. None compares all four; for a search, what it finds.
    modalities : "all-subsets" or list of list of str, default="all-subsets"
        Which to fuse. Single modalities stand in the table always.
    metric : str, default=None
        What verdicts go by, a column of the table. None is ``"macro_auc"`` (``"macro_f1"`` where
        there are no probabilities), or ``"pearson_r"`` of values.
    n_resamples : int, default=300
        Draws of the bootstrap.
    n_jobs : int, default=None
        Folds at once; and chunks of rows, while features are extracted.
    verbose : int, default=0
        1 shows the progress of extraction.

    Returns
    -------
    Comparison
        A DataFrame, one row each single modality and each subset under each strategy. Columns:
        ``modalities``; ``strategy`` ("alone" for one modality); each measure of
        `mmsenti.evaluation.metrics`, with the 95 % interval in ``*_low`` and ``*_high``; ``gain``
        over the best single modality (positive is better, also of losses); ``shuffled_gain`` and
        ``prior_gain``, the controls'; ``fit_ms`` and ``predict_ms`` a row, features being there;
        ``verdict``: "gain", "no gain beyond the prior" (the interval of the distance to a control
        holds 0), "within noise" (that of the gain does) or "loss". ``study_`` holds the rest.

    Raises
    ------
    TypeError, ValueError
        Of an estimator that is no fusion, folds that split a group, unknown names.

    Notes
    -----
    Each file is decoded once, before the folds. Equal fits of equal rows are done once, however
    many candidates contain them; times are told as if each had been alone. The best single
    modality is chosen on the rows that are reported, which makes gains look smaller, not larger.

    References
    ----------
    .. [1] B. Efron and R. J. Tibshirani, "An Introduction to the Bootstrap", 1993.

    Examples
    --------
    >>> from mmsenti.datasets import make_posts
    >>> from mmsenti.fusion import FusionClassifier
    >>> posts = make_posts(60, modalities=("text", "image"), random_state=0)
    >>> table = compare(
    ...     FusionClassifier(), posts, posts["label"], groups=posts["author"],
    ...     strategies=["voting"], cv=2, n_resamples=20,
    ... )
    >>> table[["modalities", "strategy"]].agg(", ".join, axis=1).tolist()
    ['text, alone', 'image, alone', 'text + image, voting']
    """
    X = _with_objects(as_table(X))
    fusion = fusion_of(estimator)
    classifier = is_classifier(fusion)
    y = np.asarray(y, dtype=None if classifier else np.float64)
    if len(y) != len(X):
        raise ValueError(f"X has {len(X)} rows and y has {len(y)}.")
    groups = check_groups(groups, len(y))
    named = _named_modalities(fusion, X)
    subsets = _subsets(modalities, list(named))
    wanted = _named_strategies(strategies, estimator is not fusion)
    folds = make_folds(cv, X, y, groups, classifier=classifier)
    errors = _extract(named, X, y, n_jobs, verbose)
    study = Study(
        estimator=clone(estimator),
        X=X,
        y=y,
        groups=groups,
        folds=folds,
        classes=np.unique(y) if classifier else None,
        metric="",
        strategies=wanted,
        modalities=named,
        present={name: present_rows(X, column) for name, _, column in named.values()},
        errors=errors,
        duplicates=find_duplicates(X, named, folds),
        n_resamples=n_resamples,
        predictions=[],
    )
    singles = [Candidate((name,), ALONE, SINGLE) for name in named]
    told = (named, X, y, groups)
    first = predict_out_of_fold(estimator, singles, *told, folds[:_FIRST_FOLDS], n_jobs)
    scores = [one.score(study.targets, np.ones((1, len(one.rows)))) for one in first]
    study.metric = check_metric(metric, scores[0])
    known = [np.nan_to_num(goodness(s, study.metric)[0], nan=-np.inf) for s in scores]
    level = dict(zip(named, known, strict=True))
    candidates = singles + _fused(subsets, wanted, named, level)
    predictions = predict_out_of_fold(estimator, candidates, *told, folds, n_jobs)
    rows = predictions[0].rows
    weights = draw_weights(None if groups is None else groups[rows], len(rows), n_resamples)
    return _tabulate(study, candidates, predictions, weights)


def _with_objects(X: Any) -> Any:
    """Make strings Python's own, which are told apart many times, and hashed once."""
    if not isinstance(X, pd.DataFrame):
        if not hasattr(X, "columns"):
            raise TypeError("X must have named columns: a DataFrame, a dict or a list of dicts.")
        X = X.to_pandas()
    strings = [name for name in X if pd.api.types.is_string_dtype(X[name].dtype)]
    return X.astype(dict.fromkeys(strings, object))


def _named_modalities(fusion: Any, X: Any) -> dict[str, tuple[str, Any, Any]]:
    given = fusion.modalities
    given = default_modalities(X, store=fusion.store) if given is None else given
    given = check_modalities(given, type(fusion).__name__)
    resolved = {name: (name, part, resolve_column(X, column)) for name, part, column in given}
    empty = [n for n, (_, _, column) in resolved.items() if not present_rows(X, column).any()]
    if empty:
        raise ValueError(f"every cell of {empty[0]} is missing; there is nothing to compare.")
    return resolved


def _subsets(modalities: Any, names: list[str]) -> list[tuple[str, ...]]:
    if isinstance(modalities, str):
        if modalities != "all-subsets":
            raise ValueError(
                "modalities must be 'all-subsets' or lists of names, as in "
                f"[['text', 'image']]; got {modalities!r}."
            )
        return [s for size in range(2, len(names) + 1) for s in combinations(names, size)]
    subsets = [tuple(subset) for subset in modalities if not isinstance(subset, str)]
    unknown = sorted({name for subset in subsets for name in subset} - set(names))
    if unknown or len(subsets) < len(modalities):
        raise ValueError(
            f"modalities must be lists of names out of {', '.join(names)}; got {modalities!r}."
        )
    return [subset for subset in dict.fromkeys(subsets) if len(subset) > 1]


def _named_strategies(strategies: Any, is_search: bool) -> dict[str, dict[str, Any]]:
    if isinstance(strategies, Mapping):
        return {name: dict(params) for name, params in strategies.items()}
    if strategies is None:
        if is_search:
            return {"search": {}}
        strategies = STRATEGIES
    unknown = [name for name in strategies if name not in STRATEGIES]
    if isinstance(strategies, str) or unknown:
        raise ValueError(
            f"strategies must be a list out of {', '.join(STRATEGIES)}, or a dict of parameters; "
            f"got {strategies!r}."
        )
    return {name: {"strategy": name} for name in strategies}


def _extract(
    named: Mapping[str, Any], X: Any, y: np.ndarray, n_jobs: int | None, verbose: int
) -> list[tuple[int, str, str, str]]:
    """Let every extractor see every row once, so that what folds ask for is remembered."""
    errors = []
    for name, transformer, column in named.values():
        if isinstance(transformer, str):
            continue
        transformer = clone(transformer)
        for extractor in nested_extractors(transformer):
            extractor.n_jobs = n_jobs if extractor.n_jobs is None else extractor.n_jobs
            extractor.verbose = extractor.verbose or verbose
        rows = np.flatnonzero(present_rows(X, column))
        with numbered(rows):
            transformer.fit(_safe_indexing(_safe_indexing(X, column, axis=1), rows), y[rows])
        errors += [(row, name, *rest) for row, *rest in nested_errors(transformer)]
    return sorted(errors)


def _fused(
    subsets: Sequence[tuple[str, ...]],
    strategies: Mapping[str, Any],
    named: Mapping[str, Any],
    level: Mapping[str, float],
) -> list[Candidate]:
    """List each fusion, followed by its controls."""
    fused = []
    for subset in subsets:
        best = max(subset, key=level.__getitem__)
        added = tuple(named[name][2] for name in subset if name != best)
        for strategy, params in strategies.items():
            fused += [
                Candidate(subset, strategy, params, control, added) for control in ("", *CONTROLS)
            ]
    return fused


def _tabulate(
    study: Study,
    candidates: Sequence[Candidate],
    predictions: Sequence[Predictions],
    weights: np.ndarray,
) -> Comparison:
    scores = [p.score(study.targets, weights) for p in predictions]
    levels = [goodness(s, study.metric) for s in scores]
    alone = {
        candidate.modalities[0]: drawn
        for candidate, drawn in zip(candidates, levels, strict=True)
        if candidate.strategy == ALONE
    }
    rows = []
    for i, candidate in enumerate(candidates):
        if candidate.control:
            continue
        single = candidate.strategy == ALONE
        row: dict[str, Any] = {
            "modalities": " + ".join(candidate.modalities),
            "strategy": candidate.strategy,
        }
        for name, drawn in scores[i].items():
            row |= _with_interval(name, drawn)
        if single:
            row["verdict"] = ""
        else:
            best = max((alone[name] for name in candidate.modalities), key=lambda g: g[0])
            controls = dict(zip(CONTROLS, levels[i + 1 : i + 1 + len(CONTROLS)], strict=True))
            row |= _with_interval("gain", levels[i] - best)
            for name, drawn in controls.items():
                row |= _with_interval(f"{name}_gain", drawn - best)
            row["verdict"] = verdict(
                levels[i] - best, [levels[i] - drawn for drawn in controls.values()]
            )
        row |= {"fit_ms": predictions[i].fit_ms, "predict_ms": predictions[i].predict_ms}
        study.predictions.append(predictions[i])
        rows.append(row)
    columns = list(dict.fromkeys(name for row in reversed(rows) for name in row))
    table = Comparison(rows, columns=[*(c for c in columns if c != "verdict"), "verdict"])
    table.study_ = study
    return table


def _with_interval(name: str, drawn: np.ndarray) -> dict[str, float]:
    known = drawn[~np.isnan(drawn)]
    known = known if len(known) else np.array([np.nan])
    low, high = np.quantile(known[1:] if len(known) > 1 else known, [0.025, 0.975])
    return {name: float(drawn[0]), f"{name}_low": float(low), f"{name}_high": float(high)}


def verdict(gain: np.ndarray, over_controls: Sequence[np.ndarray]) -> str:
    """Say in words what the draws of a gain, and of its distance to the controls, amount to.

    Parameters
    ----------
    gain : ndarray of shape (1 + n_resamples,)
        Over the best single modality; positive is better.
    over_controls : list of ndarray of shape (1 + n_resamples,)
        Over each control.

    Returns
    -------
    {"gain", "no gain beyond the prior", "within noise", "loss"}

    Examples
    --------
    >>> up, none = np.array([0.3, 0.2, 0.4]), np.array([0.0, -0.1, 0.1])
    >>> verdict(up, [up]), verdict(up, [none]), verdict(none, [up]), verdict(-up, [up])
    ('gain', 'no gain beyond the prior', 'within noise', 'loss')
    """
    low, high = (_with_interval("", gain)[end] for end in ("_low", "_high"))
    if high < 0:
        return "loss"
    if not low > 0:
        return "within noise"
    if not all(_with_interval("", distance)["_low"] > 0 for distance in over_controls):
        return "no gain beyond the prior"
    return "gain"
