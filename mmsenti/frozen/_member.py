"""Members of model-level fusion: a model of one modality that knows which rows have it."""

from collections.abc import Callable
from typing import Any

import numpy as np

from mmsenti._rows import numbered
from mmsenti.frozen._features import Features, SparseBlock
from mmsenti.frozen._table import Table
from mmsenti.fusion._absent import spread_classes

__all__ = ["Heard", "Member"]


class Heard:
    """What a member has to go by: the rows that have its modality, and their features."""

    def __init__(self, rows: np.ndarray, features: Features | None) -> None:
        self.rows = rows
        self.features = features


class Member:
    """A transformer and a model of one modality.

    Parameters
    ----------
    name : str
    column : str or list of str
    transformer, imputer, model : description or None
        None where no row had the modality at fit: such a member is silent.
    known : ndarray of int or None
        Numbers of the classes that came with the modality; None for values.
    prior : ndarray of shape (n_classes,) or None
    sparse : bool
        Whether the full model holds the features in a sparse matrix.
    """

    def __init__(
        self,
        *,
        name: str,
        column: str | list[str],
        transformer: Any,
        imputer: Any,
        model: Any,
        known: np.ndarray | None,
        prior: np.ndarray | None,
        sparse: bool,
        build: Callable[[Any], Any],
    ) -> None:
        self.name = name
        self.column = column
        self.silent = transformer is None
        self.transformer = None if transformer is None else build(transformer)
        self.imputer = None if imputer is None else build(imputer)
        self.model = None if model is None else build(model)
        self.known = known
        self.prior = prior
        self.sparse = sparse

    def listen(self, table: Table) -> Heard:
        """Compute the features of the rows that have the modality."""
        rows = np.zeros(0, dtype=np.intp)
        if self.transformer is None:
            return Heard(rows, None)
        rows = np.flatnonzero(table.present(self.column))
        if not rows.size:
            return Heard(rows, None)
        with numbered(rows):
            features = self.transformer.transform(table.select(self.column, rows))
        readable = features.read_rows()
        if not readable.size:
            return Heard(rows[readable], None)
        return Heard(rows[readable], self.imputer.transform(features.take(readable)))

    def answer(self, heard: Heard, n_samples: int) -> np.ndarray:
        """Return probabilities (n_samples, n_classes) or values (n_samples,), NaN where missing."""
        shape = (n_samples,) if self.prior is None else (n_samples, len(self.prior))
        answer = np.full(shape, np.nan)
        if heard.features is None:
            return answer
        if self.prior is None or self.known is None:
            answer[heard.rows] = self.model.predict(heard.features)
        else:
            said = self.model.predict_proba(heard.features)
            answer[heard.rows] = spread_classes(said, self.known, self.prior)
        return answer

    def features(self, heard: Heard, n_samples: int) -> Features:
        """Return the features of all rows; one that lacks the modality has their means."""
        rows, features = heard.rows, heard.features
        if features is not None and len(rows) == n_samples:
            return features
        means = np.nan_to_num(self.imputer.values)
        if not self.sparse:
            filled = np.tile(means, (n_samples, 1))
            if features is not None:
                for block, place in features.parts():
                    filled[rows, place] = block
            return Features([filled])
        if features is None:
            nothing = np.zeros(0)
            block = SparseBlock(nothing, nothing.astype(np.intp), [0] * (n_samples + 1), len(means))
            return Features([block])
        # Words that were not said stay zeros.
        return Features([_spread(block, rows, n_samples) for block in features.blocks])


def _spread(block: Any, rows: np.ndarray, n_samples: int) -> Any:
    if isinstance(block, SparseBlock):
        return block.spread(rows, n_samples)
    filled = np.zeros((n_samples, block.shape[1]), dtype=block.dtype)
    filled[rows] = block
    return filled
