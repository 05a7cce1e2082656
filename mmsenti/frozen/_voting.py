"""Model-level fusion by voting, by the rules that training uses."""

from collections.abc import Callable
from typing import Any

import numpy as np

from mmsenti.frozen._member import Member
from mmsenti.frozen._table import Table
from mmsenti.fusion._absent import fill_empty
from mmsenti.fusion._rules import break_ties, combine, combine_values

__all__ = ["Voting"]


class Voting:
    """Members, and the rule by which they agree.

    Parameters
    ----------
    members : list
    rule : str
    weights : ndarray of shape (n_members,) or None
        None where the rule takes none.
    mean_weights : ndarray of shape (n_members,)
        By which ties of votes are broken.
    prior : ndarray of shape (n_classes,) or float
    owner : str
        Name that a warning begins with.
    """

    gives_probabilities = True

    def __init__(
        self,
        *,
        members: list[Any],
        rule: str,
        weights: np.ndarray | None,
        mean_weights: np.ndarray,
        prior: Any,
        owner: str,
        build: Callable[[Any], Any],
    ) -> None:
        self.members: list[Member] = list(map(build, members))
        self.transformers = {member.name: member.transformer for member in self.members}
        self.rule = rule
        self.weights = weights
        self.mean_weights = mean_weights
        self.prior = prior
        self.owner = owner

    def predict(self, table: Table) -> np.ndarray:
        """Return the number of the class, or the value, of each row."""
        answers = self._answers(table)
        if answers.ndim == 2:
            combined = combine_values(answers, self.rule, self.weights)
            return self._filled(combined, np.isnan(combined))
        combined = self._combined(answers)
        if self.rule != "majority":
            return combined.argmax(axis=1)
        mean = combine(answers, "mean", self.mean_weights)
        return break_ties(combined, np.where(np.isnan(mean), combined, mean))

    def predict_proba(self, table: Table) -> np.ndarray:
        """Return probabilities of shape (n_samples, n_classes)."""
        return self._combined(self._answers(table))

    def _answers(self, table: Table) -> np.ndarray:
        return np.stack(
            [member.answer(member.listen(table), len(table)) for member in self.members]
        )

    def _combined(self, answers: np.ndarray) -> np.ndarray:
        combined = combine(answers, self.rule, self.weights)
        return self._filled(combined, np.isnan(combined).any(axis=1))

    def _filled(self, combined: np.ndarray, empty: np.ndarray) -> np.ndarray:
        return fill_empty(self.owner, combined, empty, self.prior, stacklevel=6)
