"""Members of model-level fusion: a model of one modality that knows which rows have it."""

from typing import Any, Self

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, clone
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import _safe_indexing
from sklearn.utils.validation import check_is_fitted, has_fit_parameter

from mmsenti._missing import missing_mask
from mmsenti._nested import nested_errors
from mmsenti._params import NamedParameters
from mmsenti._rows import numbered
from mmsenti.fusion._absent import spread_classes
from mmsenti.fusion._direct import transform_directly
from mmsenti.fusion._impute import MeanImputer
from mmsenti.fusion._table import resolve_column, select
from mmsenti.store._parameter import StoreParameter

__all__ = ["ModalityClassifier", "ModalityRegressor", "class_shares", "weights_for"]


def weights_for(estimator: Any, sample_weight: Any) -> dict[str, Any]:
    """Pass sample weights on where there are any; refuse where the estimator takes none."""
    if sample_weight is None:
        return {}
    if not has_fit_parameter(estimator, "sample_weight"):
        raise TypeError(
            f"{type(estimator).__name__} takes no sample_weight; leave it out, or choose an "
            "estimator whose fit takes it."
        )
    return {"sample_weight": sample_weight}


def class_shares(y: np.ndarray, sample_weight: Any = None) -> tuple[np.ndarray, np.ndarray]:
    """Return the classes, and the share of the rows (or of their weights) that each has."""
    classes, codes = np.unique(y, return_inverse=True)
    counts = np.bincount(codes, weights=sample_weight, minlength=len(classes))
    return classes, counts / counts.sum()


class _ModalityModel(StoreParameter, NamedParameters, BaseEstimator):
    """A transformer and an estimator of one modality, fitted on the rows that have it.

    Rows that lack the modality, and rows whose cell could not be read, are neither fitted nor
    predicted: predictions of them are NaN.

    Parameters
    ----------
    transformer : transformer or "passthrough"
    column : str, int, list, slice, mask or callable
        As in ColumnTransformer.
    estimator : estimator

    Attributes
    ----------
    transformer_, estimator_ : fitted, or None
        None where no row had the modality (or, of a classifier, all those of one class).
    errors_ : list of (int, str, str)
        Row of the table, path and reason of each cell that could not be read the last time.
    """

    def __init__(self, transformer: Any, column: Any, estimator: Any):
        self.transformer = transformer
        self.column = column
        self.estimator = estimator

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit on the rows of `X` that have the modality."""
        y = np.asarray(y)
        self._learn_target(y, sample_weight)
        self.column_ = resolve_column(X, self.column)
        self.transformer_ = self.estimator_ = None
        self.errors_: list[tuple[int, str, str]] = []
        selected = select(X, self.column_)
        if selected is None:
            return self
        rows = np.flatnonzero(~missing_mask(selected))
        if not self._enough(y[rows]):
            return self
        transformer = _fresh(self.transformer)
        with numbered(rows):
            features = _fit_transform(transformer, _safe_indexing(selected, rows), y[rows])
        features = self._plain(features)
        self.errors_ = nested_errors(transformer)
        readable = ~_empty_rows(features)
        rows, features = rows[readable], features[np.flatnonzero(readable)]
        if not self._enough(y[rows]):
            return self
        imputer = MeanImputer(keep_empty_features=True).set_output(transform="default")
        self.imputer_ = imputer.fit(features)
        weights = None if sample_weight is None else np.asarray(sample_weight)[rows]
        self.estimator_ = clone(self.estimator).fit(
            self.imputer_.transform(features), y[rows], **weights_for(self.estimator, weights)
        )
        self.transformer_ = transformer
        self.sparse_ = sparse.issparse(features)
        return self

    def _sk_visual_block_(self) -> Any:
        from mmsenti.fusion._diagram import member_block

        return member_block(self)

    def _learn_target(self, y: np.ndarray, sample_weight: Any) -> None:
        raise NotImplementedError

    def _enough(self, y: np.ndarray) -> bool:
        return len(y) > 0

    def _features(self, X: Any) -> tuple[np.ndarray, Any]:
        """Return the rows that have the modality and their features."""
        check_is_fitted(self, "column_")
        if self.transformer_ is None:
            return np.zeros(0, dtype=int), None
        self.errors_ = []
        selected = select(X, self.column_)
        if selected is None:
            return np.zeros(0, dtype=int), None
        rows = np.flatnonzero(~missing_mask(selected))
        if not rows.size:
            return rows, None
        with numbered(rows):
            features = transform_directly(self.transformer_, _safe_indexing(selected, rows))
        features = self._plain(features)
        self.errors_ = nested_errors(self.transformer_)
        readable = np.flatnonzero(~_empty_rows(features))
        if not readable.size:
            return rows[readable], None
        return rows[readable], self.imputer_.transform(features[readable])

    def _plain(self, features: Any) -> Any:
        """Strip what set_output may have wrapped: an estimator needs no names here."""
        features = features.tocsr() if sparse.issparse(features) else np.asarray(features)
        if features.ndim != 2:
            raise ValueError(
                f"the transformer of the column {self.column!r} must give one row of features a "
                f"sample, (n_samples, n_features); got the shape {features.shape}."
            )
        return features

    def _respond(self, X: Any, method: str, empty: np.ndarray) -> np.ndarray:
        """Fill `empty` with what the estimator says of the rows that have the modality."""
        rows, features = self._features(X)
        if features is not None:
            empty[rows] = self._align(getattr(self.estimator_, method)(features), method)
        return empty

    def _align(self, response: np.ndarray, method: str) -> np.ndarray:
        return response

    def transform(self, X: Any) -> Any:
        """Compute the modality's features; a row that lacks it gets their training means.

        Parameters
        ----------
        X : table of shape (n_samples, n_columns)

        Returns
        -------
        ndarray or sparse matrix of shape (n_samples, n_features), or None
            None where no row had the modality at fit.
        """
        rows, features = self._features(X)
        if self.transformer_ is None:
            return None
        if len(rows) == len(X):
            return features
        means = np.nan_to_num(self.imputer_.statistics_)
        if not self.sparse_:
            filled = np.tile(means, (len(X), 1))
            if features is not None:
                filled[rows] = features
            return filled
        if features is None:
            return sparse.csr_matrix((len(X), len(means)))
        # Words that were not said stay zeros: means of them would fill the matrix.
        ones = np.ones(len(rows))
        place = sparse.csr_matrix((ones, (rows, np.arange(len(rows)))), (len(X), len(rows)))
        return place @ features


class ModalityClassifier(ClassifierMixin, _ModalityModel):
    """Classifier of one modality; see `_ModalityModel` for the parameters.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        All classes of the training rows, those that never came with this modality included.
    class_prior_ : ndarray of shape (n_classes,)
        Their shares of the training rows.
    """

    def _learn_target(self, y: np.ndarray, sample_weight: Any) -> None:
        self.classes_, self.class_prior_ = class_shares(y, sample_weight)

    def _enough(self, y: np.ndarray) -> bool:
        # Rows of one class tell the modality's absence from its presence, not class from class.
        return len(np.unique(y)) > 1

    def _align(self, response: np.ndarray, method: str) -> np.ndarray:
        if method != "predict_proba" or self.estimator_ is None:
            return response
        known = np.searchsorted(self.classes_, self.estimator_.classes_)
        return spread_classes(response, known, self.class_prior_)

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return class probabilities of shape (n_samples, n_classes), NaN where missing."""
        return self._respond(X, "predict_proba", np.full((len(X), len(self.classes_)), np.nan))

    def predict(self, X: Any) -> np.ndarray:
        """Return the probable class, the most frequent one where the modality is missing."""
        probabilities = self.predict_proba(X)
        probabilities[np.isnan(probabilities).any(axis=1)] = self.class_prior_
        return self.classes_[probabilities.argmax(axis=1)]


class ModalityRegressor(RegressorMixin, _ModalityModel):
    """Regressor of one modality; see `_ModalityModel` for the parameters."""

    def _learn_target(self, y: np.ndarray, sample_weight: Any) -> None:
        self.mean_ = float(np.average(y, weights=sample_weight))

    def predict(self, X: Any) -> np.ndarray:
        """Return the predicted values of shape (n_samples,), NaN where missing."""
        return self._respond(X, "predict", np.full(len(X), np.nan))


def _fresh(transformer: Any) -> Any:
    if isinstance(transformer, str):  # "passthrough"
        return FunctionTransformer(feature_names_out="one-to-one")
    return clone(transformer)


def _fit_transform(transformer: Any, column: Any, y: np.ndarray) -> Any:
    if hasattr(transformer, "fit_transform"):
        return transformer.fit_transform(column, y)
    return transformer.fit(column, y).transform(column)


def _empty_rows(features: Any) -> np.ndarray:
    """Tell which rows hold nothing but NaN: their cell was there but could not be read."""
    if sparse.issparse(features):
        return np.zeros(features.shape[0], dtype=bool)
    if features.dtype.kind != "f":
        return np.zeros(len(features), dtype=bool)
    return np.isnan(features).all(axis=1)
