"""What is fitted once is what would be fitted again: equal settings, rows and labels."""

import copy
import pickle

import numpy as np
import pytest
from sklearn.base import clone, is_classifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mmsenti.evaluation._once import Memo, Once
from mmsenti.text import TextTfidf

X = np.array([[0.0, 1.0], [1.0, 1.0], [2.0, 0.0], [3.0, 1.0]])
Y = np.array([0, 0, 1, 1])


@pytest.fixture
def memo():
    return Memo()


@pytest.mark.parametrize(
    ("settings", "rows", "labels"),
    [({"C": 2.0}, X, Y), ({}, X + 1, Y), ({}, X, 1 - Y)],
    ids=["setting", "rows", "labels"],
)
def test_another_setting_row_or_label_is_fitted_anew(memo, settings, rows, labels):
    first = Once(LogisticRegression(), memo).fit(X, Y)
    assert Once(LogisticRegression(), memo).fit(X, Y).fitted_ is first.fitted_
    other = Once(LogisticRegression(**settings), memo).fit(rows, labels)
    assert other.fitted_ is not first.fitted_
    expected = LogisticRegression(**settings).fit(rows, labels)
    np.testing.assert_array_equal(other.coef_, expected.coef_)


def test_columns_of_texts_are_told_apart_by_every_cell(memo):
    texts = np.array(["good day", "bad day", "good"], dtype=object)
    one = Once(TextTfidf(), memo)
    features = one.fit_transform(texts)
    np.testing.assert_array_equal(features.toarray(), TextTfidf().fit_transform(texts).toarray())
    changed = texts.copy()
    changed[2] = "bad"
    assert (one.transform(changed)[2] != one.transform(texts)[2]).nnz
    assert one.transform(texts.copy()) is one.transform(texts)


def test_saved_seconds_are_those_of_the_first_fit(memo):
    value = memo.get("key", lambda: sum(range(200_000)))
    assert memo.saved == 0.0
    assert memo.get("key", lambda: None) == value
    assert memo.saved > 0.0


def test_a_copy_shares_and_another_process_does_not(memo):
    one = Once(StandardScaler(), memo)
    assert clone(one).memo is memo
    assert copy.deepcopy(memo) is memo
    memo.get("key", lambda: 1)
    assert pickle.loads(pickle.dumps(memo)).get("key", lambda: 2) == 2


def test_it_looks_like_what_it_stands_for(memo):
    one = Once(LogisticRegression(C=3.0), memo)
    assert is_classifier(one)
    assert hasattr(one, "predict_proba")
    assert not hasattr(Once(StandardScaler(), memo), "predict")
    assert one.get_params()["C"] == 3.0
    assert one.set_params(C=4.0).estimator.C == 4.0
    pipeline = make_pipeline(Once(StandardScaler(), memo), one).fit(X, Y)
    expected = make_pipeline(StandardScaler(), LogisticRegression(C=4.0)).fit(X, Y)
    np.testing.assert_array_equal(pipeline.predict_proba(X), expected.predict_proba(X))


def test_what_has_no_content_is_fitted_each_time(memo):
    one = Once(TextTfidf(tokenizer=lambda text: text.split()), memo)
    assert one.fit(["a b"]).fitted_ is not one.fit(["a b"]).fitted_
