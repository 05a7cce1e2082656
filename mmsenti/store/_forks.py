"""Keep locks and connections right when a process forks.

A lock that another thread holds at the moment of a fork stays locked in the child for ever, and a
connection to SQLite must not live on both sides of a fork: neither used nor closed there.
"""

import os
import threading
import weakref
from typing import Protocol

__all__ = ["guard_forks"]


class _Guarded(Protocol):
    def _before_fork(self) -> None: ...

    def _after_fork(self, child: bool) -> None: ...


_guarded: weakref.WeakSet[_Guarded] = weakref.WeakSet()
_adding = threading.Lock()
_halted: list[_Guarded] = []


def guard_forks(thing: _Guarded) -> None:
    """Call an object before and after each fork, as long as it lives.

    Parameters
    ----------
    thing : object
        With ``_before_fork()`` and ``_after_fork(child)``; the latter is called on both sides.
    """
    with _adding:
        _guarded.add(thing)


def _before() -> None:
    _adding.acquire()
    _halted.extend(_guarded)
    for thing in _halted:
        thing._before_fork()


def _after_in_parent() -> None:
    for thing in reversed(_halted):
        thing._after_fork(child=False)
    _halted.clear()
    _adding.release()


def _after_in_child() -> None:
    global _adding
    for thing in _halted:
        thing._after_fork(child=True)
    _halted.clear()
    _adding = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_before, after_in_parent=_after_in_parent, after_in_child=_after_in_child
    )
