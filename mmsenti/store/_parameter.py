"""The parameter `store` of an estimator: it goes along to workers, and never into a model file."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

__all__ = ["StoreParameter", "is_saving", "without_stores"]

_left_out: ContextVar[bool] = ContextVar("_left_out", default=False)


@contextmanager
def without_stores() -> Iterator[None]:
    """Leave stores, and names of unreadable files, out of what is saved in this context.

    Whoever is given a model would otherwise be given a path of its maker's machine, and have a file
    made there.
    """
    token = _left_out.set(True)
    try:
        yield
    finally:
        _left_out.reset(token)


def is_saving() -> bool:
    """Tell whether a state is asked for to be saved: in `without_stores`."""
    return _left_out.get()


class StoreParameter:
    """Mixin of the estimators that have a parameter `store`."""

    store: Any

    def __getstate__(self) -> dict[str, Any]:
        """Return the attributes: with a path that leads to the same file from another folder.

        In `without_stores` there is no path of this machine at all.
        """
        state = super().__getstate__()
        if not _left_out.get():
            store = state.get("store")
            # A worker may have been started in another folder.
            is_path = isinstance(store, str | os.PathLike)
            return {**state, "store": os.path.abspath(store)} if is_path else state
        state = {name: value for name, value in state.items() if name != "errors_"}
        return {**state, "store": None} if "store" in state else state
