"""Describe fitted fusions: of features, by voting, by stacking."""

from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline

from mmsenti.frozen._describe_models import describe_model
from mmsenti.frozen._describe_transformers import describe_transformer
from mmsenti.frozen._refusal import refusal
from mmsenti.fusion import (
    FusionClassifier,
    FusionRegressor,
    FusionStackingClassifier,
    FusionStackingRegressor,
    FusionVotingClassifier,
    FusionVotingRegressor,
)
from mmsenti.fusion._rules import WEIGHTED_RULES
from mmsenti.fusion._table import resolve_column

__all__ = ["describe"]

_CAN = (
    "What can: FusionClassifier, FusionRegressor, the voting and stacking fusions, and what "
    "make_feature_fusion returns."
)


def describe(model: Any) -> dict[str, Any]:
    """Describe a fitted fusion.

    Parameters
    ----------
    model : fusion

    Returns
    -------
    dict
        "owner", "classes", "columns" and "fusion".

    Raises
    ------
    TypeError
        If it, or a part of it, cannot be frozen.
    """
    kind = type(model)
    inner = model.fusion_ if kind in (FusionClassifier, FusionRegressor) else model
    if type(inner) is Pipeline and type(inner.steps[0][1]) is ColumnTransformer:
        fusion = _describe_joint(inner, model if inner is not model else None)
    elif type(inner) in (FusionVotingClassifier, FusionVotingRegressor):
        fusion = _describe_voting(inner)
    elif type(inner) in (FusionStackingClassifier, FusionStackingRegressor):
        fusion = _describe_stacking(inner)
    elif hasattr(model, "best_estimator_"):
        raise refusal("the model", model, "Take the best_estimator_ that the search found.")
    else:
        raise refusal("the model", model, _CAN)
    columns = fusion.pop("columns")
    if not columns or not all(_is_named(column) for column in columns.values()):
        raise refusal("the model", "was fitted on columns without names", "Fit it on a DataFrame.")
    return {
        "owner": kind.__name__,
        "classes": _describe_classes(getattr(model, "classes_", None)),
        "correction": _describe_correction(model),
        "columns": columns,
        "fusion": fusion,
    }


def _is_named(column: Any) -> bool:
    names = column if isinstance(column, list) else [column]
    return bool(names) and all(isinstance(name, str) for name in names)


def _describe_classes(classes: np.ndarray | None) -> dict[str, Any] | None:
    if classes is None:
        return None
    if classes.dtype.kind in "fiub":
        return {"values": classes}
    values = classes.tolist()
    if not all(isinstance(value, str | int | float) for value in values):
        raise refusal("the model", f"has the classes {values}", "Strings and numbers can.")
    return {"values": values, "objects": classes.dtype.kind == "O"}


def _describe_correction(model: Any) -> dict[str, Any] | None:
    correction = getattr(model, "prior_correction", 0.0)
    return {"power": float(correction), "prior": model.class_prior_} if correction else None


def _prior(model: Any) -> Any:
    return model.class_prior_ if hasattr(model, "class_prior_") else float(model.mean_)


def _describe_joint(pipeline: Pipeline, wrapper: Any) -> dict[str, Any]:
    transformer = pipeline.steps[0][1]
    if not (isinstance(transformer.remainder, str) and transformer.remainder == "drop"):
        raise refusal("the model", "keeps a remainder of columns", 'remainder="drop" can.')
    names = getattr(transformer, "feature_names_in_", None)
    weights = transformer.transformer_weights or {}
    columns, modalities = {}, []
    for name, fitted, column in transformer.transformers_:
        if name == "remainder" or (isinstance(fitted, str) and fitted == "drop"):
            continue
        columns[name] = _named(names, column)
        passed = isinstance(fitted, str)
        modalities.append(
            {
                "name": name,
                "column": columns[name],
                "transformer": {"kind": "chain", "steps": []}
                if passed
                else describe_transformer(fitted, f"modality {name!r}"),
                "weight": weights.get(name),
            }
        )
    between = Pipeline(pipeline.steps[1:-1] or [("none", "passthrough")])
    return {
        "kind": "joint",
        "columns": columns,
        "modalities": modalities,
        "steps": describe_transformer(between, "the model")["steps"],
        "model": describe_model(pipeline.steps[-1][1], "the model"),
        "prior": None if wrapper is None else _prior(wrapper),
        "owner": type(wrapper).__name__,
    }


def _named(names: Any, column: Any) -> Any:
    """Return the names of columns that may have been chosen by number."""
    if names is None:
        return None
    import pandas as pd

    return resolve_column(pd.DataFrame(columns=names), column)


def _describe_members(fusion: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    columns, members = {}, []
    for name, member in fusion.named_estimators_.items():
        columns[name] = member.column_
        members.append(_describe_member(name, member))
    return columns, members


def _describe_member(name: str, member: Any) -> dict[str, Any]:
    silent = member.estimator_ is None
    classifier = hasattr(member, "classes_")
    place = f"modality {name!r}"
    return {
        "kind": "member",
        "name": name,
        "column": member.column_,
        "transformer": None if silent else describe_transformer(member.transformer_, place),
        "imputer": None if silent else describe_transformer(member.imputer_, place),
        "model": None if silent else describe_model(member.estimator_, f"the model of {place}"),
        "known": None
        if silent or not classifier
        else np.searchsorted(member.classes_, member.estimator_.classes_),
        "prior": member.class_prior_ if classifier else None,
        "sparse": not silent and bool(member.sparse_),
    }


def _describe_voting(voting: Any) -> dict[str, Any]:
    columns, members = _describe_members(voting)
    return {
        "kind": "voting",
        "columns": columns,
        "members": members,
        "rule": voting.rule,
        "weights": voting.weights_ if voting.rule in WEIGHTED_RULES else None,
        "mean_weights": voting.weights_,
        "prior": _prior(voting),
        "owner": type(voting).__name__,
    }


def _describe_stacking(stacking: Any) -> dict[str, Any]:
    columns, members = _describe_members(stacking)
    final = stacking.final_estimator_
    known = None
    if hasattr(stacking, "classes_"):
        known = np.searchsorted(stacking.classes_, final.classes_)
    return {
        "kind": "stacking",
        "columns": columns,
        "members": members,
        "model": describe_model(final, "the final model"),
        "known": known,
        "means": stacking.meta_means_,
        "passthrough": bool(stacking.passthrough),
        "prior": _prior(stacking),
        "owner": type(stacking).__name__,
    }
