"""Read what the commands fit and compare learn from: a manifest, its labels and its modalities."""

from argparse import Namespace
from dataclasses import dataclass
from typing import Any

import numpy as np

from mmsenti import datasets, fusion
from mmsenti._missing import missing_mask

__all__ = ["Corpus", "read_corpus"]

_MODALITIES = ("text", "image", "audio")


@dataclass
class Corpus:
    """Rows to learn from.

    Attributes
    ----------
    table : DataFrame of shape (n_samples, n_columns)
    y : ndarray of shape (n_samples,)
        Labels, or values (floats).
    groups : ndarray of shape (n_samples,), or None
    columns : dict of str to str
        By modality.
    modalities : list of (str, transformer, column)
    kind : type
        FusionClassifier or FusionRegressor.
    """

    table: Any
    y: np.ndarray
    groups: np.ndarray | None
    columns: dict[str, str]
    modalities: list[tuple[str, Any, Any]]
    kind: Any


def read_corpus(arguments: Namespace, on_error: str, n_jobs: int | None) -> Corpus:
    """Read a manifest as the arguments of a command say.

    Parameters
    ----------
    arguments : Namespace
        With ``manifest``, ``label``, ``groups``, ``task``, ``root``, ``store``, ``quiet``, and a
        column or None for ``text``, ``image`` and ``audio``.
    on_error : {"raise", "missing"}
        What extractors do with cells that they cannot read.
    n_jobs : int or None
        Of the extractors.

    Returns
    -------
    Corpus
    """
    regression = arguments.task == "regression"
    asked = {name: getattr(arguments, name) for name in _MODALITIES}
    table = datasets.load_manifest(
        arguments.manifest,
        label=arguments.label,
        groups=arguments.groups,
        numeric_label=regression,
        root=arguments.root,
        **asked,
    )
    others = (arguments.label, arguments.groups)
    columns = {
        name: column or name
        for name, column in asked.items()
        if column or (name in table.columns and name not in others)
    }
    modalities = fusion.default_modalities(
        columns or list(table.columns),
        on_error=on_error,
        n_jobs=n_jobs,
        store=arguments.store,
        verbose=not arguments.quiet,
    )
    _describe(table, columns)
    return Corpus(
        table,
        table[arguments.label].to_numpy(dtype=float if regression else object),
        None if arguments.groups is None else table[arguments.groups].to_numpy(),
        columns,
        modalities,
        fusion.FusionRegressor if regression else fusion.FusionClassifier,
    )


def _describe(table: Any, columns: dict[str, str]) -> None:
    print(f"{len(table)} rows")
    for name, column in columns.items():
        missing = int(missing_mask(table[column]).sum())
        print(f"  {name:<6} {len(table) - missing:>6} filled {missing:>6} missing")
