"""Describe fitted models: linear ones, and calibrated ones."""

from typing import Any

import numpy as np
from sklearn import linear_model, svm
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline

from mmsenti.frozen._describe_transformers import describe_transformer
from mmsenti.frozen._refusal import refusal

__all__ = ["describe_model"]

_LOGISTIC = (linear_model.LogisticRegression, linear_model.LogisticRegressionCV)
_SCORING = (
    linear_model.RidgeClassifier,
    linear_model.RidgeClassifierCV,
    linear_model.SGDClassifier,
    svm.LinearSVC,
)
_REGRESSORS = (
    linear_model.ElasticNet,
    linear_model.ElasticNetCV,
    linear_model.Lasso,
    linear_model.LassoCV,
    linear_model.LinearRegression,
    linear_model.Ridge,
    linear_model.RidgeCV,
    linear_model.SGDRegressor,
    svm.LinearSVR,
)
_CAN = (
    "What can: "
    + ", ".join(kind.__name__ for kind in (*_LOGISTIC, *_SCORING, *_REGRESSORS))
    + ", CalibratedClassifierCV of a linear classifier, and a Pipeline that ends in one of these."
)


def describe_model(model: Any, place: str) -> dict[str, Any]:
    """Describe a fitted model.

    Parameters
    ----------
    model : estimator
    place : str
        Where it is, for an error.

    Returns
    -------
    dict

    Raises
    ------
    TypeError
        If it cannot be frozen.
    """
    kind = type(model)
    if kind is FrozenEstimator:
        return describe_model(model.estimator, place)
    if kind is Pipeline:
        steps = [(name, step) for name, step in model.steps[:-1] if step not in (None, _PASS)]
        return {
            "kind": "behind",
            "steps": [describe_transformer(s, f"{place}, step {name!r}") for name, s in steps],
            "model": describe_model(model.steps[-1][1], place),
        }
    if kind is CalibratedClassifierCV:
        return _describe_calibrated(model, place)
    if kind in _LOGISTIC or kind in _SCORING:
        return {
            "kind": "linear classifier",
            "coef": np.atleast_2d(_dense(model.coef_)),
            "intercept": np.atleast_1d(np.asarray(model.intercept_)),
            "link": _link(model, place),
        }
    if kind in _REGRESSORS:
        return {
            "kind": "linear regressor",
            "coef": _dense(model.coef_).reshape(-1),
            "intercept": float(np.asarray(model.intercept_).reshape(-1)[0]),
        }
    if hasattr(model, "best_estimator_"):
        raise refusal(place, model, "Take the best_estimator_ that the search found.")
    raise refusal(place, model, _CAN)


_PASS = "passthrough"


def _dense(coef: Any) -> np.ndarray:
    return coef.toarray() if hasattr(coef, "toarray") else np.asarray(coef)


def _link(model: Any, place: str) -> str | None:
    """Tell how the scores of a linear classifier become probabilities."""
    if type(model) in _LOGISTIC:
        if getattr(model, "multi_class", "deprecated") not in ("auto", "deprecated", "warn"):
            raise refusal(place, "sets the outdated multi_class", "Leave that parameter out.")
        one_each = len(model.classes_) == 2 or model.solver == "liblinear"
        return "logistic" if one_each else "softmax"
    if isinstance(model, linear_model.SGDClassifier):
        if model.loss == "modified_huber":
            raise refusal(place, "is an SGDClassifier with modified_huber", "Other losses can.")
        return "logistic" if model.loss == "log_loss" else None
    return None


def _describe_calibrated(model: CalibratedClassifierCV, place: str) -> dict[str, Any]:
    members = []
    for member in model.calibrated_classifiers_:
        inner = describe_model(member.estimator, place)
        head = inner
        while head["kind"] == "behind":
            head = head["model"]
        if head["kind"] != "linear classifier":
            raise refusal(place, "calibrates a model that is calibrated", _CAN)
        members.append(
            {
                "model": inner,
                "curves": [_describe_curve(curve) for curve in member.calibrators],
                "known": np.searchsorted(model.classes_, member.estimator.classes_),
            }
        )
    return {
        "kind": "calibrated",
        "members": members,
        "method": model.method,
        "n_classes": len(model.classes_),
    }


def _describe_curve(curve: Any) -> dict[str, Any]:
    if hasattr(curve, "X_thresholds_"):
        return {"x": curve.X_thresholds_, "y": curve.y_thresholds_}
    if hasattr(curve, "beta_"):
        return {"beta": float(curve.beta_)}
    return {"slope": float(curve.a_), "offset": float(curve.b_)}
