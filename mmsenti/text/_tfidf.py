"""TextTfidf: scikit-learn's TfidfVectorizer for columns with missing cells."""

import copy
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache, partial
from numbers import Integral
from typing import Any, Self

import numpy as np
from scipy import sparse
from sklearn.base import TransformerMixin
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.utils._set_output import _get_output_config
from sklearn.utils.sparsefuncs_fast import (
    inplace_csr_row_normalize_l1,
    inplace_csr_row_normalize_l2,
)
from sklearn.utils.validation import check_is_fitted

from mmsenti._column import as_cells
from mmsenti._params import Interval, NamedParameters, Options, validate_params
from mmsenti.store._parameter import is_saving
from mmsenti.text._cells import present_texts
from mmsenti.text._preprocess import make_preprocessor
from mmsenti.text._stemming import STEMMERS, TOKENIZERS, load_stemmer, load_tokenizer
from mmsenti.text._terms import Terms
from mmsenti.text._vocabulary import pack_terms, unpack_terms

__all__ = ["TextTfidf"]

_TOKEN_PATTERN = r"(?u)\b\w\w+\b"
_NORMALIZE = {"l1": inplace_csr_row_normalize_l1, "l2": inplace_csr_row_normalize_l2}


class TextTfidf(NamedParameters, TransformerMixin, TfidfVectorizer):
    """Weigh word or character n-grams of a column with missing cells by tf-idf.

    On a column without holes the numbers are those of scikit-learn's TfidfVectorizer. A missing
    cell is a row of zeros and counts in no document frequency. Texts are read in Unicode's
    composed form (NFC).

    Parameters
    ----------
    tokenizer : {"tweet", "treebank", "wordpunct", "toktok"} or callable, default=None
        "tweet" gives the tokens of `Document` (hashtags, mentions, links, emoticons and emoji
        stay whole), the other names nltk's tokenizers; None cuts by `token_pattern`.
    stemmer : {"snowball", "porter", "lancaster"} or callable, default=None
        Replaces each word that is no stop word by its stem, with an English stemmer of nltk or
        a function from word to stem. Only for ``analyzer="word"``.
    preprocessor : str, sequence of str, or callable, default=None
        What is done to a text before it is put in lower case and cut: any of "mend" (undo UTF-8
        that was read as Windows-1252), "links", "mentions" and "numbers" (one term for all
        links, one for all mentions, one for all digits), "hashtags" (followed by the words that
        they are made of) and "negation" (``not_`` before each word that a negation reaches). A
        function takes the place of the lower case too, as in TfidfVectorizer.
    max_characters : int, default=1_000_000
        Longest text accepted; a stretch without any blank may be a tenth of it, 10,000
        characters at least.
    analyzer, ngram_range, lowercase, strip_accents, stop_words, token_pattern, max_df, min_df, \
max_features, vocabulary, binary, dtype, norm, use_idf, smooth_idf, sublinear_tf
        As in TfidfVectorizer, with its defaults.

    Attributes
    ----------
    vocabulary_ : dict of str to int
        Column of each term.
    idf_ : ndarray of shape (n_features,)

    Examples
    --------
    >>> tfidf = TextTfidf()
    >>> tfidf.fit_transform(["good film", None, "bad film"]).toarray().round(2)
    array([[0.  , 0.58, 0.81],
           [0.  , 0.  , 0.  ],
           [0.81, 0.58, 0.  ]])
    >>> tfidf.get_feature_names_out().tolist()
    ['bad', 'film', 'good']
    """

    _parameter_constraints = {
        # numpy judges the dtype, as in scikit-learn.
        **{k: v for k, v in TfidfVectorizer._parameter_constraints.items() if k != "dtype"},
        "tokenizer": [Options(TOKENIZERS), callable, None],
        "stemmer": [Options(STEMMERS), callable, None],
        "preprocessor": [str, list, tuple, callable, None],
        "max_characters": [Interval(Integral, 1, None, closed="left")],
    }

    def __init__(
        self,
        *,
        tokenizer: str | Callable[[str], list[str]] | None = None,
        stemmer: str | Callable[[str], str] | None = None,
        max_characters: int = 1_000_000,
        analyzer: str | Callable[[str], Iterable[str]] = "word",
        ngram_range: tuple[int, int] = (1, 1),
        lowercase: bool = True,
        strip_accents: str | Callable[[str], str] | None = None,
        preprocessor: str | Sequence[str] | Callable[[str], str] | None = None,
        stop_words: str | list[str] | None = None,
        token_pattern: str | None = _TOKEN_PATTERN,
        max_df: float = 1.0,
        min_df: float = 1,
        max_features: int | None = None,
        vocabulary: Mapping[str, int] | Iterable[str] | None = None,
        binary: bool = False,
        dtype: Any = np.float64,
        norm: str | None = "l2",
        use_idf: bool = True,
        smooth_idf: bool = True,
        sublinear_tf: bool = False,
    ) -> None:
        super().__init__(
            tokenizer=tokenizer,
            analyzer=analyzer,
            ngram_range=ngram_range,
            lowercase=lowercase,
            strip_accents=strip_accents,
            preprocessor=preprocessor,
            stop_words=stop_words,
            token_pattern=token_pattern,
            max_df=max_df,
            min_df=min_df,
            max_features=max_features,
            vocabulary=vocabulary,
            binary=binary,
            dtype=dtype,
            norm=norm,
            use_idf=use_idf,
            smooth_idf=smooth_idf,
            sublinear_tf=sublinear_tf,
        )
        self.stemmer = stemmer
        self.max_characters = max_characters

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn the terms and their idf from the cells that are not missing.

        Parameters
        ----------
        X : list, ndarray or table column of shape (n_samples,) or (n_samples, 1)
        y : ignored

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If every cell is missing, or a text is too long.
        TypeError
            For a cell that is neither missing nor a str, naming its row.
        """
        self._fit_matrix(X)
        return self

    def fit_transform(self, X: Any, y: Any = None) -> Any:
        """Fit, and weigh the same column.

        Parameters
        ----------
        X : list, ndarray or table column of shape (n_samples,) or (n_samples, 1)
        y : ignored

        Returns
        -------
        sparse matrix (CSR) of shape (n_samples, n_features)
            A table where `set_output` asks for one.
        """
        return self._as_output(self._fit_matrix(X))

    def transform(self, X: Any) -> Any:
        """Weigh the terms of each text.

        Parameters
        ----------
        X : list, ndarray or table column of shape (n_samples,) or (n_samples, 1)

        Returns
        -------
        sparse matrix (CSR) of shape (n_samples, n_features)
            Rows have length 1 in `norm`; of a missing cell, and of a text without known terms,
            they are zeros. A table where `set_output` asks for one.
        """
        check_is_fitted(self, "vocabulary_")
        texts, present = self._present(X)
        matrix = self._weigh(CountVectorizer.transform(self, texts or [""]))
        if len(texts) < matrix.shape[0]:
            matrix = matrix[: len(texts)]
        return self._as_output(_spread(matrix, present))

    def _weigh(self, counts: Any) -> Any:
        """Make counts weights in place, as the TfidfTransformer of the fit does.

        That one judges the counts twice more, for which one text takes as long as a hundred.
        """
        learnt = self._tfidf
        if counts.dtype not in (np.float64, np.float32):
            return learnt.transform(counts, copy=False)
        if learnt.sublinear_tf:
            np.log(counts.data, counts.data)
            counts.data += 1.0
        if hasattr(learnt, "idf_"):
            counts.data *= learnt.idf_[counts.indices]
        if learnt.norm is not None:
            _NORMALIZE[learnt.norm](counts)
        return counts

    def _fit_matrix(self, X: Any) -> Any:
        self._validate_params()
        texts, present = self._present(X)
        if not texts:
            raise ValueError(
                f"{type(self).__name__}: all {len(present)} cells of the column are missing, so "
                "there is nothing to learn from. Leave this modality out."
            )
        # By name: the next fit_transform in the order of bases is TransformerMixin's.
        return _spread(TfidfVectorizer.fit_transform(self, texts), present)

    def _present(self, X: Any) -> tuple[list[str], np.ndarray]:
        """Return the texts, and which rows have one."""
        owner = type(self).__name__
        return present_texts(as_cells(X, owner), owner, self.max_characters)

    def _as_output(self, matrix: Any) -> Any:
        # scikit-learn puts arrays into tables, but no sparse ones.
        if _get_output_config("transform", self)["dense"] == "default":
            return matrix
        return matrix.toarray()

    def __getstate__(self) -> dict[str, Any]:
        """Return the attributes; when a model is saved, with the learned terms as one text."""
        state = super().__getstate__()
        if is_saving() and "vocabulary_" in state:
            state = {**state, "vocabulary_": pack_terms(state["vocabulary_"])}
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take attributes over, as `__getstate__` gives them."""
        if isinstance(state.get("vocabulary_"), str):
            state = {**state, "vocabulary_": unpack_terms(state["vocabulary_"])}
        super().__setstate__(state)

    # How a text becomes terms

    def build_preprocessor(self) -> Callable[[str], str]:
        """Return the function that a text goes through before it is cut."""
        if self.preprocessor is None or callable(self.preprocessor):
            return super().build_preprocessor()
        prepare = make_preprocessor(self.preprocessor)
        plain = copy.copy(self)
        plain.preprocessor = None
        fold = super(TextTfidf, plain).build_preprocessor()
        return lambda text: fold(prepare(text))

    def build_tokenizer(self) -> Callable[[str], list[str]]:
        """Return the function that cuts a text into tokens."""
        if isinstance(self.tokenizer, str):
            return load_tokenizer(self.tokenizer)
        return super().build_tokenizer()

    def build_analyzer(self) -> Callable[[str], Iterable[str]]:
        """Return the function that turns a text into terms."""
        analyzer = super().build_analyzer()  # judges the parameters, the stop words above all
        rules = self.term_rules()
        if rules is not None:
            return Terms(**rules)
        if self.stemmer is None or self.analyzer != "word":
            return analyzer
        stem = load_stemmer(self.stemmer) if isinstance(self.stemmer, str) else self.stemmer
        # Few words make up most of a text, and stemming one costs more than counting it.
        remembered = lru_cache(maxsize=100_000)(stem)
        return partial(analyzer, ngrams=partial(self._stemmed_ngrams, remembered))

    def term_rules(self) -> dict[str, Any] | None:
        """Return the parameters of `Terms`, or None where a function or nltk decides on terms.

        Returns
        -------
        dict or None
        """
        cut = self.analyzer, self.tokenizer, self.strip_accents, self.preprocessor
        if any(map(callable, cut)) or self.tokenizer not in (None, "tweet"):
            return None
        if self.analyzer == "word" and self.stemmer is not None:
            return None
        return {
            "analyzer": self.analyzer,
            "ngram_range": self.ngram_range,
            "preprocessor": self.preprocessor,
            "lowercase": self.lowercase,
            "strip_accents": self.strip_accents,
            "token_pattern": self.token_pattern,
            "tokenizer": self.tokenizer,
            "stop_words": self.get_stop_words(),
        }

    def _stemmed_ngrams(
        self,
        stem: Callable[[str], str],
        tokens: list[str],
        stop_words: frozenset[str] | None = None,
    ) -> list[str]:
        # Stop words are written in full, so they go before the stemmer comes.
        kept = tokens if stop_words is None else [w for w in tokens if w not in stop_words]
        return self._word_ngrams(list(map(stem, kept)))

    # scikit-learn's protocol

    def _validate_params(self) -> None:
        validate_params(
            type(self).__name__, self.get_params(deep=False), self._parameter_constraints
        )

    def _warn_for_unused_params(self) -> None:
        asked = self
        if self.tokenizer is not None and self.token_pattern == _TOKEN_PATTERN:
            # Nobody asked for the default pattern, so nobody need hear that it is not used.
            asked = copy.copy(self)
            asked.token_pattern = None
        super(TextTfidf, asked)._warn_for_unused_params()
        if self.stemmer is not None and self.analyzer != "word":
            warnings.warn(
                "The parameter 'stemmer' will not be used since 'analyzer' != 'word'",
                stacklevel=3,
            )

    def __sklearn_tags__(self) -> Any:
        """Say what the input is: one column of strings, missing cells allowed."""
        tags = super().__sklearn_tags__()
        tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        tags.input_tags.string = True
        tags.input_tags.allow_nan = True
        tags.transformer_tags.preserves_dtype = []
        tags._skip_test = False
        return tags


def _spread(matrix: Any, present: np.ndarray) -> Any:
    """Put a row of zeros in the place of each missing cell."""
    if present.all():
        return matrix
    indptr = np.zeros(len(present) + 1, dtype=matrix.indptr.dtype)
    indptr[1:][present] = np.diff(matrix.indptr)
    np.cumsum(indptr, out=indptr)
    shape = (len(present), matrix.shape[1])
    # The class is scikit-learn's choice, sparse array or sparse matrix.
    kind = sparse.csr_array if isinstance(matrix, sparse.sparray) else sparse.csr_matrix
    return kind((matrix.data, matrix.indices, indptr), shape=shape)
