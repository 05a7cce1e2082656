"""The demonstration: a corpus of real files, every strategy compared, a model saved and used."""

import os
import time
from typing import Any

from mmsenti import datasets, fusion, load, save
from mmsenti._missing import is_missing
from mmsenti.evaluation import Comparison, Report, compare
from mmsenti.evaluation._compare_text import format_comparison
from mmsenti.evaluation._comparison import best_row

__all__ = ["run_demo"]

_NOISE = 0.25
_MISSING = 0.1
_N_SPLITS = 5
_STRATEGIES: dict[str, dict[str, Any]] = {
    "feature": {"strategy": "feature"},
    "voting, product": {"strategy": "voting", "rule": "product"},
    "stacking": {"strategy": "stacking"},
    "hybrid": {"strategy": "hybrid"},
}


def run_demo(folder: str, n_samples: int = 300) -> None:
    """Make a corpus, compare strategies, save the best model and predict new posts with it.

    Parameters
    ----------
    folder : str
        Where the corpus, the model and the report are written; made where it is not there.
    n_samples : int, default=300
        Posts of the corpus.
    """
    started = time.perf_counter()
    posts = _make_corpus(folder, n_samples)
    print(
        f"\nOut of fold, in {_N_SPLITS} folds that never split an author. Each modality misleads\n"
        f"in {_NOISE:.0%} of the posts, so none alone can be right in more than {1 - _NOISE:.0%}.\n"
    )
    modalities = fusion.default_modalities(posts)
    table = compare(
        fusion.FusionClassifier(modalities),
        posts,
        posts["label"],
        groups=posts["author"],
        cv=_N_SPLITS,
        strategies=_STRATEGIES,
        modalities=[[name for name, _, _ in modalities]],
        n_jobs=_n_jobs(),
    )
    print(format_comparison(table))
    best = best_row(table)
    model = table.estimator(best).fit(posts, posts["label"], groups=posts["author"])
    path = os.path.join(folder, "model.skops")
    save(model, path)
    print(f"\nSaved the best fusion, {table['strategy'].iloc[best]}, as {path}.")
    _predict_new(path, folder)
    _write_report(table, folder)
    print(f"\nTook {time.perf_counter() - started:.0f} s. Now try one of your own:\n")
    print(f'  mmsenti predict {path} --text "what a lovely day"')
    print(f"  mmsenti explain {path} {os.path.join(folder, 'manifest.csv')} --row 0")


def _write_report(table: Comparison, folder: str) -> None:
    path = os.path.join(folder, "report.html")
    try:
        Report(table, title="Made posts: what fusion gains", n_jobs=_n_jobs()).save(path)
    except ImportError as error:
        print(f"\nNo report: {error}")
        return
    print(f"\nThe report, with every post and its reasons: {path} (opens in a browser)")


def _make_corpus(folder: str, n_samples: int) -> Any:
    os.makedirs(folder, exist_ok=True)
    posts = datasets.make_posts(
        n_samples, noise=_NOISE, missing_rate=_MISSING, folder=folder, random_state=0
    )
    print(
        f"Made {n_samples} posts by {posts['author'].nunique()} authors in {folder}{os.sep}: "
        f"text, image and audio,\nlabelled {', '.join(sorted(posts['label'].unique()))}; "
        f"{_MISSING:.0%} of the cells are missing."
    )
    return posts


def _predict_new(path: str, folder: str) -> None:
    new = datasets.make_posts(
        6, noise=0.0, missing_rate=0.4, folder=os.path.join(folder, "new"), random_state=1
    )
    model = load(path)
    probabilities = model.predict_proba(new)
    print("\nNew posts, predicted from whatever each of them has:\n")
    print(f"{'given':<18}  {'truth':<9}  {'predicted':<9}  probability")
    for i, predicted in enumerate(model.classes_[probabilities.argmax(axis=1)]):
        row = new.iloc[i]
        given = " ".join(n for n in ("text", "image", "audio") if not is_missing(row[n]))
        print(f"{given:<18}  {row['label']:<9}  {predicted:<9}  {probabilities[i].max():.2f}")


def _n_jobs() -> int:
    from joblib import cpu_count

    return min(cpu_count(), _N_SPLITS)
