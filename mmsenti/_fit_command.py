"""The command `mmsenti fit`: fit a fusion on a manifest, and save it."""

import time
from argparse import Namespace
from typing import Any

from mmsenti import save
from mmsenti._corpus import Corpus, read_corpus

__all__ = ["fit_manifest"]


def fit_manifest(arguments: Namespace, on_error: str) -> Any:
    """Fit a fusion, score it out of fold where that is asked for, and save it.

    Parameters
    ----------
    arguments : Namespace
        Those of the command.
    on_error : {"raise", "missing"}

    Returns
    -------
    FusionClassifier or FusionRegressor
    """
    started = time.perf_counter()
    feature = arguments.strategy == "feature"
    corpus = read_corpus(arguments, on_error, arguments.n_jobs if feature else None)
    model = corpus.kind(
        corpus.modalities,
        strategy=arguments.strategy,
        n_jobs=None if feature else arguments.n_jobs,
    )
    if arguments.folds:
        print(_score(model, corpus, arguments.strategy, arguments.folds))
    model.fit(corpus.table, corpus.y, groups=corpus.groups)
    save(model, arguments.output)
    print(f"Saved {arguments.output} after {time.perf_counter() - started:.1f} s.")
    return model


def _score(model: Any, corpus: Corpus, strategy: str, n_folds: int) -> str:
    from mmsenti.evaluation._compare_text import format_scores
    from mmsenti.evaluation._out_of_fold import score_out_of_fold

    scores = score_out_of_fold(model, corpus.table, corpus.y, corpus.groups, n_folds)
    return format_scores({f"{strategy}, {n_folds} folds": scores})
