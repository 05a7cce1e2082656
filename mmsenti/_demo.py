"""The demonstration: a corpus of real files, every strategy compared, a model saved and used."""

import os
import time
from typing import Any

import numpy as np

from mmsenti import datasets, fusion, load, save
from mmsenti._missing import is_missing
from mmsenti._scores import cross_validate, format_scores, score_predictions

__all__ = ["run_demo"]

_NOISE = 0.25
_MISSING = 0.1
_N_SPLITS = 5
_STRATEGIES: dict[str, dict[str, Any]] = {
    "feature": {"strategy": "feature"},
    "voting": {"strategy": "voting", "rule": "product"},
    "stacking": {"strategy": "stacking"},
    "hybrid": {"strategy": "hybrid"},
}


def run_demo(folder: str, n_samples: int = 300) -> None:
    """Make a corpus, compare strategies, save the best model and predict new posts with it.

    Parameters
    ----------
    folder : str
        Where the corpus and the model are written; made where it is not there.
    n_samples : int, default=300
        Posts of the corpus.
    """
    started = time.perf_counter()
    posts = _make_corpus(folder, n_samples)
    y, authors = posts["label"].to_numpy(dtype=object), posts["author"].to_numpy()
    print(
        f"\nOut-of-fold scores, {_N_SPLITS} folds that never split an author. Each modality is\n"
        f"misleading in {_NOISE:.0%} of the posts, so none alone can do better than "
        f"{1 - _NOISE:.0%}.\n"
    )
    modalities = fusion.default_modalities(posts)
    candidates = {f"{m[0]} alone": fusion.FusionClassifier([m]) for m in modalities}
    candidates |= {
        f"{name} fusion": fusion.FusionClassifier(modalities, **params)
        for name, params in _STRATEGIES.items()
    }
    table = {"most frequent class": _baseline(y)}
    for name, model in candidates.items():
        table[name] = cross_validate(
            model, posts, y, groups=authors, n_splits=_N_SPLITS, n_jobs=_n_jobs()
        )
    print(format_scores(table))
    fused = [name for name in candidates if name.endswith("fusion")]
    best = min(fused, key=lambda name: table[name]["log loss"])
    model = candidates[best].fit(posts, y, groups=authors)
    path = os.path.join(folder, "model.skops")
    save(model, path)
    print(f"\nSaved the one with the smallest log loss, {best}, as {path}.")
    _predict_new(path, folder)
    print(f"\nTook {time.perf_counter() - started:.0f} s. Now try one of your own:\n")
    print(f'  mmsenti predict {path} --text "what a lovely day"')


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


def _baseline(y: np.ndarray) -> dict[str, float]:
    classes, counts = np.unique(y, return_counts=True)
    prior = np.tile(counts / counts.sum(), (len(y), 1))
    return score_predictions(y, np.full(len(y), classes[counts.argmax()], dtype=object), prior)


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
