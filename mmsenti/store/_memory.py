"""Rows of features kept in memory, for the length of a process."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import numpy as np

from mmsenti.store._forks import guard_forks

__all__ = ["MemoryLayer", "as_row"]

_ENTRY_BYTES = 400  # what Python needs for one entry besides its numbers


def as_row(row: Any) -> np.ndarray:
    """Copy one row of features into a read-only ndarray of float32 of shape (n_features,).

    What is such a copy already is given back as it is.
    """
    is_plain = isinstance(row, np.ndarray) and row.dtype == np.float32 and row.ndim == 1
    if is_plain and row.base is None and not row.flags.writeable:
        return row
    copy = np.array(row, dtype=np.float32)
    if copy.ndim != 1:
        copy = copy.reshape(-1).copy()
    copy.flags.writeable = False
    return copy


class MemoryLayer:
    """Features by content and setting, the least recently used dropped at a limit.

    It has the reading and writing of `FeatureStore` and is safe in threads. A pickled or copied
    layer is an empty one of the same limit: a process keeps its own.

    Parameters
    ----------
    max_bytes : int, default=268_435_456
        Most memory that the rows may take, in bytes.

    Examples
    --------
    >>> layer = MemoryLayer()
    >>> layer.put_many(b"setting", [b"one"], [[1.0, 2.0]])
    >>> layer.get_many(b"setting", [b"one", b"two", None])
    [array([1., 2.], dtype=float32), None, None]
    """

    def __init__(self, max_bytes: int = 2**28) -> None:
        self.max_bytes = max_bytes
        self._rows: OrderedDict[tuple[bytes, bytes], np.ndarray] = OrderedDict()
        self._bytes = self._hits = self._misses = 0
        self._claims: dict[tuple[bytes, bytes], int] = {}  # the thread that computes a row
        self._lock = threading.RLock()
        guard_forks(self)

    def get_many(
        self, fingerprint: bytes, digests: Sequence[bytes | None]
    ) -> list[np.ndarray | None]:
        """Look up rows.

        Parameters
        ----------
        fingerprint : bytes
        digests : sequence of bytes or None, of length n_samples

        Returns
        -------
        list of (ndarray of float32 of shape (n_features,), or None), of length n_samples
            The arrays are read-only.
        """
        found: list[np.ndarray | None] = []
        with self._lock:
            for digest in digests:
                row = None if digest is None else self._rows.get((fingerprint, digest))
                if digest is not None and row is not None:
                    self._rows.move_to_end((fingerprint, digest))
                found.append(row)
            n_found = sum(row is not None for row in found)
            self._hits += n_found
            self._misses += len(found) - n_found
        return found

    def put_many(
        self, fingerprint: bytes, digests: Sequence[bytes | None], rows: Sequence[Any]
    ) -> None:
        """Keep rows; a row or digest that is None is passed over.

        Parameters
        ----------
        fingerprint : bytes
        digests : sequence of bytes or None, of length n_samples
        rows : sequence of array-like of shape (n_features,), or ndarray of 2 dimensions
        """
        with self._lock:
            for digest, row in zip(digests, rows, strict=True):
                if digest is not None and row is not None:
                    self._put((fingerprint, digest), as_row(row))
            self._shrink(self.max_bytes)
            self.release(fingerprint, digests)

    def _put(self, key: tuple[bytes, bytes], row: np.ndarray) -> None:
        old = self._rows.pop(key, None)
        if old is not None:
            self._bytes -= old.nbytes + _ENTRY_BYTES
        self._rows[key] = row
        self._bytes += row.nbytes + _ENTRY_BYTES

    def _shrink(self, max_bytes: int) -> None:
        while self._bytes > max_bytes and self._rows:
            _, row = self._rows.popitem(last=False)
            self._bytes -= row.nbytes + _ENTRY_BYTES

    def claim(
        self, fingerprint: bytes, digests: Sequence[bytes], *, limit: int | None = None
    ) -> list[bytes]:
        """Ask which rows this thread should compute, so that no two threads compute one.

        A claim ends with `put_many` or `release`, which a thread that has claimed must call.

        Parameters
        ----------
        fingerprint : bytes
        digests : sequence of bytes
        limit : int or None, default=None
            Most rows to claim; the first ones that are free.

        Returns
        -------
        list of bytes
            Digests that have no row and no claim of another thread.
        """
        me = threading.get_ident()
        with self._lock:
            keys = [(fingerprint, digest) for digest in digests]
            free = [
                key for key in keys if key not in self._rows and self._claims.get(key, me) == me
            ][:limit]
            self._claims.update(dict.fromkeys(free, me))
        return [digest for _, digest in free]

    def release(self, fingerprint: bytes, digests: Sequence[bytes | None]) -> None:
        """Give back this thread's claims without a row.

        Parameters
        ----------
        fingerprint : bytes
        digests : sequence of bytes or None
        """
        me = threading.get_ident()
        with self._lock:
            for digest in digests:
                if digest is not None and self._claims.get((fingerprint, digest)) == me:
                    del self._claims[fingerprint, digest]

    def prune(self, max_bytes: int) -> None:
        """Drop the least recently used rows until the rest takes at most so many bytes."""
        with self._lock:
            self._shrink(max_bytes)

    def clear(self) -> None:
        """Drop all rows."""
        with self._lock:
            self._rows.clear()
            self._bytes = 0
            self._claims.clear()

    def info(self) -> dict[str, Any]:
        """Count what is kept.

        Returns
        -------
        dict
            "rows", "bytes", "max_bytes", "fingerprints" (rows of each, by hexadecimal
            fingerprint), "hits" and "misses" since the layer was made.
        """
        with self._lock:
            counts: dict[str, int] = {}
            for fingerprint, _ in self._rows:
                counts[fingerprint.hex()] = counts.get(fingerprint.hex(), 0) + 1
            return {
                "rows": len(self._rows),
                "bytes": self._bytes,
                "max_bytes": self.max_bytes,
                "fingerprints": counts,
                "hits": self._hits,
                "misses": self._misses,
            }

    def __len__(self) -> int:
        return len(self._rows)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.max_bytes,)

    def __repr__(self) -> str:
        return f"MemoryLayer(max_bytes={self.max_bytes})"

    def _before_fork(self) -> None:
        self._lock.acquire()

    def _after_fork(self, child: bool) -> None:
        if child:
            self._lock = threading.RLock()
            self._claims.clear()  # of threads that the child has not
        else:
            self._lock.release()
