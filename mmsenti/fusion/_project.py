"""Project a block of features onto what it has in common with the target, before it is joined."""

from numbers import Integral
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.cross_decomposition import CCA, PLSRegression
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.multiclass import type_of_target
from sklearn.utils.validation import check_is_fitted, validate_data

from mmsenti._params import NamedParameters

__all__ = ["BlockProjection"]


class BlockProjection(
    NamedParameters, ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator
):
    """Project features onto the directions that go together with the target.

    Partial least squares looks for directions of the greatest covariance with the target (of
    classes, with their indicators), canonical correlation analysis for those of the greatest
    correlation. It stands in a modality's pipeline behind an imputer, and before a
    `BlockScaler`::

        Pipeline([("extract", ImageFeatures()), ("impute", SimpleImputer()),
                  ("project", BlockProjection(2)), ("scale", BlockScaler())])

    It is for more features than rows, and for models that cannot weigh features themselves. On
    tweets with pictures a regularised linear model does better without (AUC .809, with PLS onto two
    directions .798, with CCA .764).

    Parameters
    ----------
    n_components : int, default=2
        Of "cca" at most the number of classes (two of two), or 1 for values.
    method : {"pls", "cca"}, default="pls"

    Attributes
    ----------
    projection_ : PLSRegression or CCA
    classes_ : ndarray of shape (n_classes,)
        Of labels only.

    References
    ----------
    .. [1] S. Wold, M. Sjostrom and L. Eriksson, "PLS-regression: a basic tool of chemometrics",
       Chemometrics and Intelligent Laboratory Systems 58 (2), 2001.
    .. [2] H. Hotelling, "Relations between two sets of variates", Biometrika 28, 1936.

    Examples
    --------
    >>> X = np.array([[0.0, 3.0], [0.1, 1.0], [1.0, 3.0], [0.9, 1.0]])
    >>> BlockProjection(1).fit_transform(X, ["neg", "neg", "pos", "pos"]).shape
    (4, 1)
    """

    _parameter_constraints: dict = {
        "n_components": [Interval(Integral, 1, None, closed="left")],
        "method": [StrOptions({"pls", "cca"})],
    }

    def __init__(self, n_components: int = 2, method: str = "pls") -> None:
        self.n_components = n_components
        self.method = method

    def fit(self, X: Any, y: Any) -> Self:
        """Learn the directions.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Dense; behind words, put TruncatedSVD first.
        y : array-like of shape (n_samples,)
            Labels, or values.

        Returns
        -------
        self
        """
        self._validate_params()
        X, y = validate_data(self, X, y, dtype=np.float64, ensure_min_samples=2)
        target = y
        if type_of_target(y) != "continuous":
            self.classes_ = np.unique(y)
            target = (y[:, None] == self.classes_).astype(np.float64)
        kind = PLSRegression if self.method == "pls" else CCA
        self.projection_ = kind(n_components=self.n_components).fit(X, target)
        self._n_features_out = self.n_components
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Project features.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples, n_components)
        """
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        return np.asarray(self.projection_.transform(X))

    def __sklearn_tags__(self) -> Any:
        """Say that a target is needed."""
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        return tags
