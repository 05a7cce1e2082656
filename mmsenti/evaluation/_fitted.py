"""Look into a fitted fusion: its modalities, their kinds, and the models of their features."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.base import is_classifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from mmsenti._nested import nested_extractors, nested_parts
from mmsenti.evaluation._shapley import log_odds
from mmsenti.fusion import (
    FusionClassifier,
    FusionRegressor,
    FusionStackingClassifier,
    FusionStackingRegressor,
    FusionVotingClassifier,
    FusionVotingRegressor,
)
from mmsenti.fusion._table import select

__all__ = ["Part", "fitted_fusion", "fitted_modalities", "kind_of", "parts_of"]

_FUSIONS = (
    FusionClassifier,
    FusionRegressor,
    FusionVotingClassifier,
    FusionVotingRegressor,
    FusionStackingClassifier,
    FusionStackingRegressor,
)


def fitted_fusion(model: Any) -> Any:
    """Return the fitted fusion that a model is, or that a search has found.

    Raises
    ------
    TypeError
        If there is none.
    NotFittedError
    """
    fusion = getattr(model, "best_estimator_", model)
    if not isinstance(fusion, _FUSIONS):
        raise TypeError(
            "only fusions can be explained by their modalities: FusionClassifier, FusionRegressor, "
            f"and those for voting and stacking; got {model!r}."
        )
    check_is_fitted(fusion)
    return fusion


def fitted_modalities(fusion: Any) -> dict[str, Any]:
    """Return the column, or columns, of each modality of a fitted fusion.

    Parameters
    ----------
    fusion : fitted fusion

    Returns
    -------
    dict of str to str or list of str
    """
    if hasattr(fusion, "modalities_"):
        return {name: column for name, _, column in fusion.modalities_}
    return {name: member.column_ for name, member in fusion.named_estimators_.items()}


def kind_of(transformer: Any) -> str:
    """Tell what cells a transformer takes.

    Parameters
    ----------
    transformer : transformer or str

    Returns
    -------
    {"text", "image", "audio", "numbers"}

    Examples
    --------
    >>> from mmsenti.text import TextTfidf
    >>> kind_of(TextTfidf()), kind_of("passthrough")
    ('text', 'numbers')
    """
    for extractor in nested_extractors(transformer):
        return type(extractor).__module__.split(".")[1]  # the room that it comes from
    for _ in nested_parts(transformer, TfidfVectorizer):
        return "text"
    return "numbers"


@dataclass
class Part:
    """A modality's features inside a fusion, and the model that is given them.

    Attributes
    ----------
    name : str
    transformer : fitted transformer
    compute : callable
        Gives the features of a table as the model is given them; a row that lacks the modality has
        NaN.
    names : list of str
    means : ndarray of shape (n_features,)
        Of the training rows.
    model : fitted estimator
    place : slice
        Columns of the model's input that these features are.
    """

    name: str
    transformer: Any
    compute: Callable[[Any], Any]
    names: list[str]
    means: np.ndarray
    model: Any
    place: slice

    @property
    def n_inputs(self) -> int:
        """Number of columns of the model's input."""
        return int(self.model.n_features_in_)

    @property
    def coefficients(self) -> np.ndarray | None:
        """What a linear model multiplies these features by, one row an output; else None.

        Of a model of two classes there is one row for each, the other's negated.
        """
        coefficients = getattr(self.model, "coef_", None)
        if coefficients is None:
            return None
        if sparse.issparse(coefficients):
            coefficients = coefficients.toarray()
        coefficients = np.atleast_2d(np.asarray(coefficients, dtype=np.float64))[:, self.place]
        if is_classifier(self.model) and len(coefficients) == 1:
            return np.vstack([-coefficients, coefficients])
        return coefficients

    def respond(self, inputs: Any) -> np.ndarray:
        """Return what the model says of inputs, as `mmsenti.evaluation._shapley.respond` does."""
        if not is_classifier(self.model):
            return np.asarray(self.model.predict(inputs), dtype=np.float64).reshape(-1, 1)
        return log_odds(self.model.predict_proba(inputs))


def parts_of(fusion: Any) -> list[Part]:
    """List the modalities' features inside a fitted fusion, and the models that are given them.

    Parameters
    ----------
    fusion : fitted fusion

    Returns
    -------
    list of Part
        In the order of modalities; those that no training row had are left out. Under the
        strategy feature all belong to one model, under the others each to its member.
    """
    fitted = getattr(fusion, "fusion_", fusion)
    if isinstance(fitted, Pipeline):
        return _joined_parts(fitted)
    return [
        Part(
            name,
            member.transformer_,
            partial(_member_features, member),
            _feature_names(member.transformer_, len(member.imputer_.statistics_)),
            np.nan_to_num(member.imputer_.statistics_),
            member.estimator_,
            slice(None),
        )
        for name, member in fitted.named_estimators_.items()
        if member.estimator_ is not None
    ]


def _joined_parts(pipeline: Pipeline) -> list[Part]:
    features, impute, model = pipeline[0], pipeline[1], pipeline[-1]
    parts = []
    for name, transformer, column in features.transformers_:
        place = features.output_indices_[name]
        width = place.stop - place.start
        if not width:
            continue
        weight = (features.transformer_weights or {}).get(name, 1.0)
        parts.append(
            Part(
                name,
                transformer,
                partial(_joined_features, transformer, column, weight),
                _feature_names(transformer, width),
                np.nan_to_num(impute.statistics_[place]),
                model,
                place,
            )
        )
    return parts


def _joined_features(transformer: Any, column: Any, weight: float, X: Any) -> Any:
    return weight * _plain(transformer.transform(select(X, column)))


def _member_features(member: Any, X: Any) -> Any:
    rows, features = member._features(X)
    if len(rows) == len(X):
        return _plain(features)
    empty = np.full((len(X), len(member.imputer_.statistics_)), np.nan)
    if features is not None:
        empty[rows] = features.toarray() if sparse.issparse(features) else features
    return empty


def _plain(features: Any) -> Any:
    return features.tocsr() if sparse.issparse(features) else np.asarray(features, dtype=float)


def _feature_names(transformer: Any, width: int) -> list[str]:
    try:
        names = list(transformer.get_feature_names_out())
    except (AttributeError, ValueError):
        names = []
    return names if len(names) == width else [f"feature_{i}" for i in range(width)]
