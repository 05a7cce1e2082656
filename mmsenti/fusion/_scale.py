"""Bring a block of features to the size of the other blocks."""

from typing import Any, Self

import numpy as np
from sklearn.preprocessing import StandardScaler

from mmsenti._params import NamedParameters

__all__ = ["BlockScaler"]


class BlockScaler(NamedParameters, StandardScaler):
    """Standardise columns, and divide them by the root of their number.

    A row of the block then has length 1 on average, as a row of TF-IDF has. Without that, two
    thousand columns of pictures drown the words beside them, and one strength of regularisation
    fits no two modalities. The parameters are those of StandardScaler; missing values stay.

    Examples
    --------
    >>> X = np.array([[0.0, 5.0, 1.0, 0.0], [2.0, 1.0, 3.0, 4.0]])
    >>> BlockScaler().fit_transform(X)
    array([[-0.5,  0.5, -0.5, -0.5],
           [ 0.5, -0.5,  0.5,  0.5]])
    """

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Self:
        """Learn means and scales.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        y : ignored
        sample_weight : array-like of shape (n_samples,), default=None

        Returns
        -------
        self
        """
        # A column without a single number, as of pictures none of which can be read, stays one.
        with np.errstate(invalid="ignore"):
            super().fit(X, y, sample_weight)
        self.scale_: np.ndarray = np.sqrt(self.n_features_in_) * (
            np.ones(self.n_features_in_) if self.scale_ is None else self.scale_
        )
        return self
