"""Worker processes that hold much are replaced between tasks, which is no news for a user."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["workers_may_change"]


@contextmanager
def workers_may_change() -> Iterator[None]:
    """Keep loky from warning that it replaces a worker whose memory has grown.

    Examples
    --------
    >>> with workers_may_change():
    ...     warnings.warn("A worker stopped while some jobs were given to the executor.")
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="A worker stopped while some jobs")
        yield
