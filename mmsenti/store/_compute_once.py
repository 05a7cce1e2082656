"""Rows from memory, from the store, or computed: each by one thread of one process, and once."""

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from mmsenti.store._memory import MemoryLayer, as_row
from mmsenti.store._store import FeatureStore

__all__ = ["compute_once"]

_FIRST_PAUSE, _LAST_PAUSE = 0.002, 0.1  # seconds between two looks for another's row


def compute_once(
    fingerprint: bytes,
    digests: Sequence[bytes | None],
    compute: Callable[[list[int]], Sequence[Any]],
    *,
    memory: MemoryLayer | None = None,
    store: FeatureStore | None = None,
    keep: Callable[[int], bool] | None = None,
    announce: Callable[[int], None] | None = None,
    batch_rows: int = 100,
    patience: float = 30.0,
) -> list[np.ndarray]:
    """Return the row of each sample, computing what is nowhere to be found.

    Threads that do the same work on one memory, and processes on one store, share it out: each
    claims a batch, computes and stores it, and takes over what the others stored. For a row that
    another one claimed it waits as long as such rows keep coming; after that, or when the other is
    gone, it computes the row.

    Parameters
    ----------
    fingerprint : bytes
        The setting.
    digests : sequence of bytes or None, of length n_samples
        A row whose digest is None is computed and not kept. Of equal digests one is computed.
    compute : callable
        Gets a list of positions and returns as many rows, array-like of shape (n_features,).
    memory : MemoryLayer or None, default=None
        Asked first, and given what was found elsewhere.
    store : FeatureStore or None, default=None
    keep : callable or None, default=None
        Gets a position whose row has been computed and tells whether it may be kept: not if the
        file changed meanwhile, or if the row says more than its numbers. None keeps all.
    announce : callable or None, default=None
        Gets the number of rows that neither memory nor store has, before they are computed.
    batch_rows : int, default=100
        Most rows to compute at once.
    patience : float, default=30.0, in seconds
        Longest wait without any row arriving.

    Returns
    -------
    list of ndarray of float32 of shape (n_features,), of length n_samples

    Examples
    --------
    >>> layer = MemoryLayer()
    >>> compute_once(b"setting", [b"a", b"b", b"a"], lambda at: [[i] for i in at], memory=layer)
    [array([0.], dtype=float32), array([1.], dtype=float32), array([0.], dtype=float32)]
    """
    work = _Work(fingerprint, digests, compute, memory, store, keep)
    work.take_known()
    if announce is not None:
        announce(work.n_absent)
    work.compute_unknown(batch_rows)
    pause, deadline = _FIRST_PAUSE, time.monotonic() + patience
    while work.missing:
        batch = work.claim(batch_rows)
        if not batch and time.monotonic() > deadline:
            batch = list(work.missing)[:batch_rows]
        if batch:
            work.compute_known(batch)
            pause = _FIRST_PAUSE
        elif work.take_known():
            deadline = time.monotonic() + patience
            pause = _FIRST_PAUSE
        else:
            time.sleep(pause)
            pause = min(2 * pause, _LAST_PAUSE)
    return work.result()


class _Work:
    """What is found and what is still missing of one call."""

    def __init__(
        self,
        fingerprint: bytes,
        digests: Sequence[bytes | None],
        compute: Callable[[list[int]], Sequence[Any]],
        memory: MemoryLayer | None,
        store: FeatureStore | None,
        keep: Callable[[int], bool] | None,
    ) -> None:
        self._fingerprint = fingerprint
        self._digests = digests
        self._compute = compute
        self._memory = memory
        self._store = store
        self._keep = keep
        self._rows: dict[bytes, np.ndarray] = {}
        self._unknown: dict[int, np.ndarray] = {}
        # The first position of each digest, in the order of the samples.
        self.missing: dict[bytes, int] = {}
        for position, digest in enumerate(digests):
            if digest is not None:
                self.missing.setdefault(digest, position)

    @property
    def n_absent(self) -> int:
        return len(self.missing) + sum(digest is None for digest in self._digests)

    def take_known(self) -> bool:
        """Take over what memory and store have, and tell whether that was anything."""
        n_missing = len(self.missing)
        self._take(self._memory)
        self._take(self._store)
        return len(self.missing) < n_missing

    def _take(self, layer: MemoryLayer | FeatureStore | None) -> None:
        if layer is None or not self.missing:
            return
        digests = list(self.missing)
        rows = layer.get_many(self._fingerprint, digests)
        found = {d: row for d, row in zip(digests, rows, strict=True) if row is not None}
        self._add(found)
        # What one of them has, the other is given: a store is often named when a part is known.
        if layer is self._memory and self._store is not None:
            self._store.put_absent(self._fingerprint, list(found), list(found.values()))
        elif layer is self._store and self._memory is not None:
            self._memory.put_many(self._fingerprint, list(found), list(found.values()))

    def claim(self, limit: int) -> list[bytes]:
        batch = list(self.missing)
        if self._memory is not None:
            batch = self._memory.claim(self._fingerprint, batch, limit=limit)
        if self._store is None or not batch:
            return batch[:limit]
        claimed = self._store.claim(self._fingerprint, batch, limit=limit)
        if self._memory is not None:
            left = set(batch) - set(claimed)
            self._memory.release(self._fingerprint, list(left))
        return claimed

    def compute_unknown(self, batch_rows: int) -> None:
        positions = [i for i, digest in enumerate(self._digests) if digest is None]
        for start in range(0, len(positions), batch_rows):
            batch = positions[start : start + batch_rows]
            rows = self._compute(batch)
            self._unknown.update((i, as_row(r)) for i, r in zip(batch, rows, strict=True))

    def compute_known(self, batch: list[bytes]) -> None:
        positions = [self.missing[digest] for digest in batch]
        left = batch
        try:
            rows = [as_row(row) for row in self._compute(positions)]
            self._add(dict(zip(batch, rows, strict=True)))
            kept = [
                (digest, row)
                for digest, row, position in zip(batch, rows, positions, strict=True)
                if self._keep is None or self._keep(position)
            ]
            for layer in (self._memory, self._store):
                if layer is not None:
                    layer.put_many(self._fingerprint, [d for d, _ in kept], [r for _, r in kept])
            stored = {digest for digest, _ in kept}
            left = [digest for digest in batch if digest not in stored]
        finally:
            for layer in (self._memory, self._store):
                if left and layer is not None:
                    layer.release(self._fingerprint, left)

    def _add(self, rows: dict[bytes, np.ndarray]) -> None:
        self._rows.update(rows)
        for digest in rows:
            del self.missing[digest]

    def result(self) -> list[np.ndarray]:
        return [
            self._unknown[i] if digest is None else self._rows[digest]
            for i, digest in enumerate(self._digests)
        ]
