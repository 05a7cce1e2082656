"""The one door to scikit-learn's parameter constraints.

Descriptors declare their parameters with the classes below, which are plain records: declaring
costs nothing and loads nothing. Only `validate_params`, called where scikit-learn is at work
anyway, turns them into scikit-learn's own constraints and lets those judge.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

__all__ = ["Interval", "Options", "validate_params"]


class Interval(NamedTuple):
    """A range of numbers of one type; None is an open end."""

    type: type
    left: float | None
    right: float | None
    closed: str = "left"


class Options(NamedTuple):
    """A choice among a few strings."""

    strings: frozenset[str] | set[str]


def _to_sklearn(constraint: Any) -> Any:
    from sklearn.utils import _param_validation as validation

    if isinstance(constraint, Interval):
        return validation.Interval(
            constraint.type, constraint.left, constraint.right, closed=constraint.closed
        )
    if isinstance(constraint, Options):
        return validation.StrOptions(set(constraint.strings))
    return constraint


def validate_params(
    owner: str, params: Mapping[str, Any], constraints: Mapping[str, list[Any]]
) -> None:
    """Check parameter values against their declared constraints.

    Parameters
    ----------
    owner : str
        Name that the error begins with, as in ``HOG``.
    params : mapping of str to object
        Values by name; a parameter without a constraint is not checked.
    constraints : mapping of str to list
        What each parameter may be: `Interval`, `Options`, a type, None, or what scikit-learn's
        ``_parameter_constraints`` take ("boolean", "array-like", "random_state", callable ...).

    Raises
    ------
    InvalidParameterError
        scikit-learn's own, a ValueError and TypeError that names the parameter, what it may be
        and what came.
    """
    from sklearn.utils._param_validation import validate_parameter_constraints

    known = {name: params[name] for name in params if name in constraints}
    validate_parameter_constraints(
        {name: [_to_sklearn(c) for c in constraints[name]] for name in known},
        known,
        caller_name=owner,
    )
