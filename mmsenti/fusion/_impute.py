"""Filling gaps in features that are joined: by training means, sparse ones in one pass."""

from typing import Any, Self

import numpy as np
from scipy import sparse
from sklearn.impute import SimpleImputer

from mmsenti.fusion._plain import holds_columns_of

__all__ = ["MeanImputer"]


class MeanImputer(SimpleImputer):
    """SimpleImputer that learns the means of a sparse matrix in one pass, and no column by column.

    Of the twenty thousand columns of words of an ordinary corpus, the original learns as long as a
    linear model does. All else is its own.

    Parameters
    ----------
    missing_values, strategy, fill_value, copy, add_indicator, keep_empty_features : optional
        As in SimpleImputer.

    Examples
    --------
    >>> gap = sparse.csr_matrix(np.array([[1.0, 0.0], [np.nan, 4.0]]))
    >>> MeanImputer().fit_transform(gap).toarray().tolist()
    [[1.0, 0.0], [1.0, 4.0]]
    """

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn the means.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
        y : ignored

        Returns
        -------
        self
        """
        if sparse.issparse(X) and self._learns_means(X):
            X = _means(X.tocsr())
        return super().fit(X, y)

    def transform(self, X: Any) -> Any:
        """Fill the gaps.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)

        Returns
        -------
        ndarray or sparse matrix of shape (n_samples, n_features_out)
            Rows stay rows: where the original turns a CSR matrix, it stays one here.
        """
        if not self._fills_plainly(X):
            return super().transform(X)
        filled = X.copy()
        means = self.statistics_.astype(X.dtype, copy=False)
        values = filled.data if sparse.issparse(X) else filled
        gaps = np.isnan(values)
        if gaps.any():
            columns = X.indices[gaps] if sparse.issparse(X) else np.nonzero(gaps)[1]
            values[gaps] = means[columns]
        return filled

    def _fills_plainly(self, X: Any) -> bool:
        return (
            self.copy
            and hasattr(self, "statistics_")
            and holds_columns_of(self, X)
            and X.dtype == getattr(self, "_fit_dtype", None)
            and self._learns_means(X)
            and not np.isnan(self.statistics_).any()
        )

    def _learns_means(self, X: Any) -> bool:
        is_nan = isinstance(self.missing_values, float) and np.isnan(self.missing_values)
        return self.strategy == "mean" and is_nan and not self.add_indicator and X.dtype.kind == "f"


def _means(features: sparse.csr_matrix) -> np.ndarray:
    """Return the mean of each column as one row, of which an imputer learns the same."""
    width = features.shape[1]
    unknown = np.isnan(features.data)
    known = features.shape[0] - np.bincount(features.indices[unknown], minlength=width)
    values = np.where(unknown, 0.0, features.data)
    totals = np.bincount(features.indices, weights=values, minlength=width)
    means = np.where(known > 0, totals / np.maximum(known, 1), np.nan)
    return means[np.newaxis].astype(features.dtype)
