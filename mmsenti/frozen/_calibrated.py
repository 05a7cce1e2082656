"""Calibrated classifiers: scores made probabilities by curves that were fitted to them."""

from collections.abc import Callable
from typing import Any

import numpy as np

from mmsenti.frozen._features import Features
from mmsenti.frozen._linear import expit, softmax

__all__ = ["Calibrated"]


class Calibrated:
    """The mean of several classifiers, each calibrated on the rows that it was not fitted on.

    Parameters
    ----------
    members : list of dict
        "model", "curves" (one for each score) and "known", the numbers of its classes.
    method : {"sigmoid", "isotonic", "temperature"}
    n_classes : int
    """

    gives_probabilities = True

    def __init__(
        self,
        *,
        members: list[dict[str, Any]],
        method: str,
        n_classes: int,
        build: Callable[[Any], Any],
    ) -> None:
        self.members = [
            (build(member["model"]), member["curves"], member["known"].tolist())
            for member in members
        ]
        self.method = method
        self.n_classes = n_classes

    def predict(self, features: Features) -> np.ndarray:
        """Return the number of the class of each row."""
        return self.predict_proba(features).argmax(axis=1)

    def predict_proba(self, features: Features) -> np.ndarray:
        """Return probabilities of shape (n_samples, n_classes)."""
        total = np.zeros((len(features), self.n_classes))
        for model, curves, known in self.members:
            scores = model.scores(features)
            scores = scores[:, None] if scores.ndim == 1 else scores
            if self.method == "temperature":
                probabilities = _cooled(scores, curves[0]["beta"])
            else:
                probabilities = self._curved(scores, curves, known)
            # Rounding may lead beyond 1.
            probabilities[(probabilities > 1) & (probabilities <= 1 + 1e-5)] = 1.0
            total += probabilities
        return total / len(self.members)

    def _curved(self, scores: np.ndarray, curves: list[Any], known: list[int]) -> np.ndarray:
        probabilities = np.zeros((len(scores), self.n_classes))
        if self.n_classes == 2:
            probabilities[:, 1] = _on_curve(scores[:, 0], **curves[0])
            probabilities[:, 0] = 1.0 - probabilities[:, 1]
            return probabilities
        for number, score, curve in zip(known, scores.T, curves, strict=False):
            probabilities[:, number] = _on_curve(score, **curve)
        totals = probabilities.sum(axis=1, keepdims=True)
        uniform = np.full_like(probabilities, 1 / self.n_classes)
        return np.divide(probabilities, totals, out=uniform, where=totals != 0)


def _on_curve(
    scores: np.ndarray,
    *,
    slope: float = 0.0,
    offset: float = 0.0,
    x: np.ndarray | None = None,
    y: np.ndarray | None = None,
) -> np.ndarray:
    if x is None or y is None:
        return expit(-(slope * scores + offset))
    return np.interp(scores.astype(x.dtype, copy=False), x, y)


def _cooled(scores: np.ndarray, beta: float) -> np.ndarray:
    logits = np.hstack([-scores, scores]) if scores.shape[1] == 1 else scores
    return softmax(beta * logits)
