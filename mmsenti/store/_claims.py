"""Who computes which row, so that processes with the same work share it out.

A claim is a promise with an end: it lapses at its time limit, and at once when the process that
gave it is gone. Nobody has to wait for it.
"""

import os
import platform
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

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
        if not _is_alive(str(holder)):
            connection.execute("DELETE FROM mmsenti_claims WHERE holder = ?", (holder,))


def holder_name() -> str:
    """Name this thread of this process on this machine, as no other is or will be named."""
    return f"{_process_name(os.getpid())} {threading.get_ident()}"


@lru_cache(maxsize=2)
def _process_name(pid: int) -> str:
    return f"{_machine()} {pid} {_start_time(pid)}"


@lru_cache(maxsize=1)
def _machine() -> str:
    """Name what process numbers are unique in: a running machine, or a container on it."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}/{os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return (platform.node() or "?").replace(" ", "_")


def _start_time(pid: int) -> str:
    """Return when a process started: "" if it has ended, "?" if that cannot be told."""
    if not os.path.exists("/proc/self/stat"):
        return "?"
    try:
        # The second field, a name in brackets, may hold blanks and brackets itself.
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
        return "" if fields[0] in (b"Z", b"X") else fields[19].decode()
    except (OSError, IndexError):
        return ""


def _is_alive(holder: str) -> bool:
    """Tell whether a holder may still keep its promise; of another machine only time tells."""
    try:
        machine, pid, start, _ = holder.split(" ")
        return machine != _machine() or _start_time(int(pid)) == start
    except ValueError:
        return False
