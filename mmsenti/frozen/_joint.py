"""Feature-level fusion: the features of all modalities side by side into one model."""

from collections.abc import Callable
from typing import Any

import numpy as np

from mmsenti._rows import numbered
from mmsenti.frozen._columns import weigh
from mmsenti.frozen._features import Features, join
from mmsenti.frozen._table import Table
from mmsenti.fusion._absent import fill_empty

__all__ = ["Joint"]


class Joint:
    """A pipeline of a column transformer, an imputer and a model.

    Parameters
    ----------
    modalities : list of dict
        "name", "column", "transformer" and "weight" of each.
    steps : list
        Transformers of the joined features.
    model : model
    prior : ndarray of shape (n_classes,), float or None
        What a row without any modality is given; None gives it the model's answer to means.
    owner : str
        Name that a warning begins with.
    """

    def __init__(
        self,
        *,
        modalities: list[dict[str, Any]],
        steps: list[Any],
        model: Any,
        prior: Any,
        owner: str,
        build: Callable[[Any], Any],
    ) -> None:
        self.modalities = [(m["column"], build(m["transformer"]), m["weight"]) for m in modalities]
        self.transformers = {
            m["name"]: transformer
            for m, (_, transformer, _) in zip(modalities, self.modalities, strict=True)
        }
        self.steps = list(map(build, steps))
        self.model = build(model)
        self.prior = prior
        self.owner = owner

    @property
    def gives_probabilities(self) -> bool:
        """Whether there are probabilities."""
        return self.model.gives_probabilities

    def predict(self, table: Table) -> np.ndarray:
        """Return the number of the class, or the value, of each row."""
        prior = self.prior.argmax() if isinstance(self.prior, np.ndarray) else self.prior
        return self._respond(table, self.model.predict, prior)

    def predict_proba(self, table: Table) -> np.ndarray:
        """Return probabilities of shape (n_samples, n_classes)."""
        return self._respond(table, self.model.predict_proba, self.prior)

    def _respond(
        self, table: Table, method: Callable[[Features], np.ndarray], prior: Any
    ) -> np.ndarray:
        if prior is None:
            return method(self._features(table, None))
        present = [table.present(column) for column, _, _ in self.modalities]
        filled = list(map(any, zip(*present, strict=True)))
        if all(filled):
            return method(self._features(table, None))
        response = np.array([prior] * len(table))
        rows = np.flatnonzero(filled)
        if rows.size:
            with numbered(rows):
                known = method(self._features(table, rows))
            response = response.astype(np.result_type(response, known))
            response[rows] = known
        return fill_empty(self.owner, response, ~np.array(filled), prior, stacklevel=5)

    def _features(self, table: Table, rows: np.ndarray | None) -> Features:
        features = join(
            [
                weigh(transformer.transform(table.select(column, rows)), weight)
                for column, transformer, weight in self.modalities
            ]
        )
        for step in self.steps:
            features = step.transform(features)
        return features
