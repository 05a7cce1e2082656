"""Tf-idf without scikit-learn: terms looked up in a learnt vocabulary, and weighed."""

import re
from functools import lru_cache
from typing import Any

import numpy as np

from mmsenti.frozen._features import Features, SparseBlock
from mmsenti.frozen._file import unpack_strings
from mmsenti.frozen._table import Selection
from mmsenti.text._cells import present_texts
from mmsenti.text._terms import Terms

__all__ = ["FrozenTfidf"]

_REMEMBERED_WORDS = 20_000  # of which each keeps the columns of its known terms


class FrozenTfidf:
    """A fitted `TextTfidf`.

    Parameters
    ----------
    owner : str
        Name that an error begins with.
    max_characters : int
    rules : dict
        Parameters of `Terms`.
    vocabulary : dict
        Terms in the order of their columns, as `pack_strings` gives them.
    idf : ndarray of shape (n_features,) or None
    binary, sublinear_tf : bool
    norm : {"l1", "l2"} or None
    dtype : {"float32", "float64"}
    """

    def __init__(
        self,
        *,
        owner: str,
        max_characters: int,
        rules: dict[str, Any],
        vocabulary: dict[str, Any],
        idf: np.ndarray | None,
        binary: bool,
        sublinear_tf: bool,
        norm: str | None,
        dtype: str,
    ) -> None:
        self.owner = owner
        self.max_characters = max_characters
        try:
            self.terms = Terms(**rules)
        except re.error as error:
            raise ValueError(f"holds a token pattern that is none ({error}).") from error
        terms = unpack_strings(**vocabulary)
        self.vocabulary = dict(zip(terms, range(len(terms)), strict=True))
        self.idf = idf
        self.binary = binary
        self.sublinear_tf = sublinear_tf
        self.norm = norm
        self.dtype = np.dtype(dtype)
        self._word_columns = lru_cache(_REMEMBERED_WORDS)(self._look_up_word)

    def transform(self, selection: Selection) -> Features:
        """Weigh the terms of each text; a missing cell is a row of zeros."""
        cells = selection.columns[0]
        texts, present = present_texts(cells, self.owner, self.max_characters)
        lengths = np.zeros(len(cells), dtype=np.intp)
        indices, counts = [], []
        for row, text in zip(np.flatnonzero(present).tolist(), texts, strict=True):
            counted = _count(self._columns(text))
            lengths[row] = len(counted)
            indices += counted.keys()
            counts += counted.values()
        block = SparseBlock(
            np.array(counts, dtype=self.dtype),
            np.array(indices, dtype=np.intp),
            np.concatenate([[0], np.cumsum(lengths)]),
            len(self.vocabulary),
        )
        return Features([self._weigh(block)])

    def _columns(self, text: str) -> list[int]:
        if self.terms.analyzer == "char_wb":
            found: list[int] = []
            for word in self.terms.split(text):
                found += self._word_columns(word)
            return found
        return [self.vocabulary[t] for t in self.terms(text) if t in self.vocabulary]

    def _look_up_word(self, word: str) -> tuple[int, ...]:
        vocabulary = self.vocabulary
        return tuple(vocabulary[t] for t in self.terms.word_terms(word) if t in vocabulary)

    def _weigh(self, block: SparseBlock) -> SparseBlock:
        data = np.ones_like(block.data) if self.binary else block.data
        if self.sublinear_tf:
            data = np.log(data) + self.dtype.type(1)
        if self.idf is not None:
            data = (data * self.idf[block.indices]).astype(self.dtype, copy=False)
        if self.norm is not None and data.size:
            sizes = np.abs(data) if self.norm == "l1" else data.astype(np.float64) ** 2
            rows = np.repeat(np.arange(len(block)), np.diff(block.indptr))
            totals = np.bincount(rows, weights=sizes, minlength=len(block))
            lengths = totals if self.norm == "l1" else np.sqrt(totals)
            # A row whose terms all weigh nothing stays as it is.
            lengths[lengths == 0] = 1.0
            data = (data / lengths[rows]).astype(self.dtype, copy=False)
        return block.with_data(data)


def _count(columns: list[int]) -> dict[int, int]:
    counts: dict[int, int] = {}
    for column in columns:
        counts[column] = counts.get(column, 0) + 1
    return counts
