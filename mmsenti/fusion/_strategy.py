"""Fusion whose strategy is one hyper-parameter, for the stock GridSearchCV."""

from collections.abc import Mapping
from importlib import import_module
from numbers import Real
from typing import Any, Self

import numpy as np
from sklearn import config_context
from sklearn.base import ClassifierMixin, RegressorMixin, clone
from sklearn.pipeline import Pipeline
from sklearn.utils import _safe_indexing
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from mmsenti._base import Extractor
from mmsenti._rows import numbered
from mmsenti.fusion._absent import fill_empty, sum_to_one
from mmsenti.fusion._callbacks import begin_fit, end, inner_fit, with_callbacks
from mmsenti.fusion._direct import predict_directly
from mmsenti.fusion._ensemble import (
    ModalityComposition,
    check_columns,
    check_kind,
    check_table,
    check_target,
    default_final_estimator,
)
from mmsenti.fusion._feature import make_feature_fusion
from mmsenti.fusion._member import class_shares, weights_for
from mmsenti.fusion._modality import (
    Modality,
    check_modalities,
    default_modalities,
    name_weights,
)
from mmsenti.fusion._prior import choose_classes
from mmsenti.fusion._rules import CLASSIFIER_RULES, REGRESSOR_RULES, WEIGHTED_RULES
from mmsenti.fusion._table import named_columns, present_rows, resolve_column, with_columns
from mmsenti.store._parameter import StoreParameter

__all__ = ["FusionClassifier", "FusionRegressor"]


class _Fusion(StoreParameter, ModalityComposition):
    """Building the fusion that the strategy names, the same for classes and for values."""

    _parameter_constraints: dict = {
        "modalities": [list, tuple, None],
        "estimator": [HasMethods(["fit", "predict"]), None],
        "strategy": [StrOptions({"feature", "voting", "stacking", "hybrid"})],
        "weights": ["array-like", Mapping, StrOptions({"oof"}), None],
        "final_estimator": [HasMethods(["fit", "predict"]), None],
        "cv": ["cv_object"],
        "store": Extractor._parameter_constraints["store"],
        "n_jobs": [int, np.integer, None],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        modalities: Any = None,
        estimator: Any = None,
        *,
        strategy: str = "feature",
        rule: str = "mean",
        weights: Any = None,
        final_estimator: Any = None,
        cv: Any = None,
        store: Any = None,
        n_jobs: int | None = None,
        verbose: int = 0,
    ):
        self.modalities = modalities
        self.estimator = estimator
        self.strategy = strategy
        self.rule = rule
        self.weights = weights
        self.final_estimator = final_estimator
        self.cv = cv
        self.store = store
        self.n_jobs = n_jobs
        self.verbose = verbose

    def _default_models(self) -> dict[str, Any]:
        # Looked at before it is judged: it may be anything yet.
        hybrid = isinstance(self.strategy, str) and self.strategy == "hybrid"
        final = default_final_estimator(isinstance(self, ClassifierMixin), hybrid)
        return {**super()._default_models(), "final_estimator": final}

    def _model(self, name: str) -> Any:
        model = getattr(self, name)
        return self._default_models()[name] if model is None else clone(model)

    def _fit(self, X: Any, y: np.ndarray, sample_weight: Any, groups: Any) -> Self:
        self.modalities_ = self._seen_modalities(X)
        self.fusion_ = self._build()
        if self.strategy == "feature":
            weights = weights_for(self.fusion_[-1], sample_weight)
            params = {f"estimator__{key}": value for key, value in weights.items()}
        else:
            params = {"sample_weight": sample_weight, "groups": groups}
        # The metadata have arrived; inside, they go straight to where they are used.
        context = begin_fit(self, 1, X, y, sequential=True)
        with (
            config_context(enable_metadata_routing=False),
            inner_fit(context, f"fit-{self.strategy}-fusion", self, self.fusion_, X, y),
        ):
            self.fusion_.fit(X, y, **params)
        end(context, self, X, y)
        return self

    def _sk_visual_block_(self) -> Any:
        from mmsenti.fusion._diagram import fusion_block

        return fusion_block(self)

    def _seen_modalities(self, X: Any) -> list[Modality]:
        """Return the modalities of which at least one row of the table has a cell."""
        owner = type(self).__name__
        self._validate_params()
        modalities = self.modalities
        if modalities is None:
            # Rows are shared out where they are read; members are where they are fitted.
            n_jobs = self.n_jobs if self.strategy == "feature" else None
            modalities = default_modalities(X, n_jobs=n_jobs)
        modalities = check_modalities(modalities, owner)
        self._validate_names([name for name, _, _ in modalities])
        check_columns(owner, X, modalities)
        resolved = [(n, t, resolve_column(X, c)) for n, t, c in modalities]
        seen = [m for m in resolved if present_rows(X, m[2]).any()]
        if not seen:
            names = ", ".join(name for name, _, _ in resolved)
            raise ValueError(f"{owner}: every cell of {names} is missing; there is nothing to fit.")
        return seen

    def _build(self) -> Any:
        modalities = [(n, self._equip(clone(t, safe=False)), c) for n, t, c in self.modalities_]
        estimator = self._model("estimator")
        check_kind(self, "estimator", estimator)
        weights = self._seen_weights()
        if self.strategy == "feature":
            blocks = None if isinstance(weights, str) else weights
            # The extractors of the default modalities share out rows themselves.
            n_jobs = None if self.modalities is None else self.n_jobs
            return make_feature_fusion(modalities, estimator, weights=blocks, n_jobs=n_jobs)
        if self.strategy == "voting":
            return self._model_level()(
                modalities,
                estimator,
                rule=self.rule,
                weights=weights if self.rule in WEIGHTED_RULES else None,
                cv=self.cv,
                n_jobs=self.n_jobs,
            )
        return self._model_level()(
            modalities,
            estimator,
            final_estimator=self._model("final_estimator"),
            cv=self.cv,
            passthrough=self.strategy == "hybrid",
            n_jobs=self.n_jobs,
        )

    def _model_level(self) -> Any:
        """Return the class that votes, or stacks, of which fusion of features loads nothing."""
        name = "Voting" if self.strategy == "voting" else "Stacking"
        kind = "Classifier" if isinstance(self, ClassifierMixin) else "Regressor"
        module = import_module(f"mmsenti.fusion._{name.lower()}")
        return getattr(module, f"Fusion{name}{kind}")

    def _equip(self, transformer: Any) -> Any:
        """Give the extractors of a modality the store and the wish for progress."""
        nested = transformer.get_params().values() if hasattr(transformer, "get_params") else ()
        for part in (transformer, *nested):
            if isinstance(part, Extractor):
                part.store = self.store if part.store is None else part.store
                part.verbose = part.verbose or self.verbose
        return transformer

    def _seen_weights(self) -> Any:
        """Return the weights of the modalities that are there, by name."""
        if self.weights is None or isinstance(self.weights, str):
            return self.weights
        seen = [name for name, _, _ in self.modalities_]
        if self.modalities is not None:
            every = [name for name, _, _ in self.modalities]
        else:
            every = ["text", "image", "audio"] if isinstance(self.weights, Mapping) else seen
        return name_weights(type(self).__name__, self.weights, every, seen)

    def _table(self, X: Any) -> tuple[Any, np.ndarray]:
        """Return the table with every column that was fitted, and which rows are empty."""
        check_is_fitted(self)
        X = check_table(self, X, reset=False)
        empty = ~np.any([present_rows(X, c) for _, _, c in self.modalities_], axis=0)
        names = [name for _, _, column in self.modalities_ for name in named_columns(column)]
        return with_columns(X, names), empty

    def _respond(self, X: Any, method: str, prior: Any) -> np.ndarray:
        X, empty = self._table(X)
        # Only a model of joined features does not notice that a row has none of them.
        if not empty.any() or not isinstance(self.fusion_, Pipeline):
            return predict_directly(self.fusion_, method, X)
        response = np.array([prior] * len(empty))
        rows = np.flatnonzero(~empty)
        if rows.size:
            with numbered(rows):
                known = predict_directly(self.fusion_, method, _safe_indexing(X, rows))
            response = response.astype(np.result_type(response, known))
            response[rows] = known
        return fill_empty(type(self).__name__, response, empty, prior)


def _estimator_has(method: str) -> Any:
    def check(self: Any) -> bool:
        if hasattr(self, "fusion_"):
            model = self.fusion_
        elif self.strategy == "feature":
            model = self._model("estimator")
        elif self.strategy == "voting":
            model = self._model_level()
        else:
            model = self._model("final_estimator")
        getattr(model, method)  # raises the AttributeError that hasattr expects
        return True

    return check


class FusionClassifier(ClassifierMixin, _Fusion):
    """Classify samples by all modalities they have, with the fusion strategy as a parameter.

    Parameters that a strategy has no use for are left unread, so that one grid can hold all
    strategies.

    Parameters
    ----------
    modalities : list of (str, transformer, column), default=None
        None takes the columns text, image and audio that the table has, with the pipelines of
        `default_modalities`. A modality without a single filled cell is left out of the fit.
    estimator : classifier, default=None
        The model of the joined features, or of each modality. None is a LogisticRegression.
    strategy : {"feature", "voting", "stacking", "hybrid"}, default="feature"
        Features of all modalities side by side into one model; a model per modality, combined by
        `rule`; a model per modality, and a final model of what they say; the same with the
        features beside it.
    rule : {"mean", "product", "max", "min", "median", "majority", "weighted"}, default="mean"
        How members agree, for the strategy voting; see `FusionVotingClassifier`.
    weights : array-like, dict of str to float, "oof" or None, default=None
        Weight of each modality: a factor of its features for the strategy feature, of its vote
        for the strategy voting, where "oof" learns them from out-of-fold predictions.
    final_estimator : classifier, default=None
        For the strategies stacking and hybrid. None is a LogisticRegression, for the
        strategy hybrid one of C=0.25.
    cv : int, splitter or None, default=None
        Inner folds for what is learnt from out-of-fold predictions; see
        `FusionStackingClassifier`.
    prior_correction : float, default=0.0
        How far `predict` favours classes that are rare in training: it chooses by the probability
        over the class's share to this power. 0 makes the fewest errors, 1 the highest mean recall
        of the classes, .5 stands between them; what it costs in accuracy shows beside what it
        brings. Probabilities stay what they are.
    store : str, path-like or FeatureStore, default=None
        File in which extractors keep features for other processes and later runs; see
        `mmsenti.FeatureStore`. It changes no result and is not saved with the model. None remembers
        features for the length of the process.
    n_jobs : int, default=None
        Fits, modalities or chunks of rows at once.
    verbose : int, default=0
        1 shows the progress of extraction on stderr.

    Attributes
    ----------
    fusion_ : Pipeline, FusionVotingClassifier or FusionStackingClassifier
        The plain fitted object.
    modalities_ : list of (str, transformer, column)
        The modalities that the training table has.
    classes_ : ndarray of shape (n_classes,)
    class_prior_ : ndarray of shape (n_classes,)
        Shares of the training rows; what a row without any modality is given.

    Examples
    --------
    >>> from sklearn.model_selection import GridSearchCV
    >>> from mmsenti.datasets import make_posts
    >>> posts = make_posts(60, modalities=("text", "image"), random_state=0)
    >>> search = GridSearchCV(
    ...     FusionClassifier(), {"strategy": ["feature", "voting"], "estimator__C": [0.1, 1]}, cv=2
    ... ).fit(posts, posts["label"])
    >>> sorted(search.best_params_)
    ['estimator__C', 'strategy']
    >>> search.predict([{"text": "so happy with this, thank you!"}]).shape
    (1,)
    """

    _parameter_constraints: dict = {
        **_Fusion._parameter_constraints,
        "rule": [StrOptions(set(CLASSIFIER_RULES))],
        "prior_correction": [Interval(Real, 0, 1, closed="both")],
    }

    def __init__(
        self,
        modalities: Any = None,
        estimator: Any = None,
        *,
        strategy: str = "feature",
        rule: str = "mean",
        weights: Any = None,
        final_estimator: Any = None,
        cv: Any = None,
        prior_correction: float = 0.0,
        store: Any = None,
        n_jobs: int | None = None,
        verbose: int = 0,
    ):
        super().__init__(
            modalities,
            estimator,
            strategy=strategy,
            rule=rule,
            weights=weights,
            final_estimator=final_estimator,
            cv=cv,
            store=store,
            n_jobs=n_jobs,
            verbose=verbose,
        )
        self.prior_correction = prior_correction

    @with_callbacks
    def fit(self, X: Any, y: Any, sample_weight: Any = None, groups: Any = None) -> Self:
        """Fit the fusion that the strategy names.

        Parameters
        ----------
        X : DataFrame, array, dict or list of dict of shape (n_samples, n_columns)
        y : array-like of shape (n_samples,)
            Class labels.
        sample_weight : array-like of shape (n_samples,), default=None
        groups : array-like of shape (n_samples,), default=None
            Speaker, author or clip of each row, never split by inner folds. A search passes them
            on with ``sklearn.set_config(enable_metadata_routing=True)``.

        Returns
        -------
        self
        """
        X = check_table(self, X, reset=True)
        y, sample_weight = check_target(self, X, y, sample_weight, groups)
        self.classes_, self.class_prior_ = class_shares(y, sample_weight)
        self._fit(X, y, sample_weight, groups)
        if self.prior_correction and not hasattr(self, "predict_proba"):
            raise TypeError(
                "FusionClassifier: prior_correction needs probabilities, which "
                f"{type(self.estimator).__name__} does not give. Wrap it: CalibratedClassifierCV("
                f"{type(self.estimator).__name__}(...))."
            )
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Predict the class of each row.

        Parameters
        ----------
        X : DataFrame, array, dict or list of dict of shape (n_samples, n_columns)
            A modality's column may be absent.

        Returns
        -------
        ndarray of shape (n_samples,)
        """
        check_is_fitted(self)
        if self.prior_correction:
            chosen = choose_classes(self.predict_proba(X), self.class_prior_, self.prior_correction)
            return self.classes_[chosen]
        return self._respond(X, "predict", self.classes_[self.class_prior_.argmax()])

    @available_if(_estimator_has("predict_proba"))
    def predict_proba(self, X: Any) -> np.ndarray:
        """Return class probabilities.

        Parameters
        ----------
        X : DataFrame, array, dict or list of dict of shape (n_samples, n_columns)
            A modality's column may be absent.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            Rows sum to 1.
        """
        check_is_fitted(self)
        return sum_to_one(self._respond(X, "predict_proba", self.class_prior_))

    @available_if(_estimator_has("decision_function"))
    def decision_function(self, X: Any) -> np.ndarray:
        """Return decision values, where the estimator (or the final one) gives them.

        Parameters
        ----------
        X : DataFrame, array, dict or list of dict of shape (n_samples, n_columns)
            A modality's column may be absent.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_classes)
            Of a row without any modality, that of average features or predictions.
        """
        check_is_fitted(self)
        return predict_directly(self.fusion_, "decision_function", self._table(X)[0])


class FusionRegressor(RegressorMixin, _Fusion):
    """Predict intensities from all modalities that samples have, the strategy as a parameter.

    Parameters that a strategy has no use for are left unread, so that one grid can hold all
    strategies.

    Parameters
    ----------
    modalities : list of (str, transformer, column), default=None
        None takes the columns text, image and audio that the table has, with the pipelines of
        `default_modalities`. A modality without a single filled cell is left out of the fit.
    estimator : regressor, default=None
        The model of the joined features, or of each modality. None is a Ridge.
    strategy : {"feature", "voting", "stacking", "hybrid"}, default="feature"
        See `FusionClassifier`.
    rule : {"mean", "max", "min", "median", "weighted"}, default="mean"
        How members agree, for the strategy voting; see `FusionVotingRegressor`.
    weights : array-like, dict of str to float, "oof" or None, default=None
        Weight of each modality: a factor of its features for the strategy feature, of its vote
        for the strategy voting, where "oof" learns them from out-of-fold predictions.
    final_estimator : regressor, default=None
        For the strategies stacking and hybrid. None is a RidgeCV.
    cv : int, splitter or None, default=None
        Inner folds for what is learnt from out-of-fold predictions; see
        `FusionStackingRegressor`.
    store : str, path-like or FeatureStore, default=None
        File in which extractors keep features for other processes and later runs; see
        `mmsenti.FeatureStore`. It changes no result and is not saved with the model. None remembers
        features for the length of the process.
    n_jobs : int, default=None
        Fits, modalities or chunks of rows at once.
    verbose : int, default=0
        1 shows the progress of extraction on stderr.

    Attributes
    ----------
    fusion_ : Pipeline, FusionVotingRegressor or FusionStackingRegressor
        The plain fitted object.
    modalities_ : list of (str, transformer, column)
        The modalities that the training table has.
    mean_ : float
        Training mean; what a row without any modality is given.

    Examples
    --------
    >>> import pandas as pd
    >>> X = pd.DataFrame({"text": ["great", "good", "bad", "awful"] * 3})
    >>> fusion = FusionRegressor().fit(X, [2.0, 1.0, -1.0, -2.0] * 3)
    >>> great, awful = fusion.predict([{"text": "great"}, {"text": "awful"}])
    >>> bool(great > awful)
    True
    """

    _parameter_constraints: dict = {
        **_Fusion._parameter_constraints,
        "rule": [StrOptions(set(REGRESSOR_RULES))],
    }

    @with_callbacks
    def fit(self, X: Any, y: Any, sample_weight: Any = None, groups: Any = None) -> Self:
        """Fit the fusion that the strategy names.

        Parameters
        ----------
        X : DataFrame, array, dict or list of dict of shape (n_samples, n_columns)
        y : array-like of shape (n_samples,)
            Values.
        sample_weight : array-like of shape (n_samples,), default=None
        groups : array-like of shape (n_samples,), default=None
            Speaker, author or clip of each row, never split by inner folds. A search passes them
            on with ``sklearn.set_config(enable_metadata_routing=True)``.

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
        check_is_fitted(self)
        return self._respond(X, "predict", self.mean_)
