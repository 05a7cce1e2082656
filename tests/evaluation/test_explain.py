"""Explanations: contributions that add up, evidence that is right for models worked out by hand."""

import numpy as np
import pandas as pd
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.svm import LinearSVC

from mmsenti.datasets import make_posts
from mmsenti.evaluation import explain
from mmsenti.evaluation._evidence import split_words
from mmsenti.evaluation._explain import contributions
from mmsenti.fusion import (
    FusionClassifier,
    FusionRegressor,
    FusionStackingClassifier,
    FusionVotingClassifier,
)
from mmsenti.text import TextTfidf

STRATEGIES = ["feature", "voting", "stacking", "hybrid"]


@pytest.fixture(scope="module")
def posts():
    return make_posts(80, missing_rate=0.2, n_classes=3, random_state=0)


@pytest.fixture(scope="module")
def numbers():
    """Values that are the sum of two columns, and classes by their sign."""
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"a": rng.normal(size=80), "b": rng.normal(size=80)})
    return X, X["a"] + 2 * X["b"] + 5, np.where(X["a"] + 2 * X["b"] > 0, "up", "down")


COLUMNS = [("first", "passthrough", ["a"]), ("second", "passthrough", ["b"])]


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize(
    "estimator", [None, RandomForestClassifier(10, random_state=0)], ids=["linear", "trees"]
)
def test_contributions_add_up_to_the_prediction(posts, strategy, estimator):
    model = FusionClassifier(estimator=estimator, strategy=strategy).fit(posts, posts["label"])
    values, base, total = contributions(model, posts)
    np.testing.assert_allclose(base + values.sum(axis=0), total, atol=1e-9)
    p = np.clip(model.predict_proba(posts), 1e-6, 1 - 1e-6)
    np.testing.assert_allclose(total, np.log(p / (1 - p)), atol=1e-9)
    prior = model.class_prior_
    np.testing.assert_allclose(base[0], np.log(prior / (1 - prior)), atol=1e-9)
    for i, column in enumerate(("text", "image", "audio")):
        np.testing.assert_allclose(values[i][posts[column].isna()], 0, atol=1e-12)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_an_explanation_of_each_strategy(posts, strategy):
    model = FusionClassifier(strategy=strategy).fit(posts, posts["label"])
    row = int(posts[["text", "image", "audio"]].notna().all(axis=1).argmax())
    why = explain(model, posts, row=row)
    assert why.label == why.prediction == model.predict(posts.iloc[[row]])[0]
    assert why.base + sum(why.contributions.values()) == pytest.approx(why.total)
    assert "".join(w for w, *_ in why.words["text"]) == "".join(posts["text"][row].split())
    assert why.regions["image"].shape == (4, 4)
    assert set(why.features["modality"]) == {"text", "image", "audio"}
    assert np.isfinite(why.features[["value", "average", "effect"]].to_numpy(float)).all()


def test_a_sum_is_shared_out_as_its_terms(numbers):
    # A linear model of two columns: each contributes its coefficient times its distance from the
    # mean, and the base is the mean of the training values.
    X, values, _ = numbers
    model = FusionRegressor(COLUMNS, LinearRegression()).fit(X, values)
    why = explain(model, {"a": 1.0, "b": -2.0})
    assert why.label is None
    assert why.base == pytest.approx(values.mean())
    assert why.contributions == pytest.approx(
        {"first": 1.0 - X["a"].mean(), "second": 2 * (-2.0 - X["b"].mean())}
    )
    assert why.prediction == pytest.approx(1.0 - 4.0 + 5)
    effects = why.features.set_index("modality")["effect"]
    assert effects.to_dict() == pytest.approx(why.contributions)
    assert effects.index.tolist() == ["second", "first"]  # the strongest first


def test_features_of_trees_are_permuted(numbers):
    # y = a: permuting b changes nothing, and permuting a leaves the mean of the others.
    X, _, _ = numbers
    forest = RandomForestRegressor(20, random_state=0)
    model = FusionRegressor(COLUMNS, forest).fit(X, X["a"])
    row = int(X["a"].argmax())
    effects = explain(model, X, row=row).features.set_index("modality")["effect"]
    assert abs(effects["second"]) < 0.1 * effects["first"]
    assert effects["first"] == pytest.approx(X["a"].max() - X["a"].mean(), rel=0.35)


def test_coefficients_of_two_and_of_three_classes(numbers):
    X, _, classes = numbers
    model = FusionClassifier(COLUMNS, LogisticRegression()).fit(X, classes)
    coefficients = model.fusion_[-1].coef_[0]
    for label, sign in (("up", 1), ("down", -1)):
        effects = explain(model, X, row=3, label=label).features.set_index("modality")["effect"]
        assert effects["first"] == pytest.approx(
            sign * coefficients[0] * (X["a"][3] - X["a"].mean())
        )
    three = np.where(X["a"] > 0.5, "c", classes)
    model = FusionClassifier(COLUMNS, LogisticRegression()).fit(X, three)
    w = model.fusion_[-1].coef_
    effects = explain(model, X, row=3, label="c").features.set_index("modality")["effect"]
    margin = w[0, 1] - (w[1, 1] + w[2, 1]) / 2
    assert effects["second"] == pytest.approx(margin * (X["b"][3] - X["b"].mean()))


def test_words_are_worth_what_is_lost_without_them():
    X = pd.DataFrame({"text": ["good day", "bad day", "good film", "bad film"] * 5})
    fusion = FusionClassifier([("text", TextTfidf(), "text")]).fit(X, ["pos", "neg"] * 10)
    (words,) = explain(fusion, {"text": "good day"}, label="pos").words.values()

    def log_odds(text):
        p = fusion.predict_proba({"text": text})[0, 1]
        return np.log(p / (1 - p))

    assert [word for word, *_ in words] == ["good", "day"]
    assert words[0][3] == pytest.approx(log_odds("good day") - log_odds(" day"))
    assert words[0][3] > abs(words[1][3])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("so good, isn't it?", ["so", "good,", "isn't", "it?"]),
        ("这部电影 great", ["这", "部", "电", "影", "great"]),
        (" \n", []),
    ],
)
def test_words_of_any_language(text, expected):
    assert [text[a:b] for a, b in split_words(text)] == expected


@pytest.mark.parametrize(
    "make",
    [
        lambda: FusionVotingClassifier(COLUMNS),
        lambda: FusionStackingClassifier(COLUMNS),
        lambda: GridSearchCV(FusionClassifier(COLUMNS), {"estimator__C": [1.0]}, cv=2),
        lambda: FusionClassifier(COLUMNS, LinearSVC()),
        lambda: FusionClassifier(COLUMNS, CalibratedClassifierCV(LinearSVC(), cv=2)),
        lambda: FusionClassifier(COLUMNS, strategy="voting", rule="majority"),
    ],
)
def test_every_kind_of_fusion_can_be_explained(numbers, make):
    X, _, classes = numbers
    why = explain(make().fit(X, classes), X, row=5)
    assert why.base + sum(why.contributions.values()) == pytest.approx(why.total)
    assert len(why.features) == 2


def test_a_row_without_anything_is_the_prior(numbers):
    X, _, classes = numbers
    model = FusionClassifier(COLUMNS).fit(X, classes)
    with pytest.warns(UserWarning, match="no modality at all"):
        why = explain(model, {"a": None, "b": None})
    assert why.contributions == {"first": 0.0, "second": 0.0}
    assert why.total == why.base
    assert not any(why.present.values())


def test_it_reads_well(posts):
    model = FusionClassifier(strategy="voting").fit(posts, posts["label"])
    row = int((posts["audio"].isna() & posts["text"].notna()).argmax())
    text = str(explain(model, posts, row=row))
    assert text.startswith("Predicted: ")
    assert "without any" in text
    assert "audio" in text
    assert "missing" in text
    assert max(map(len, text.splitlines())) < 200


def test_the_page_escapes_what_comes_from_data(posts):
    model = FusionClassifier().fit(posts, posts["label"])
    page = explain(model, {"text": "<script>alert('x')</script> & fine"}).to_html()
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "http" not in page.replace("http-equiv", "")


@pytest.mark.parametrize(
    ("kwargs", "match"),
    [({"row": 99}, "row 99 is not"), ({"label": "happy"}, "label must be one of")],
)
def test_wrong_questions(numbers, kwargs, match):
    X, _, classes = numbers
    model = FusionClassifier(COLUMNS).fit(X, classes)
    with pytest.raises(ValueError, match=match):
        explain(model, X, **kwargs)


def test_only_fusions_are_explained(numbers):
    X, _, classes = numbers
    with pytest.raises(TypeError, match="only fusions"):
        explain(LogisticRegression().fit(X, classes), X)
