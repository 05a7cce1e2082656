"""Rows that hold the same text, picture or sound; parted by folds they make scores too good."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import numpy as np

from mmsenti._base import Extractor
from mmsenti._missing import is_missing
from mmsenti._nested import nested_extractors
from mmsenti.evaluation._folds import Folds
from mmsenti.store._content import content_digest

__all__ = ["find_duplicates"]


def find_duplicates(
    X: Any, modalities: Mapping[str, tuple[str, Any, Any]], folds: Folds
) -> list[dict[str, Any]]:
    """Find cells of equal content, and tell whether folds part them.

    Parameters
    ----------
    X : DataFrame of shape (n_samples, n_columns)
    modalities : mapping of str to (str, transformer, column)
        Those of several columns are left out: equal numbers are no copies.
    folds : list of (ndarray, ndarray)

    Returns
    -------
    list of dict
        ``modality``, ``rows`` (of equal content, in order) and ``across_folds``: whether one of
        them is predicted by a fit that has seen another. Texts are equal when they differ in
        nothing but case and white space; files by their bytes, whatever their names.

    Examples
    --------
    >>> import pandas as pd
    >>> from mmsenti.text import TextTfidf
    >>> X = pd.DataFrame({"text": ["Good  day", "bad", "good day"]})
    >>> folds = [(np.array([0, 1]), np.array([2]))]
    >>> find_duplicates(X, {"text": ("text", TextTfidf(), "text")}, folds)
    [{'modality': 'text', 'rows': [0, 2], 'across_folds': True}]
    """
    seen, met = _roles(folds, len(X))
    found = []
    for name, transformer, column in modalities.values():
        if not isinstance(column, str):
            continue
        files = any(_reads_files(part) for part in nested_extractors(transformer))
        rows_of = defaultdict(list)
        for row, cell in enumerate(X[column]):
            content = None if is_missing(cell) else _content(cell, files)
            if content is not None:
                rows_of[content].append(row)
        for rows in rows_of.values():
            if len(rows) > 1:
                parted = seen[:, rows].any(axis=1) & met[:, rows].any(axis=1)
                across = bool(parted.any())
                found.append({"modality": name, "rows": rows, "across_folds": across})
    return found


def _reads_files(extractor: Extractor) -> bool:
    return not extractor._cells_are_text


def _roles(folds: Folds, n_samples: int) -> tuple[np.ndarray, np.ndarray]:
    """Tell of each fold which rows it is fitted on, and which it predicts."""
    seen, met = np.zeros((2, len(folds), n_samples), dtype=bool)
    for i, (train, test) in enumerate(folds):
        seen[i, train] = met[i, test] = True
    return seen, met


def _content(cell: Any, files: bool) -> bytes | None:
    if isinstance(cell, str) and not files:
        return " ".join(cell.casefold().split()).encode("utf-8", "surrogatepass")
    return content_digest(cell)
