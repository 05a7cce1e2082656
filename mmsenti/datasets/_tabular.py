"""Read a table file into columns, each row with its place in the file.

pandas' reader is not used: it renames a repeated column, shifts a row that is too long into the
index, takes the word "NA" for a hole and "007" for a seven, and names no line.
"""

import codecs
import csv
import io
import json
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mmsenti._missing import is_missing
from mmsenti._optional import import_optional
from mmsenti._sample import describe_cell, regular_file

__all__ = ["Table", "read_table"]

_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}

# The csv module's limit on the length of a field is one for the whole process.
_field_limit_lock = threading.Lock()


@dataclass
class Table:
    """Columns by name, of equal length.

    Attributes
    ----------
    columns : dict of str to list or ndarray
        A missing cell is None, in an array NaN.
    places : list of str
        Where each row is found, as in "line 3".
    typed : bool
        Whether the file says what is a number; if not, cells are strings.
    """

    columns: dict[str, Any] = field(default_factory=dict)
    places: list[str] = field(default_factory=list)
    typed: bool = False


def read_table(path: str | os.PathLike[str], delimiter: str | None = None) -> Table:
    """Read a CSV, TSV, JSON lines or Parquet file.

    Parameters
    ----------
    path : str or path-like
        The format goes by the end of the name: .csv, .tsv, .tab, .jsonl, .ndjson, .parquet.
    delimiter : str, default=None
        Character between the fields of a CSV or TSV file; None is a comma, a tab in a .tsv.

    Returns
    -------
    Table
        At least one row; blank cells are missing.

    Raises
    ------
    ValueError, OSError
        Naming the line; the caller adds the file.
    """
    readers: dict[str, Callable[[str], Table]] = {
        ".csv": lambda name: _read_delimited(name, delimiter or ","),
        ".tsv": lambda name: _read_delimited(name, delimiter or "\t"),
        ".tab": lambda name: _read_delimited(name, delimiter or "\t"),
        ".jsonl": _read_json_lines,
        ".ndjson": _read_json_lines,
        ".parquet": _read_parquet,
    }
    suffix = os.path.splitext(os.fspath(path))[1].lower()
    if suffix not in readers:
        raise ValueError(
            f"a name that ends in {suffix!r} says no known format; expected one of "
            f"{', '.join(readers)}."
        )
    table = readers[suffix](regular_file(path))
    if not table.places:
        raise ValueError("there are no rows below the header; expected at least one.")
    return table


def _read_text(path: str) -> str:
    with open(path, "rb") as file:
        content = file.read()
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ValueError("line 1: the file is UTF-16; expected UTF-8. Save it as UTF-8.")
    if b"\0" in content:
        line = _line_number(content[: content.index(b"\0")])
        raise ValueError(f"line {line}: holds a NUL byte; expected text. Remove the byte.")
    content = content.removeprefix(codecs.BOM_UTF8)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line, byte = _line_number(content[: error.start]), content[error.start]
        raise ValueError(
            f"line {line}: byte 0x{byte:02x} is not UTF-8, it may be Latin-1 or Windows-1252; "
            "expected UTF-8. Save the file as UTF-8."
        ) from None
    if not text.strip():
        raise ValueError("the file is empty; expected a header and at least one row.")
    return text


def _line_number(before: bytes) -> int:
    return before.replace(b"\r\n", b"\n").replace(b"\r", b"\n").count(b"\n") + 1


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield line and fields of each row that is not blank; a row may span lines."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    while True:
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            reason = (
                "a quote is opened and never closed, which swallows the lines below it"
                if "unexpected end of data" in str(error)
                else f"quotes are not in order ({error})"
            )
            raise ValueError(
                f"line {line}: {reason}. Close the quote, or double each quote inside a field."
            ) from None
        if fields:
            yield line, fields
        line = reader.line_num + 1


def _read_delimited(path: str, delimiter: str) -> Table:
    text = _read_text(path)
    with _field_limit_lock:
        limit = csv.field_size_limit(len(text) + 1)
        try:
            rows = list(_rows(text, delimiter))
        finally:
            csv.field_size_limit(limit)
    header = rows[0][1]
    _check_header(header, delimiter)
    for line, fields in rows[1:]:
        if len(fields) != len(header):
            raise ValueError(_wrong_width(line, fields, header, delimiter))
    columns = zip(*(fields for _, fields in rows[1:]), strict=True)
    return Table(
        {
            name: [None if is_missing(cell) else cell for cell in cells]
            for name, cells in zip(header, columns, strict=False)
        },
        [f"line {line}" for line, _ in rows[1:]],
    )


def _check_header(header: list[str], delimiter: str) -> None:
    others = [other for other in _DELIMITERS if other != delimiter and other in header[0]]
    if len(header) == 1 and others:
        raise ValueError(
            f"line 1: the delimiter seems to be {_DELIMITERS[others[0]]}, expected "
            f"{_DELIMITERS.get(delimiter, repr(delimiter))}. Pass delimiter={others[0]!r}, or "
            "save the file with commas."
        )
    for number, name in enumerate(header, 1):
        if is_missing(name):
            raise ValueError(
                f"line 1: column {number} has no name. Name it, or leave it out (a table saved "
                "with its index has such a column)."
            )
    repeated = sorted({name for name in header if header.count(name) > 1})
    if repeated:
        raise ValueError(f"line 1: more than one column is named {repeated}. Rename or drop one.")


def _wrong_width(line: int, fields: list[str], header: list[str], delimiter: str) -> str:
    found = f"line {line}: {len(fields)} fields, expected {len(header)} as in the header."
    if len(fields) < len(header):
        return f"{found} Add what is missing, as empty fields if need be."
    kind = _DELIMITERS.get(delimiter, repr(delimiter))
    return f"{found} Put fields that hold {kind} in double quotes."


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) < len(pairs):
        names = [name for name, _ in pairs]
        twice = sorted({name for name in names if names.count(name) > 1})
        raise ValueError(f"more than one value for {twice}")
    return record


def _read_json_lines(path: str) -> Table:
    records, places = [], []
    for line, content in enumerate(io.StringIO(_read_text(path), newline=None), 1):
        if content.isspace():
            continue
        try:
            record = json.loads(content, object_pairs_hook=_unique_keys)
        except (ValueError, RecursionError) as error:
            raise ValueError(
                f"line {line}: not a line of JSON ({error}). Expected one object per line."
            ) from None
        if not isinstance(record, dict):
            raise ValueError(
                f'line {line}: expected an object, as in {{"id": "1"}}, got {content[:40]!r}.'
            )
        records.append(record)
        places.append(f"line {line}")
    names = dict.fromkeys(name for record in records for name in record)
    columns = {name: [record.get(name) for record in records] for name in names}
    return _typed_table(columns, places)


def _read_parquet(path: str) -> Table:
    import_optional("pyarrow", "parquet", "Reading Parquet")
    import pyarrow as pa
    from pyarrow import parquet

    try:
        arrow = parquet.ParquetFile(path).read()
    except pa.ArrowException as error:
        raise ValueError(f"not a readable Parquet file ({error}).") from None
    header = arrow.column_names
    _check_header(header, ",")
    columns: dict[str, Any] = {}
    for name, column in zip(header, arrow.columns, strict=True):
        is_plain = pa.types.is_floating(column.type) or (
            pa.types.is_integer(column.type) and not column.null_count
        )
        columns[name] = column.to_numpy() if is_plain else column.to_pylist()
    return _typed_table(columns, [f"row {row}" for row in range(arrow.num_rows)])


def _typed_table(columns: dict[str, Any], places: list[str]) -> Table:
    for name, cells in columns.items():
        if isinstance(cells, np.ndarray):
            continue
        for place, cell in zip(places, cells, strict=True):
            if isinstance(cell, list | dict | bytes):
                raise ValueError(
                    f"{place}, column {name!r}: expected a string or a number, got "
                    f"{describe_cell(cell)}."
                )
        columns[name] = [None if is_missing(cell) else cell for cell in cells]
    return Table(columns, places, typed=True)
