"""Tell at a glance what scikit-learn's validation would have nothing to say to."""

from typing import Any

import numpy as np
from scipy import sparse

__all__ = ["holds_columns_of"]


def holds_columns_of(estimator: Any, X: Any) -> bool:
    """Tell whether `X` is a matrix of numbers, or gaps, as the estimator was fitted on.

    What a tenth of a millisecond of validation would find out for every block of every row.

    Parameters
    ----------
    estimator : estimator
        Fitted on matrices; with names of features, or of another width, the answer is False.
    X : object

    Returns
    -------
    bool
        True for an ndarray or CSR matrix of float32 or float64 without infinity.

    Examples
    --------
    >>> from sklearn.preprocessing import StandardScaler
    >>> scaler = StandardScaler().fit([[1.0, 2.0]])
    >>> [holds_columns_of(scaler, np.array([row])) for row in ([3.0, np.nan], [3.0])]
    [True, False]
    """
    is_rows = sparse.issparse(X) and X.format == "csr"
    if not (is_rows or type(X) is np.ndarray) or X.dtype not in (np.float32, np.float64):
        return False
    if hasattr(estimator, "feature_names_in_") or X.ndim != 2 or not X.shape[0]:
        return False
    if X.shape[1] != getattr(estimator, "n_features_in_", None):
        return False
    return not np.isinf(X.data if is_rows else X).any()
