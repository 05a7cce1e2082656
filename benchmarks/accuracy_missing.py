"""Accuracy as cells go missing, of every strategy beside zero-filling.

    python benchmarks/accuracy_missing.py [FOLDER] [--complete-training] [--rows N] [--draws N]

Without FOLDER the corpus is `make_posts`, whose modalities each tell a part of the truth; FOLDER
holds ``manifest.csv`` with a label, a group and at least two of text, image and audio. Cells are
removed at random, in the training and in the test rows alike, and never the last one of a row; the
holes of a lower rate are among those of a higher one. With ``--complete-training`` models are
fitted on whole rows and meet holes at prediction alone, as where the data of a study are complete
and those of its users are not. *Zero-filling* is what joining features by
hand comes to: the feature strategy, with a row of zeros in the place of the features of a missing
cell, before scaling; with no hole at all it is the feature strategy. Scores are out-of-fold, groups
never split, and means over draws of the holes (and of the posts); in brackets stand the points of
accuracy above zero-filling, and behind them the standard error of their mean over draws.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np
import sklearn
from joblib import Parallel, delayed
from sklearn.base import clone
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline

from mmsenti._missing import missing_mask
from mmsenti.datasets import load_manifest, make_posts
from mmsenti.evaluation._folds import make_folds
from mmsenti.fusion import FusionClassifier, default_modalities

STRATEGIES = {
    "feature": {"strategy": "feature"},
    "voting, mean": {"strategy": "voting"},
    "voting, product": {"strategy": "voting", "rule": "product"},
    "voting, weighted": {"strategy": "voting", "rule": "weighted"},
    "stacking": {"strategy": "stacking"},
    "hybrid": {"strategy": "hybrid"},
}
RATES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)


def zero_filled(modalities):
    """Put zeros in the place of what is missing, in front of each scaler."""
    filled = []
    for name, transformer, column in modalities:
        copy = clone(transformer)
        pipelines = [copy] if isinstance(copy, Pipeline) else dict(copy.transformer_list).values()
        for pipeline in pipelines:
            if isinstance(pipeline, Pipeline):
                fill = SimpleImputer(strategy="constant", fill_value=0.0, keep_empty_features=True)
                pipeline.steps.insert(1, ("fill", fill))
        filled.append((name, copy, column))
    return filled


def with_holes(table, columns, rate, seed):
    """Remove cells at random, but never the last one of a row."""
    rng = np.random.default_rng(seed)
    drawn = rng.random((len(table), len(columns)))
    present = ~np.column_stack([missing_mask(table[column]) for column in columns])
    # Of the cells that a row has, the one that would go last stays.
    last = np.where(present, drawn, -1.0).argmax(axis=1)
    gone = drawn < rate
    gone[np.arange(len(table)), last] = False
    holed = table.copy()
    for place, column in enumerate(columns):
        holed.loc[gone[:, place], column] = None
    return holed


def some_of(table, group, n_rows):
    """Take whole groups at random until there are rows enough."""
    order = np.random.default_rng(0).permutation(table[group].unique())
    sizes = table[group].value_counts()[order].cumsum()
    kept = order[: np.searchsorted(sizes, n_rows) + 1]
    return table[table[group].isin(kept)].reset_index(drop=True)


def score(table, group, rates, seed, strategies, *, cv, n_jobs=None, complete_training=False):
    """Return the accuracies of zero-filling and of each strategy, of shape (n_rates, n_models)."""
    modalities = default_modalities(table)
    columns = [column for _, _, column in modalities]
    holed = [with_holes(table, columns, rate, seed) for rate in rates]
    models = [FusionClassifier(zero_filled(modalities))]
    models += [FusionClassifier(modalities, **STRATEGIES[name]) for name in strategies]
    groups, y = table[group].to_numpy(), table["label"].to_numpy()
    # One model for all rates, or one for each.
    works = [(table, holed)] if complete_training else [(rows, [rows]) for rows in holed]
    folds = make_folds(cv, table, y, groups, classifier=True)
    counts = Parallel(n_jobs=n_jobs)(
        delayed(count_right)(model, seen, tables, y, groups, fold)
        for seen, tables in works
        for model in models
        for fold in folds
    )
    shape = len(works), len(models), len(folds), len(rates) // len(works)
    right = np.reshape(counts, shape).sum(axis=2).swapaxes(1, 2).reshape(-1, len(models))
    return right / len(y)


def count_right(model, seen, tables, y, groups, fold):
    """Fit on the training rows of one table and count what is right of the test rows of others."""
    train, test = fold
    with sklearn.config_context(enable_metadata_routing=True):
        fitted = clone(model).fit(seen.iloc[train], y[train], groups=groups[train])
    return [int((fitted.predict(rows.iloc[test]) == y[test]).sum()) for rows in tables]


def show(rate, accuracies):
    """Print one line of means, differences and their standard errors over draws."""
    base, *others = np.transpose(accuracies)
    cells = [f"{rate:>5.0%}  {base.mean():>12.3f}"]
    for accuracy in others:
        gain = 100 * (accuracy - base)
        error = f" {gain.std(ddof=1) / len(gain) ** 0.5:.1f}" if len(gain) > 1 else ""
        cells.append(f"{f'{accuracy.mean():.3f} ({gain.mean():+.1f}{error})':>17}")
    print("  ".join(cells), flush=True)


def main(arguments):
    """Print accuracy by rate and strategy."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--rows", type=int, default=1000, help="posts to make, or rows to take")
    parser.add_argument("--strategies", nargs="+", choices=STRATEGIES, default=list(STRATEGIES))
    parser.add_argument("--complete-training", action="store_true", help="no holes to fit on")
    parser.add_argument("--draws", type=int, default=3)
    parser.add_argument("--n-jobs", type=int, help="folds at once")
    parser.add_argument("--rates", type=float, nargs="+", default=RATES)
    parser.add_argument("--small", action="store_true", help="60 posts, two rates, two folds")
    options = parser.parse_args(arguments)
    n_rows, n_draws, n_splits = (60, 1, 2) if options.small else (options.rows, options.draws, 5)
    rates = (0.0, 0.5) if options.small else options.rates
    how = {"cv": n_splits, "n_jobs": options.n_jobs, "complete_training": options.complete_training}
    header = "  ".join(f"{name:>17}" for name in options.strategies)
    print(f"holes  zero-filling  {header}", flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        if options.folder is None:
            folders = [Path(scratch, str(seed)) for seed in range(n_draws)]
            tables = [
                make_posts(n_rows, folder=folder, random_state=seed)
                for seed, folder in enumerate(folders)
            ]
            group = "author"
        else:
            group = "group"
            corpus = load_manifest(options.folder / "manifest.csv", groups=group)
            tables = n_draws * [some_of(corpus, group, n_rows)]
        at_once = [rates] if options.complete_training else [[rate] for rate in rates]
        for some in at_once:
            accuracies = [
                score(table, group, some, seed, options.strategies, **how)
                for seed, table in enumerate(tables)
            ]
            for rate, drawn in zip(some, np.swapaxes(accuracies, 0, 1), strict=True):
                show(rate, drawn)


if __name__ == "__main__":
    main(sys.argv[1:])
