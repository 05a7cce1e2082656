"""The command `mmsenti store`: look into a feature store, drop rows, empty it."""

import os
import warnings

from mmsenti import FeatureStore
from mmsenti.store import StoreWarning

__all__ = ["show_store", "shrink_store"]


def show_store(path: str) -> None:
    """Print what a store holds.

    Parameters
    ----------
    path : str
    """
    with _open(path) as store:
        info = store.info()
    print(f"{path}: {info['rows']:,} rows, {_size(info['bytes'])}")
    if not info["fingerprints"]:
        return
    print(f"\n{'rows':>9}  setting")
    for setting, rows in sorted(info["fingerprints"].items(), key=lambda item: -item[1]):
        print(f"{rows:>9,}  {setting[:16]}")


def shrink_store(path: str, max_bytes: int) -> None:
    """Drop the least recently used rows of a store until so many bytes are left.

    Parameters
    ----------
    path : str
    max_bytes : int
        0 empties it.
    """
    with _open(path) as store:
        before = store.info()
        if max_bytes:
            store.prune(max_bytes)
        else:
            store.clear()
        after = store.info()
    print(
        f"{path}: dropped {before['rows'] - after['rows']:,} rows, kept {after['rows']:,} "
        f"({_size(after['bytes'])})."
    )


def _open(path: str) -> FeatureStore:
    if not os.path.isfile(path):
        raise FileNotFoundError(f"{path}: there is no such store.")
    store = FeatureStore(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", StoreWarning)  # it becomes the error
        problem = store.info()["problem"]
    if problem:
        raise ValueError(f"{path}: {problem}.")
    return store


def _size(n_bytes: int) -> str:
    return f"{n_bytes / 1e6:,.1f} MB"
