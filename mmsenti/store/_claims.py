"""Who computes which row, so that processes with the same work share it out.

A claim is a promise with an end: it lapses at its time limit, and at once when the process that
gave it is gone. Nobody has to wait for it.
"""

import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence

from mmsenti.store._processes import is_alive, process_name

__all__ = ["claim_keys", "holder_name", "in_batches", "marks_for", "release_keys"]

_BATCH = 256  # keys in one statement: one text, prepared once, and far below SQLite's limit


def in_batches(keys: Sequence[int]) -> Iterator[list[int]]:
    """Divide keys into batches of one length; the last is filled up by repeating its last key."""
    for start in range(0, len(keys), _BATCH):
        batch = list(keys[start : start + _BATCH])
        yield batch + batch[-1:] * (_BATCH - len(batch))


def marks_for() -> str:
    """Return the place holders of one batch."""
    return f"({','.join('?' * _BATCH)})"


def claim_keys(
    connection: sqlite3.Connection, keys: Sequence[int], lease: float, limit: int | None
) -> list[int]:
    """Claim the keys that have neither a row nor a claim of somebody else.

    Parameters
    ----------
    connection : sqlite3.Connection
        In a transaction that writes.
    keys : sequence of int
    lease : float, in seconds
    limit : int or None
        Most keys to claim; the first ones that are free.

    Returns
    -------
    list of int
    """
    now, me = time.time(), holder_name()
    _drop_lapsed(connection, now)
    claimed: list[int] = []
    for batch in in_batches(keys):
        taken = {key for (key,) in connection.execute(_TAKEN, [*batch, *batch, me])}
        free = [key for key in dict.fromkeys(batch) if key not in taken]
        claimed += free[: None if limit is None else limit - len(claimed)]
        if limit is not None and len(claimed) >= limit:
            break
    rows = ((key, me, now + lease) for key in claimed)
    connection.executemany("INSERT OR REPLACE INTO mmsenti_claims VALUES (?, ?, ?)", rows)
    return claimed


_TAKEN = (
    f"SELECT key FROM mmsenti_entries WHERE key IN {marks_for()} UNION ALL "
    f"SELECT key FROM mmsenti_claims WHERE key IN {marks_for()} AND holder != ?"
)


def release_keys(connection: sqlite3.Connection, keys: Sequence[int]) -> None:
    """Give back the claims of this thread.

    Parameters
    ----------
    connection : sqlite3.Connection
        In a transaction that writes.
    keys : sequence of int
    """
    rows = ((key, holder_name()) for key in keys)
    connection.executemany("DELETE FROM mmsenti_claims WHERE key = ? AND holder = ?", rows)


def _drop_lapsed(connection: sqlite3.Connection, now: float) -> None:
    connection.execute("DELETE FROM mmsenti_claims WHERE expires < ?", (now,))
    for (holder,) in connection.execute("SELECT DISTINCT holder FROM mmsenti_claims").fetchall():
        if not is_alive(str(holder).partition(" ")[0]):
            connection.execute("DELETE FROM mmsenti_claims WHERE holder = ?", (holder,))


def holder_name() -> str:
    """Name this thread of this process on this machine, as no other is or will be named."""
    return f"{process_name(os.getpid())} {threading.get_ident()}"
