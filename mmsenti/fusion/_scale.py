"""Bring a block of features to the size of the other blocks."""

from numbers import Real
from typing import Any, Self

import numpy as np
from sklearn.preprocessing import StandardScaler
from sklearn.utils._param_validation import Interval

from mmsenti._params import NamedParameters
from mmsenti.fusion._plain import holds_columns_of

__all__ = ["BlockScaler"]


class BlockScaler(NamedParameters, StandardScaler):
    """Standardise columns, and divide them by the root of their number.

    A row of the block then has length 1 on average, as a row of TF-IDF has. Without that, two
    thousand columns of pictures drown the words beside them, and one strength of regularisation
    fits no two modalities. Missing values stay.

    Parameters
    ----------
    weight : float, default=1.0
        Length of a row: how much the block says beside the others, as a prior that more data
        overrules. With it, a model behind is regularised 1 / weight ** 2 times as much.
    copy, with_mean, with_std : bool, default=True
        As in StandardScaler.

    Examples
    --------
    >>> X = np.array([[0.0, 5.0, 1.0, 0.0], [2.0, 1.0, 3.0, 4.0]])
    >>> BlockScaler().fit_transform(X)
    array([[-0.5,  0.5, -0.5, -0.5],
           [ 0.5, -0.5,  0.5,  0.5]])
    """

    _parameter_constraints: dict = {
        **StandardScaler._parameter_constraints,
        "weight": [Interval(Real, 0, None, closed="neither")],
    }

    def __init__(
        self,
        *,
        weight: float = 1.0,
        copy: bool = True,
        with_mean: bool = True,
        with_std: bool = True,
    ) -> None:
        super().__init__(copy=copy, with_mean=with_mean, with_std=with_std)
        self.weight = weight

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
        self.scale_: np.ndarray = (np.sqrt(self.n_features_in_) / self.weight) * (
            np.ones(self.n_features_in_) if self.scale_ is None else self.scale_
        )
        return self

    def transform(self, X: Any, copy: bool | None = None) -> Any:
        """Scale columns.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        copy : bool, default=None
            None is the parameter of that name.

        Returns
        -------
        ndarray of shape (n_samples, n_features)
        """
        copies = self.copy if copy is None else copy
        if not (copies and type(X) is np.ndarray and holds_columns_of(self, X)):
            return super().transform(X, copy)
        scaled: np.ndarray = X.copy()
        if self.with_mean:
            scaled -= self.mean_.astype(X.dtype, copy=False)
        if self.with_std:
            scaled /= self.scale_.astype(X.dtype, copy=False)
        return scaled
