"""Every strategy, for classes and for values, where cells, columns or modalities are missing.

The full product of subsets at fit and subsets at predict is in test_strategy.py.
"""

import warnings
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import PredefinedSplit
from sklearn.preprocessing import StandardScaler

from mmsenti.fusion import FusionClassifier, FusionRegressor, FusionVotingClassifier
from mmsenti.text import TextTfidf

N_ROWS = 48
CODES = np.arange(N_ROWS) % 3
COLUMNS = {"text": "words", "image": "hue", "audio": "pitch"}
MODALITIES = [
    ("text", TextTfidf(), "words"),
    ("image", StandardScaler(), ["hue"]),
    ("audio", StandardScaler(), ["pitch"]),
]
SUBSETS = [list(names) for size in (1, 2, 3) for names in combinations(COLUMNS, size)]

each_strategy = pytest.mark.parametrize("strategy", ["feature", "voting", "stacking", "hybrid"])
each_kind = pytest.mark.parametrize("cls", [FusionClassifier, FusionRegressor])


@pytest.fixture
def posts():
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "words": np.array(["bad day", "some day", "good day"])[CODES],
            "hue": CODES + rng.normal(size=N_ROWS),
            "pitch": CODES + rng.normal(size=N_ROWS),
        }
    ).astype({"words": object})


def target(cls):
    return np.array(["neg", "neutral", "pos"])[CODES] if cls is FusionClassifier else CODES - 1.0


def answers(fusion, X):
    """Predict with every method, without a warning unless a row has nothing."""
    with warnings.catch_warnings():
        if X[X.columns.intersection(list(COLUMNS.values()))].isna().all(axis=1).any():
            warnings.filterwarnings("ignore", message=".* have no modality at all")
        if isinstance(fusion, FusionRegressor):
            values = fusion.predict(X)
            assert np.isfinite(values).all()
            return values
        probabilities = fusion.predict_proba(X)
        predicted = fusion.predict(X)
    assert np.isfinite(probabilities).all()
    assert (probabilities >= 0).all()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-12)
    assert set(predicted) <= set(fusion.classes_)
    return probabilities


def with_holes(posts, rate, seed):
    return posts.mask(np.random.default_rng(seed).random(posts.shape) < rate)


@each_kind
@each_strategy
@pytest.mark.parametrize("rate", [0.3, 0.7])
def test_one_row_is_answered_as_among_others(cls, strategy, rate, posts):
    # What a row lacks is no other row's business, and neither is its neighbours' at predict.
    fusion = cls(MODALITIES, strategy=strategy, cv=3).fit(with_holes(posts, rate, 0), target(cls))
    rows = with_holes(posts, rate, 1)
    together = answers(fusion, rows)
    one_by_one = [answers(fusion, rows.iloc[[i]]) for i in range(N_ROWS)]
    np.testing.assert_allclose(np.concatenate(one_by_one), together, rtol=1e-9)
    # A cell that is missing, a column that is absent and a key that no dict has are the same.
    for i in range(0, N_ROWS, 5):
        there = rows.iloc[i].dropna().to_dict()
        if there:
            sample = pd.DataFrame([there])
            np.testing.assert_allclose(answers(fusion, sample), one_by_one[i], rtol=1e-9)


@each_kind
@each_strategy
@pytest.mark.parametrize("present", SUBSETS, ids="-".join)
def test_a_single_row_at_fit_may_be_all_that_has_a_modality(cls, strategy, present, posts):
    for name in set(COLUMNS) - set(present):
        posts.loc[posts.index != 5, COLUMNS[name]] = None
    fusion = cls(MODALITIES, strategy=strategy, cv=3).fit(posts, target(cls))
    answers(fusion, posts)
    answers(fusion, posts[[COLUMNS[name] for name in present]])


@each_kind
@each_strategy
def test_a_modality_never_seen_in_one_fold(cls, strategy, posts):
    # All rows with a voice lie in one fold: when it is held out, no training row has one.
    fold = np.arange(N_ROWS) // 16
    posts.loc[fold != 1, "pitch"] = None
    splitter = PredefinedSplit(fold)
    fusion = cls(MODALITIES, strategy=strategy, cv=splitter).fit(posts, target(cls))
    answers(fusion, posts)
    answers(fusion, posts[["pitch"]])
    rest = fold != 1  # as an outer split sees it: a voice at predict that no fit has heard
    fusion = cls(MODALITIES, strategy=strategy, cv=3).fit(posts[rest], target(cls)[rest])
    answers(fusion, posts[~rest])


@each_kind
@each_strategy
def test_a_modality_never_seen_for_one_class(cls, strategy, posts):
    posts.loc[CODES == 2, "pitch"] = None
    fusion = cls(MODALITIES, strategy=strategy, cv=3).fit(posts, target(cls))
    everything = answers(fusion, posts.assign(pitch=CODES - 0.5))
    if cls is FusionClassifier:
        # The words still tell the class of which no voice was ever heard.
        assert (everything.argmax(axis=1) == CODES).mean() > 0.75


@pytest.mark.parametrize("rule", ["mean", "product", "weighted"])
def test_voting_equals_voting_with_the_present_members_alone(rule, posts):
    labels, holed = target(FusionClassifier), with_holes(posts, 0.4, 2)
    every = FusionVotingClassifier(MODALITIES, rule=rule, weights=None, cv=3).fit(holed, labels)
    for present in SUBSETS:
        rows = posts[[COLUMNS[name] for name in present]]
        if rule == "weighted":
            weights = dict(zip(COLUMNS, every.weights_, strict=True))
            params = {"rule": "mean", "weights": {name: weights[name] for name in present}}
        else:
            params = {"rule": rule}
        some = [modality for modality in MODALITIES if modality[0] in present]
        alone = FusionVotingClassifier(some, **params).fit(holed, labels)
        np.testing.assert_allclose(every.predict_proba(rows), alone.predict_proba(rows), rtol=1e-9)
