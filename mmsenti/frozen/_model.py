"""FrozenClassifier and FrozenRegressor: what `load_frozen` gives."""

from collections.abc import Callable
from typing import Any

import numpy as np

from mmsenti.frozen._build import build
from mmsenti.frozen._columns import parts_with
from mmsenti.frozen._table import Table
from mmsenti.fusion._absent import sum_to_one
from mmsenti.fusion._prior import choose_classes

__all__ = ["FrozenClassifier", "FrozenRegressor", "restore"]


class _Frozen:
    """A fitted fusion of which only numbers are left."""

    def __init__(self, description: dict[str, Any]) -> None:
        self._owner: str = description["owner"]
        self._fusion = build(description["fusion"])
        self._extractors = {
            name: list(parts_with(transformer, "on_error"))
            for name, transformer in self._fusion.transformers.items()
        }
        self.columns_: dict[str, Any] = dict(description["columns"])
        self.versions_: dict[str, str] = dict(description["versions"])

    def check_features(self) -> None:
        """Hold the features of a probe against those that the model was frozen with.

        Raises
        ------
        ValueError
            If this mmsenti computes others, saying which.
        """
        for transformer in self._fusion.transformers.values():
            for part in parts_with(transformer, "check_features"):
                part.check_features()

    @property
    def errors_(self) -> list[tuple[int, str, str, str]]:
        """Row, modality, path and reason of each cell that could not be read the last time.

        Only with ``on_error="missing"``; otherwise such a cell is an error.
        """
        place = {name: number for number, name in enumerate(self.columns_)}
        found = [
            (row, name, *rest)
            for name, its_extractors in self._extractors.items()
            for extractor in its_extractors
            for row, *rest in extractor.errors
        ]
        return sorted(set(found), key=lambda error: (error[0], place[error[1]]))

    def read_on(self, on_error: str) -> None:
        """Raise at what cannot be read, or list it in ``errors_`` and go on.

        Parameters
        ----------
        on_error : {"raise", "missing"}
            As the extractors have it; a frozen model begins with what the full one was given.
        """
        if on_error not in ("raise", "missing"):
            raise ValueError(f'on_error must be "raise" or "missing", got {on_error!r}.')
        for its_extractors in self._extractors.values():
            for extractor in its_extractors:
                if extractor.on_error is not None:
                    extractor.on_error = on_error

    def _table(self, X: Any) -> Table:
        """Read rows, and forget what the last ones could not give."""
        for its_extractors in self._extractors.values():
            for extractor in its_extractors:
                extractor.errors = []
        return Table(X, self._owner)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._owner} of {', '.join(self.columns_)})"


class FrozenClassifier(_Frozen):
    """A frozen classifier, equal to the one that was frozen in all that it predicts.

    Made by `load_frozen`; it cannot be fitted.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    columns_ : dict of str to str or list of str
        The column, or columns, that each modality is read from.
    versions_ : dict of str to str
        What the model was frozen with, by package.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from mmsenti import datasets, freeze, fusion, load_frozen
    >>> posts = datasets.make_posts(60, modalities=("text",), random_state=0)
    >>> model = fusion.FusionClassifier(strategy="voting").fit(posts, posts["label"])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "posts.frozen")
    ...     freeze(model, path)
    ...     frozen = load_frozen(path)
    >>> frozen
    FrozenClassifier(FusionClassifier of text)
    >>> frozen.predict({"text": "so happy with this, thank you!"}).tolist()
    ['positive']
    """

    def __init__(self, description: dict[str, Any]) -> None:
        super().__init__(description)
        self.classes_ = _read_classes(description["classes"])
        self._correction = description["correction"]

    def predict(self, X: Any) -> np.ndarray:
        """Predict the class of each row.

        Parameters
        ----------
        X : dict, list of dict, or DataFrame of shape (n_samples, n_columns)
            A column may be absent, and any cell missing.

        Returns
        -------
        ndarray of shape (n_samples,)

        Raises
        ------
        ValueError, TypeError, OSError
            For a cell that cannot be read, naming its row and itself.
        """
        if self._correction is None:
            return self.classes_[self._fusion.predict(self._table(X))]
        correction = self._correction
        chosen = choose_classes(self.predict_proba(X), correction["prior"], correction["power"])
        return self.classes_[chosen]

    @property
    def predict_proba(self) -> Callable[[Any], np.ndarray]:
        """Return class probabilities, where the model gives them.

        Parameters
        ----------
        X : dict, list of dict, or DataFrame of shape (n_samples, n_columns)

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            Rows sum to 1.
        """
        if not self._fusion.gives_probabilities:
            raise AttributeError(
                f"this {self._owner} gives no probabilities. Fit it with a model that does, as in "
                "CalibratedClassifierCV(LinearSVC())."
            )
        return self._predict_proba

    def _predict_proba(self, X: Any) -> np.ndarray:
        probabilities = self._fusion.predict_proba(self._table(X))
        return sum_to_one(probabilities) if self._owner == "FusionClassifier" else probabilities


class FrozenRegressor(_Frozen):
    """A frozen regressor, equal to the one that was frozen in all that it predicts.

    Made by `load_frozen`; it cannot be fitted.

    Attributes
    ----------
    columns_ : dict of str to str or list of str
        The column, or columns, that each modality is read from.
    versions_ : dict of str to str
        What the model was frozen with, by package.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from mmsenti import freeze, fusion, load_frozen
    >>> X = [{"text": text} for text in ("great", "good", "bad", "awful") * 3]
    >>> model = fusion.FusionRegressor().fit(X, [2.0, 1.0, -1.0, -2.0] * 3)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     freeze(model, pathlib.Path(folder, "posts.frozen"))
    ...     frozen = load_frozen(pathlib.Path(folder, "posts.frozen"))
    >>> great, awful = frozen.predict([{"text": "great"}, {"text": "awful"}])
    >>> bool(great > awful)
    True
    """

    def predict(self, X: Any) -> np.ndarray:
        """Predict the value of each row.

        Parameters
        ----------
        X : dict, list of dict, or DataFrame of shape (n_samples, n_columns)
            A column may be absent, and any cell missing.

        Returns
        -------
        ndarray of shape (n_samples,)

        Raises
        ------
        ValueError, TypeError, OSError
            For a cell that cannot be read, naming its row and itself.
        """
        return self._fusion.predict(self._table(X))


def restore(description: dict[str, Any]) -> FrozenClassifier | FrozenRegressor:
    """Make a model of its description."""
    kind = FrozenClassifier if description["classes"] is not None else FrozenRegressor
    return kind(description)


def _read_classes(classes: dict[str, Any]) -> np.ndarray:
    values = classes["values"]
    if isinstance(values, np.ndarray):
        return values
    return np.array(values, dtype=object if classes["objects"] else None)
