"""GroupStandardScaler: features relative to how a speaker usually sounds."""

import warnings
from numbers import Integral
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils.validation import (
    check_consistent_length,
    check_is_fitted,
    column_or_1d,
    validate_data,
)

from mmsenti._missing import missing_mask
from mmsenti._params import Interval, NamedParameters, validate_params

__all__ = ["GroupStandardScaler"]


class GroupStandardScaler(OneToOneFeatureMixin, NamedParameters, TransformerMixin, BaseEstimator):
    """Standardise features within each group, as within each speaker.

    Voices differ from each other more than moods do. Seen against the same speaker's other
    sentences, a high voice is excited; seen against everybody's, it may be a child's [1]_.

    Groups are metadata: pass ``groups`` to `fit` and `transform`, or let a pipeline do it with
    ``sklearn.set_config(enable_metadata_routing=True)`` and
    ``set_fit_request(groups=True).set_transform_request(groups=True)``. Without groups this is
    a StandardScaler.

    A group that was there at fit is scaled by what was learnt of it. **A group that is new at
    transform is scaled by the rows at hand**: its predictions then depend on which of its rows come
    together, so give all that you have of a speaker at once, and expect less of a few rows.
    No label is used. A new group of fewer than `min_rows` rows is scaled as one would be without
    groups, by all training rows.

    Parameters
    ----------
    min_rows : int, default=2
        Fewest rows from which the statistics of a group are taken.

    Attributes
    ----------
    mean_, scale_ : ndarray of shape (n_features,)
        Of all training rows.
    groups_ : ndarray of shape (n_groups,)
        Those of the training rows with at least `min_rows`, in order.
    group_means_, group_scales_ : ndarray of shape (n_groups, n_features)
    n_features_in_ : int

    References
    ----------
    .. [1] C. Busso, S. Mariooryad, A. Metallinou and S. Narayanan, "Iterative Feature Normalization
       Scheme for Automatic Emotion Detection from Speech", IEEE Transactions on Affective
       Computing 4(4), 2013.

    Examples
    --------
    >>> f0 = np.array([[100.0], [120.0], [200.0], [240.0]])
    >>> speakers = ["ann", "ann", "bea", "bea"]
    >>> GroupStandardScaler().fit_transform(f0, groups=speakers).ravel().tolist()
    [-1.0, 1.0, -1.0, 1.0]
    >>> GroupStandardScaler().fit(f0, groups=speakers).transform([[110.0]], groups=["ann"])
    array([[0.]])
    """

    _parameter_constraints = {"min_rows": [Interval(Integral, 1, None, closed="left")]}

    def __init__(self, *, min_rows: int = 2) -> None:
        self.min_rows = min_rows

    def fit(self, X: Any, y: Any = None, groups: Any = None) -> Self:
        """Learn means and scales of all rows and of each group.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            NaN where a sample is missing; those are left out.
        y : ignored
        groups : array-like of shape (n_samples,), default=None

        Returns
        -------
        self
        """
        validate_params(
            type(self).__name__, self.get_params(deep=False), self._parameter_constraints
        )
        X = self._validated(X, reset=True)
        self.mean_, self.scale_ = _statistics(X)
        self.groups_ = np.zeros(0)
        self.group_means_ = self.group_scales_ = np.zeros((0, X.shape[1]))
        if groups is None:
            return self
        names, codes = np.unique(self._checked(groups, X), return_inverse=True)
        known = np.flatnonzero(np.bincount(codes) >= self.min_rows)
        if known.size:
            self.groups_ = names[known]
            found = [_statistics(X[codes == code], self) for code in known]
            self.group_means_, self.group_scales_ = map(np.stack, zip(*found, strict=True))
        return self

    def fit_transform(self, X: Any, y: Any = None, groups: Any = None) -> Any:
        """Learn of the rows and scale them.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        y : ignored
        groups : array-like of shape (n_samples,), default=None

        Returns
        -------
        ndarray of shape (n_samples, n_features)
        """
        return self.fit(X, groups=groups).transform(X, groups=groups)

    def transform(self, X: Any, groups: Any = None) -> np.ndarray:
        """Scale rows by what is known of their groups, or by the rows themselves.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        groups : array-like of shape (n_samples,), default=None
            None scales by all training rows.

        Returns
        -------
        ndarray of shape (n_samples, n_features)
        """
        check_is_fitted(self)
        X = self._validated(X, reset=False)
        if groups is None:
            return (X - self.mean_) / self.scale_
        names, codes = np.unique(self._checked(groups, X), return_inverse=True)
        known = {group: i for i, group in enumerate(self.groups_.tolist())}
        scaled = np.empty_like(X)
        for code, name in enumerate(names.tolist()):
            rows = codes == code
            if name in known:
                mean, scale = (a[known[name]] for a in (self.group_means_, self.group_scales_))
            elif rows.sum() >= self.min_rows:
                mean, scale = _statistics(X[rows], self)
            else:
                mean, scale = self.mean_, self.scale_
            scaled[rows] = (X[rows] - mean) / scale
        return scaled

    def _validated(self, X: Any, *, reset: bool) -> np.ndarray:
        return validate_data(self, X, reset=reset, dtype=np.float64, ensure_all_finite="allow-nan")

    def _checked(self, groups: Any, X: np.ndarray) -> np.ndarray:
        groups = column_or_1d(groups)
        check_consistent_length(X, groups)
        if missing_mask(groups).any():
            raise ValueError(
                f"{type(self).__name__}: groups must name the group of every row; row "
                f"{missing_mask(groups).argmax()} has none. Give rows that belong to nobody a "
                "group of their own."
            )
        return groups

    def __sklearn_tags__(self) -> Any:
        """Say that missing values stay."""
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags


def _statistics(X: np.ndarray, overall: Any = None) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of columns; of those without a value, the overall ones."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Mean of empty slice|Degrees of freedom", RuntimeWarning)
        mean, scale = np.nanmean(X, axis=0), np.nanstd(X, axis=0)
    # What does not vary becomes zero, whatever rounding has left of its spread.
    scale[scale <= 1e-12 * np.maximum(np.abs(mean), 1e-300)] = 1.0
    empty = np.isnan(mean)
    mean[empty] = 0.0 if overall is None else overall.mean_[empty]
    scale[empty] = 1.0 if overall is None else overall.scale_[empty]
    return mean, scale
