"""Model-level fusion by stacking, and hybrid fusion."""

from collections.abc import Callable
from typing import Any

import numpy as np

from mmsenti.frozen._features import Features, join
from mmsenti.frozen._member import Member
from mmsenti.frozen._table import Table
from mmsenti.fusion._absent import fill_empty, lay_side_by_side

__all__ = ["Stacking"]


class Stacking:
    """Members, and a final model of what they say.

    Parameters
    ----------
    members : list
    model : model
    known : ndarray of int or None
        Numbers of the classes that the final model knows; None for values.
    means : ndarray of shape (n_columns,)
        What stands for a member that is silent.
    passthrough : bool
        Hybrid: the final model sees the features too.
    prior : ndarray of shape (n_classes,) or float
    owner : str
        Name that a warning begins with.
    """

    def __init__(
        self,
        *,
        members: list[Any],
        model: Any,
        known: np.ndarray | None,
        means: np.ndarray,
        passthrough: bool,
        prior: Any,
        owner: str,
        build: Callable[[Any], Any],
    ) -> None:
        self.members: list[Member] = list(map(build, members))
        self.transformers = {member.name: member.transformer for member in self.members}
        self.model = build(model)
        self.known = known
        self.means = means
        self.passthrough = passthrough
        self.prior = prior
        self.owner = owner

    @property
    def gives_probabilities(self) -> bool:
        """Whether there are probabilities."""
        return self.model.gives_probabilities

    def predict(self, table: Table) -> np.ndarray:
        """Return the number of the class, or the value, of each row."""
        features, empty = self._inputs(table)
        predicted = self.model.predict(features)
        if self.known is None:
            return self._filled(predicted, empty, self.prior)
        return self._filled(self.known[predicted], empty, self.prior.argmax())

    def predict_proba(self, table: Table) -> np.ndarray:
        """Return probabilities of shape (n_samples, n_classes)."""
        features, empty = self._inputs(table)
        probabilities = np.zeros((len(features), len(self.prior)))
        probabilities[:, self.known] = self.model.predict_proba(features)
        return self._filled(probabilities, empty, self.prior)

    def _inputs(self, table: Table) -> tuple[Features, np.ndarray]:
        n_samples = len(table)
        heard = [member.listen(table) for member in self.members]
        pairs = list(zip(self.members, heard, strict=True))
        said = lay_side_by_side(np.stack([member.answer(h, n_samples) for member, h in pairs]))
        empty = np.isnan(said).all(axis=1)
        blocks = [Features([np.where(np.isnan(said), self.means, said)])]
        if self.passthrough:
            blocks += [m.features(h, n_samples) for m, h in pairs if not m.silent]
        return join(blocks), empty

    def _filled(self, predictions: np.ndarray, empty: np.ndarray, prior: Any) -> np.ndarray:
        return fill_empty(self.owner, predictions, empty, prior, stacklevel=5)
