"""The one door to scikit-learn's parameter constraints.

Descriptors declare their parameters with the classes below, which are plain records: declaring
costs nothing and loads nothing (a NamedTuple is compiled at every start, which takes as long as a
small module). Only `validate_params`, called where scikit-learn is at work anyway, turns them into
scikit-learn's own constraints and lets those judge.
"""

import inspect
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

__all__ = ["Interval", "NamedParameters", "Options", "parameter_names", "validate_params"]


@lru_cache(maxsize=1024)
def parameter_names(init: Callable[..., None]) -> tuple[str, ...]:
    """Name the parameters of a class by the ``__init__`` that it has."""
    if init is object.__init__:
        return ()
    return tuple(name for name in inspect.signature(init).parameters if name != "self")


class NamedParameters:
    """Mixin of estimators that know their parameters' names, which scikit-learn finds out anew.

    In a search over small models that inspection would take a tenth of the time.
    """

    @classmethod
    def _get_param_names(cls) -> list[str]:
        return sorted(parameter_names(cls.__init__))


class Interval:
    """A range of numbers of one type; None is an open end."""

    def __init__(
        self, kind: type, left: float | None, right: float | None, closed: str = "left"
    ) -> None:
        self.kind = kind
        self.left = left
        self.right = right
        self.closed = closed


class Options:
    """A choice among a few strings."""

    def __init__(self, strings: frozenset[str] | set[str]) -> None:
        self.strings = strings


_SIMPLE = (bool, int, float, str, type(None))
_MOST_JUDGED = 4096
# Parameters that were found right, with their constraints, which so keep their identity.
_judged: dict[tuple[Any, ...], Any] = {}


@lru_cache(maxsize=1024)
def _to_sklearn(constraint: Any) -> Any:
    from sklearn.utils import _param_validation as validation

    if isinstance(constraint, Interval):
        return validation.Interval(
            constraint.kind, constraint.left, constraint.right, closed=constraint.closed
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
    judged = _key(owner, params, constraints)
    if judged in _judged:
        return
    from sklearn.utils._param_validation import validate_parameter_constraints

    known = {name: params[name] for name in params if name in constraints}
    validate_parameter_constraints(
        {name: [_to_sklearn(c) for c in constraints[name]] for name in known},
        known,
        caller_name=owner,
    )
    if judged is not None:
        if len(_judged) >= _MOST_JUDGED:
            _judged.clear()
        _judged[judged] = constraints


def _key(
    owner: str, params: Mapping[str, Any], constraints: Mapping[str, list[Any]]
) -> tuple[Any, ...] | None:
    """Tell parameters of one judgement by; None where it may change with what they hold.

    Where only types are asked for, as a list of descriptors, the type is all there is to judge.
    """
    key: list[Any] = [owner, id(constraints)]
    for name, value in params.items():
        key += (name, type(value))
        if type(value) in _SIMPLE:
            key.append(value)
        elif not all(c is None or isinstance(c, type) for c in constraints.get(name, ())):
            return None
    return tuple(key)
