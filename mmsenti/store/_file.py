"""What stands at the path of a store: nothing, a store of ours, a damaged one, or another's file.

Whatever is not ours is left as it is. What is ours and damaged is moved aside, never deleted.
"""

import contextlib
import os
import sqlite3
from pathlib import Path

from mmsenti._sample import regular_file

__all__ = ["APPLICATION_ID", "FORMAT", "DamagedError", "ForeignError", "connect", "set_aside"]

APPLICATION_ID = 0x6D6D7346  # "mmsF"
FORMAT = 1  # raised when an older mmsenti could not read a store rightly, or the reverse

_MAGIC = b"SQLite format 3\x00"
_HEADER = 100  # bytes of SQLite's file header
_SCHEMA = {
    "mmsenti_settings": "id INTEGER PRIMARY KEY, fingerprint BLOB NOT NULL",
    "mmsenti_entries": (
        "key INTEGER PRIMARY KEY, setting INTEGER NOT NULL, value INTEGER NOT NULL, "
        "size INTEGER NOT NULL, used INTEGER NOT NULL"
    ),
    "mmsenti_values": "id INTEGER PRIMARY KEY, checksum BLOB NOT NULL, numbers BLOB NOT NULL",
    "mmsenti_claims": "key INTEGER PRIMARY KEY, holder TEXT NOT NULL, expires REAL NOT NULL",
}
_TABLES = {name: f"CREATE TABLE {name} ({columns})" for name, columns in _SCHEMA.items()}
_UNREACHABLE = {
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
}
_DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR}


class DamagedError(Exception):
    """A store of ours that cannot be read, or one of an older format."""


class ForeignError(Exception):
    """Something that is not ours to touch; the message says what it is."""


def connect(path: str) -> tuple[sqlite3.Connection, bool]:
    """Open the store at a path, or begin one where there is nothing.

    Parameters
    ----------
    path : str

    Returns
    -------
    connection : sqlite3.Connection
        In autocommit mode; its own locking is up to the caller.
    read_only : bool
        Whether file or folder cannot be written, so that nothing can be but read.

    Raises
    ------
    ForeignError, DamagedError
        From what stands there.
    sqlite3.Error, OSError
        If it cannot be reached or is locked.
    """
    marks = _read_marks(path)
    try:
        return _open(path, "mode=rwc", marks), False
    except sqlite3.OperationalError as error:
        if not marks or error.sqlite_errorcode & 0xFF not in _UNREACHABLE:
            raise
    # Without a writable folder SQLite can make neither a lock nor a log. Should another process
    # write meanwhile, the checksum of each row keeps us from wrong numbers.
    return _open(path, "immutable=1", marks), True


def _read_marks(path: str) -> int:
    """Count what tells a store of ours, from 0 for an empty place to 3."""
    try:
        regular_file(path)
    except FileNotFoundError:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        return 0
    except (ValueError, OSError) as error:
        raise ForeignError(str(error).rstrip(".")) from None
    with open(path, "rb", buffering=0) as file:
        head = file.read(4096)
    if not head:
        return 0
    if len(head) < _HEADER and head.startswith(_MAGIC[: len(head)]):
        raise DamagedError("cut off")  # no database has so short a header, ours or not
    has_magic = head.startswith(_MAGIC)
    marks = has_magic + (head[68:72] == APPLICATION_ID.to_bytes(4)) + (b"mmsenti_entries" in head)
    if not has_magic:
        if marks == 2:
            raise DamagedError("its header is damaged")
        raise ForeignError("it is not a store of features but another file")
    return marks


def _open(path: str, mode: str, marks: int) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{Path(path).as_uri()}?{mode}",
        uri=True,
        timeout=0.1,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        _set_up(connection)
        _identify(connection, marks, writable=mode == "mode=rwc")
    except sqlite3.DatabaseError as error:
        connection.close()
        # A missing code is a text that is no text any more.
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
        if code not in _DAMAGE:
            raise
        if marks >= 2:
            raise DamagedError(str(error)) from error
        raise ForeignError(f"it is a damaged database of something else ({error})") from error
    except BaseException:
        connection.close()
        raise
    return connection


def _set_up(connection: sqlite3.Connection) -> None:
    for pragma in (
        "trusted_schema=OFF",
        "cell_size_check=ON",
        "mmap_size=0",  # a file cut short under a mapping would end the process
        "temp_store=MEMORY",  # no temporary files that a killed process would leave
        "synchronous=NORMAL",
        "journal_size_limit=8388608",
        "cache_size=-8000",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _identify(connection: sqlite3.Connection, marks: int, *, writable: bool) -> None:
    if writable and _is_blank(connection):
        _create(connection)
    application_id, version, tables = _identity(connection)
    if application_id != APPLICATION_ID:
        if marks >= 2:
            raise DamagedError("its header is damaged")
        raise ForeignError("it is a database of something else")
    if version > FORMAT:
        raise ForeignError(f"it has format {version} of a newer mmsenti; this one reads {FORMAT}")
    if version < FORMAT:
        raise DamagedError(f"it has the old format {version}")
    if tables != _TABLES:
        raise DamagedError("its tables are not in order")
    if writable:
        connection.execute("PRAGMA journal_mode=WAL")


def _identity(connection: sqlite3.Connection) -> tuple[int, int, dict[str, str]]:
    (application_id,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    tables = dict(connection.execute("SELECT name, sql FROM sqlite_master").fetchall())
    return application_id, version, tables


def _is_blank(connection: sqlite3.Connection) -> bool:
    return _identity(connection) == (0, 0, {})


def _create(connection: sqlite3.Connection) -> None:
    # With a rollback journal, so that the file says whose it is from its first moment on.
    connection.execute("PRAGMA auto_vacuum=INCREMENTAL")
    connection.execute("BEGIN IMMEDIATE")
    try:
        if _is_blank(connection):  # nobody was faster
            for statement in _TABLES.values():
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version={FORMAT}")
        connection.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


def set_aside(path: str) -> str:
    """Move a store with its log out of the way.

    Parameters
    ----------
    path : str

    Returns
    -------
    str
        Where it is now.

    Raises
    ------
    OSError
        If it cannot be moved.
    """
    number = 1
    while os.path.lexists(aside := f"{path}.damaged-{number}"):
        number += 1
    # The log first: left behind, it would be taken for that of the new store.
    for ending in ("-wal", "-shm", "-journal"):
        with contextlib.suppress(FileNotFoundError):
            os.rename(path + ending, aside + ending)
    os.rename(path, aside)
    return aside
