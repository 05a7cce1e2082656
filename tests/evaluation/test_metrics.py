"""Measures, each from its definition, worked out by hand."""

import numpy as np
import pytest
from sklearn.datasets import make_classification, make_regression
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import recall_score, roc_auc_score
from sklearn.model_selection import cross_validate

from mmsenti.evaluation import metrics


def test_uar_is_the_mean_of_recalls():
    true, predicted = ["a", "a", "a", "b", "c", "c"], ["a", "a", "b", "b", "a", "c"]
    # Recalls of 2 of 3, 1 of 1, 1 of 2.
    expected = (2 / 3 + 1 + 1 / 2) / 3
    assert metrics.unweighted_average_recall(true, predicted) == pytest.approx(expected)
    assert recall_score(true, predicted, average="macro") == pytest.approx(expected)


def test_ece_weighs_the_gap_of_each_bin_by_its_rows():
    probabilities = [[0.95, 0.05], [0.95, 0.05], [0.95, 0.05], [0.3, 0.7]]
    # With ten bins: three rows at .95, of which two are right; one at .7, which is right.
    expected = (3 * abs(2 / 3 - 0.95) + 1 * abs(1 - 0.7)) / 4
    ece = metrics.expected_calibration_error(list("aaba"), probabilities, n_bins=10)
    wrong_last = (3 * abs(2 / 3 - 0.95) + 1 * abs(0 - 0.7)) / 4
    assert ece == pytest.approx(wrong_last)  # the last row is of the first class
    ece = metrics.expected_calibration_error(list("aabb"), probabilities, n_bins=10)
    assert ece == pytest.approx(expected)


def test_ece_takes_the_upper_edge_of_a_bin_into_it():
    # .5 closes the fifth bin of ten, .5001 opens the sixth: two gaps, not one of their mean.
    ece = metrics.expected_calibration_error([0, 1], [0.5, 0.5001], n_bins=10)
    assert ece == pytest.approx((abs(1 - 0.5) + abs(1 - 0.5001)) / 2)
    over = metrics.expected_calibration_error([0, 1], [[1.0, 0.0], [1.0, 0.0]])
    assert over == 0.5


def test_ece_refuses_columns_that_are_no_classes():
    with pytest.raises(ValueError, match="3 columns, but y_true has 2 labels"):
        metrics.expected_calibration_error([0, 1], [[0.2, 0.3, 0.5]] * 2)


def test_pearson_r_is_that_of_numpy_and_zero_without_variation():
    rng = np.random.default_rng(0)
    true, predicted = rng.normal(size=(2, 50))
    assert metrics.pearson_r(true, predicted) == pytest.approx(np.corrcoef(true, predicted)[0, 1])
    assert metrics.pearson_r(true, np.ones(50)) == 0.0


def test_concordance_counts_level_and_scale():
    true = np.array([-1.0, 0.0, 1.0])  # of variance 2 / 3
    assert metrics.concordance(true, true) == 1.0
    assert metrics.concordance(true, -true) == -1.0
    # A shift by 1: 2 * 2/3 over 2/3 + 2/3 + 1.
    assert metrics.concordance(true, true + 1) == pytest.approx((4 / 3) / (7 / 3))
    # A scale of 2: 2 * 4/3 over 2/3 + 8/3.
    assert metrics.concordance(true, 2 * true) == pytest.approx((8 / 3) / (10 / 3))
    assert metrics.concordance(true, np.zeros(3)) == 0.0
    assert metrics.concordance(np.ones(3), np.ones(3)) == 1.0


def test_both_conventions_for_zero():
    true = np.array([-2.0, -1.0, 0.0, 0.0, 1.0, 3.0])
    predicted = np.array([-0.1, 0.0, 0.2, -0.2, 0.3, -1.0])
    # Non-negative or not: right are rows 0, 2 and 4.
    assert metrics.accuracy_2(true, predicted) == 3 / 6
    # Positive or not, without rows 2 and 3: right are rows 0, 1 and 4.
    assert metrics.accuracy_2(true, predicted, zeros="left_out") == 3 / 4
    with pytest.raises(ValueError, match="nothing is left"):
        metrics.accuracy_2([0.0], [1.0], zeros="left_out")
    with pytest.raises(ValueError, match="zeros must be"):
        metrics.accuracy_2([0.0], [1.0], zeros="negative")


def test_levels_are_cut_and_rounded():
    true = np.array([-3.0, -2.6, 0.4, 1.5, 2.4])
    predicted = np.array([-2.2, -3.0, -0.4, 2.2, 1.8])
    # Sevenths: -3 -2, -3 -3, 0 0, 2 2, 2 2.
    assert metrics.accuracy_7(true, predicted) == 4 / 5
    # Fifths: -2 -2, -2 -2, 0 0, 2 2, 2 2.
    assert metrics.accuracy_5(true, predicted) == 1.0


@pytest.mark.parametrize("function", [metrics.concordance, metrics.pearson_r, metrics.accuracy_7])
def test_bad_intensities_are_refused(function):
    with pytest.raises(ValueError, match="NaN"):
        function([1.0, np.nan], [1.0, 2.0])
    with pytest.raises(ValueError, match="inconsistent"):
        function([1.0], [1.0, 2.0])


CLASSES = ("accuracy", "macro_f1", "weighted_f1", "uar", "macro_auc", "log_loss", "ece")


def test_each_is_a_scorer_by_name():
    X, y = make_classification(60, n_classes=3, n_informative=4, random_state=0)
    scoring = {name: metrics.SCORERS[name] for name in CLASSES}
    scores = cross_validate(LogisticRegression(), X, y, scoring=scoring, cv=3)
    assert all(np.isfinite(scores[f"test_{name}"]).all() for name in CLASSES)
    assert (scores["test_ece"] <= 0).all()  # an error: the greater, the better
    model = LogisticRegression().fit(X, y)
    auc = roc_auc_score(y, model.predict_proba(X), multi_class="ovr")
    assert metrics.SCORERS["macro_auc"](model, X, y) == pytest.approx(auc)

    X, y = make_regression(60, random_state=0)
    values = [name for name in metrics.SCORERS if name not in CLASSES]
    y = 3 * y / np.abs(y).max()
    scores = cross_validate(Ridge(), X, y, scoring={n: metrics.SCORERS[n] for n in values}, cv=3)
    assert all(np.isfinite(scores[f"test_{name}"]).all() for name in values)
    assert set(values) | set(CLASSES) == set(metrics.SCORERS)
