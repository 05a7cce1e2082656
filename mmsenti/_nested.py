"""Find the extractors inside of an estimator, and what they could not read."""

from collections.abc import Iterator
from typing import Any

from sklearn.base import BaseEstimator

from mmsenti._base import Extractor

__all__ = ["nested_errors", "nested_extractors"]


def nested_extractors(estimator: Any) -> Iterator[Extractor]:
    """Yield the extractors that an estimator is or holds, fitted or as a parameter.

    Parameters
    ----------
    estimator : estimator, or list or tuple with estimators in it

    Yields
    ------
    Extractor
        Each once.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from mmsenti.text import TextFeatures
    >>> list(nested_extractors(make_pipeline(TextFeatures(), StandardScaler())))
    [TextFeatures()]
    """
    seen: set[int] = set()
    waiting = [estimator]
    while waiting:
        part = waiting.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        if isinstance(part, Extractor):
            yield part
        elif isinstance(part, BaseEstimator):
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
