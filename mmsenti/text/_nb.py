"""NBWeighting: terms weighed by how much more one class uses them than the others."""

from numbers import Real
from typing import Any, Self

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils._set_output import _get_output_config
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import (
    _check_feature_names_in,
    check_is_fitted,
    check_non_negative,
    validate_data,
)

from mmsenti._params import Interval, NamedParameters, validate_params

__all__ = ["NBWeighting"]


class NBWeighting(NamedParameters, TransformerMixin, BaseEstimator):
    """Multiply terms by the log-count ratio of the classes.

    The ratio of a term compares its share of all the terms in the texts of one class with its
    share in the texts of the other, ``log((p / |p|) / (q / |q|))`` with the counts ``p`` and ``q``
    of the two, each raised by `alpha`. A linear model behind it needs to learn only where the naive
    Bayes weights are wrong: with a linear SVM, this is NB-SVM [1]_. It goes behind
    `TextTfidf`, or behind anything else that counts.

    With more than two classes each is compared with all others together, and the columns come once
    for each class.

    Parameters
    ----------
    alpha : float, default=1.0
        Added to every count, above 0.
    binarize : bool, default=True
        Count the texts that hold a term, as the authors do; False adds up the values. What is
        multiplied are the values always.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    log_ratio_ : ndarray of shape (n_blocks, n_features)
        Of the second class for two classes (one block), otherwise of each class against the rest.
    n_features_in_ : int

    References
    ----------
    .. [1] S. Wang and C. Manning, "Baselines and Bigrams: Simple, Good Sentiment and Topic
       Classification", ACL 2012.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from mmsenti.text import TextTfidf
    >>> weighted = make_pipeline(TextTfidf(binary=True, use_idf=False, norm=None), NBWeighting())
    >>> X = weighted.fit_transform(["good film", "bad film", "good"], ["pos", "neg", "pos"])
    >>> weighted.get_feature_names_out().tolist(), X.toarray().round(2)[0].tolist()
    (['bad', 'film', 'good'], [0.0, -0.18, 0.92])
    """

    _parameter_constraints = {
        "alpha": [Interval(Real, 0, None, closed="neither")],
        "binarize": ["boolean"],
    }

    def __init__(self, *, alpha: float = 1.0, binarize: bool = True) -> None:
        self.alpha = alpha
        self.binarize = binarize

    def fit(self, X: Any, y: Any) -> Self:
        """Learn the ratios.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            None of it negative.
        y : array-like of shape (n_samples,)
            Class labels.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            For negative values, for targets that are no classes, and for a single class.
        """
        validate_params(
            type(self).__name__, self.get_params(deep=False), self._parameter_constraints
        )
        X, y = validate_data(self, X, y, accept_sparse="csr", dtype=[np.float64, np.float32])
        check_non_negative(X, type(self).__name__)
        check_classification_targets(y)
        self.classes_, codes = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(
                f"{type(self).__name__}: one class only, {self.classes_.tolist()[0]!r}, and a "
                "ratio compares two. Fit on rows of at least two classes."
            )
        counts = self._count(X, codes)
        # For two classes the blocks would be each other's negatives.
        own = counts[1:] if len(counts) == 2 else counts
        log_share, log_rest = (
            np.log(part / part.sum(axis=1, keepdims=True))
            for part in (self.alpha + own, self.alpha + counts.sum(axis=0) - own)
        )
        self.log_ratio_ = log_share - log_rest
        return self

    def _count(self, X: Any, codes: np.ndarray) -> np.ndarray:
        """Sum the rows of each class, in whole matrices: (n_classes, n_features)."""
        n = len(codes)
        if self.binarize:
            X = X != 0
        member = sparse.csr_array((np.ones(n), (codes, np.arange(n))), (codes.max() + 1, n))
        counts = member @ X
        return counts.toarray() if sparse.issparse(counts) else np.asarray(counts)

    def transform(self, X: Any) -> Any:
        """Multiply each column by its ratio.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)

        Returns
        -------
        ndarray or sparse matrix (CSR) of shape (n_samples, n_blocks * n_features)
            Sparse if `X` is, unless `set_output` asks for a table.
        """
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, accept_sparse="csr", dtype=[np.float64, np.float32])
        ratios = self.log_ratio_.astype(X.dtype)
        if not sparse.issparse(X):
            return np.concatenate([X * ratio for ratio in ratios], axis=1)
        blocks = []
        for ratio in ratios:
            block = X.copy()
            block.data *= ratio[block.indices]
            blocks.append(block)
        weighted = blocks[0] if len(blocks) == 1 else sparse.hstack(blocks, format="csr")
        # scikit-learn puts arrays into tables, but no sparse ones.
        asked = _get_output_config("transform", self)["dense"]
        return weighted if asked == "default" else weighted.toarray()

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Name the columns: as they came, or for more than two classes ``good__positive``.

        Parameters
        ----------
        input_features : array-like of str, default=None

        Returns
        -------
        ndarray of str of shape (n_blocks * n_features,)
        """
        check_is_fitted(self)
        names = _check_feature_names_in(self, input_features)
        if len(self.log_ratio_) == 1:
            return names
        named = [f"{name}__{label}" for label in self.classes_ for name in names]
        return np.array(named, dtype=object)

    def __sklearn_tags__(self) -> Any:
        """Say that counts are not negative and that classes are needed."""
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.input_tags.positive_only = True
        tags.target_tags.required = True
        tags.target_tags.one_d_labels = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags
