"""The two controls beside every fusion: what gains as much without any content is no gain.

*Shuffled*: the added modalities are permuted over rows, so that they say as much as before, but of
other rows. *Prior*: each of their cells is replaced by one and the same, so that all they can tell
is that they are there, and the class prior.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.utils import _safe_indexing

from mmsenti._missing import missing_mask
from mmsenti.fusion._table import named_columns

__all__ = ["CONTROLS", "control_table"]

CONTROLS = ("shuffled", "prior")


def control_table(X: Any, added: Sequence[Any], control: str, seed: int = 0) -> Any:
    """Return a table whose added modalities tell nothing of their rows.

    Parameters
    ----------
    X : DataFrame of shape (n_samples, n_columns)
    added : sequence of str or list of str
        Columns of the modalities that are added.
    control : {"shuffled", "prior"}
        Permute the rows of these columns together, missing cells with them; or put the first
        filled cell (of numbers, their mean) in the place of all filled ones.
    seed : int, default=0
        Of the permutation.

    Returns
    -------
    DataFrame of shape (n_samples, n_columns)

    Examples
    --------
    >>> import pandas as pd
    >>> X = pd.DataFrame({"text": ["a", "b"], "image": ["1.png", "2.png"]})
    >>> control_table(X, ["image"], "shuffled", seed=3)["image"].tolist()
    ['2.png', '1.png']
    >>> control_table(X, ["image"], "prior")["image"].tolist()
    ['1.png', '1.png']
    """
    columns = [name for column in added for name in named_columns(column)]
    if control == "shuffled":
        order = np.random.default_rng(seed).permutation(len(X))
        moved = {name: _safe_indexing(X[name], order).to_numpy() for name in columns}
        return X.assign(**moved)
    return X.assign(**{name: _constant(X[name]) for name in columns})


def _constant(cells: Any) -> Any:
    present = ~missing_mask(cells)
    if not present.any():
        return cells
    numbers = getattr(cells.dtype, "kind", "O") in "fiub"
    value = cells[present].mean() if numbers else cells[present].iloc[0]
    same = np.empty(len(cells), dtype=float if numbers else object)
    for row in range(len(cells)):  # a cell may be an array, which must not be spread over rows
        same[row] = value if present[row] else (np.nan if numbers else None)
    return same
