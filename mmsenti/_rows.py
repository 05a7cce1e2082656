"""The one loop over a column: cells in, rows of numbers out, each error with its place."""

import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np

from mmsenti._descriptor import Descriptor, said_by_class
from mmsenti._missing import is_missing
from mmsenti._sample import Sample, SampleWarning, describe_cell

__all__ = [
    "Rows",
    "cell_place",
    "extract_rows",
    "located",
    "numbered",
    "row_numbers",
    "warn_of_remarks",
]

_WAY_OUT = 'pass on_error="missing" to treat it as a missing modality.'
_VALUES_AT_ONCE = 32_768  # judged together: as many as stay in the processor's cache
_MAX_ROWS_AT_ONCE = 512  # so that the error of a descriptor does not come late
_FLOAT32_MAX = (2 - 2**-23) * 2.0**127  # np.finfo, when first asked, takes as long as a text
_numbers: ContextVar[np.ndarray | None] = ContextVar("_numbers", default=None)


@contextmanager
def numbered(rows: np.ndarray) -> Iterator[None]:
    """Say which rows of a table those are that are read in this context.

    Whoever hands on a part of a table says so, that errors and lists of them name the rows that
    the user knows. Parts of parts add up.

    Parameters
    ----------
    rows : ndarray of int of shape (n_samples,)

    Examples
    --------
    >>> with numbered(np.array([0, 2, 4, 6])), numbered(np.array([1, 3])):
    ...     row_numbers(2)
    [2, 6]
    """
    outer = _numbers.get()
    token = _numbers.set(rows if outer is None else outer[rows])
    try:
        yield
    except (ValueError, TypeError, OSError) as error:
        # Not by the context, which does not reach the processes that transformers may start.
        place = getattr(error, "row", None)
        if isinstance(place, int) and place < len(rows):
            row = int(rows[place])
            error.args = (str(error).replace(f", row {place}, ", f", row {row}, ", 1),)
            error.row = row  # type: ignore[union-attr]
        raise
    finally:
        _numbers.reset(token)


def row_numbers(n_samples: int) -> list[int]:
    """Return the rows of the table that a column holds.

    Parameters
    ----------
    n_samples : int
        Length of the column; one of another length is what a transformer in between has made.

    Returns
    -------
    list of int
        As `numbered` says, or from 0.
    """
    numbers = _numbers.get()
    if numbers is None or len(numbers) != n_samples:
        return list(range(n_samples))
    return numbers.tolist()


def located(
    error: Exception, owner: str, row: int, cell: Any, reason: str | None = None
) -> ValueError | TypeError | OSError:
    """Put the place in front of an error, for `numbered` to put the table's row in its place.

    Parameters
    ----------
    error : ValueError, TypeError or OSError
    owner : str
        Name that the error begins with.
    row : int
        Place in the column.
    cell : object
    reason : str, default=None
        None is the error's own.

    Returns
    -------
    ValueError, TypeError or OSError
    """
    kind = next(kind for kind in (TypeError, OSError, ValueError) if isinstance(error, kind))
    placed = kind(f"{owner}, row {row}, {describe_cell(cell)}: {reason or error}")
    placed.row = int(row)
    return placed


class Rows:
    """What one pass over (a part of) a column gave.

    Attributes
    ----------
    values : ndarray of float32 of shape (n_samples, n_features)
        A missing or, where the user asked for it, unreadable cell is a row of NaN.
    remarks : list of (int, str)
        Row and remark of samples that were read, but not as their author meant them.
    errors : list of (int, str, str)
        Row, path (or what the cell is) and reason of samples that could not be read.
    """

    def __init__(
        self,
        values: np.ndarray,
        remarks: list[tuple[int, str]],
        errors: list[tuple[int, str, str]],
    ) -> None:
        self.values = values
        self.remarks = remarks
        self.errors = errors


def extract_rows(
    cells: Sequence[Any],
    make_sample: Callable[[Any], Sample],
    descriptors: Sequence[tuple[str, Descriptor]],
    widths: Sequence[int],
    *,
    owner: str,
    on_error: str | None = "raise",
    row_numbers: Sequence[int] | None = None,
) -> Rows:
    """Compute the features of each cell.

    Parameters
    ----------
    cells : sequence of length n_samples
    make_sample : callable
        Decodes one cell.
    descriptors : sequence of (str, Descriptor)
    widths : sequence of int
        Number of features of each descriptor.
    owner : str
        Name that an error begins with.
    on_error : {"raise", "missing"} or None, default="raise"
        Whether an unreadable cell is an error or a missing one. None is an error too, and does not
        offer the other as a way out.
    row_numbers : sequence of int, default=None
        Row of each cell in the user's table; None counts from 0.

    Returns
    -------
    Rows

    Raises
    ------
    ValueError, TypeError, OSError
        Naming the row and the cell.
    """
    n_features = sum(widths)
    rows = Rows(np.full((len(cells), n_features), np.nan, dtype=np.float32), [], [])
    numbers = range(len(cells)) if row_numbers is None else row_numbers
    places: list[int] = []
    columns: list[Any] = [[] for _ in descriptors]
    together = {k for k, (_, d) in enumerate(descriptors) if said_by_class(d, "_compute_many")}
    steps = [
        descriptor._take if k in together else descriptor.compute
        for k, (_, descriptor) in enumerate(descriptors)
    ]
    rows_at_once = max(1, min(_MAX_ROWS_AT_ONCE, _VALUES_AT_ONCE // max(1, n_features)))

    def settle() -> None:
        if not places:
            return
        for k in together:
            columns[k] = descriptors[k][1]._compute_many(columns[k])
        problem = _settle(rows.values, places, columns, widths)
        if problem is not None:
            i, k, what = problem
            error = ValueError(f"descriptor {descriptors[k][0]!r} {what}")
            raise located(error, owner, numbers[i], cells[i])
        places.clear()
        columns[:] = ([] for _ in descriptors)

    for i, (row, cell) in enumerate(zip(numbers, cells, strict=True)):
        if is_missing(cell):
            continue
        try:
            sample = make_sample(cell)
        except TypeError as error:
            raise located(error, owner, row, cell) from error
        except (ValueError, OSError) as error:
            if on_error == "missing":
                rows.errors.append((row, cell_place(cell), str(error)))
                continue
            reason = _reason(error, _WAY_OUT if on_error else "")
            raise located(error, owner, row, cell, reason) from error
        places.append(i)
        for step, column in zip(steps, columns, strict=True):
            column.append(step(sample))
        if len(places) == rows_at_once:
            settle()
        if sample.remarks:
            rows.remarks.extend((row, remark) for remark in sample.remarks)
    settle()
    return rows


def _settle(
    values: np.ndarray, places: Sequence[int], columns: Sequence[Any], widths: Sequence[int]
) -> tuple[int, int, str] | None:
    """Put features of many rows into the matrix at once, or say what is wrong with the first.

    Row by row, judging the numbers of a short text would take longer than computing them.
    """
    start = 0
    for column, width in zip(columns, widths, strict=True):
        block = _block(column, width)
        if block is None:
            return _first_problem(places, columns, widths)
        values[places, start : start + width] = block
        start += width
    return None


def _block(features: Sequence[Any], width: int) -> np.ndarray | None:
    """Stack what one descriptor computed, or return None if anything is wrong with it."""
    try:
        block = np.array(features, dtype=np.float64).reshape(len(features), -1)
    except ValueError:  # of different lengths
        return None
    # NaN fails the comparison as infinity and overflow do.
    high = np.maximum.reduce(block, axis=None, initial=0.0)
    low = np.minimum.reduce(block, axis=None, initial=0.0)
    right = block.shape[1] == width and high <= _FLOAT32_MAX and low >= -_FLOAT32_MAX
    return block if right else None


def _first_problem(
    places: Sequence[int], columns: Sequence[Any], widths: Sequence[int]
) -> tuple[int, int, str] | None:
    for i, *row in zip(places, *columns, strict=True):
        for k, (features, width) in enumerate(zip(row, widths, strict=True)):
            problem = _problem(np.asarray(features, dtype=np.float64), width)
            if problem:
                return i, k, problem
    return None


def cell_place(cell: Any) -> str:
    """Return the path that a cell is, or what else it is, as a list of errors names it."""
    return os.fspath(cell) if isinstance(cell, str | os.PathLike) else describe_cell(cell)


def warn_of_remarks(owner: str, remarks: Sequence[tuple[int, str]], *, stacklevel: int = 4) -> None:
    """Warn once of all samples that were read, but not as their author meant them.

    Parameters
    ----------
    owner : str
        Name that the warning begins with.
    remarks : sequence of (int, str)
        Row and remark.
    stacklevel : int, default=4
        Of the warning.
    """
    if not remarks:
        return
    row, remark = remarks[0]
    more = f" (and {len(remarks) - 1} more remarks)" if len(remarks) > 1 else ""
    warnings.warn(f"{owner}, row {row}: {remark}{more}", SampleWarning, stacklevel=stacklevel)


def _problem(features: np.ndarray, width: int) -> str | None:
    if features.shape != (width,):
        return f"computed shape {features.shape}, but get_names() names {width} features."
    if not np.abs(features).max(initial=0.0) <= _FLOAT32_MAX:
        return "computed a number that is not finite in float32."
    return None


def _reason(error: Exception, way_out: str) -> str:
    """Say behind a reason what else the user can do."""
    reason = str(error)
    if way_out and ". " in reason:  # it ends with an advice already
        return f"{reason.removesuffix('.')}, or {way_out}"
    return f"{reason} {way_out[0].upper()}{way_out[1:]}" if way_out else reason
