"""One connection to the file of a store, and what becomes of each thing that can go wrong with it.

Whatever happens to the file, work on it either succeeds as a whole or raises `UnavailableError`;
the remarks say what the user would want to know.
"""

import contextlib
import os
import sqlite3
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from mmsenti.store._file import DamagedError, ForeignError, connect, set_aside
from mmsenti.store._forks import guard_forks

__all__ = ["Database", "UnavailableError"]

_T = TypeVar("_T")

_PATIENCE = 5.0  # seconds to wait for another process that keeps the file locked
_PAUSE = 1.0  # seconds between two attempts at a file that cannot be reached or written
_LOCKED = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL}
_DAMAGE = {
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_FORMAT,
    sqlite3.SQLITE_ERROR,  # a table that is gone: the statements themselves are right
    sqlite3.SQLITE_CONSTRAINT,  # a key that an index has and a table has not
    sqlite3.SQLITE_MISMATCH,
    sqlite3.SQLITE_TOOBIG,
}
_abandoned: list[sqlite3.Connection] = []  # never closed: they belong to a parent process


class UnavailableError(Exception):
    """The work was not done."""


class Database:
    """The file of a store, opened when it is first needed.

    Parameters
    ----------
    path : str
        Absolute.

    Attributes
    ----------
    off : str or None
        Why the file is never touched (again).
    read_only : bool
        Whether file or folder cannot be written at present.
    remarks : list of str
        What went wrong so far, and what was done about it; the owner empties it.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.off: str | None = None
        self.read_only = False
        self.remarks: list[str] = []
        self._connection: sqlite3.Connection | None = None
        self._pid = self._inode = 0
        self._open_after = self._write_after = 0.0
        self._lock = threading.RLock()
        guard_forks(self)

    def run(
        self,
        work: Callable[[sqlite3.Connection], _T],
        *,
        write: bool = False,
        create: bool = False,
    ) -> _T:
        """Do some work on the file.

        Parameters
        ----------
        work : callable
            Gets the connection; it may be called twice, the first time in vain.
        write : bool, default=False
            Whether it writes; it then is one transaction.
        create : bool, default=False
            Whether the file is made if there is none.

        Returns
        -------
        object
            What the work returned.

        Raises
        ------
        UnavailableError
        """
        with self._lock:
            for _ in range(2):
                connection = self._ready(write, create)
                try:
                    return self._transact(connection, work) if write else _wait(work, connection)
                except (sqlite3.Error, OverflowError) as error:
                    if not self._begins_anew(error, write):
                        break
            raise UnavailableError

    def _transact(
        self, connection: sqlite3.Connection, work: Callable[[sqlite3.Connection], _T]
    ) -> _T:
        _wait(lambda one: one.execute("BEGIN IMMEDIATE"), connection)
        try:
            result = work(connection)
            connection.execute("COMMIT")
            return result
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            raise

    def _ready(self, write: bool, create: bool) -> sqlite3.Connection:
        """Return the connection, opened if need be."""
        self._check_process()
        now = time.monotonic()
        if self.off or (write and now < self._write_after):
            raise UnavailableError
        if self._connection is not None and self._inode != _inode(self.path):
            self.disconnect()  # the file was deleted or replaced
        if write and self.read_only:
            self.disconnect()  # perhaps it can be written by now
        if self._connection is None:
            if now < self._open_after or not (create or os.path.lexists(self.path)):
                raise UnavailableError
            self._connect()
        if write and self.read_only:
            self._write_after = now + _PAUSE
            self.remarks.append("it cannot be written, only read")
            raise UnavailableError
        return self._connection

    def _check_process(self) -> None:
        if self._connection is not None and self._pid != os.getpid():
            # Forked behind Python's back: this connection, and any further one to the same file,
            # would share the parent's idea of who holds which lock.
            _abandoned.append(self._connection)
            self._connection = None
            self.off = "the process was forked by something other than Python"

    def _connect(self) -> None:
        for _ in range(2):
            try:
                self._connection, self.read_only = _wait(connect, self.path)
                self._inode = os.stat(self.path).st_ino
                self._pid = os.getpid()
                return
            except DamagedError as error:
                self._inode = _inode(self.path)
                self._move_aside(str(error))
            except ForeignError as error:
                self.off = str(error)
                self.remarks.append(f"{error}; it is left as it is")
                break
            except (sqlite3.Error, OSError) as error:
                self._open_after = time.monotonic() + _PAUSE
                self.remarks.append(f"it cannot be opened ({error})")
                break
        raise UnavailableError

    def _begins_anew(self, error: Exception, write: bool) -> bool:
        """Deal with an error, and tell whether there is a point in trying again at once."""
        code = _error_code(error)
        if code == sqlite3.SQLITE_READONLY_DBMOVED:
            self.disconnect()
            return True
        if code & 0xFF in _LOCKED:
            self._write_after = time.monotonic() + 6 * _PATIENCE
            self.remarks.append("another process keeps it locked")
            return False
        read_only = self.read_only
        self.disconnect()
        if code & 0xFF in _DAMAGE and not read_only:
            self._move_aside(str(error))
            return True
        self._write_after = time.monotonic() + _PAUSE
        if not write:
            self._open_after = self._write_after
        self.remarks.append(f"it cannot be {'written' if write else 'read'} ({error})")
        return False

    def _move_aside(self, reason: str) -> None:
        if self._inode != _inode(self.path):
            return  # another process was faster
        try:
            aside = set_aside(self.path)
        except OSError as error:
            self.off = f"it is damaged ({reason}) and cannot be moved ({error})"
            self.remarks.append(self.off)
            raise UnavailableError from None
        self.remarks.append(f"it was damaged ({reason}), is kept as {aside!r}, and begun anew")

    def disconnect(self) -> None:
        """Close the connection; the next work opens it again."""
        with self._lock:
            self._check_process()
            connection, self._connection = self._connection, None
            self.read_only = False
            if connection is not None:
                with contextlib.suppress(sqlite3.Error):
                    connection.close()

    def _before_fork(self) -> None:
        self._lock.acquire()
        self.disconnect()

    def _after_fork(self, child: bool) -> None:
        if child:
            self._lock = threading.RLock()
        else:
            self._lock.release()


def _error_code(error: Exception) -> int:
    if isinstance(error, sqlite3.ProgrammingError):
        return sqlite3.SQLITE_MISUSE
    # Without a code: a text that is no UTF-8, or a number beyond 64 bits. We write neither.
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)


def _inode(path: str) -> int:
    try:
        return os.stat(path).st_ino
    except OSError:
        return 0


def _wait(work: Callable[..., _T], argument: object) -> _T:
    """Try again while another process keeps the file locked; SQLite's own wait stops no Ctrl-C."""
    deadline = time.monotonic() + _PATIENCE
    pause = 0.001
    while True:
        try:
            return work(argument)
        except sqlite3.OperationalError as error:
            if _error_code(error) & 0xFF not in _LOCKED or time.monotonic() > deadline:
                raise
        time.sleep(pause)
        pause = min(2 * pause, 0.05)
