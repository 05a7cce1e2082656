"""What counts as a missing cell, one definition for everyone."""

from typing import Any

import numpy as np

__all__ = ["is_missing", "missing_mask"]


def is_missing(cell: Any) -> bool:
    """Tell whether a cell holds nothing.

    Parameters
    ----------
    cell : object
        None, NaN, NaT, ``pandas.NA`` and empty or blank strings are missing; everything else,
        an array included, is not.

    Returns
    -------
    bool

    Examples
    --------
    >>> [is_missing(cell) for cell in (None, float("nan"), " ", "text", 0)]
    [True, True, True, False, False]
    """
    if isinstance(cell, str):
        return not cell or cell.isspace()
    if cell is None:
        return True
    if isinstance(cell, float | np.floating):
        return bool(cell != cell)
    # pandas.NA and NaT by name: a missing cell is no reason to import pandas.
    return type(cell).__name__ in ("NAType", "NaTType")


def missing_mask(column: Any) -> np.ndarray:
    """Tell which rows of a column, or of several columns together, hold nothing.

    Parameters
    ----------
    column : sequence of cells, or table of shape (n_samples, n_columns)
        Over several columns a row is missing when all of its cells are.

    Returns
    -------
    ndarray of bool of shape (n_samples,)

    Examples
    --------
    >>> missing_mask(["text", None, ""]).tolist()
    [False, True, True]
    >>> missing_mask(np.array([[1.0, np.nan], [np.nan, np.nan]])).tolist()
    [False, True]
    """
    ndim = getattr(column, "ndim", 1 if not hasattr(column, "columns") else 2)
    if ndim == 1:
        return np.fromiter((is_missing(cell) for cell in column), dtype=bool)
    if isinstance(column, np.ndarray):
        columns = list(column.T)
    elif hasattr(column, "iloc"):
        columns = [column.iloc[:, i] for i in range(column.shape[1])]
    else:
        columns = [column[:, i] for i in range(column.shape[1])]
    mask = np.ones(len(column), dtype=bool)
    for values in columns:
        dtype = getattr(values, "dtype", None)
        if isinstance(dtype, np.dtype) and dtype.kind in "fiub":
            values = np.asarray(values)
            mask &= np.isnan(values) if dtype.kind == "f" else False
        else:
            mask &= missing_mask(values)
    return mask
