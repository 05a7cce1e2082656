"""Rows to predict, as columns of cells: one dict, a list of dicts, or a frame of any library."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mmsenti._column import as_cells, hold_numbers
from mmsenti._missing import is_missing, missing_mask

__all__ = ["Selection", "Table"]


class Table:
    """Columns by name; one that is absent has no cell filled.

    Parameters
    ----------
    X : dict, list of dict, or DataFrame of shape (n_samples, n_columns)
    owner : str
        Name that an error begins with.

    Examples
    --------
    >>> table = Table([{"text": "good"}, {"text": None}], "FusionClassifier")
    >>> len(table), table.present("text"), table.present("image")
    (2, [True, False], [False, False])
    """

    def __init__(self, X: Any, owner: str) -> None:
        if isinstance(X, Mapping):
            X = [X]
        self._owner = owner
        self._cells: dict[str, list[Any]] = {}
        self._dtypes: dict[str, Any] = {}
        if hasattr(X, "columns") and hasattr(X, "shape"):
            self._frame: Any = X
            # Arrow's columns are data, its names are elsewhere.
            self._names = set(getattr(X, "column_names", X.columns))
        elif isinstance(X, list | tuple) and all(isinstance(row, Mapping) for row in X):
            self._frame = None
            self._rows: Sequence[Mapping[str, Any]] = X
            self._names = {name for row in X for name in row}
        else:
            raise TypeError(
                f"{owner}: a frozen model predicts for a dict, a list of dicts or a DataFrame, "
                f"got {type(X).__name__}."
            )
        self._length = len(X)
        if not self._length:
            shape = (0, len(self._names))
            raise ValueError(
                f"{owner}: Found array with 0 sample(s) (shape={shape}) while a minimum of 1 is "
                "required."
            )

    def __len__(self) -> int:
        return self._length

    def present(self, column: str | list[str]) -> list[bool]:
        """Tell which rows have at least one filled cell in a column, or in several."""
        present = [False] * self._length
        for name in [column] if isinstance(column, str) else column:
            if name in self._names:
                cells = self._column(name)
                present = [
                    p or not is_missing(cell) for p, cell in zip(present, cells, strict=True)
                ]
        return present

    def select(self, column: str | list[str], rows: np.ndarray | None = None) -> "Selection":
        """Take a column, or several, of all rows or of some."""
        names = [column] if isinstance(column, str) else column
        columns = [self._column(name) for name in names]
        if rows is not None and len(rows) < self._length:
            columns = [[cells[i] for i in rows] for cells in columns]
        dtypes = [self._dtypes.get(name, np.dtype(np.float64)) for name in names]
        return Selection(columns, dtypes)

    def _column(self, name: str) -> list[Any]:
        if name not in self._cells:
            self._cells[name] = self._read(name)
        return self._cells[name]

    def _read(self, name: str) -> list[Any]:
        if name not in self._names:
            return [None] * self._length
        if self._frame is None:
            cells = [row.get(name) for row in self._rows]
            if hold_numbers(cells):
                return [np.nan if cell is None else float(cell) for cell in cells]
            return cells
        column = self._frame[name]
        if isinstance(getattr(column, "dtype", None), np.dtype):
            self._dtypes[name] = column.dtype
        return as_cells(column, self._owner)


class Selection:
    """The cells of a modality: of one column, or the numbers of several.

    Parameters
    ----------
    columns : list of list
        Each of length n_samples.
    dtypes : list of dtype
    """

    def __init__(self, columns: list[list[Any]], dtypes: list[Any]) -> None:
        self.columns = columns
        self._dtypes = dtypes

    def __len__(self) -> int:
        return len(self.columns[0])

    def numbers(self) -> np.ndarray:
        """Return the cells as numbers, missing ones as NaN: (n_samples, n_columns).

        Raises
        ------
        ValueError
            For a cell that is no number or infinite, as scikit-learn words it.
        """
        dtype = np.result_type(*self._dtypes)
        dtype = dtype if dtype.kind == "f" else np.dtype(np.float64)
        numbers = np.empty((len(self), len(self.columns)), dtype=dtype)
        for j, cells in enumerate(self.columns):
            missing = missing_mask(cells)
            numbers[:, j] = [np.nan if m else c for m, c in zip(missing, cells, strict=True)]
        if np.isinf(numbers).any():
            raise ValueError(
                f"Input X contains infinity or a value too large for dtype({dtype.name!r})."
            )
        return numbers
