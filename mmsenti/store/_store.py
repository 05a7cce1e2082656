"""FeatureStore: rows of features on disk, in one SQLite file."""

import os
import sqlite3
import threading
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

import numpy as np

from mmsenti.store._claims import claim_keys, release_keys
from mmsenti.store._handle import StoreHandle
from mmsenti.store._memory import MemoryLayer
from mmsenti.store._rows import (
    Row,
    delete_keys,
    divide_rows,
    pack_rows,
    read_rows,
    row_key,
    touch_keys,
    write_rows,
)
from mmsenti.store._upkeep import (
    count_rows,
    empty_log,
    empty_tables,
    free_pages,
    live_bytes,
    make_room,
)

__all__ = ["FeatureStore", "shared_store"]

_CHUNK_BYTES = 2**22  # written in one transaction: what SQLite's log holds between checkpoints
_SPARE_BYTES = 2**28
_MOST_SEEN = 2**18

_shared: dict[str, "FeatureStore"] = {}
_shared_lock = threading.Lock()


class FeatureStore(StoreHandle):
    """Features on disk, in one SQLite file, for any number of processes at once.

    Each row carries a checksum over its numbers, its content digest and its setting, so that a
    damaged or misplaced row counts as absent. Processes may be killed at any moment. A full or
    read-only disk costs speed: what cannot be written is kept in memory for the life of the
    process. A damaged store is moved aside (``PATH.damaged-1``) and begun anew; a file that is no
    store of ours, or one of a newer mmsenti, is left as it is, and memory serves alone. Each of
    these gives one `StoreWarning` per store and process. Nothing in a store is ever executed.

    A pickled store opens the same file in its new process, a copy is the store itself. The file is
    opened when it is first used and made when the first row is written. Threads share one
    connection; forked processes get their own. On network file systems SQLite's locks are not
    reliable: give each machine a store of its own.

    Parameters
    ----------
    path : str or path-like
        The file; its folder is made if need be.
    max_bytes : int, default=4_294_967_296
        Size of the file, in bytes, above which the least recently used rows are dropped. At
        least 262,144. A row takes about 4 bytes per feature and 120 more. Choose it larger than
        what one pass over the data takes: below that, each pass drops what the next one needs.

    Examples
    --------
    >>> import tempfile, os
    >>> from mmsenti.store import FeatureStore, content_digest, fingerprint
    >>> setting = fingerprint("Length", {"unit": "letters"})
    >>> digests = [content_digest(text, text=True) for text in ("good", "bad")]
    >>> with FeatureStore(os.path.join(tempfile.mkdtemp(), "features.db")) as store:
    ...     store.put_many(setting, digests[:1], [[4.0]])
    ...     store.get_many(setting, digests)
    [array([4.], dtype=float32), None]
    """

    def __init__(self, path: str | os.PathLike[str], *, max_bytes: int = 2**32) -> None:
        super().__init__(path, max_bytes)
        self._spare: MemoryLayer | None = None
        self._hits = self._misses = self._refused = 0
        self._seen: set[tuple[bytes, bytes]] = set()  # rows that need not be offered again

    def get_many(
        self, fingerprint: bytes, digests: Sequence[bytes | None]
    ) -> list[np.ndarray | None]:
        """Look up rows.

        Parameters
        ----------
        fingerprint : bytes
            The setting.
        digests : sequence of bytes or None, of length n_samples
            None is never found.

        Returns
        -------
        list of (ndarray of float32 of shape (n_features,), or None), of length n_samples
            The arrays are read-only.
        """
        keys = [None if digest is None else row_key(fingerprint, digest) for digest in digests]
        wanted = {k: d for k, d in zip(keys, digests, strict=True) if k is not None}
        rows, refused = self._file.attempt(
            lambda one: read_rows(one, fingerprint, wanted), ({}, [])
        )
        self._used.update(rows)
        if refused:
            self._refuse(refused)
        found = [None if key is None else rows.get(key) for key in keys]
        if self._spare is not None:
            spare = self._spare.get_many(fingerprint, digests)
            found = [b if a is None else a for a, b in zip(found, spare, strict=True)]
        n_found = sum(row is not None for row in found)
        self._hits += n_found
        self._misses += len(found) - n_found
        return found

    def _refuse(self, keys: list[int]) -> None:
        """Delete rows that fail their checksum, lest everybody waits for them."""
        self._refused += len(keys)
        self._file.attempt(lambda one: delete_keys(one, keys), None, write=True)
        self._file.warn(f"{len(keys)} of its rows are damaged; they are computed again")

    def put_many(
        self, fingerprint: bytes, digests: Sequence[bytes | None], rows: Sequence[Any]
    ) -> None:
        """Keep rows, and give back the claims on them; a row or digest of None is passed over.

        Parameters
        ----------
        fingerprint : bytes
            The setting.
        digests : sequence of bytes or None, of length n_samples
        rows : sequence of array-like of shape (n_features,), or ndarray of 2 dimensions
        """
        packed = pack_rows(fingerprint, digests, rows, self.max_bytes // 2)
        for chunk in divide_rows(packed, min(_CHUNK_BYTES, self.max_bytes // 8)):
            work = partial(self._write, fingerprint, chunk, self._take_used())
            if not self._file.attempt(work, False, write=True, create=True):
                self._keep_spare(fingerprint, chunk)
        self._see(fingerprint, digests)

    def put_absent(
        self, fingerprint: bytes, digests: Sequence[bytes], rows: Sequence[np.ndarray]
    ) -> None:
        """Keep rows that came from elsewhere, as far as this object has not seen them yet.

        Parameters
        ----------
        fingerprint : bytes
            The setting.
        digests : sequence of bytes, of length n_samples
        rows : sequence of ndarray of shape (n_features,)
        """
        new = {
            digest: row
            for digest, row in zip(digests, rows, strict=True)
            if (fingerprint, digest) not in self._seen
        }
        if new:
            there = self.get_many(fingerprint, list(new))
            absent = [digest for digest, row in zip(new, there, strict=True) if row is None]
            self.put_many(fingerprint, absent, [new[digest] for digest in absent])
            self._see(fingerprint, new)

    def _see(self, fingerprint: bytes, digests: Iterable[bytes | None]) -> None:
        if len(self._seen) > _MOST_SEEN:
            self._seen.clear()
        self._seen.update((fingerprint, digest) for digest in digests if digest is not None)

    def _write(
        self,
        fingerprint: bytes,
        rows: list[Row],
        used: list[int],
        connection: sqlite3.Connection,
    ) -> bool:
        touch_keys(connection, used)
        make_room(connection, sum(row.size for row in rows), self.max_bytes)
        write_rows(connection, fingerprint, rows)
        return True

    def _keep_spare(self, fingerprint: bytes, rows: list[Row]) -> None:
        if self._spare is None:
            self._spare = MemoryLayer(min(self.max_bytes, _SPARE_BYTES))
        numbers = [np.frombuffer(row.numbers, dtype="<f4") for row in rows]
        self._spare.put_many(fingerprint, [row.digest for row in rows], numbers)

    def claim(
        self,
        fingerprint: bytes,
        digests: Sequence[bytes],
        *,
        lease: float = 300.0,
        limit: int | None = None,
    ) -> list[bytes]:
        """Ask which rows this thread should compute, so that no two processes compute one.

        A claim ends with `put_many`, with `release`, with the process, or with its lease. It binds
        nobody: who does not want to wait for another's row computes it.

        Parameters
        ----------
        fingerprint : bytes
            The setting.
        digests : sequence of bytes
        lease : float, default=300.0, in seconds
        limit : int or None, default=None
            Most rows to claim; the first ones that are free.

        Returns
        -------
        list of bytes
            Digests that have no row and no claim of somebody else; each once. All of them, as
            far as `limit` allows, where the store does not work.
        """
        digest_of = {row_key(fingerprint, digest): digest for digest in digests}
        keys = list(digest_of)
        claimed = self._file.attempt(
            lambda one: claim_keys(one, keys, lease, limit), keys[:limit], write=True, create=True
        )
        return [digest_of[key] for key in claimed]

    def release(self, fingerprint: bytes, digests: Sequence[bytes]) -> None:
        """Give back this thread's claims without a row.

        Parameters
        ----------
        fingerprint : bytes
        digests : sequence of bytes
        """
        keys = [row_key(fingerprint, digest) for digest in digests]
        self._file.attempt(lambda one: release_keys(one, keys), None, write=True)

    def prune(self, max_bytes: int | None = None) -> None:
        """Drop the least recently used rows, and give the space back to the disk.

        Parameters
        ----------
        max_bytes : int or None, default=None
            What the rest may take; None is the store's own limit.
        """
        limit = self.max_bytes if max_bytes is None else max_bytes
        if self._spare is not None:
            self._spare.prune(limit)
        self._flush()
        self._file.attempt(lambda one: make_room(one, 0, limit), None, write=True)
        self._give_back()

    def clear(self) -> None:
        """Drop all rows, and give the space back to the disk."""
        self._spare = None
        self._used.clear()
        self._seen.clear()
        self._file.attempt(empty_tables, None, write=True)
        self._give_back()

    def _give_back(self) -> None:
        if not self._file.read_only:
            self._file.attempt(free_pages, None)
            self._file.attempt(empty_log, None)

    def info(self) -> dict[str, Any]:
        """Count what is kept.

        Returns
        -------
        dict
            "path"; "rows"; "bytes" that they take and "max_bytes"; "fingerprints" (rows of each,
            by hexadecimal fingerprint); since this object was made, the "hits", "misses" and
            damaged rows "refused"; "memory_rows", which the disk did not take; "problem", why the
            file is not used at all, or None. A file that is not there counts as empty.
        """
        counts, size = self._file.attempt(lambda one: (count_rows(one), live_bytes(one)), ({}, 0))
        return {
            "path": self._file.path,
            "rows": sum(counts.values()),
            "bytes": size,
            "max_bytes": self.max_bytes,
            "fingerprints": counts,
            "hits": self._hits,
            "misses": self._misses,
            "refused": self._refused,
            "memory_rows": 0 if self._spare is None else len(self._spare),
            "problem": self._file.off,
        }


def shared_store(store: FeatureStore | str | os.PathLike[str]) -> FeatureStore:
    """Return the one store of this process for a path, or the store itself.

    Parameters
    ----------
    store : FeatureStore, str or path-like

    Returns
    -------
    FeatureStore

    Examples
    --------
    >>> shared_store("features.db") is shared_store("features.db")
    True
    """
    if isinstance(store, FeatureStore):
        return store
    path = os.path.abspath(store)
    with _shared_lock:
        if path not in _shared:
            _shared[path] = FeatureStore(store)
        return _shared[path]
