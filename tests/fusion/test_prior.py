"""Prior correction: rare classes are chosen more often, probabilities stay."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import balanced_accuracy_score, f1_score
from sklearn.model_selection import GridSearchCV
from sklearn.svm import LinearSVC

from mmsenti.fusion import FusionClassifier
from mmsenti.fusion._prior import choose_classes


def test_the_rule_by_hand():
    prior = np.array([0.64, 0.36])
    # .7 / .8 < .3 / .6 is wrong: .875 > .5; at a power of one 1.09 > .83; from .64 on it turns.
    for p, expected in ((0.7, 0), (0.57, 1), (0.58, 0)):
        # At .5 the classes weigh 1 / .8 and 1 / .6: even at p = .8 / 1.4 = .571.
        assert choose_classes(np.array([[p, 1 - p]]), prior, 0.5).tolist() == [expected]
    assert choose_classes(np.array([[0.64, 0.36]]), prior, 1.0).tolist() == [0]  # even: the first
    assert choose_classes(np.array([[0.63, 0.37]]), prior, 1.0).tolist() == [1]


@pytest.fixture(scope="module")
def skewed():
    rng = np.random.default_rng(0)
    y = rng.choice(["common", "rare"], 600, p=[0.85, 0.15])
    X = pd.DataFrame({"a": (y == "rare") + rng.normal(size=600)})
    return X, y


@pytest.mark.parametrize("strategy", ["feature", "voting", "stacking", "hybrid"])
def test_recall_rises_and_probabilities_stay(skewed, strategy):
    X, y = skewed
    modalities = [("one", "passthrough", ["a"])]
    plain = FusionClassifier(modalities, strategy=strategy).fit(X[:400], y[:400])
    fair = FusionClassifier(modalities, strategy=strategy, prior_correction=1.0)
    fair.fit(X[:400], y[:400])
    new, truth = X[400:], y[400:]
    np.testing.assert_array_equal(plain.predict_proba(new), fair.predict_proba(new))
    recall = [balanced_accuracy_score(truth, m.predict(new)) for m in (plain, fair)]
    assert recall[1] > recall[0] + 0.05
    assert plain.score(new, truth) > fair.score(new, truth)  # which is what it costs
    expected = fair.predict_proba(new) / fair.class_prior_
    assert (fair.predict(new) == fair.classes_[expected.argmax(axis=1)]).all()


def test_it_is_a_parameter_of_a_search(skewed):
    X, y = skewed
    search = GridSearchCV(
        FusionClassifier([("one", "passthrough", ["a"])]),
        {"prior_correction": [0.0, 0.5]},
        scoring="f1_macro",
        cv=3,
    ).fit(X, y)
    assert search.best_params_ == {"prior_correction": 0.5}
    assert f1_score(y, search.predict(X), average="macro") > 0.5


def test_it_needs_probabilities(skewed):
    X, y = skewed
    model = FusionClassifier([("one", "passthrough", ["a"])], LinearSVC(), prior_correction=0.5)
    with pytest.raises(TypeError, match="prior_correction needs probabilities"):
        model.fit(X, y)
    with pytest.raises(ValueError, match="prior_correction"):
        model.set_params(estimator=None, prior_correction=2.0).fit(X, y)
