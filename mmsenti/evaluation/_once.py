"""Fit the same thing on the same rows once, however many candidates contain it.

Comparing strategies fits the text member of a voting, of a stacking and of a hybrid on the same
rows, and their transformers once more for each control. `Once` stands in a modality's or
estimator's place, and takes what was fitted before out of a `Memo` when settings, rows and labels
are the same by content. The seconds that are saved are counted, so that each candidate's time can
be told as if it had been alone.
"""

import os
import time
from collections.abc import Callable
from typing import Any, Self

import joblib
import numpy as np
from sklearn.base import BaseEstimator, clone

from mmsenti._missing import is_missing
from mmsenti.store._content import content_digest

__all__ = ["Memo", "Once"]

_MAX_BYTES = 2**30


class Memo:
    """What was computed in this process, by key, and the seconds that it took.

    Copies are the memo itself; in another process it is a new one.
    """

    def __init__(self) -> None:
        self.saved = 0.0
        self._known: dict[Any, tuple[Any, float]] = {}
        self._bytes = 0

    def get(self, key: Any, compute: Callable[[], Any]) -> Any:
        """Return what is known by the key, or compute it."""
        if key in self._known:
            value, seconds = self._known[key]
            self.saved += seconds
            return value
        before, started = self.saved, time.perf_counter()
        value = compute()
        seconds = time.perf_counter() - started + self.saved - before
        self._bytes += _size(value)
        if self._bytes < _MAX_BYTES:
            self._known[key] = value, seconds
        return value

    def clear(self) -> None:
        """Forget everything."""
        self._known.clear()
        self._bytes = 0

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), ()


class Once(BaseEstimator):
    """An estimator or transformer whose fits are remembered by their content.

    Parameters
    ----------
    estimator : estimator or transformer
        Its parameters are those of this object too.
    memo : Memo

    Attributes
    ----------
    fitted_ : estimator or transformer
        Shared by all that are equal: not to be changed.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> memo = Memo()
    >>> X, y = np.array([[0.0], [1.0]]), np.array([0, 1])
    >>> first, second = (Once(LogisticRegression(), memo).fit(X, y) for _ in range(2))
    >>> first.fitted_ is second.fitted_
    True
    """

    def __init__(self, estimator: Any, memo: Memo):
        self.estimator = estimator
        self.memo = memo

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the parameters, with deep those of the estimator under their own names."""
        own = {"estimator": self.estimator, "memo": self.memo}
        return {**self.estimator.get_params(), **own} if deep else own

    def set_params(self, **params: Any) -> Self:
        """Set parameters; what is not this object's own is the estimator's."""
        for name in ("estimator", "memo"):
            if name in params:
                setattr(self, name, params.pop(name))
        self.estimator.set_params(**params)
        return self

    def fit(self, X: Any, y: Any = None, **params: Any) -> Self:
        """Fit, unless the same was fitted before."""
        self._work("fit", X, y, params, lambda one: (one.fit(X, y, **params), None))
        return self

    def fit_transform(self, X: Any, y: Any = None, **params: Any) -> Any:
        """Fit and transform, unless the same was fitted before."""

        def work(one: Any) -> tuple[Any, Any]:
            if hasattr(one, "fit_transform"):
                return one, one.fit_transform(X, y, **params)
            return one.fit(X, y, **params), one.transform(X)

        return self._work("fit_transform", X, y, params, work)

    def _work(self, method: str, X: Any, y: Any, params: Any, work: Callable[[Any], Any]) -> Any:
        self._key: tuple[Any, ...]
        try:
            settings = joblib.hash((self.estimator, params))
            self._key = (method, settings, _content(X), None if y is None else _content(y))
        except Exception:  # what cannot be pickled has no key, and is fitted each time
            self._key = (method, object())
        self.fitted_, transformed = self.memo.get(self._key, lambda: work(clone(self.estimator)))
        return transformed

    def transform(self, X: Any) -> Any:
        """Transform, unless the same fit has transformed the same rows before."""
        key = ("transform", self._key, _content(X))
        return self.memo.get(key, lambda: self.fitted_.transform(X))

    def __sklearn_tags__(self) -> Any:
        """Say of the estimator what it is."""
        return self.estimator.__sklearn_tags__()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or "estimator" not in vars(self):
            raise AttributeError(name)
        return getattr(vars(self).get("fitted_", self.estimator), name)


def _content(X: Any) -> Any:
    """Tell what a column, a table or a matrix holds by something short."""
    if hasattr(X, "tocsr"):
        X = X.tocsr()
        return X.shape, *(hash(part.tobytes()) for part in (X.data, X.indices, X.indptr))
    if isinstance(X, np.ndarray) and X.dtype.kind in "biuf":
        return X.shape, X.dtype.str, hash(X.tobytes())
    if getattr(X, "ndim", 1) == 2:
        return joblib.hash(X)
    return hash(tuple(map(_cell, X)))


def _cell(cell: Any) -> Any:
    if is_missing(cell):
        return None
    if isinstance(cell, str | bytes | os.PathLike | int | float | np.number):
        return cell
    return content_digest(cell) or id(cell)


def _size(value: Any) -> int:
    """Tell about how many bytes of numbers a fit and what it transformed hold."""
    matrix = value[1] if isinstance(value, tuple) else value
    data = getattr(matrix, "data", None)
    indices = getattr(matrix, "indices", None)
    return sum(int(getattr(part, "nbytes", 0)) for part in (data, indices))
