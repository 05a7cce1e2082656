"""Linear models: scores of classes, their probabilities, and values."""

from typing import Any

import numpy as np

from mmsenti.frozen._features import Features

__all__ = ["LinearClassifier", "LinearRegressor", "expit", "softmax"]


class LinearClassifier:
    """Logistic regression, a linear SVM or ridge: one score for each class, or one for two.

    Parameters
    ----------
    coef : ndarray of shape (n_scores, n_features)
    intercept : ndarray of shape (n_scores,) or (1,)
    link : {"softmax", "logistic"} or None
        How scores become probabilities, if they do.
    """

    def __init__(self, *, coef: np.ndarray, intercept: np.ndarray, link: str | None) -> None:
        self.weights = np.ascontiguousarray(coef.T)
        self.intercept = intercept
        self.link = link
        self.n_classes = max(2, len(coef))

    @property
    def gives_probabilities(self) -> bool:
        """Whether there are probabilities."""
        return self.link is not None

    def scores(self, features: Features) -> np.ndarray:
        """Return scores of shape (n_samples,) for two classes, else (n_samples, n_classes)."""
        scores = features.dot(self.weights) + self.intercept
        return scores[:, 0] if scores.shape[1] == 1 else scores

    def predict(self, features: Features) -> np.ndarray:
        """Return the number of the class of each row."""
        scores = self.scores(features)
        return (scores > 0).astype(np.intp) if scores.ndim == 1 else scores.argmax(axis=1)

    def predict_proba(self, features: Features) -> np.ndarray:
        """Return probabilities of shape (n_samples, n_classes)."""
        scores = self.scores(features)
        if scores.ndim == 1:
            probabilities = np.empty((len(scores), 2), scores.dtype)
            probabilities[:, 1] = expit(scores)
            np.subtract(1, probabilities[:, 1], out=probabilities[:, 0])
            return probabilities
        if self.link == "softmax":
            return softmax(scores)
        # One logistic model for each class; where all of them say no, none is likelier.
        probabilities = expit(scores)
        totals = probabilities.sum(axis=1, keepdims=True)
        uniform = np.full_like(probabilities, 1 / self.n_classes)
        return np.divide(probabilities, totals, out=uniform, where=totals != 0)


class LinearRegressor:
    """Ridge and its kin.

    Parameters
    ----------
    coef : ndarray of shape (n_features,)
    intercept : float
    """

    def __init__(self, *, coef: np.ndarray, intercept: float) -> None:
        self.weights = coef.reshape(-1, 1)
        self.intercept = intercept

    def predict(self, features: Features) -> np.ndarray:
        """Return the value of each row."""
        return features.dot(self.weights)[:, 0] + self.intercept


class Behind:
    """A model behind transformers of its own.

    Parameters
    ----------
    steps : list
        Transformers.
    model : model
    """

    def __init__(self, *, steps: list[Any], model: Any, build: Any) -> None:
        self.steps = list(map(build, steps))
        self.model = build(model)

    @property
    def gives_probabilities(self) -> bool:
        """Whether there are probabilities."""
        return self.model.gives_probabilities

    def _prepared(self, features: Features) -> Features:
        for step in self.steps:
            features = step.transform(features)
        return features

    def scores(self, features: Features) -> np.ndarray:
        """Return the model's scores."""
        return self.model.scores(self._prepared(features))

    def predict(self, features: Features) -> np.ndarray:
        """Return the model's predictions."""
        return self.model.predict(self._prepared(features))

    def predict_proba(self, features: Features) -> np.ndarray:
        """Return the model's probabilities."""
        return self.model.predict_proba(self._prepared(features))


def expit(scores: np.ndarray) -> np.ndarray:
    """Return 1 / (1 + exp(-scores)), without an overflow on the way.

    Examples
    --------
    >>> expit(np.array([-1000.0, 0.0, 1000.0])).tolist()
    [0.0, 0.5, 1.0]
    """
    small = np.exp(-np.abs(scores))
    return np.where(scores >= 0, 1, small) / (1 + small)


def softmax(scores: np.ndarray) -> np.ndarray:
    """Return exp(scores), each row divided by its sum.

    Examples
    --------
    >>> softmax(np.array([[1000.0, 1000.0]])).tolist()
    [[0.5, 0.5]]
    """
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)
