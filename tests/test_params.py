"""Constraints are declared lightly and judged by scikit-learn."""

from numbers import Integral, Real

import numpy as np
import pytest
from sklearn.utils._param_validation import InvalidParameterError

from mmsenti._params import Interval, Options, validate_params

CONSTRAINTS = {
    "count": [Interval(Integral, 1, 3, closed="left"), None],
    "share": [Interval(Real, 0, None, closed="neither")],
    "rule": [Options({"mean", "max"})],
    "flag": ["boolean"],
    "callback": [callable],
}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("count", 1),
        ("count", np.int64(2)),
        ("count", None),
        ("share", 0.1),
        ("rule", "max"),
        ("flag", True),
        ("callback", len),
    ],
)
def test_accepted(name, value):
    validate_params("Owner", {name: value, "unknown to the constraints": 1}, CONSTRAINTS)


@pytest.mark.parametrize(
    ("name", "value"),
    [("count", 0), ("count", 3), ("count", 1.5), ("share", 0), ("rule", "min"), ("flag", 2)],
)
def test_refused_by_name(name, value):
    with pytest.raises(InvalidParameterError, match=f"The '{name}' parameter of Owner must be"):
        validate_params("Owner", {name: value}, CONSTRAINTS)


def test_what_was_accepted_once_does_not_vouch_for_others():
    constraints = {"parts": [list, None], "names": ["array-like"], "count": CONSTRAINTS["count"]}
    good = {"parts": [1], "names": ["a"], "count": 1}
    validate_params("Owner", good, constraints)
    for name, value in (("parts", (1,)), ("names", 1), ("count", 1.0)):
        with pytest.raises(InvalidParameterError, match=f"The '{name}' parameter"):
            validate_params("Owner", {**good, name: value}, constraints)
        validate_params("Owner", good, constraints)
