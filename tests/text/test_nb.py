"""NBWeighting against the formula of Wang & Manning (2012), worked out by hand."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from mmsenti import load, save
from mmsenti.text import NBWeighting, TextTfidf


@parametrize_with_checks([NBWeighting()])
def test_scikit_learns_own_checks(estimator, check):
    check(estimator)


def test_ratio_of_two_classes_by_hand():
    # Rows with term 0: one of "a", two of "b"; with term 1: two of "a", none of "b". Plus one each:
    # a = (2, 3), b = (3, 1), and the ratio of "b" is log((3/4) / (2/5)), log((1/4) / (3/5)).
    X = np.array([[5, 1], [0, 1], [2, 0], [1, 0]])
    nb = NBWeighting().fit(X, ["a", "a", "b", "b"])
    np.testing.assert_allclose(nb.log_ratio_, np.log([[(3 / 4) / (2 / 5), (1 / 4) / (3 / 5)]]))
    np.testing.assert_allclose(nb.transform(X), X * nb.log_ratio_)


def test_values_are_added_up_where_asked_for():
    # Values, not texts: a = (5 + 0 + 2, 1 + 1 + 2) = (7, 4), b = (3 + 2, 0 + 2) = (5, 2).
    X = np.array([[5, 1], [0, 1], [2, 0], [1, 0]])
    nb = NBWeighting(alpha=2, binarize=False).fit(X, ["a", "a", "b", "b"])
    np.testing.assert_allclose(nb.log_ratio_, np.log([[(5 / 7) / (7 / 11), (2 / 7) / (4 / 11)]]))


def test_each_of_several_classes_against_the_rest():
    # One text a class, each with a term of its own: 2 of 4 shares against 1 + 0 of 5 elsewhere.
    X = sparse.csr_matrix(np.eye(3))
    nb = NBWeighting().fit(X, ["x", "y", "z"])
    np.testing.assert_allclose(np.diag(nb.log_ratio_), np.log((2 / 4) / (1 / 5)))
    np.testing.assert_allclose(nb.log_ratio_[0, 1], np.log((1 / 4) / (2 / 5)))
    weighted = nb.transform(X)
    assert weighted.shape == (3, 9)
    for block in range(3):
        columns = weighted[:, 3 * block : 3 * block + 3].toarray()
        np.testing.assert_allclose(columns, np.diag(nb.log_ratio_[block]))
    names = nb.get_feature_names_out(["p", "q", "r"])
    assert names[:4].tolist() == ["p__x", "q__x", "r__x", "p__y"]


@pytest.mark.parametrize("labels", [["b", "a", "b"], ["x", "y", "z"]])
def test_sparse_and_dense_are_the_same(labels):
    X = np.array([[1.0, 0, 2], [0, 0, 1], [3, 1, 0]])
    dense = NBWeighting().fit(X, labels)
    scarce = NBWeighting().fit(sparse.csr_matrix(X), labels)
    np.testing.assert_allclose(scarce.log_ratio_, dense.log_ratio_)
    out = scarce.transform(sparse.csr_matrix(X))
    assert sparse.issparse(out)
    np.testing.assert_allclose(out.toarray(), dense.transform(X))


def test_behind_tfidf_with_missing_cells_and_in_a_search(tmp_path):
    texts = ["good film", None, "bad film", "fine film", "awful film", "good"]
    y = ["pos", "pos", "neg", "pos", "neg", "pos"]
    model = Pipeline(
        [("tfidf", TextTfidf()), ("nb", NBWeighting()), ("model", LogisticRegression())]
    )
    search = GridSearchCV(model, {"nb__alpha": [0.5, 1.0]}, cv=2).fit(texts * 4, y * 4)
    assert search.predict(["good", "bad"]).tolist() == ["pos", "neg"]
    save(search.best_estimator_, tmp_path / "model.skops")
    again = load(tmp_path / "model.skops")
    np.testing.assert_array_equal(again.predict_proba(texts), search.predict_proba(texts))


def test_tables_where_asked_for():
    weighted = make_pipeline(TextTfidf(), NBWeighting()).set_output(transform="pandas")
    table = weighted.fit_transform(["good", "bad", "fine"], ["pos", "neg", "neutral"])
    assert isinstance(table, pd.DataFrame)
    assert table.columns[:2].tolist() == ["bad__neg", "fine__neg"]
    nb = NBWeighting().set_output(transform="pandas")
    table = nb.fit_transform(sparse.csr_matrix(np.eye(2)), [0, 1])
    assert table.columns.tolist() == ["x0", "x1"]


def test_what_is_no_count_or_no_class_is_refused():
    with pytest.raises(ValueError, match="Negative values in data passed to NBWeighting"):
        NBWeighting().fit([[-1.0], [1.0]], [0, 1])
    with pytest.raises(ValueError, match="NBWeighting: one class only, 'a'"):
        NBWeighting().fit([[1.0], [1.0]], ["a", "a"])
    with pytest.raises(ValueError, match="Unknown label type: continuous"):
        NBWeighting().fit([[1.0], [1.0]], [0.5, 1.7])
    with pytest.raises(ValueError, match="'alpha' parameter of NBWeighting"):
        NBWeighting(alpha=0).fit([[1.0], [1.0]], [0, 1])
