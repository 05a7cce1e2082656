"""Asking on purpose about rows that have no modality at all."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["empty_rows_expected"]


@contextmanager
def empty_rows_expected() -> Iterator[None]:
    """Let a fusion give rows without any modality the prior, and say nothing.

    Examples
    --------
    >>> with empty_rows_expected():
    ...     warnings.warn("3 of 9 rows have no modality at all; they get ...")
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".* have no modality at all")
        yield
