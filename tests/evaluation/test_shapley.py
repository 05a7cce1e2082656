"""Shapley's values by his axioms, and by hand."""

from itertools import permutations

import numpy as np
import pytest

from mmsenti.evaluation._shapley import all_subsets, log_odds, shapley_values, without

NAMES = ["text", "image", "audio"]


def random_game(names, seed=0):
    rng = np.random.default_rng(seed)
    return {subset: rng.normal(size=(4, 2)) for subset in all_subsets(names)}


def test_the_mean_part_over_all_orders():
    # The definition itself, order by order.
    game = random_game(NAMES)
    expected = np.zeros((3, 4, 2))
    for order in permutations(NAMES):
        for place, name in enumerate(order):
            before = tuple(n for n in NAMES if n in order[:place])
            after = tuple(n for n in NAMES if n in order[: place + 1])
            expected[NAMES.index(name)] += (game[after] - game[before]) / 6
    np.testing.assert_allclose(shapley_values(game, NAMES), expected, atol=1e-12)


def test_they_add_up():
    game = random_game(NAMES)
    np.testing.assert_allclose(
        shapley_values(game, NAMES).sum(axis=0), game[tuple(NAMES)] - game[()], atol=1e-12
    )


def test_who_never_changes_anything_gets_nothing():
    game = random_game(NAMES[:2])
    with_dummy = {s: game[tuple(n for n in s if n != "audio")] for s in all_subsets(NAMES)}
    np.testing.assert_allclose(shapley_values(with_dummy, NAMES)[2], 0, atol=1e-12)


def test_a_glove_game():
    # One left glove, two right ones; only a pair is worth something: 2/3, 1/6, 1/6.
    worth = {s: np.array(float("a" in s and len(s) > 1)) for s in all_subsets(["a", "b", "c"])}
    assert shapley_values(worth, ["a", "b", "c"]).tolist() == pytest.approx([2 / 3, 1 / 6, 1 / 6])


def test_log_odds():
    np.testing.assert_allclose(log_odds(np.array([[0.8, 0.2]])), [[np.log(4), -np.log(4)]])
    assert np.isfinite(log_odds(np.array([[1.0, 0.0]]))).all()


def test_without_removes_cells_and_keeps_the_columns():
    import pandas as pd

    X = pd.DataFrame({"text": ["a"], "f0": [1.0], "loud": [2.0], "id": [7]})
    left = without(X, ["text", ["f0", "loud"]])
    assert set(left.columns) == set(X.columns)
    assert left[["text", "f0", "loud"]].isna().all(axis=None)
    assert left["id"].tolist() == [7]
