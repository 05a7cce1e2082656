"""Scores by hand, and folds that never split a group."""

import numpy as np
import pandas as pd
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.preprocessing import StandardScaler

from mmsenti._scores import cross_validate, format_scores, score_predictions
from mmsenti.fusion import FusionClassifier, FusionRegressor


def test_labels():
    y = np.array(["a", "a", "b", "b"])
    scores = score_predictions(y, np.array(["a", "a", "a", "b"]), np.tile([0.5, 0.5], (4, 1)))
    # F1 of a: 2 * 2 / (2 * 2 + 1); of b: 2 * 1 / (2 * 1 + 1).
    expected = {"accuracy": 0.75, "macro-F1": (4 / 5 + 2 / 3) / 2, "log loss": np.log(2)}
    assert scores == pytest.approx(expected)


def test_numbers():
    y, predicted = np.array([1.0, 2.0, 3.0]), np.array([2.0, 4.0, 6.0])
    assert score_predictions(y, predicted) == pytest.approx({"MAE": 2.0, "Pearson r": 1.0})
    assert score_predictions(y, np.ones(3))["Pearson r"] == 0.0


def test_columns_line_up():
    table = {"a": {"accuracy": 0.5, "log loss": 12.0}, "longer": {"accuracy": 1, "log loss": 0.1}}
    assert len({len(line) for line in format_scores(table).splitlines()}) == 1


class Spy(DummyClassifier):
    """Remembers, in its features, whom it was fitted on."""

    seen: list = []

    def fit(self, X, y):
        Spy.seen.append(set(X[:, 0].round()))
        return super().fit(X, y)


def test_groups_are_never_split():
    groups = np.repeat(np.arange(10), 3)
    X = pd.DataFrame({"group": groups.astype(float)})
    y = np.tile(["a", "b", "b"], 10).astype(object)
    Spy.seen.clear()
    model = FusionClassifier([("m", "passthrough", ["group"])], Spy())
    scores = cross_validate(model, X, y, groups=groups, n_splits=5)
    assert scores["accuracy"] == pytest.approx(2 / 3)
    assert [len(seen) for seen in Spy.seen] == [8] * 5


def test_values():
    X = pd.DataFrame({"x": np.linspace(0, 1, 30)})
    model = FusionRegressor([("m", StandardScaler(), ["x"])])
    scores = cross_validate(model, X, 3 * X["x"].to_numpy(), n_splits=3)
    assert scores["Pearson r"] > 0.99
