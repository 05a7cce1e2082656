"""Files of features, written chunk by chunk: Parquet, CSV, or arrays in an .npz."""

import io
import os
import re
import zipfile
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

import numpy as np

from mmsenti._atomic import open_atomically
from mmsenti._optional import import_optional

__all__ = ["check_ending", "write_features"]

_GROUP_BYTES = 2**26
_NEEDS_QUOTES = re.compile('[",\\r\\n]')


def check_ending(path: str) -> str:
    """Return the format that the end of a name stands for.

    Raises
    ------
    ValueError
        For any other end.
    """
    ending = os.path.splitext(path)[1].lower()
    if ending not in _WRITERS:
        raise ValueError(f"{path}: features are written as {', '.join(_WRITERS)}; name one so.")
    return ending


def write_features(path: str, ids: Any, names: list[str], chunks: Iterable[np.ndarray]) -> None:
    """Write features as they come; the file appears when it is complete.

    Parameters
    ----------
    path : str
        Ends in .parquet (extra ``parquet``), .csv or .npz. An .npz holds the arrays ``id``,
        ``names`` and ``features``; it is read with ``numpy.load``.
    ids : array-like of shape (n_samples,)
    names : list of str, of length n_features
    chunks : iterable of ndarray of float32 of shape (n_rows, n_features)
        In order, n_samples rows in all.
    """
    ids = np.asarray(ids)
    if ids.dtype.kind == "O":
        ids = ids.astype(str)
    write = _WRITERS[check_ending(path)]
    with open_atomically(path) as file:
        write(file, ids, names, _with_place(chunks))


def _with_place(chunks: Iterable[np.ndarray]) -> Iterable[tuple[slice, np.ndarray]]:
    start = 0
    for values in chunks:
        yield slice(start, start + len(values)), values
        start += len(values)


def _write_csv(
    file: BinaryIO, ids: np.ndarray, names: list[str], chunks: Iterable[tuple[slice, np.ndarray]]
) -> None:
    text = io.TextIOWrapper(file, encoding="utf-8", errors="surrogatepass", newline="")
    text.write(",".join(map(_quote, ["id", *names])) + "\n")
    # Nine digits tell any two float32 apart, and are written ten times faster than the fewest.
    pattern = ",%.9g" * len(names)
    for place, values in chunks:
        for name, row in zip(ids[place].tolist(), values.tolist(), strict=True):
            text.write(_quote(name) + (pattern % tuple(row)).replace("nan", "") + "\n")
    text.flush()
    text.detach()


def _quote(cell: Any) -> str:
    cell = str(cell)
    return '"' + cell.replace('"', '""') + '"' if _NEEDS_QUOTES.search(cell) else cell


def _write_parquet(
    file: BinaryIO, ids: np.ndarray, names: list[str], chunks: Iterable[tuple[slice, np.ndarray]]
) -> None:
    pa = import_optional("pyarrow", "parquet", "Writing Parquet files")
    parquet = import_optional("pyarrow.parquet", "parquet", "Writing Parquet files")
    schema = pa.schema(
        [("id", pa.from_numpy_dtype(ids.dtype) if ids.dtype.kind in "iufb" else pa.string())]
        + [(name, pa.float32()) for name in names]
    )
    # Numbers that hardly repeat gain nothing from a dictionary of them, and what is noted of each
    # column of each group stays in memory until the end: few groups, few notes.
    options = {"use_dictionary": False, "write_statistics": False}
    with parquet.ParquetWriter(file, schema, **options) as writer:
        for place, values in _regroup(chunks, _GROUP_BYTES // (4 * max(len(names), 1))):
            columns = [pa.array(ids[place]), *(pa.array(column) for column in values.T)]
            writer.write_table(pa.table(columns, schema=schema), row_group_size=len(values))


def _regroup(
    chunks: Iterable[tuple[slice, np.ndarray]], n_rows: int
) -> Iterator[tuple[slice, np.ndarray]]:
    """Join chunks until they have so many rows, or none is left."""
    start, parts, size = 0, [], 0
    for place, values in chunks:
        parts.append(values)
        size = place.stop - start
        if size >= n_rows:
            yield slice(start, place.stop), np.concatenate(parts)
            start, parts, size = place.stop, [], 0
    if size:
        yield slice(start, start + size), np.concatenate(parts)


def _write_npz(
    file: BinaryIO, ids: np.ndarray, names: list[str], chunks: Iterable[tuple[slice, np.ndarray]]
) -> None:
    with zipfile.ZipFile(file, "w", allowZip64=True) as archive:
        for name, array in {"id": ids, "names": np.array(names, dtype=str)}.items():
            with archive.open(f"{name}.npy", "w") as member:
                np.lib.format.write_array(member, array, allow_pickle=False)
        with archive.open("features.npy", "w", force_zip64=True) as member:
            header = {"descr": "<f4", "fortran_order": False, "shape": (len(ids), len(names))}
            np.lib.format.write_array_header_1_0(member, header)
            for _, values in chunks:
                member.write(np.ascontiguousarray(values, dtype="<f4").data)


_WRITERS = {".parquet": _write_parquet, ".csv": _write_csv, ".npz": _write_npz}
