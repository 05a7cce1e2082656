"""The size of a store: measured, kept below a limit, given back to the disk."""

import sqlite3

from mmsenti.store._rows import ROW_OVERHEAD

__all__ = ["count_rows", "empty_log", "empty_tables", "free_pages", "live_bytes", "make_room"]

_TARGET = 0.95  # rows are dropped down to this share of the limit, so that it is done seldom


def count_rows(connection: sqlite3.Connection) -> dict[str, int]:
    """Count the rows of each setting, by its fingerprint in hexadecimal."""
    select = (
        "SELECT lower(hex(s.fingerprint)), count(*) FROM mmsenti_entries e "
        "JOIN mmsenti_settings s ON s.id = e.setting GROUP BY 1"
    )
    return dict(connection.execute(select).fetchall())


def live_bytes(connection: sqlite3.Connection) -> int:
    """Measure what the store takes of its file, in bytes."""
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    (free,) = connection.execute("PRAGMA freelist_count").fetchone()
    (size,) = connection.execute("PRAGMA page_size").fetchone()
    return (pages - free) * size


def make_room(connection: sqlite3.Connection, n_bytes: int, max_bytes: int) -> None:
    """Drop the least recently used rows so that so many bytes more stay below the limit.

    Parameters
    ----------
    connection : sqlite3.Connection
        In a transaction that writes.
    n_bytes, max_bytes : int
    """
    if live_bytes(connection) + n_bytes <= max_bytes:
        return
    goal = int(max_bytes * _TARGET) - n_bytes
    while (excess := live_bytes(connection) - goal) > 0 and _drop_oldest(connection, excess):
        pass


def _drop_oldest(connection: sqlite3.Connection, excess: int) -> bool:
    oldest: list[tuple[int, int]] = []
    # Rows written together were used at one moment; by id as well, their pages become free whole.
    select = (
        "SELECT key, value, coalesce(CAST(size AS INTEGER), 0) FROM mmsenti_entries "
        "ORDER BY used, value"
    )
    for key, value, size in connection.execute(select):
        oldest.append((key, value))
        excess -= size + ROW_OVERHEAD
        if excess <= 0:
            break
    delete = "DELETE FROM mmsenti_values WHERE id = ?"
    connection.executemany(delete, ((value,) for _, value in oldest))
    connection.executemany(
        "DELETE FROM mmsenti_entries WHERE key = ?", ((key,) for key, _ in oldest)
    )
    return bool(oldest)


def empty_tables(connection: sqlite3.Connection) -> None:
    """Drop all rows, settings and claims."""
    for table in ("entries", "values", "settings", "claims"):
        connection.execute(f"DELETE FROM mmsenti_{table}")


def free_pages(connection: sqlite3.Connection) -> None:
    """Give the pages without content back to the disk, outside of any transaction."""
    # Not execute, which would stop at the first of many steps that give no columns.
    connection.executescript("PRAGMA incremental_vacuum")


def empty_log(connection: sqlite3.Connection) -> None:
    """Move what the log holds into the file, outside of any transaction."""
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
