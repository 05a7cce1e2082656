"""Descriptor: the contract of one feature family.

A descriptor is a pure function of a decoded sample in a thin shell of parameters. It knows
neither files nor tables nor scikit-learn; it only follows scikit-learn's parameter protocol, so
that `clone`, nested names and grid search reach it.
"""

import inspect
from collections.abc import Callable, Sequence
from typing import Any, Self

import numpy as np

from mmsenti._params import parameter_names

__all__ = ["Descriptor", "said_by_class"]


class Descriptor:
    """One family of handcrafted features with its parameters.

    A subclass stores its parameters in ``__init__`` and does nothing else there, and defines
    `get_names` and `compute`. Derive from this class to add features of your own.

    Examples
    --------
    >>> from mmsenti import Descriptor
    >>> from mmsenti.text import make_text_features
    >>> class Questions(Descriptor):
    ...     '''Number of question marks in a text.'''
    ...
    ...     def get_names(self):
    ...         return ["question_marks"]
    ...
    ...     def compute(self, document):
    ...         return [document.text.count("?")]
    >>> make_text_features(Questions()).transform(["Why? Why?"])
    array([[2.]], dtype=float32)
    """

    # Whether features take no longer to compute than to remember.
    _is_quick = False
    # For a class to define that is faster with many samples at once: what that needs of a sample,
    # so that samples need not wait, and the features of one or more, equal to `compute` of each.
    _take: Callable[[Any], Any]
    _compute_many: Callable[[Sequence[Any]], np.ndarray | Sequence[Any]]
    _parameter_constraints: dict[str, list[Any]] = {}

    def get_names(self) -> list[str]:
        """Name the features, in the order of `compute`.

        Returns
        -------
        list of str
            Unique, snake_case, descriptor then functional, as in ``mfcc_01_mean``.
        """
        raise NotImplementedError(f"{type(self).__name__} must define get_names().")

    def compute(self, sample: Any) -> np.ndarray | Sequence[float]:
        """Compute the features of one sample.

        Parameters
        ----------
        sample : Document, Picture or Clip
            The decoded sample with its cached views.

        Returns
        -------
        array-like of shape (n_features,)
            Finite numbers, as many as `get_names` names.
        """
        raise NotImplementedError(f"{type(self).__name__} must define compute(sample).")

    @classmethod
    def _param_names(cls) -> list[str]:
        return list(parameter_names(cls.__init__))

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the parameters by name.

        Parameters
        ----------
        deep : bool, default=True
            Accepted for scikit-learn's protocol; a descriptor holds no other.

        Returns
        -------
        dict
        """
        return {name: getattr(self, name) for name in self._param_names()}

    def set_params(self, **params: Any) -> Self:
        """Set parameters by name.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            For a name that is no parameter.
        """
        names = self._param_names()
        for name, value in params.items():
            if name not in names:
                raise ValueError(
                    f"Invalid parameter {name!r} for {type(self).__name__}. "
                    f"Valid parameters are: {names!r}."
                )
            setattr(self, name, value)
        return self

    def __repr__(self) -> str:
        if type(self).__init__ is object.__init__:
            return f"{type(self).__name__}()"
        defaults = inspect.signature(type(self).__init__).parameters
        changed = (
            f"{name}={value!r}"
            for name, value in self.get_params().items()
            if repr(value) != repr(defaults[name].default)
        )
        return f"{type(self).__name__}({', '.join(changed)})"


def said_by_class(descriptor: Descriptor, name: str) -> bool:
    """Tell whether a descriptor's own class, and not one above it, defines a name to be true.

    Parameters
    ----------
    descriptor : Descriptor
    name : str

    Returns
    -------
    bool
        What is said of a class need not hold for one that is derived from it and computes more.
    """
    return bool(vars(type(descriptor)).get(name))
