"""What the accuracy protocols share: out-of-fold rows, controls, and scores with intervals.

Every figure is of rows that the model has not seen, in folds that split no group. Beside each
fusion stand two controls: *shuffled*, the modalities that are added permuted over rows, and
*prior*, each of their cells replaced by one and the same, which leaves a model of them nothing but
the class prior. A gain that a control shows too is no gain. A gain is over the first modality alone
under the same strategy, so that what a strategy does better with that one is not taken for what the
others say. Intervals are of 95 %, from a bootstrap over groups; the gain's is paired: both models
are scored on the same resampled groups.
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import sklearn
from sklearn.base import clone, is_classifier
from sklearn.model_selection import GridSearchCV, StratifiedGroupKFold
from sklearn.pipeline import Pipeline
from sklearn.utils import _safe_indexing
from sklearn.utils.metadata_routing import get_routing_for_object

from mmsenti.evaluation._bootstrap import draw_weights, score_classes, score_values
from mmsenti.evaluation._comparison import METRIC_NAMES
from mmsenti.evaluation._controls import CONTROLS, control_table
from mmsenti.fusion import FusionClassifier

STRATEGIES = {
    "feature": {"strategy": "feature"},
    "voting, mean": {"strategy": "voting"},
    "voting, product": {"strategy": "voting", "rule": "product"},
    "voting, oof weights": {"strategy": "voting", "rule": "weighted", "weights": "oof"},
    "stacking": {"strategy": "stacking"},
    "hybrid": {"strategy": "hybrid"},
    "hybrid, prior .5": {"strategy": "hybrid", "prior_correction": 0.5},
}
SHOWN = ("accuracy", "macro_f1", "uar", "macro_auc", "log_loss", "mae", "pearson_r")
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

    What a classifier says, `said`, need not be its most probable class. The row that a gain is
    counted from is `base`; None is that of the whole table.
    """

    rows: np.ndarray
    values: np.ndarray
    said: np.ndarray | None = None
    base: str | None = None


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

    def model(subset: Sequence[Any], name: str) -> Any:
        if name in STRATEGIES:
            return FusionClassifier(list(subset), n_jobs=n_jobs, **STRATEGIES[name])
        return tuned(subset, grid, n_jobs=n_jobs)

    results = {}
    for modality in corpus.modalities:
        alone = FusionClassifier([modality])
        results[modality[0]] = predict_out_of_fold(alone, corpus, corpus.table)
    first = corpus.modalities[0]
    bases = {}
    for name in rows:
        alone = predict_out_of_fold(model([first], name), corpus, corpus.table)
        # Feature level and voting, of one modality, are the model of it.
        same = np.allclose(alone.values, results[first[0]].values)
        same = same and np.array_equal(alone.said, results[first[0]].said)
        bases[name] = first[0] if same else f"{first[0]}, {name}"
        results.setdefault(bases[name], alone)
    for size in range(2, len(corpus.modalities) + 1):
        for subset in combinations(corpus.modalities, size):
            label = " + ".join(name for name, _, _ in subset)
            added = [column for _, _, column in subset[1:]]
            tables = {"": corpus.table}
            tables |= {name: control_table(corpus.table, added, name) for name in CONTROLS}
            for name in rows:
                for control, table in tables.items():
                    row = f"{label}, {name}"
                    row = f"  {control} ({row})" if control else row
                    results[row] = predict_out_of_fold(model(subset, name), corpus, table)
                    results[row].base = bases[name] if subset[0] is first else None
    return results


def score(y: np.ndarray, predictions: Predictions, weights: np.ndarray) -> dict[str, np.ndarray]:
    """Score predictions under each weighting of their rows, by the names that tables show."""
    y, values = y[predictions.rows], predictions.values
    if values.ndim == 1:
        scores = score_values(y, values, weights)
    else:
        classes, codes = np.unique(y, return_inverse=True)
        said = np.searchsorted(classes, predictions.said)
        scores = score_classes(codes, said, values, weights)
    return {METRIC_NAMES[name]: scores[name] for name in SHOWN if name in scores}


def format_table(
    corpus: Corpus, results: Mapping[str, Predictions], *, base: str, n_resamples: int = 200
) -> str:
    """Lay out the scores with their intervals, and the gains over the row `base` or their own."""
    tested = np.sort(results[base].rows)
    weights = np.zeros((1 + n_resamples, len(corpus.y)))
    weights[:, tested] = draw_weights(corpus.groups[tested], len(tested), n_resamples)
    scores = {row: score(corpus.y, p, weights[:, p.rows]) for row, p in results.items()}
    names = list(scores[base])
    main = next(name for name in ("AUC", "Pearson r") if name in names)
    left = max(map(len, results))
    header = "".join(f"  {name:<17}" for name in [*names, f"{main} gain"])
    lines = [f"{'':<{left}}{header}".rstrip()]
    for row, drawn in scores.items():
        cells = [interval(drawn[name]) for name in names]
        start = scores[results[row].base or base][main]
        cells.append("" if row == base else interval(drawn[main] - start, sign="+"))
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


def interval(drawn: np.ndarray, sign: str = "") -> str:
    """Write the first number, and the middle 95 % of the others."""
    low, high = np.nanquantile(drawn[1:] if len(drawn) > 1 else drawn, [0.025, 0.975])
    whole, *ends = (f"{x:{sign}.3f}".replace("0.", ".", 1) for x in (drawn[0], low, high))
    return f"{whole} [{ends[0]}, {ends[1]}]"
