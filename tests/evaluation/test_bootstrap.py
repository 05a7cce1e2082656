"""Weighted scores are those of rows repeated as often as they weigh, by scikit-learn's measures."""

import numpy as np
import pytest
from sklearn import metrics as sk

from mmsenti.evaluation import metrics
from mmsenti.evaluation._bootstrap import draw_weights, score_classes, score_values

RNG = np.random.default_rng(0)


def probabilities(n, k):
    # Two digits, so that there are ties.
    p = RNG.dirichlet(np.ones(k), n).round(2) + 1e-3
    return p / p.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_classes_score_as_scikit_learn_says(n_classes):
    y = RNG.permutation(np.arange(60) % n_classes)
    p = probabilities(60, n_classes)
    said = RNG.permutation(y)
    weights = np.array([np.ones(60), RNG.integers(0, 4, 60)], dtype=float)
    ours = score_classes(y, said, p, weights)
    for draw, times in enumerate(weights.astype(int)):
        true, named, prob = (np.repeat(x, times, axis=0) for x in (y, said, p))
        scores = prob[:, 1] if n_classes == 2 else prob
        expected = {
            "accuracy": sk.accuracy_score(true, named),
            "macro_f1": sk.f1_score(true, named, average="macro"),
            "weighted_f1": sk.f1_score(true, named, average="weighted"),
            "uar": sk.balanced_accuracy_score(true, named),
            "macro_auc": sk.roc_auc_score(true, scores, multi_class="ovr"),
            "log_loss": sk.log_loss(true, prob),
            "ece": metrics.expected_calibration_error(true, prob),
        }
        assert {name: values[draw] for name, values in ours.items()} == pytest.approx(expected)


def test_a_class_that_a_draw_lacks_is_no_part_of_its_means():
    # Of the classes 0 and 1 only 0 is drawn, and it is always found.
    y, said = np.array([0, 0, 1]), np.array([0, 0, 0])
    scores = score_classes(y, said, np.eye(2)[said], np.array([[1.0, 1.0, 0.0]]))
    assert scores["uar"] == scores["macro_f1"] == scores["accuracy"] == 1.0


def test_values_score_as_their_definitions_say():
    y = RNG.uniform(-3, 3, 50).round(1)
    y[:5] = 0
    values = y + RNG.normal(size=50)
    weights = np.array([np.ones(50), RNG.integers(0, 4, 50)], dtype=float)
    ours = score_values(y, values, weights)
    for draw, times in enumerate(weights.astype(int)):
        true, said = np.repeat(y, times), np.repeat(values, times)
        expected = {
            "mae": sk.mean_absolute_error(true, said),
            "pearson_r": np.corrcoef(true, said)[0, 1],
            "ccc": metrics.concordance(true, said),
            "acc_2": metrics.accuracy_2(true, said),
            "acc_2_without_zeros": metrics.accuracy_2(true, said, zeros="left_out"),
            "acc_5": metrics.accuracy_5(true, said),
            "acc_7": metrics.accuracy_7(true, said),
        }
        assert {name: scores[draw] for name, scores in ours.items()} == pytest.approx(expected)


def test_values_on_another_scale_have_no_accuracies():
    scores = score_values(np.array([0.0, 9.0]), np.array([1.0, 8.0]), np.ones((1, 2)))
    assert set(scores) == {"mae", "pearson_r", "ccc"}


def test_a_group_is_drawn_whole_and_as_many_groups_as_there_are():
    groups = np.array(["a", "b", "a", "c", "c", "c"])
    weights = draw_weights(groups, 6, 200)
    assert (weights[0] == 1).all()
    assert (weights[:, 0] == weights[:, 2]).all()
    assert (weights[1:, [0, 1, 3]].sum(axis=1) == 3).all()
    assert weights[1:, 0].mean() == pytest.approx(1, abs=0.2)


def test_without_groups_rows_are_drawn():
    weights = draw_weights(None, 5, 100)
    assert (weights.sum(axis=1) == 5).all()
    assert len({tuple(row) for row in weights}) > 50
