"""Tf-idf without scikit-learn: terms looked up in a learnt vocabulary, and weighed."""

import re
from collections import Counter
from functools import lru_cache
from itertools import zip_longest
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
    probe : dict
        Terms of the text that stays the same, as `pack_strings` gives them.
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
        probe: dict[str, Any],
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
        self._probe = probe
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
        columns: list[int] = []
        counts: list[int] = []
        lengths: list[int] = []
        for text in texts:
            found = Counter(self._columns(text))
            columns += found
            counts += found.values()
            lengths.append(len(found))
        n_terms = np.zeros(len(present), dtype=np.intp)
        n_terms[present] = lengths
        indices = np.array(columns, dtype=np.intp)
        data = self._weigh(np.array(counts, dtype=self.dtype), indices, n_terms)
        ends = [0, *np.cumsum(n_terms).tolist()]
        return Features([SparseBlock(data, indices, ends, len(self.vocabulary))])

    def check_features(self) -> None:
        """Cut the probe into terms, and compare.

        Raises
        ------
        ValueError
            If they are not those of the mmsenti that froze the model, naming one.
        """
        # Here, because a model of this version is loaded without it.
        from mmsenti.frozen._probe import PROBE_TEXT

        known, found = unpack_strings(**self._probe), self.terms(PROBE_TEXT)
        if known != found:
            pairs = zip_longest(known, found)
            before, now = next(pair for pair in pairs if pair[0] != pair[1])
            raise ValueError(
                f"whose {self.owner} found the term {before!a} where this one finds {now!a}"
            )

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

    def _weigh(self, counts: np.ndarray, columns: np.ndarray, n_terms: np.ndarray) -> np.ndarray:
        """Make counts of the terms of texts, one text's behind another's, their weights."""
        if self.binary:
            counts = np.ones_like(counts)
        if self.sublinear_tf:
            counts = np.log(counts) + self.dtype.type(1)
        if self.idf is not None:
            counts = (counts * self.idf[columns]).astype(self.dtype, copy=False)
        if self.norm is None:
            return counts
        rows = np.repeat(np.arange(len(n_terms)), n_terms)
        if self.norm == "l1":
            sizes = np.bincount(rows, np.abs(counts))
        else:
            sizes = np.sqrt(np.bincount(rows, np.square(counts, dtype=np.float64)))
        sizes[sizes == 0] = 1.0  # of weights that are all zero
        return (counts / sizes[rows]).astype(self.dtype, copy=False)
