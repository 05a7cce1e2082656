"""Turn whatever a user holds one column in into a list of cells."""

from collections.abc import Iterable
from typing import Any

import numpy as np

__all__ = ["as_cells", "hold_numbers"]

_EXPECTED = "expected one column, of shape (n_samples,) or (n_samples, 1)"


def as_cells(column: Any, owner: str) -> list[Any]:
    """List the cells of one column.

    Parameters
    ----------
    column : list, tuple, ndarray, Series or one-column DataFrame of any table library
        Shape (n_samples,) or (n_samples, 1). In a list, rows that are all one-element lists
        count as the second form.
    owner : str
        Name that an error begins with.

    Returns
    -------
    list of length n_samples

    Raises
    ------
    TypeError
        For a bare string, a mapping, a set, an iterator, a sparse matrix or a scalar.
    ValueError
        For more than one column, or for no rows.

    Examples
    --------
    >>> as_cells([["good"], ["bad"]], "TextFeatures")
    ['good', 'bad']
    """
    cells = _cells(column, owner)
    if not cells:
        raise ValueError(
            f"{owner}: Found array with 0 sample(s) (shape=(0,)) while a minimum of 1 is required."
        )
    return cells


def hold_numbers(cells: list[Any]) -> bool:
    """Tell whether the cells of a column are numbers, as far as they are filled.

    Examples
    --------
    >>> hold_numbers([1, None, 2.5]), hold_numbers(["1"]), hold_numbers([None])
    (True, False, False)
    """
    numeric = all(isinstance(cell, int | float | np.number) or cell is None for cell in cells)
    return numeric and any(cell is not None for cell in cells)


def _cells(column: Any, owner: str) -> list[Any]:
    if isinstance(column, list | tuple):
        return _unwrap(list(column), owner)
    if isinstance(column, np.ndarray):
        return _array_cells(column, owner)
    if hasattr(column, "columns") and hasattr(column, "shape"):
        if column.shape[1] != 1:
            raise ValueError(
                f"{owner}: {_EXPECTED}, got a table of {column.shape[1]} columns "
                f"({', '.join(map(str, list(column.columns)[:5]))}). Name the one to use."
            )
        column = column.iloc[:, 0] if hasattr(column, "iloc") else column[column.columns[0]]
    if hasattr(column, "dtype") and hasattr(column, "tolist") and not hasattr(column, "shape"):
        return list(column.tolist())  # pandas' extension arrays
    for to_list in ("to_list", "to_pylist", "tolist"):
        if hasattr(column, to_list) and getattr(column, "ndim", 1) == 1:
            return list(getattr(column, to_list)())
    if hasattr(column, "__array__") and not hasattr(column, "toarray"):
        return _array_cells(np.asarray(column), owner)
    raise TypeError(f"{owner}: {_EXPECTED}, got {_describe(column)}. {_advice(column)}")


def _array_cells(array: np.ndarray, owner: str) -> list[Any]:
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim == 0:
        raise TypeError(f"{owner}: {_EXPECTED}, got a scalar array. Reshape your data.")
    if array.ndim != 1:
        raise ValueError(
            f"{owner}: {_EXPECTED}, got an array of shape {array.shape}. Reshape your data, or "
            "pass list(X) if each X[i] is one decoded sample."
        )
    return list(array)


def _unwrap(cells: list[Any], owner: str) -> list[Any]:
    if not cells or not all(isinstance(cell, list) for cell in cells):
        return cells
    widths = {len(cell) for cell in cells}
    if widths == {1}:
        return [cell[0] for cell in cells]
    raise ValueError(
        f"{owner}: {_EXPECTED}, got rows of {min(widths)} to {max(widths)} cells. "
        "Reshape your data: one cell is one text, path, bytes or array."
    )


def _describe(column: Any) -> str:
    if isinstance(column, str | bytes):
        return f"a single {type(column).__name__}"
    if isinstance(column, Iterable) and not hasattr(column, "__len__"):
        return f"an iterator ({type(column).__name__})"
    return f"a {type(column).__name__}"


def _advice(column: Any) -> str:
    if isinstance(column, str | bytes):
        return "Put it in a list: [sample]."
    if isinstance(column, dict):
        return "Pass the column itself: X['text']."
    if hasattr(column, "toarray"):
        return "A sparse matrix holds no samples."
    if isinstance(column, Iterable):
        return "Pass list(X), whose order is fixed."
    return "Reshape your data."
