"""A handle on the file of a store: opened, copied, pickled, closed, and never in the way."""

import atexit
import os
import sqlite3
import warnings
import weakref
from collections.abc import Callable
from typing import Any, Self, TypeVar

import numpy as np

from mmsenti.store._database import Database, UnavailableError
from mmsenti.store._rows import touch_keys

__all__ = ["StoreFile", "StoreHandle", "StoreWarning", "keep_quiet"]

_T = TypeVar("_T")

_MIN_BYTES = 2**18
_DEFAULT_BYTES = 2**32

_live: weakref.WeakSet["StoreHandle"] = weakref.WeakSet()
_warned: set[str] = set()  # paths, for the length of the process


class StoreWarning(UserWarning):
    """A feature store does not work as meant: features are right, but computed more than once."""


def keep_quiet(path: str) -> None:
    """Warn no more of the store at a path."""
    _warned.add(path)


class StoreFile(Database):
    """The file of a store, whose troubles are said once per path and process."""

    def attempt(
        self,
        work: Callable[[sqlite3.Connection], _T],
        default: _T,
        *,
        write: bool = False,
        create: bool = False,
    ) -> _T:
        """Do some work as `Database.run` does it, or return the default."""
        try:
            return self.run(work, write=write, create=create)
        except UnavailableError:
            return default
        finally:
            remarks, self.remarks = self.remarks, []
            if remarks:
                self.warn(remarks[0])

    def warn(self, remark: str) -> None:
        """Issue a `StoreWarning`, unless there was one for this path already."""
        if self.path in _warned:
            return
        _warned.add(self.path)
        warnings.warn(
            f"Feature store {self.path!r}: {remark}. Features are right all the same, but may be "
            "computed more than once.",
            StoreWarning,
            stacklevel=4,
        )


class StoreHandle:
    """What a store is besides its rows: a path, a limit, and a file that opens when needed."""

    def __init__(self, path: str | os.PathLike[str], max_bytes: int = _DEFAULT_BYTES) -> None:
        if isinstance(max_bytes, bool) or not isinstance(max_bytes, int | np.integer):
            raise TypeError(f"max_bytes must be an int, got {max_bytes!r}.")
        if max_bytes < _MIN_BYTES:
            raise ValueError(f"max_bytes must be at least {_MIN_BYTES}, got {max_bytes!r}.")
        self.path = os.fspath(path)
        if not isinstance(self.path, str) or not self.path:
            raise TypeError(f"path must be a str or pathlib.Path, got {path!r}.")
        if "://" in self.path:
            raise ValueError(f"a store is a file on this machine, not an address; got {path!r}.")
        self.max_bytes = int(max_bytes)
        self._used: set[int] = set()  # keys read since recency was last written
        self._file = StoreFile(os.path.abspath(self.path))
        _live.add(self)

    def close(self) -> None:
        """Close the file; it is opened again when it is needed."""
        self._flush()
        self._file.disconnect()

    def _take_used(self) -> list[int]:
        used, self._used = self._used, set()
        return list(used)  # at once: another thread may still be adding to the set

    def _flush(self) -> None:
        used = self._take_used()
        if used and not self._file.read_only:
            self._file.attempt(lambda one: touch_keys(one, used), None, write=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def __del__(self) -> None:
        if hasattr(self, "_file"):
            self.close()

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        # Another process may work in another folder.
        return _reopened, (type(self), self._file.path, self.max_bytes)

    def __repr__(self) -> str:
        limit = "" if self.max_bytes == _DEFAULT_BYTES else f", max_bytes={self.max_bytes}"
        return f"{type(self).__name__}({self.path!r}{limit})"


def _reopened(kind: Callable[..., StoreHandle], path: str, max_bytes: int) -> StoreHandle:
    return kind(path, max_bytes=max_bytes)


@atexit.register
def _close_all() -> None:
    for store in list(_live):
        store.close()
