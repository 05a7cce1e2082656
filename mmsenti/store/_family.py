"""A store that a process shares with its workers, for as long as it lives.

Workers of a search start with an empty memory, and each would decode every file again. So the first
process names a folder among the temporary ones in its environment, which workers on the same
machine inherit. The first worker that computes something makes it, all of them and the first
process use it, and that one removes it at its end. Without workers there is no folder.
"""

import atexit
import contextlib
import multiprocessing
import os
import secrets
import shutil
import tempfile

from mmsenti.store._handle import keep_quiet
from mmsenti.store._processes import is_alive, process_name
from mmsenti.store._store import FeatureStore

__all__ = ["family_store"]

_VARIABLE = "MMSENTI_FAMILY"
_PREFIX = "mmsenti-family-"
_MAX_BYTES = 2**30


def family_store() -> FeatureStore | None:
    """Return the store of this process and its workers.

    Returns
    -------
    FeatureStore or None
        None in a process that has no workers (yet), and where no folder can be made.

    Examples
    --------
    >>> store = family_store()
    """
    is_first = os.getpid() == _first
    if not (os.path.exists(_store.path) if is_first else _make_folder()):
        return None
    return _store


def _join() -> tuple[str, int | None]:
    """Return the folder of the family, and in its first process the number of that."""
    inherited = os.environ.get(_VARIABLE)
    if inherited and multiprocessing.parent_process() is not None:
        return inherited, None
    name = f"{_PREFIX}{process_name(os.getpid())}-{secrets.token_hex(8)}"
    os.environ[_VARIABLE] = os.path.join(tempfile.gettempdir(), name)
    return os.environ[_VARIABLE], os.getpid()


_folder, _first = _join()
_store = FeatureStore(os.path.join(_folder, "features.db"), max_bytes=_MAX_BYTES)
keep_quiet(_store.path)  # of what the user has not asked for, nothing need be said


def _make_folder() -> bool:
    if os.path.isdir(_folder):
        return True
    try:
        os.makedirs(_folder, mode=0o700, exist_ok=True)
    except OSError:
        return False
    _remove_orphans()
    return True


def _remove_orphans() -> None:
    """Remove the folders of first processes that were killed before they could do it."""
    for entry in os.scandir(os.path.dirname(_folder)):
        if entry.name.startswith(_PREFIX):
            owner = entry.name.removeprefix(_PREFIX).rpartition("-")[0]
            if not is_alive(owner):
                shutil.rmtree(entry.path, ignore_errors=True)  # another user's stays


@atexit.register
def _end() -> None:
    if os.getpid() == _first:
        _store.close()
        with contextlib.suppress(OSError):
            shutil.rmtree(_folder)
