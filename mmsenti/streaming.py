"""Features of tables that are larger than memory, chunk by chunk."""

from collections.abc import Iterator, Sequence
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np

from mmsenti._base import Extractor
from mmsenti._params import Interval, validate_params
from mmsenti._progress import Progress
from mmsenti.fusion._table import as_table, select

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["iter_features"]


def iter_features(
    table: Any,
    extractor: Extractor | Sequence[tuple[str, Extractor, Any]],
    chunk_size: int = 1000,
    *,
    verbose: int = 0,
) -> Iterator["pd.DataFrame"]:
    """Compute features chunk by chunk, in memory that does not grow with the table.

    Parameters
    ----------
    table : DataFrame, or list or array of shape (n_samples,)
        A single extractor takes a column of samples, several take a table.
    extractor : Extractor, or list of (str, Extractor, column)
        What computes the features; with several, each feature's name begins with its modality's,
        as in ``text__lexicon_pos``.
    chunk_size : int, default=1000
        Rows computed at once. The extractors' own `n_jobs` shares them out in smaller parts.
    verbose : int, default=0
        1 shows progress on stderr.

    Yields
    ------
    DataFrame of float32 of shape (n_rows, n_features)
        At most `chunk_size` rows, in order, with the table's index. A missing cell is NaN.

    Raises
    ------
    TypeError
        If `extractor` is neither; what learns from the data has no features of single chunks.

    Examples
    --------
    >>> from mmsenti.text import TextFeatures
    >>> tweets = ["I love it", None, "so sad"]
    >>> for chunk in iter_features(tweets, TextFeatures(), chunk_size=2):
    ...     print(chunk["lexicon_compound"].astype(float).round(3).tolist())
    [0.637, nan]
    [-0.526]
    """
    limits = {"chunk_size": [Interval(Integral, 1, None, closed="left")]}
    validate_params("iter_features", {"chunk_size": chunk_size}, limits)
    modalities = _named(extractor)
    return _iterate(table, modalities, chunk_size, verbose)


def _named(extractor: Any) -> list[tuple[str, Extractor, Any]]:
    if isinstance(extractor, Extractor):
        return [("", extractor, None)]
    items = list(extractor) if isinstance(extractor, list | tuple) else []
    if not items or not all(
        isinstance(item, tuple) and len(item) == 3 and isinstance(item[1], Extractor)
        for item in items
    ):
        raise TypeError(
            "iter_features takes an extractor, as ImageFeatures(), or a list of (name, extractor, "
            f"column); got {extractor!r}."
        )
    return items


def _iterate(
    table: Any, modalities: list[tuple[str, Extractor, Any]], chunk_size: int, verbose: int
) -> Iterator["pd.DataFrame"]:
    import pandas as pd

    single = modalities[0][2] is None and not modalities[0][0]
    table = table if single else as_table(table)
    names = [
        f"{name}__{feature}" if name else str(feature)
        for name, extractor, _ in modalities
        for feature in extractor.get_feature_names_out()
    ]
    with Progress("Features", len(table), verbose) as progress:
        for start in range(0, len(table), chunk_size):
            stop = min(start + chunk_size, len(table))
            rows = table[start:stop]
            parts = [
                np.asarray(extractor.transform(rows if single else select(rows, column)))
                for _, extractor, column in modalities
            ]
            index = getattr(rows, "index", None)
            index = index if hasattr(index, "dtype") else range(start, stop)
            yield pd.DataFrame(np.hstack(parts), index=index, columns=names)
            progress.advance(stop - start)
