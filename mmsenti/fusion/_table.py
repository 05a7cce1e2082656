"""Tables as users hold them: frames of any library, arrays, one dict, a list of dicts."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn.utils import _safe_indexing

from mmsenti._missing import missing_mask

__all__ = ["as_table", "column_names", "present_rows", "select", "with_columns"]


def as_table(X: Any) -> Any:
    """Make one dict, or a list of dicts, a DataFrame; leave every other table as it is.

    Parameters
    ----------
    X : dict, list of dict, DataFrame or array of shape (n_samples, n_columns)
        A dict is one sample: column name to cell.

    Returns
    -------
    table of shape (n_samples, n_columns)

    Examples
    --------
    >>> as_table({"text": "good"}).shape
    (1, 1)
    """
    if isinstance(X, Mapping):
        X = [X]
    if isinstance(X, list | tuple) and X and all(isinstance(row, Mapping) for row in X):
        import pandas as pd

        names = list(dict.fromkeys(name for row in X for name in row))
        return pd.DataFrame(
            {name: _as_column([row.get(name) for row in X]) for name in names}, columns=names
        )
    return X


def _as_column(cells: list[Any]) -> Any:
    import pandas as pd

    numeric = all(isinstance(cell, int | float | np.number) or cell is None for cell in cells)
    if numeric and any(cell is not None for cell in cells):
        return pd.Series(cells, dtype=float)
    # Objects stay what they are: an array or a tuple in a cell is one sample.
    return pd.Series(np.fromiter(cells, dtype=object, count=len(cells)), dtype=object)


def column_names(X: Any) -> list[str] | None:
    """Name the columns of a table, or None for an array, whose columns have no names."""
    return list(X.columns) if hasattr(X, "columns") else None


def with_columns(X: Any, names: list[str]) -> Any:
    """Add the columns that a frame lacks, each without a single cell filled.

    Parameters
    ----------
    X : table
    names : list of str
        Columns that are needed.

    Returns
    -------
    table
        `X` itself where nothing is lacking or where columns have no names.
    """
    present = column_names(X)
    if present is None:
        return X
    absent = [name for name in names if isinstance(name, str) and name not in present]
    if not absent:
        return X
    if hasattr(X, "iloc"):
        return X.assign(**dict.fromkeys(absent, np.nan))
    import polars as pl

    return X.with_columns([pl.lit(None).alias(name) for name in absent])


def select(X: Any, column: Any) -> Any | None:
    """Take the column, or columns, of one modality out of a table.

    Parameters
    ----------
    X : table of shape (n_samples, n_columns)
    column : str, int, list, slice or boolean mask
        As in ColumnTransformer: a single name or number gives one dimension, a list two.

    Returns
    -------
    Series, DataFrame or ndarray, or None
        None when a named column is absent altogether, or the selection is empty.
    """
    names = column_names(X)
    if names is not None and _is_named(column):
        wanted = [column] if isinstance(column, str) else list(column)
        X = with_columns(X, wanted) if set(wanted) & set(names) else None
        if X is None:
            return None
    if not isinstance(column, str | int) and not _any_selected(X, column):
        return None
    return _safe_indexing(X, column, axis=1)


def _is_named(column: Any) -> bool:
    if isinstance(column, str):
        return True
    return isinstance(column, list | tuple | np.ndarray) and all(
        isinstance(name, str) for name in column
    )


def _any_selected(X: Any, column: Any) -> bool:
    if isinstance(column, slice):
        return True if isinstance(column.start, str) else bool(range(X.shape[1])[column])
    column = np.asarray(column)
    return bool(column.any()) if column.dtype == bool else bool(column.size)


def present_rows(X: Any, column: Any) -> np.ndarray:
    """Tell which rows of a table have a modality.

    Parameters
    ----------
    X : table of shape (n_samples, n_columns)
    column : str, int, list, slice or boolean mask

    Returns
    -------
    ndarray of bool of shape (n_samples,)
        Over several columns, those with at least one cell filled.
    """
    selected = select(X, column)
    if selected is None:
        return np.zeros(len(X), dtype=bool)
    return ~missing_mask(selected)
