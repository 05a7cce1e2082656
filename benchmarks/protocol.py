"""What the accuracy protocols share: out-of-fold rows, controls, and scores with intervals.

Every figure is of rows that the model has not seen, in folds that split no group. Beside each
fusion stand two controls: *shuffled*, the modalities that are added permuted over rows, and
*prior*, each of their cells replaced by one and the same, which leaves a model of them nothing but
the class prior. A gain that a control shows too is no gain. Intervals are of 95 %, from a bootstrap
over groups; the gain's is paired: both models are scored on the same resampled groups.
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import sklearn
from scipy.stats import rankdata
from sklearn.base import clone, is_classifier
from sklearn.model_selection import GridSearchCV, StratifiedGroupKFold
from sklearn.pipeline import Pipeline
from sklearn.utils import _safe_indexing
from sklearn.utils.metadata_routing import get_routing_for_object

from mmsenti.fusion import FusionClassifier

STRATEGIES = {
    "feature": {"strategy": "feature"},
    "voting, mean": {"strategy": "voting"},
    "voting, product": {"strategy": "voting", "rule": "product"},
    "voting, oof weights": {"strategy": "voting", "rule": "weighted", "weights": "oof"},
    "stacking": {"strategy": "stacking"},
    "hybrid": {"strategy": "hybrid"},
}
TUNED = "tuned inside"  # strategy and regularisation are chosen inside each training fold


@dataclass
class Corpus:
    """Rows to learn from, and the folds to do it in.

    Attributes
    ----------
    table : DataFrame of shape (n_samples, n_columns)
    y : ndarray of shape (n_samples,)
    groups : ndarray of shape (n_samples,)
    folds : list of (train, test)
        Test rows need not cover the table: an official split is one fold.
    modalities : list of (name, transformer, column)
        The first is the one that others are added to.
    """

    table: pd.DataFrame
    y: np.ndarray
    groups: np.ndarray
    folds: Sequence[tuple[np.ndarray, np.ndarray]]
    modalities: Sequence[tuple[str, Any, Any]]

    def __post_init__(self) -> None:
        for train, test in self.folds:
            shared = set(self.groups[train]) & set(self.groups[test])
            assert not shared, f"a group on both sides of a fold: {shared}"


@dataclass
class Predictions:
    """Out-of-fold predictions: values, or class probabilities in the order of sorted labels.

    What a classifier says, `said`, need not be its most probable class.
    """

    rows: np.ndarray
    values: np.ndarray
    said: np.ndarray | None = None


def predict_out_of_fold(
    model: Any, corpus: Corpus, table: pd.DataFrame, *, by_group: bool = False
) -> Predictions:
    """Predict the test rows of each fold by a fit on its training rows.

    With `by_group` the model is told the groups of the rows that it predicts, too.
    """
    parts, said, rows = [], [], []
    with sklearn.config_context(enable_metadata_routing=True):
        # A pipeline refuses what no part of it asks for.
        wanted = not isinstance(model, Pipeline) or get_routing_for_object(model).consumes(
            "fit", ["groups"]
        )
        for train, test in corpus.folds:
            # A search hands groups to its folds and to the fusion inside: none is ever split.
            groups = {"groups": corpus.groups[train]} if wanted else {}
            fitted = clone(model).fit(_safe_indexing(table, train), corpus.y[train], **groups)
            told = {"groups": corpus.groups[test]} if by_group else {}
            X = _safe_indexing(table, test)
            said.append(fitted.predict(X, **told))
            rows.append(test)
            if is_classifier(model):
                parts.append(fitted.predict_proba(X, **told))
    rows, said = np.concatenate(rows), np.concatenate(said)
    return Predictions(rows, np.concatenate(parts), said) if parts else Predictions(rows, said)


def controls(corpus: Corpus, added: Sequence[Any], seed: int = 0) -> dict[str, pd.DataFrame]:
    """Return the table with the added modalities shuffled, and with each of them constant."""
    columns = [c for column in added for c in ([column] if isinstance(column, str) else column)]
    order = np.random.default_rng(seed).permutation(len(corpus.table))
    shuffled, prior = corpus.table.copy(), corpus.table.copy()
    for column in columns:
        cells = corpus.table[column]
        shuffled[column] = cells.to_numpy()[order]
        present = cells.notna()
        prior[column] = cells.where(~present, cells[present].iloc[0])
    return {"shuffled": shuffled, "prior": prior}


def tuned(modalities: Sequence[Any], grid: Any, **params: Any) -> GridSearchCV:
    """Search a grid inside the training rows, by log loss, with groups kept whole."""
    with sklearn.config_context(enable_metadata_routing=True):
        return GridSearchCV(
            FusionClassifier(list(modalities), **params),
            grid,
            scoring="neg_log_loss",
            cv=StratifiedGroupKFold(3, shuffle=True, random_state=0),
        )


def compare(
    corpus: Corpus,
    *,
    rows: Sequence[str],
    grid: Any,
    n_jobs: int | None = None,
) -> dict[str, Predictions]:
    """Predict by each modality, and by each subset under each strategy with its controls.

    Parameters
    ----------
    corpus : Corpus
    rows : list of str
        Keys of ``STRATEGIES``, and ``TUNED``.
    grid : dict or list of dict
        What the row ``TUNED`` chooses from, inside each training fold.
    n_jobs : int, default=None

    Returns
    -------
    dict of str to Predictions
    """
    results = {}
    for modality in corpus.modalities:
        results[modality[0]] = predict_out_of_fold(
            FusionClassifier([modality]), corpus, corpus.table
        )
    for size in range(2, len(corpus.modalities) + 1):
        for subset in combinations(corpus.modalities, size):
            models = {
                name: FusionClassifier(list(subset), n_jobs=n_jobs, **STRATEGIES[name])
                if name in STRATEGIES
                else tuned(subset, grid, n_jobs=n_jobs)
                for name in rows
            }
            label = " + ".join(name for name, _, _ in subset)
            tables = {"": corpus.table, **controls(corpus, [c for _, _, c in subset[1:]])}
            for name, model in models.items():
                for control, table in tables.items():
                    row = f"{label}, {name}"
                    row = f"  {control} ({row})" if control else row
                    results[row] = predict_out_of_fold(model, corpus, table)
    return results


def score(y: np.ndarray, predictions: Predictions, weights: np.ndarray) -> dict[str, float]:
    """Score predictions of weighted rows.

    Parameters
    ----------
    y : ndarray of shape (n_samples,)
        Labels, or values (floats), of the whole table.
    predictions : Predictions
    weights : ndarray of shape (n_samples,)
        How often each row counts.

    Returns
    -------
    dict of str to float
        Accuracy, macro-F1, UAR (the mean recall of the classes), macro AUC (of each class against
        the rest) and log loss; of values MAE and Pearson's r.
    """
    y, values, w = y[predictions.rows], predictions.values, weights[predictions.rows]
    if values.ndim == 1:
        error = np.average(np.abs(y - values), weights=w)
        (a, c), (_, b) = np.cov(y, values, aweights=w)
        return {"MAE": error, "Pearson r": c / np.sqrt(a * b) if a * b else 0.0}
    classes, codes = np.unique(y, return_inverse=True)
    n = len(classes)
    said_codes = np.searchsorted(classes, predictions.said)
    pairs = np.bincount(codes * n + said_codes, w, n * n).reshape(n, n)
    true, named, hits = pairs.sum(axis=1), pairs.sum(axis=0), np.diag(pairs)
    own = np.clip(values[np.arange(len(y)), codes], 1e-15, 1)
    aucs = [weighted_auc(codes == k, values[:, k], w) for k in range(n)]
    return {
        "accuracy": hits.sum() / w.sum(),
        "macro-F1": np.mean(2 * hits / np.maximum(true + named, 1e-12)),
        "UAR": np.mean(hits / np.maximum(true, 1e-12)),
        "AUC": float(np.mean(aucs)),
        "log loss": -np.average(np.log(own), weights=w),
    }


def weighted_auc(positive: np.ndarray, scores: np.ndarray, weights: np.ndarray) -> float:
    """Return the share of (positive, negative) pairs in the right order; ties count half."""
    levels = rankdata(scores, method="dense") - 1
    up = np.bincount(levels, weights * positive)
    down = np.bincount(levels, weights * ~positive)
    below = np.cumsum(down) - down
    total = up.sum() * down.sum()
    return float(up @ (below + down / 2) / total) if total else 0.5


def resample(groups: np.ndarray, n_resamples: int, seed: int = 0) -> list[np.ndarray]:
    """Draw groups with replacement; return how often each row counts, once as it is first."""
    rng = np.random.default_rng(seed)
    codes = np.unique(groups, return_inverse=True)[1]
    n = codes.max() + 1
    drawn = [np.bincount(rng.integers(0, n, n), minlength=n)[codes] for _ in range(n_resamples)]
    return [np.ones(len(groups)), *map(np.float64, drawn)]


def format_table(
    corpus: Corpus, results: Mapping[str, Predictions], *, base: str, n_resamples: int = 200
) -> str:
    """Lay out the scores with their intervals, and the gain over the row `base`."""
    tested = np.zeros(len(corpus.y), dtype=bool)
    tested[np.concatenate([test for _, test in corpus.folds])] = True
    draws = [w * tested for w in resample(corpus.groups, n_resamples)]
    scores = {
        row: [score(corpus.y, predictions, w) for w in draws]
        for row, predictions in results.items()
    }
    names = list(scores[base][0])
    main = next(name for name in ("AUC", "Pearson r") if name in names)
    left = max(map(len, results))
    header = "".join(f"  {name:<17}" for name in [*names, f"{main} gain"])
    lines = [f"{'':<{left}}{header}".rstrip()]
    for row, drawn in scores.items():
        cells = [interval([s[name] for s in drawn]) for name in names]
        gains = [s[main] - b[main] for s, b in zip(drawn, scores[base], strict=True)]
        cells.append("" if row == base else interval(gains, sign="+"))
        lines.append(f"{row:<{left}}" + "".join(f"  {cell:<17}" for cell in cells).rstrip())
    return "\n".join(lines)


def arguments(doc: str, argv: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line that all protocols share."""
    parser = argparse.ArgumentParser(description=doc.partition("\n")[0])
    parser.add_argument("folder", metavar="FOLDER")
    parser.add_argument("--store", help="keep extracted features in this file")
    parser.add_argument("--n-jobs", type=int, default=None)
    parser.add_argument(
        "--rows",
        nargs="+",
        choices=[*STRATEGIES, TUNED],
        default=[*STRATEGIES, TUNED],
        help="strategies to measure",
    )
    parser.add_argument("--resamples", type=int, default=200, help="of the bootstrap")
    return parser.parse_args(argv)


def interval(drawn: Sequence[float], sign: str = "") -> str:
    """Write the first number, and the middle 95 % of the others."""
    low, high = np.quantile(drawn[1:], [0.025, 0.975]) if len(drawn) > 1 else drawn * 2
    whole, *ends = (f"{x:{sign}.3f}".replace("0.", ".", 1) for x in (drawn[0], low, high))
    return f"{whole} [{ends[0]}, {ends[1]}]"
