"""Find the extractors inside of an estimator, and what they could not read."""

from collections.abc import Iterator
from typing import Any

from sklearn.base import BaseEstimator

from mmsenti._base import Extractor

__all__ = ["nested_errors", "nested_extractors", "nested_parts"]


def nested_extractors(estimator: Any) -> Iterator[Extractor]:
    """Yield the extractors that an estimator is or holds; see `nested_parts`.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from mmsenti.text import TextFeatures
    >>> list(nested_extractors(make_pipeline(TextFeatures(), StandardScaler())))
    [TextFeatures()]
    """
    return nested_parts(estimator, Extractor)


def nested_parts(estimator: Any, kind: Any) -> Iterator[Any]:
    """Yield the estimators of a kind that an estimator is or holds.

    Parameters
    ----------
    estimator : estimator, or list or tuple with estimators in it
        Its parameters and its fitted attributes are searched.
    kind : type or tuple of types

    Yields
    ------
    estimator
        Each once.
    """
    seen: set[int] = set()
    waiting = [estimator]
    while waiting:
        part = waiting.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        if isinstance(part, kind):
            yield part
        if isinstance(part, BaseEstimator):
            waiting.extend(vars(part).values())
        elif isinstance(part, list | tuple):
            waiting.extend(part)


def nested_errors(transformer: Any) -> list[tuple[int, str, str]]:
    """List what the extractors inside of a transformer could not read the last time.

    Parameters
    ----------
    transformer : transformer

    Returns
    -------
    list of (int, str, str)
        Row, path and reason of each cell, in the order of rows.
    """
    return sorted(
        {error for part in nested_extractors(transformer) for error in getattr(part, "errors_", ())}
    )
