"""Rows of features in the tables of a store.

A narrow table, the directory, finds the wide one and remembers when a row was used; so neither a
look-up nor a change of recency touches more than it must. Keys are 64 bits of a hash. The
checksum of a row covers its full key and its numbers: a collision, a flipped bit and two swapped
rows all show as a row that does not belong there, which counts as absent.
"""

import hashlib
import sqlite3
import struct
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from mmsenti.store._claims import in_batches, marks_for, release_keys

__all__ = [
    "ROW_OVERHEAD",
    "Row",
    "delete_keys",
    "divide_rows",
    "pack_rows",
    "read_rows",
    "row_key",
    "touch_keys",
    "write_rows",
]

ROW_OVERHEAD = 120  # bytes of keys, checksum and bookkeeping besides the numbers


class Row(NamedTuple):
    """One row on its way to the store."""

    digest: bytes
    key: int
    numbers: bytes

    @property
    def size(self) -> int:
        """What the row will take of the file, in bytes, roughly."""
        return len(self.numbers) + ROW_OVERHEAD


def pack_rows(
    fingerprint: bytes, digests: Sequence[bytes | None], rows: Sequence[Any], max_bytes: int
) -> list[Row]:
    """Turn rows into bytes, one for each digest; one that is None or too large is left out."""
    packed: dict[int, Row] = {}
    for digest, row in zip(digests, rows, strict=True):
        if digest is not None and row is not None:
            numbers = np.ascontiguousarray(row, dtype="<f4").tobytes()
            if len(numbers) <= max_bytes:
                key = row_key(fingerprint, digest)
                packed[key] = Row(digest, key, numbers)
    return list(packed.values())


def divide_rows(rows: Sequence[Row], max_bytes: int) -> Iterator[list[Row]]:
    """Divide rows into chunks of at most so many bytes, or of one row."""
    chunk: list[Row] = []
    size = 0
    for row in rows:
        if chunk and size + row.size > max_bytes:
            yield chunk
            chunk, size = [], 0
        chunk.append(row)
        size += row.size
    if chunk:
        yield chunk


def row_key(fingerprint: bytes, digest: bytes) -> int:
    """Hash a full key to SQLite's signed 64 bits."""
    return int.from_bytes(_hash(b"key", 8, fingerprint, digest), "little", signed=True)


def _checksum(fingerprint: bytes, digest: bytes, numbers: bytes) -> bytes:
    return _hash(b"row", 16, fingerprint, digest, numbers)


def _hash(kind: bytes, size: int, fingerprint: bytes, digest: bytes, numbers: bytes = b"") -> bytes:
    head = struct.pack("<qq", len(fingerprint), len(digest)) + fingerprint + digest
    state = hashlib.blake2b(head, digest_size=size, person=kind)
    state.update(numbers)
    return state.digest()


_READ = (
    "SELECT e.key, v.checksum, v.numbers FROM mmsenti_entries e "
    f"JOIN mmsenti_values v ON v.id = e.value WHERE e.key IN {marks_for()}"
)
_INSERT_VALUE = "INSERT INTO mmsenti_values (checksum, numbers) VALUES (?, ?)"
_VALUES_OF = f"SELECT value FROM mmsenti_entries WHERE key IN {marks_for()}"


def read_rows(
    connection: sqlite3.Connection, fingerprint: bytes, digest_of: dict[int, bytes]
) -> tuple[dict[int, np.ndarray], list[int]]:
    """Read rows by key.

    Parameters
    ----------
    connection : sqlite3.Connection
    fingerprint : bytes
    digest_of : dict of int to bytes
        Digests by key.

    Returns
    -------
    rows : dict of int to ndarray of float32 of shape (n_features,)
        Read-only.
    refused : list of int
        Keys of rows that are there and do not belong there.
    """
    rows: dict[int, np.ndarray] = {}
    refused: list[int] = []
    for batch in in_batches(list(digest_of)):
        for key, checksum, numbers in connection.execute(_READ, batch):
            whole = isinstance(numbers, bytes) and len(numbers) % 4 == 0
            if whole and checksum == _checksum(fingerprint, digest_of[key], numbers):
                rows[key] = np.frombuffer(numbers, dtype="<f4")
            else:
                refused.append(key)
    return rows, refused


def write_rows(connection: sqlite3.Connection, fingerprint: bytes, rows: Sequence[Row]) -> None:
    """Write rows, in place of older ones of the same keys, and give back the claims on them.

    Parameters
    ----------
    connection : sqlite3.Connection
        In a transaction that writes.
    fingerprint : bytes
    rows : sequence of Row
        Of different keys.
    """
    keys = [row.key for row in rows]
    delete_keys(connection, keys)
    release_keys(connection, keys)
    setting = _setting_id(connection, fingerprint)
    now = _now()
    entries = []
    for row in rows:
        # SQLite chooses the id: counting up ourselves would end where somebody planted the last.
        checksum = _checksum(fingerprint, row.digest, row.numbers)
        place = connection.execute(_INSERT_VALUE, (checksum, row.numbers)).lastrowid
        entries.append((row.key, setting, place, len(row.numbers), now))
    connection.executemany("INSERT INTO mmsenti_entries VALUES (?, ?, ?, ?, ?)", entries)


def _setting_id(connection: sqlite3.Connection, fingerprint: bytes) -> int:
    find = "SELECT id FROM mmsenti_settings WHERE fingerprint = ?"
    found = connection.execute(find, (fingerprint,)).fetchone()
    if found is None:
        insert = "INSERT INTO mmsenti_settings (fingerprint) VALUES (?)"
        return connection.execute(insert, (fingerprint,)).lastrowid
    return found[0]


def delete_keys(connection: sqlite3.Connection, keys: Sequence[int]) -> None:
    """Delete the rows of some keys, as far as they are there."""
    for batch in in_batches(keys):
        values = connection.execute(_VALUES_OF, batch).fetchall()
        if values:
            connection.executemany("DELETE FROM mmsenti_values WHERE id = ?", values)
            delete = "DELETE FROM mmsenti_entries WHERE key = ?"
            connection.executemany(delete, ((key,) for key in batch))


def touch_keys(connection: sqlite3.Connection, keys: Iterable[int]) -> None:
    """Note that rows were used."""
    now = _now()
    update = "UPDATE mmsenti_entries SET used = ? WHERE key = ?"
    connection.executemany(update, ((now, key) for key in keys))


def _now() -> int:
    return time.time_ns() // 1_000_000
