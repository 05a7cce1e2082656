"""Model-level fusion by voting: a model per modality, and a rule by which they agree."""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.ensemble import VotingClassifier, VotingRegressor
from sklearn.utils._param_validation import HasMethods, StrOptions
from sklearn.utils.validation import check_is_fitted

from mmsenti.fusion._absent import fill_empty
from mmsenti.fusion._callbacks import begin_fit, end, with_callbacks
from mmsenti.fusion._ensemble import ModalityEnsemble, check_table, check_target
from mmsenti.fusion._member import class_shares
from mmsenti.fusion._modality import name_weights
from mmsenti.fusion._oof import fit_members, inner_folds, learn_weights, out_of_fold
from mmsenti.fusion._rules import (
    CLASSIFIER_RULES,
    REGRESSOR_RULES,
    WEIGHTED_RULES,
    break_ties,
    combine,
    combine_values,
)

__all__ = ["FusionVotingClassifier", "FusionVotingRegressor"]


class _Voting(ModalityEnsemble):
    """Fitting and weighing, the same for classes and for values."""

    _parameter_constraints: dict = {
        "modalities": [list, tuple],
        "estimator": [HasMethods(["fit", "predict"]), None],
        "weights": ["array-like", Mapping, StrOptions({"oof"}), None],
        "cv": ["cv_object"],
        "n_jobs": [int, np.integer, None],
    }

    def __init__(
        self,
        modalities: Any,
        estimator: Any = None,
        rule: str = "mean",
        weights: Any = None,
        cv: Any = None,
        n_jobs: int | None = None,
    ):
        self.modalities = modalities
        self.estimator = estimator
        self.rule = rule
        self.weights = weights
        self.cv = cv
        self.n_jobs = n_jobs

    def _fit(self, X: Any, y: np.ndarray, sample_weight: Any, groups: Any) -> Self:
        names, members = self._members(X)
        fixed = self._fixed_weights(names)
        folds = []
        if fixed is None and (self.rule == "weighted" or _is_oof(self.weights)):
            folds = inner_folds(self.cv, X, y, groups, classifier=isinstance(self, ClassifierMixin))
        context = begin_fit(self, len(members) * (1 + len(folds)), X, y)
        told = {"context": context, "owner": self}
        self._remember(names, fit_members(members, X, y, sample_weight, self.n_jobs, **told))
        if folds:
            predictions = out_of_fold(
                members, X, y, folds, sample_weight=sample_weight, n_jobs=self.n_jobs, **told
            )
            fixed = learn_weights(predictions, y, sample_weight)
        end(context, self, X, y)
        self.weights_ = np.full(len(names), 1 / len(names)) if fixed is None else fixed
        return self

    def _fixed_weights(self, names: list[str]) -> np.ndarray | None:
        owner = type(self).__name__
        if self.weights is None:
            return None
        if self.rule not in WEIGHTED_RULES:
            raise ValueError(
                f"{owner}: rule={self.rule!r} takes no weights; use one of "
                f"{', '.join(WEIGHTED_RULES)}, or leave weights out."
            )
        if _is_oof(self.weights):
            return None
        every = [name for name, _, _ in self.modalities]
        weights = np.array(list(name_weights(owner, self.weights, every, names).values()))
        return weights / weights.sum()


class FusionVotingClassifier(_Voting, VotingClassifier):
    """A classifier per modality, combined by a rule over those that a row has.

    Each member is fitted on the rows that have its modality. Where a row lacks it, the member is
    passed over and the others are renormalised, so that the result equals voting with only the
    present members.

    Parameters
    ----------
    modalities : list of (str, transformer, column)
        As `default_modalities` makes them. A transformer set to "drop" leaves its modality out.
    estimator : classifier, default=None
        Model of each member; needs ``predict_proba``. None is a LogisticRegression.
    rule : {"mean", "product", "max", "min", "median", "majority", "weighted"}, default="mean"
        See `References`. "majority" counts votes, ties broken by mean probability; "weighted" is
        the mean with ``weights="oof"`` where no weights are given.
    weights : array-like, dict of str to float, "oof" or None, default=None
        Weight of each modality, for the rules mean, weighted and majority; the other rules take
        none. "oof" learns them from the log loss of out-of-fold predictions, and keeps them as
        equal as one standard error of that loss allows. None weighs members equally.
    cv : int, splitter or None, default=None
        Folds by which weights are learnt; never through a group where groups are given.
    n_jobs : int, default=None
        Fits at once.

    Attributes
    ----------
    estimators_ : list
        Fitted members, in the order of the modalities.
    named_estimators_ : Bunch
    weights_ : ndarray of shape (n_members,)
        With sum 1.
    classes_ : ndarray of shape (n_classes,)
    class_prior_ : ndarray of shape (n_classes,)
        Shares of the training rows; what a row without any modality is given.

    References
    ----------
    .. [1] J. Kittler, M. Hatef, R. P. W. Duin and J. Matas, "On Combining Classifiers", IEEE
       Transactions on Pattern Analysis and Machine Intelligence 20 (3), 1998.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn.preprocessing import StandardScaler
    >>> from mmsenti.text import TextTfidf
    >>> X = pd.DataFrame({"text": ["good", "bad", "good", None], "loud": [3.0, 1.0, None, 1.2]})
    >>> fusion = FusionVotingClassifier(
    ...     [("text", TextTfidf(), "text"), ("voice", StandardScaler(), ["loud"])], rule="product"
    ... ).fit(X, ["pos", "neg", "pos", "neg"])
    >>> fusion.predict([{"text": "good"}, {"loud": 1.0}]).tolist()
    ['pos', 'neg']
    """

    voting = "soft"
    flatten_transform = True
    _parameter_constraints: dict = {
        **_Voting._parameter_constraints,
        "rule": [StrOptions(set(CLASSIFIER_RULES))],
    }

    @with_callbacks
    def fit(self, X: Any, y: Any, sample_weight: Any = None, groups: Any = None) -> Self:
        """Fit a member per modality, and weights where they are learnt.

        Parameters
        ----------
        X : DataFrame, array, dict or list of dict of shape (n_samples, n_columns)
        y : array-like of shape (n_samples,)
            Class labels.
        sample_weight : array-like of shape (n_samples,), default=None
        groups : array-like of shape (n_samples,), default=None
            Speaker, author or clip of each row, never split when weights are learnt.

        Returns
        -------
        self
        """
        X = check_table(self, X, reset=True)
        y, sample_weight = check_target(self, X, y, sample_weight, groups)
        self.classes_, self.class_prior_ = class_shares(y, sample_weight)
        return self._fit(X, y, sample_weight, groups)

    def _collect_probas(self, X: Any) -> np.ndarray:
        X = check_table(self, X, reset=False)
        return np.stack([member.predict_proba(X) for member in self.estimators_])

    def predict_proba(self, X: Any) -> np.ndarray:
        """Combine the members' probabilities by the rule.

        Parameters
        ----------
        X : DataFrame, array, dict or list of dict of shape (n_samples, n_columns)
            A modality's column may be absent.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            Shares of votes for the rule "majority".
        """
        check_is_fitted(self)
        return self._combine(self._collect_probas(X))

    def _combine(self, probabilities: np.ndarray) -> np.ndarray:
        weights = self.weights_ if self.rule in WEIGHTED_RULES else None
        combined = combine(probabilities, self.rule, weights)
        empty = np.isnan(combined).any(axis=1)
        return fill_empty(type(self).__name__, combined, empty, self.class_prior_)

    def predict(self, X: Any) -> np.ndarray:
        """Predict the class of each row.

        Parameters
        ----------
        X : DataFrame, array, dict or list of dict of shape (n_samples, n_columns)

        Returns
        -------
        ndarray of shape (n_samples,)
        """
        check_is_fitted(self)
        probabilities = self._collect_probas(X)
        combined = self._combine(probabilities)
        if self.rule == "majority":
            mean = combine(probabilities, "mean", self.weights_)
            chosen = break_ties(combined, np.where(np.isnan(mean), combined, mean))
        else:
            chosen = combined.argmax(axis=1)
        return self.classes_[chosen]

    def transform(self, X: Any) -> np.ndarray:
        """Return the members' probabilities side by side.

        Parameters
        ----------
        X : DataFrame, array, dict or list of dict of shape (n_samples, n_columns)

        Returns
        -------
        ndarray of shape (n_samples, n_members * n_classes)
            NaN where a row lacks the modality.
        """
        check_is_fitted(self)
        return np.hstack(list(self._collect_probas(X)))

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
        names = [f"{name}__{label}" for name in self._names() for label in self.classes_]
        return np.array(names, dtype=object)


class FusionVotingRegressor(_Voting, VotingRegressor):
    """A regressor per modality, combined by a rule over those that a row has.

    Parameters
    ----------
    modalities : list of (str, transformer, column)
        As `default_modalities` makes them. A transformer set to "drop" leaves its modality out.
    estimator : regressor, default=None
        Model of each member. None is a Ridge.
    rule : {"mean", "max", "min", "median", "weighted"}, default="mean"
        "weighted" is the mean with ``weights="oof"`` where no weights are given.
    weights : array-like, dict of str to float, "oof" or None, default=None
        Weight of each modality, for the rules mean and weighted; the other rules take none. "oof"
        learns them from the squared error of out-of-fold predictions, and keeps them as equal as
        one standard error of it allows. None weighs members equally.
    cv : int, splitter or None, default=None
        Folds by which weights are learnt; never through a group where groups are given.
    n_jobs : int, default=None
        Fits at once.

    Attributes
    ----------
    estimators_ : list
    named_estimators_ : Bunch
    weights_ : ndarray of shape (n_members,)
    mean_ : float
        Training mean; what a row without any modality is given.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn.preprocessing import StandardScaler
    >>> X = pd.DataFrame({"loud": [1.0, 2.0, 3.0, None], "high": [1.0, 2.0, None, 4.0]})
    >>> fusion = FusionVotingRegressor(
    ...     [("volume", StandardScaler(), ["loud"]), ("pitch", StandardScaler(), ["high"])]
    ... ).fit(X, [1.0, 2.0, 3.0, 4.0])
    >>> bool(fusion.predict({"loud": 3.0})[0] > fusion.predict({"high": 1.0})[0])
    True
    """

    _parameter_constraints: dict = {
        **_Voting._parameter_constraints,
        "rule": [StrOptions(set(REGRESSOR_RULES))],
    }

    @with_callbacks
    def fit(self, X: Any, y: Any, sample_weight: Any = None, groups: Any = None) -> Self:
        """Fit a member per modality, and weights where they are learnt.

        Parameters
        ----------
        X : DataFrame, array, dict or list of dict of shape (n_samples, n_columns)
        y : array-like of shape (n_samples,)
            Values.
        sample_weight : array-like of shape (n_samples,), default=None
        groups : array-like of shape (n_samples,), default=None
            Speaker, author or clip of each row, never split when weights are learnt.

        Returns
        -------
        self
        """
        X = check_table(self, X, reset=True)
        y, sample_weight = check_target(self, X, y, sample_weight, groups)
        self.mean_ = float(np.average(y, weights=sample_weight))
        return self._fit(X, y, sample_weight, groups)

    def _predict(self, X: Any) -> np.ndarray:
        X = check_table(self, X, reset=False)
        return np.stack([member.predict(X) for member in self.estimators_])

    def predict(self, X: Any) -> np.ndarray:
        """Combine the members' values by the rule.

        Parameters
        ----------
        X : DataFrame, array, dict or list of dict of shape (n_samples, n_columns)
            A modality's column may be absent.

        Returns
        -------
        ndarray of shape (n_samples,)
        """
        check_is_fitted(self)
        weights = self.weights_ if self.rule in WEIGHTED_RULES else None
        combined = combine_values(self._predict(X), self.rule, weights)
        return fill_empty(type(self).__name__, combined, np.isnan(combined), self.mean_)

    def transform(self, X: Any) -> np.ndarray:
        """Return the members' values side by side.

        Parameters
        ----------
        X : DataFrame, array, dict or list of dict of shape (n_samples, n_columns)

        Returns
        -------
        ndarray of shape (n_samples, n_members)
            NaN where a row lacks the modality.
        """
        check_is_fitted(self)
        return self._predict(X).T

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Name the columns of `transform` after the modalities.

        Parameters
        ----------
        input_features : ignored

        Returns
        -------
        ndarray of str
        """
        check_is_fitted(self)
        return np.array(self._names(), dtype=object)


def _is_oof(weights: Any) -> bool:
    return isinstance(weights, str) and weights == "oof"
