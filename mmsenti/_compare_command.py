"""The command `mmsenti compare`: which modalities and strategies a manifest's labels call for."""

import json
import time
from argparse import Namespace
from typing import Any

import mmsenti
from mmsenti._atomic import write_atomically
from mmsenti._corpus import read_corpus
from mmsenti.evaluation import Comparison, Report, compare
from mmsenti.evaluation._compare_text import format_comparison

__all__ = ["compare_manifest"]

_DEFAULT_FOLDS = 5


def compare_manifest(arguments: Namespace, on_error: str) -> list[tuple[int, str, str, str]]:
    """Compare, print the table, and write the report and the numbers where they are wanted.

    Parameters
    ----------
    arguments : Namespace
        Those of the command.
    on_error : {"raise", "missing"}

    Returns
    -------
    list of (int, str, str, str)
        Row, modality, path and reason of each cell that could not be read.
    """
    started = time.perf_counter()
    n_jobs = _n_jobs(arguments)
    if arguments.report:
        _check_report()
    corpus = read_corpus(arguments, on_error, n_jobs)
    table = compare(
        corpus.kind(corpus.modalities),
        corpus.table,
        corpus.y,
        groups=corpus.groups,
        cv=arguments.folds,
        strategies=arguments.strategies,
        metric=arguments.metric,
        n_jobs=n_jobs,
    )
    print(f"\n{format_comparison(table)}\n")
    if arguments.json:
        write_atomically(arguments.json, _as_json(table).encode())
        print(f"Wrote the numbers to {arguments.json}.")
    if arguments.report:
        Report(table, n_jobs=n_jobs).save(arguments.report)
        print(f"Wrote the report to {arguments.report}; it opens in a browser.")
    print(f"Took {time.perf_counter() - started:.0f} s.")
    return table.study_.errors


def _n_jobs(arguments: Namespace) -> int:
    from joblib import cpu_count

    return arguments.n_jobs or min(cpu_count(), arguments.folds or _DEFAULT_FOLDS)


def _check_report() -> None:
    """Say what is not installed before any work is done."""
    from mmsenti._optional import import_optional

    for name in ("jinja2", "matplotlib"):
        import_optional(name, "report", "--report")


def _as_json(table: Comparison) -> str:
    study = table.study_
    rows: list[dict[str, Any]] = [
        {str(name): None if value != value else value for name, value in row.items()}
        for row in table.to_dict("records")
    ]
    facts = {
        "mmsenti": mmsenti.__version__,
        "metric": study.metric,
        "rows": len(study.y),
        "folds": len(study.folds),
        "groups": None if study.groups is None else len(set(study.groups.tolist())),
        "duplicates": study.duplicates,
        "unreadable": len(study.errors),
        "table": rows,
    }
    return json.dumps(facts, ensure_ascii=False, indent=1) + "\n"
