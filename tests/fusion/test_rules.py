from itertools import combinations

import numpy as np
import pytest

from mmsenti.fusion._rules import (
    CLASSIFIER_RULES,
    REGRESSOR_RULES,
    break_ties,
    combine,
    combine_values,
)

nan = np.nan
# Three members' opinions of one sample; the rules all disagree on it.
OPINIONS = np.array([[[0.7, 0.2, 0.1]], [[0.3, 0.3, 0.4]], [[0.2, 0.6, 0.2]]])


@pytest.mark.parametrize(
    ("rule", "scores"),
    [
        ("mean", [1.2, 1.1, 0.7]),
        ("weighted", [1.2, 1.1, 0.7]),
        ("product", [0.042, 0.036, 0.008]),
        ("max", [0.7, 0.6, 0.4]),
        ("min", [0.2, 0.2, 0.1]),
        ("median", [0.3, 0.3, 0.2]),
        ("majority", [1, 1, 1]),
    ],
)
def test_rules_of_kittler(rule, scores):
    expected = np.array(scores) / sum(scores)
    np.testing.assert_allclose(combine(OPINIONS, rule), [expected], atol=1e-12)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        # weights 2, 1, 1: (2 * .7 + .3 + .2) / 4 and so on
        ("mean", [0.475, 0.325, 0.2]),
        ("weighted", [0.475, 0.325, 0.2]),
        ("majority", [0.5, 0.25, 0.25]),  # votes for classes 0, 2 and 1
        ("product", np.array([0.042, 0.036, 0.008]) / 0.086),  # takes no weights
        ("max", np.array([0.7, 0.6, 0.4]) / 1.7),
    ],
)
def test_weights(rule, expected):
    np.testing.assert_allclose(combine(OPINIONS, rule, np.array([2, 1, 1])), [expected], atol=1e-12)


def test_a_veto_counts_in_a_product():
    opinions = np.array([[[0.9, 0.1, 0.0]], [[0.2, 0.3, 0.5]]])
    np.testing.assert_allclose(combine(opinions, "product"), [[6 / 7, 1 / 7, 0]], atol=1e-12)


def test_a_product_of_vetoes_alone_is_the_limit_of_small_probabilities():
    # With e in place of 0 the classes score e and e * e, which vanishes beside e.
    opinions = np.array([[[1.0, 0.0]], [[1.0, 0.0]], [[0.0, 1.0]]])
    np.testing.assert_allclose(combine(opinions, "product"), [[1, 0]], atol=1e-12)
    # .9 e, .1 e and e: a veto each.
    opinions = np.array([[[0.9, 0.1, 0.0]], [[0.0, 0.0, 1.0]]])
    np.testing.assert_allclose(combine(opinions, "product"), [[0.45, 0.05, 0.5]])


@pytest.mark.parametrize("n_members", [1, 2, 3, 4, 5])
def test_the_median_is_that_of_those_present(n_members):
    random = np.random.default_rng(n_members)
    values = random.random((n_members, 50))
    values[random.random(values.shape) < 0.4] = np.nan
    values[0, np.isnan(values).all(axis=0)] = 0.5
    expected = np.nanmedian(values, axis=0)
    np.testing.assert_allclose(combine_values(values, "median"), expected, rtol=1e-15)


@pytest.mark.parametrize("rule", ["min", "median"])
def test_where_every_class_is_ruled_out_the_mean_decides(rule):
    opinions = np.array([[[1.0, 0, 0]], [[0, 1.0, 0]], [[0, 0, 1.0]]])
    np.testing.assert_allclose(combine(opinions, rule), [[1 / 3, 1 / 3, 1 / 3]])


def test_a_long_product_does_not_underflow():
    opinions = np.full((2000, 1, 2), 0.5)
    opinions[0] = [0.8, 0.2]
    np.testing.assert_allclose(combine(opinions, "product"), [[0.8, 0.2]])


@pytest.mark.parametrize("weights", [None, np.array([0.5, 0.2, 0.2, 0.1])])
@pytest.mark.parametrize("rule", CLASSIFIER_RULES)
def test_an_absent_member_leaves_the_ensemble_of_the_others(rule, weights):
    rng = np.random.default_rng(0)
    opinions = rng.dirichlet([1, 1, 1], size=(4, 7))
    for size in (1, 2, 3):
        for present in combinations(range(4), size):
            partial = np.full_like(opinions, nan)
            partial[list(present)] = opinions[list(present)]
            alone = combine(
                opinions[list(present)], rule, None if weights is None else weights[list(present)]
            )
            np.testing.assert_allclose(combine(partial, rule, weights), alone, atol=1e-12)


@pytest.mark.parametrize("rule", CLASSIFIER_RULES)
def test_rows_are_combined_one_by_one(rule):
    opinions = np.array(
        [[[0.8, 0.2], [nan, nan], [nan, nan]], [[0.4, 0.6], [0.3, 0.7], [nan, nan]]]
    )
    combined = combine(opinions, rule)
    np.testing.assert_allclose(combined[0], combine(opinions[:, :1], rule)[0])
    np.testing.assert_allclose(combined[1], [0, 1] if rule == "majority" else [0.3, 0.7])
    assert np.isnan(combined[2]).all()


def test_a_member_of_no_weight_is_no_member():
    opinions = np.array([[[nan, nan]], [[0.4, 0.6]]])
    assert np.isnan(combine(opinions, "mean", np.array([1.0, 0.0]))).all()


@pytest.mark.parametrize(
    ("rule", "expected"),
    [("mean", 11 / 3), ("max", 8), ("min", 1), ("median", 2), ("weighted", 11 / 3)],
)
def test_rules_for_values(rule, expected):
    assert combine_values(np.array([[1.0], [2.0], [8.0]]), rule) == pytest.approx(expected)


def test_weighted_values():
    values = np.array([[1.0, nan], [2.0, 2.0], [8.0, 8.0]])
    # (2 * 1 + 2 + 8) / 4, and without the first 10 / 2
    np.testing.assert_allclose(combine_values(values, "mean", np.array([2, 1, 1])), [3.0, 5.0])
    np.testing.assert_allclose(combine_values(values, "max", np.array([2, 1, 1])), [8.0, 8.0])


@pytest.mark.parametrize("rule", REGRESSOR_RULES)
def test_absent_values(rule):
    values = np.array([[1.0, 5.0, nan], [nan, 2.0, nan], [4.0, nan, nan]])
    combined = combine_values(values, rule)
    assert combined[0] == combine_values(np.array([[1.0], [4.0]]), rule)
    assert combined[1] == combine_values(np.array([[5.0], [2.0]]), rule)
    assert np.isnan(combined[2])


def test_ties_go_to_the_more_probable_class():
    shares = np.array([[0.4, 0.2, 0.4], [0.4, 0.2, 0.4], [0.2, 0.5, 0.3]])
    mean = np.array([[0.2, 0.5, 0.3], [0.4, 0.3, 0.3], [0.9, 0.0, 0.1]])
    assert break_ties(shares, mean).tolist() == [2, 0, 1]


def test_sums_of_thirds_tie_in_spite_of_rounding():
    shares = np.array([[0.1 + 0.2, 0.3, 0.4 - 1e-17]]) * [1, 1, 0]
    assert break_ties(shares, np.array([[0.4, 0.6, 0.0]])).tolist() == [1]
