"""Model-level fusion by stacking: a model per modality, and a model of what they say."""

from typing import Any, Self

import numpy as np
from scipy import sparse
from sklearn.base import ClassifierMixin, clone
from sklearn.ensemble import StackingClassifier, StackingRegressor
from sklearn.utils._param_validation import HasMethods
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from mmsenti.fusion._absent import fill_empty, lay_side_by_side
from mmsenti.fusion._callbacks import begin_fit, end, with_callbacks
from mmsenti.fusion._ensemble import (
    ModalityEnsemble,
    check_kind,
    check_table,
    check_target,
    default_final_estimator,
)
from mmsenti.fusion._member import class_shares, weights_for
from mmsenti.fusion._oof import fit_members, inner_folds, out_of_fold

__all__ = ["FusionStackingClassifier", "FusionStackingRegressor"]


def _final_has(method: str) -> Any:
    def check(self: Any) -> bool:
        final = self.final_estimator_ if hasattr(self, "final_estimator_") else self._final()
        getattr(final, method)  # raises the AttributeError that hasattr expects
        return True

    return check


class _Stacking(ModalityEnsemble):
    """Members, their out-of-fold predictions, and the final model of these."""

    _parameter_constraints: dict = {
        "modalities": [list, tuple],
        "estimator": [HasMethods(["fit", "predict"]), None],
        "final_estimator": [HasMethods(["fit", "predict"]), None],
        "cv": ["cv_object"],
        "passthrough": ["boolean"],
        "n_jobs": [int, np.integer, None],
    }

    def __init__(
        self,
        modalities: Any,
        estimator: Any = None,
        final_estimator: Any = None,
        cv: Any = None,
        passthrough: bool = False,
        n_jobs: int | None = None,
    ):
        self.modalities = modalities
        self.estimator = estimator
        self.final_estimator = final_estimator
        self.cv = cv
        self.passthrough = passthrough
        self.n_jobs = n_jobs

    def _default_models(self) -> dict[str, Any]:
        # Looked at before it is judged: it may be anything yet.
        beside = isinstance(self.passthrough, bool | np.bool_) and bool(self.passthrough)
        final = default_final_estimator(isinstance(self, ClassifierMixin), beside)
        return {**super()._default_models(), "final_estimator": final}

    def _final(self) -> Any:
        if self.final_estimator is None:
            return self._default_models()["final_estimator"]
        return self.final_estimator

    def _fit(self, X: Any, y: np.ndarray, sample_weight: Any, groups: Any) -> Self:
        names, members = self._members(X)
        final = clone(self._final())
        check_kind(self, "final_estimator", final)
        folds = inner_folds(self.cv, X, y, groups, classifier=isinstance(self, ClassifierMixin))
        context = begin_fit(self, len(members) * (1 + len(folds)), X, y)
        told = {"context": context, "owner": self}
        predictions = out_of_fold(
            members, X, y, folds, sample_weight=sample_weight, n_jobs=self.n_jobs, **told
        )
        self._remember(names, fit_members(members, X, y, sample_weight, self.n_jobs, **told))
        meta = lay_side_by_side(predictions)
        heard = ~np.isnan(meta).all(axis=1)
        if not heard.any():
            raise ValueError(
                f"{type(self).__name__}: no fold could predict a row; there are too few rows of "
                f"{', '.join(names)} for {len(folds)} folds."
            )
        # A modality that a row lacks speaks with its average voice.
        said = ~np.isnan(meta)
        totals = np.where(said, meta, 0.0).sum(axis=0)
        self.meta_means_ = totals / np.maximum(said.sum(axis=0), 1)
        inputs = self._with_features(self._fill(meta), X)
        weights = None if sample_weight is None else sample_weight[heard]
        rows = np.flatnonzero(heard)
        self.final_estimator_ = final.fit(inputs[rows], y[rows], **weights_for(final, weights))
        end(context, self, X, y)
        return self

    def _fill(self, meta: np.ndarray) -> np.ndarray:
        return np.where(np.isnan(meta), self.meta_means_, meta)

    def _with_features(self, meta: np.ndarray, X: Any) -> Any:
        if not self.passthrough:
            return meta
        blocks = [meta, *(member.transform(X) for member in self.estimators_)]
        blocks = [block for block in blocks if block is not None]
        if any(sparse.issparse(block) for block in blocks):
            return sparse.hstack(blocks, format="csr")
        return np.hstack(blocks)

    def _respond(self, member: Any, X: Any) -> np.ndarray:
        return member.predict_proba(X) if hasattr(member, "classes_") else member.predict(X)

    def _meta(self, X: Any) -> tuple[Any, np.ndarray]:
        """Return the input of the final model, and which rows have no modality at all."""
        check_is_fitted(self)
        X = check_table(self, X, reset=False)
        meta = lay_side_by_side(np.stack([self._respond(m, X) for m in self.estimators_]))
        empty = np.isnan(meta).all(axis=1)
        return self._with_features(self._fill(meta), X), empty

    def _meta_names(self) -> list[str]:
        raise NotImplementedError

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Name the columns of `transform`, as in ``text__positive``.

        Parameters
        ----------
        input_features : ignored

        Returns
        -------
        ndarray of str
        """
        check_is_fitted(self)
        names = self._meta_names()
        if self.passthrough:
            names += [
                f"{name}__{feature}"
                for name, member in self.named_estimators_.items()
                if member.transformer_ is not None
                for feature in member.transformer_.get_feature_names_out()
            ]
        return np.array(names, dtype=object)

    def _sk_visual_block_(self) -> Any:
        return self._sk_visual_block_with_final_estimator(self._final())


class FusionStackingClassifier(_Stacking, StackingClassifier):
    """A classifier per modality, and a final classifier of their out-of-fold probabilities.

    Parameters
    ----------
    modalities : list of (str, transformer, column)
        As `default_modalities` makes them. A transformer set to "drop" leaves its modality out.
    estimator : classifier, default=None
        Model of each member; needs ``predict_proba``. None is a LogisticRegression.
    final_estimator : classifier, default=None
        Model of the members' probabilities. None is a LogisticRegression, with
        ``passthrough`` one of C=0.25.
    cv : int, splitter or None, default=None
        Inner folds. Where `fit` is given groups, a number (None is five) makes folds that keep
        groups whole, and a splitter that does not is refused.
    passthrough : bool, default=False
        Hybrid fusion: give the final model the transformed features too.
    n_jobs : int, default=None
        Fits at once.

    Attributes
    ----------
    estimators_ : list
        Members, fitted on all training rows that have their modality.
    named_estimators_ : Bunch
    final_estimator_ : classifier
    meta_means_ : ndarray of shape (n_meta_columns,)
        What stands for a modality that a row lacks.
    classes_ : ndarray of shape (n_classes,)
    class_prior_ : ndarray of shape (n_classes,)
        Shares of the training rows; what a row without any modality is given.

    References
    ----------
    .. [1] D. H. Wolpert, "Stacked Generalization", Neural Networks 5 (2), 1992.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn.preprocessing import StandardScaler
    >>> from mmsenti.text import TextTfidf
    >>> X = pd.DataFrame({"text": ["good", "bad"] * 6, "loud": [3.0, 1.0, None, 1.2] * 3})
    >>> y, speaker = ["pos", "neg"] * 6, [0, 0, 1, 1, 2, 2] * 2
    >>> fusion = FusionStackingClassifier(
    ...     [("text", TextTfidf(), "text"), ("voice", StandardScaler(), ["loud"])]
    ... ).fit(X, y, groups=speaker)
    >>> fusion.get_feature_names_out().tolist()
    ['text__pos', 'voice__pos']
    >>> fusion.predict({"text": "good"}).tolist()
    ['pos']
    """

    stack_method = "predict_proba"

    @with_callbacks
    def fit(self, X: Any, y: Any, sample_weight: Any = None, groups: Any = None) -> Self:
        """Fit members and the final classifier.

        Parameters
        ----------
        X : DataFrame, array, dict or list of dict of shape (n_samples, n_columns)
        y : array-like of shape (n_samples,)
            Class labels.
        sample_weight : array-like of shape (n_samples,), default=None
        groups : array-like of shape (n_samples,), default=None
            Speaker, author or clip of each row, never split by the inner folds.

        Returns
        -------
        self
        """
        X = check_table(self, X, reset=True)
        y, sample_weight = check_target(self, X, y, sample_weight, groups)
        self.classes_, self.class_prior_ = class_shares(y, sample_weight)
        return self._fit(X, y, sample_weight, groups)

    @available_if(_final_has("predict_proba"))
    def predict_proba(self, X: Any) -> np.ndarray:
        """Return class probabilities of shape (n_samples, n_classes).

        Parameters
        ----------
        X : DataFrame, array, dict or list of dict of shape (n_samples, n_columns)
            A modality's column may be absent.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
        """
        meta, empty = self._meta(X)
        # A class whose rows no fold could predict is unknown to the final model.
        probabilities = np.zeros((meta.shape[0], len(self.classes_)))
        known = np.searchsorted(self.classes_, self.final_estimator_.classes_)
        probabilities[:, known] = self.final_estimator_.predict_proba(meta)
        return fill_empty(type(self).__name__, probabilities, empty, self.class_prior_)

    def predict(self, X: Any) -> np.ndarray:
        """Predict the class of each row.

        Parameters
        ----------
        X : DataFrame, array, dict or list of dict of shape (n_samples, n_columns)

        Returns
        -------
        ndarray of shape (n_samples,)
        """
        meta, empty = self._meta(X)
        codes = np.searchsorted(self.classes_, self.final_estimator_.predict(meta))
        codes = fill_empty(type(self).__name__, codes, empty, self.class_prior_.argmax())
        return self.classes_[codes]

    @available_if(_final_has("decision_function"))
    def decision_function(self, X: Any) -> np.ndarray:
        """Return the final model's decision values.

        Parameters
        ----------
        X : DataFrame, array, dict or list of dict of shape (n_samples, n_columns)

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_classes)
            Of a row without any modality, that of the average predictions.
        """
        meta, _ = self._meta(X)
        return self.final_estimator_.decision_function(meta)

    def transform(self, X: Any) -> Any:
        """Return what the final model is given.

        Parameters
        ----------
        X : DataFrame, array, dict or list of dict of shape (n_samples, n_columns)

        Returns
        -------
        ndarray or sparse matrix of shape (n_samples, n_columns_out)
            The members' probabilities, with their training average where a row lacks the modality;
            with ``passthrough`` followed by the transformed features.
        """
        return self._meta(X)[0]

    def _meta_names(self) -> list[str]:
        labels = self.classes_[1:] if len(self.classes_) == 2 else self.classes_
        return [f"{name}__{label}" for name in self._names() for label in labels]


class FusionStackingRegressor(_Stacking, StackingRegressor):
    """A regressor per modality, and a final regressor of their out-of-fold values.

    Parameters
    ----------
    modalities : list of (str, transformer, column)
        As `default_modalities` makes them. A transformer set to "drop" leaves its modality out.
    estimator : regressor, default=None
        Model of each member. None is a Ridge.
    final_estimator : regressor, default=None
        Model of the members' values. None is a RidgeCV.
    cv : int, splitter or None, default=None
        Inner folds. Where `fit` is given groups, a number (None is five) makes folds that keep
        groups whole, and a splitter that does not is refused.
    passthrough : bool, default=False
        Hybrid fusion: give the final model the transformed features too.
    n_jobs : int, default=None
        Fits at once.

    Attributes
    ----------
    estimators_ : list
    named_estimators_ : Bunch
    final_estimator_ : regressor
    meta_means_ : ndarray of shape (n_members,)
    mean_ : float
        Training mean; what a row without any modality is given.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn.preprocessing import StandardScaler
    >>> X = pd.DataFrame({"loud": [1.0, 2.0, 3.0, 4.0, 5.0], "high": [1.0, 2.0, None, 4.0, 5.0]})
    >>> fusion = FusionStackingRegressor(
    ...     [("volume", StandardScaler(), ["loud"]), ("pitch", StandardScaler(), ["high"])]
    ... ).fit(X, [1.0, 2.0, 3.0, 4.0, 5.0])
    >>> fusion.get_feature_names_out().tolist()
    ['volume', 'pitch']
    """

    stack_method = "predict"

    @with_callbacks
    def fit(self, X: Any, y: Any, sample_weight: Any = None, groups: Any = None) -> Self:
        """Fit members and the final regressor.

        Parameters
        ----------
        X : DataFrame, array, dict or list of dict of shape (n_samples, n_columns)
        y : array-like of shape (n_samples,)
            Values.
        sample_weight : array-like of shape (n_samples,), default=None
        groups : array-like of shape (n_samples,), default=None
            Speaker, author or clip of each row, never split by the inner folds.

        Returns
        -------
        self
        """
        X = check_table(self, X, reset=True)
        y, sample_weight = check_target(self, X, y, sample_weight, groups)
        self.mean_ = float(np.average(y, weights=sample_weight))
        return self._fit(X, y, sample_weight, groups)

    def predict(self, X: Any) -> np.ndarray:
        """Predict the value of each row.

        Parameters
        ----------
        X : DataFrame, array, dict or list of dict of shape (n_samples, n_columns)
            A modality's column may be absent.

        Returns
        -------
        ndarray of shape (n_samples,)
        """
        meta, empty = self._meta(X)
        values = self.final_estimator_.predict(meta)
        return fill_empty(type(self).__name__, values, empty, self.mean_)

    def transform(self, X: Any) -> Any:
        """Return what the final model is given.

        Parameters
        ----------
        X : DataFrame, array, dict or list of dict of shape (n_samples, n_columns)

        Returns
        -------
        ndarray or sparse matrix of shape (n_samples, n_columns_out)
            The members' values, with their training average where a row lacks the modality;
            with ``passthrough`` followed by the transformed features.
        """
        return self._meta(X)[0]

    def _meta_names(self) -> list[str]:
        return self._names()
