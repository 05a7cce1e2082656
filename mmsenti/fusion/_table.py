"""Tables as users hold them: frames of any library, arrays, one dict, a list of dicts."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.utils import _safe_indexing
from sklearn.utils._indexing import _get_column_indices

from mmsenti._column import hold_numbers
from mmsenti._missing import missing_mask

__all__ = [
    "as_table",
    "column_names",
    "named_columns",
    "present_rows",
    "resolve_column",
    "select",
    "with_columns",
]


def as_table(X: Any) -> Any:
    """Make one dict, a list of dicts or an Arrow table a DataFrame; leave others as they are.

    Parameters
    ----------
    X : dict, list of dict, Arrow table, DataFrame or array of shape (n_samples, n_columns)
        A dict is one sample: column name to cell. An empty one is a sample with nothing.

    Returns
    -------
    table of shape (n_samples, n_columns)

    Examples
    --------
    >>> as_table({"text": "good"}).shape
    (1, 1)
    """
    if isinstance(X, Mapping) and not sparse.issparse(X):  # one sparse format is a dict
        X = [X]
    if isinstance(X, list | tuple) and X and all(isinstance(row, Mapping) for row in X):
        import pandas as pd

        names = list(dict.fromkeys(name for row in X for name in row))
        if len(X) == 1 and all(type(name) is str for name in names):
            return _as_row(X[0], tuple(names))
        return pd.DataFrame(
            {name: _as_column([row.get(name) for row in X]) for name in names},
            index=range(len(X)),
            columns=names,
        )
    if hasattr(X, "column_names") and hasattr(X, "to_pandas"):
        return X.to_pandas()
    return X


def _as_row(cells: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    """Make one sample a table, all of its cells at once unless some are numbers."""
    import pandas as pd

    numbers = [name for name in names if hold_numbers([cells[name]])]
    row = np.empty((1, len(names)), dtype=object)
    for i, name in enumerate(names):
        row[0, i] = cells[name]
    table = pd.DataFrame(row, columns=_index(names), dtype=object)
    return table.astype(dict.fromkeys(numbers, float)) if numbers else table


@lru_cache(maxsize=64)
def _index(names: tuple[str, ...]) -> Any:
    import pandas as pd

    return pd.Index(names)


def _as_column(cells: list[Any]) -> Any:
    import pandas as pd

    if hold_numbers(cells):
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
    absent = [name for name in names if name not in present]
    if not absent:
        return X
    if hasattr(X, "iloc"):
        return X.assign(**dict.fromkeys(absent, np.nan))
    import polars as pl

    return X.with_columns([pl.lit(None).alias(name) for name in absent])


def named_columns(column: Any) -> list[str]:
    """Name the columns that a selection asks for by name.

    Parameters
    ----------
    column : str, int, list, slice, boolean mask or callable

    Returns
    -------
    list of str
        Empty for positions and callables; the ends of a slice of names.
    """
    if isinstance(column, str):
        return [column]
    if isinstance(column, slice):
        column = [column.start, column.stop]
    elif not hasattr(column, "__iter__"):
        return []
    return [str(name) for name in column if isinstance(name, str)]


def resolve_column(X: Any, column: Any) -> Any:
    """Turn a selection into names where columns have names, so that their order may change.

    Parameters
    ----------
    X : table of shape (n_samples, n_columns)
        The table that is fitted.
    column : str, int, list, slice, boolean mask or callable
        As in ColumnTransformer.

    Returns
    -------
    str or list of str
        For an array, `column` itself, or what it returns where it is callable.

    Examples
    --------
    >>> import pandas as pd
    >>> resolve_column(pd.DataFrame({"text": ["good"], "f0": [220.0]}), slice(1, None))
    ['f0']
    """
    if callable(column):
        column = column(X)
    names = column_names(X)
    if names is None or isinstance(column, str):
        return column
    if not isinstance(column, slice) and named_columns(column):
        return named_columns(column)
    chosen = [names[i] for i in _get_column_indices(X, column)]
    return chosen[0] if np.isscalar(column) else chosen


def select(X: Any, column: Any) -> Any | None:
    """Take the column, or columns, of one modality out of a table.

    Parameters
    ----------
    X : table of shape (n_samples, n_columns)
    column : str, int, list, slice or boolean mask
        As `resolve_column` gives it: a single name or number gives one dimension, a list two.

    Returns
    -------
    Series, DataFrame or ndarray, or None
        None when every named column is absent, or the selection is empty.
    """
    if isinstance(column, str) and hasattr(X, "iloc"):
        return X[column] if column in X.columns else None
    names = column_names(X)
    wanted = named_columns(column)
    if names is not None and wanted:
        if not set(wanted) & set(names):
            return None
        X = with_columns(X, wanted)
    elif not np.isscalar(column) and not _any_selected(X, column):
        return None
    return _safe_indexing(X, column, axis=1)


def _any_selected(X: Any, column: Any) -> bool:
    if isinstance(column, slice):
        return bool(range(X.shape[1])[column])
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
