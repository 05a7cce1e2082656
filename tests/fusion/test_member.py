import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import StandardScaler

from mmsenti.fusion._member import ModalityClassifier, ModalityRegressor, class_shares, weights_for

nan = np.nan


class Reader(TransformerMixin, BaseEstimator):
    """Read numbers from texts; a text that is no number is a row of NaN, like a broken file."""

    def fit(self, X, y=None):
        self.rows_ = list(X)
        return self

    def transform(self, X):
        return np.array([[float(cell) if cell != "broken" else nan] for cell in X])


def classifier(transformer, column, **params):
    return ModalityClassifier(transformer, column, LogisticRegression(**params))


# Rows that have the modality


def test_only_rows_with_the_modality_are_fitted():
    X = pd.DataFrame({"t": ["1", None, "3", "", "2", "5"]})
    member = classifier(Reader(), "t").fit(X, [0, 1, 1, 0, 0, 1])
    assert member.transformer_.rows_ == ["1", "3", "2", "5"]
    alone = LogisticRegression().fit([[1], [3], [2], [5]], [0, 1, 0, 1])
    np.testing.assert_allclose(member.estimator_.coef_, alone.coef_)
    probabilities = member.predict_proba(X)
    assert np.isnan(probabilities).all(axis=1).tolist() == [False, True, False, True, False, False]
    np.testing.assert_allclose(probabilities[[0, 4]], alone.predict_proba([[1], [2]]))


def test_unreadable_rows_are_neither_fitted_nor_predicted():
    X = pd.DataFrame({"t": ["1", "broken", "3", "broken", "2", "5"]})
    member = classifier(Reader(), "t").fit(X, [0, 1, 1, 0, 0, 1])
    alone = LogisticRegression().fit([[1], [3], [2], [5]], [0, 1, 0, 1])
    np.testing.assert_allclose(member.estimator_.coef_, alone.coef_)
    assert np.isnan(member.predict_proba(X)[[1, 3]]).all()
    assert np.isnan(member.predict_proba(X[1:2])).all()


def test_a_cell_missing_among_several_is_filled_with_the_mean():
    X = pd.DataFrame({"a": [1.0, 2, 3, nan], "b": [0.0, 1, 5, 2]})
    y = [1.0, 2.0, 3.0, 5.0]
    member = ModalityRegressor("passthrough", ["a", "b"], LinearRegression()).fit(X, y)
    alone = LinearRegression().fit([[1, 0], [2, 1], [3, 5], [2, 2]], y)
    np.testing.assert_allclose(member.estimator_.coef_, alone.coef_)
    np.testing.assert_allclose(member.predict(X), alone.predict([[1, 0], [2, 1], [3, 5], [2, 2]]))
    np.testing.assert_allclose(member.transform(X)[3], [2, 2])


def test_values_are_nan_where_missing():
    X = pd.DataFrame({"a": [1.0, 2.0, nan]})
    member = ModalityRegressor("passthrough", ["a"], LinearRegression()).fit(X, [2.0, 4.0, 99.0])
    np.testing.assert_allclose(member.predict(X), [2, 4, nan])
    assert member.mean_ == 35.0


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame], ids=["pandas", "polars"])
def test_tables_of_any_library(make):
    X = make({"t": ["good day", None, "bad day", "good"]})
    member = classifier(TfidfVectorizer(), "t", C=100).fit(X, ["+", "-", "-", "-"])
    # The row that lacks the text gets the most frequent label.
    assert member.predict(make({"t": ["good day", "bad", None]})).tolist() == ["+", "-", "-"]


def test_arrays():
    X = np.array([[1.0, nan], [2.0, 0.0], [nan, 1.0], [4.0, 3.0]])
    member = ModalityRegressor("passthrough", [0], LinearRegression())
    np.testing.assert_allclose(member.fit(X, [1, 2, 3, 4]).predict(X), [1, 2, nan, 4])


def test_an_index_does_not_matter():
    X = pd.DataFrame({"t": ["1", None, "3", "2", "5"]}, index=[7, 7, 7, 0, 0])
    y = pd.Series([0, 1, 1, 0, 1], index=[1, 2, 3, 4, 5])
    plain = classifier(Reader(), "t").fit(X.reset_index(drop=True), y.to_numpy())
    np.testing.assert_array_equal(
        classifier(Reader(), "t").fit(X, y).predict_proba(X), plain.predict_proba(X)
    )


# Classes


def test_a_class_never_seen_keeps_its_prior():
    X = pd.DataFrame({"a": [0.0, 1, 0, 1, nan, nan, nan, nan]})
    y = np.array(["x", "y", "x", "y", "y", "z", "z", "x"])
    member = classifier("passthrough", ["a"]).fit(X, y)
    alone = LogisticRegression().fit([[0], [1], [0], [1]], ["x", "y", "x", "y"])
    expected = alone.predict_proba([[0]])[0] * 6 / 8  # two of eight rows are z
    np.testing.assert_allclose(member.predict_proba(X[:1])[0], [*expected, 2 / 8])


def test_sample_weights_shift_the_prior():
    X = pd.DataFrame({"a": [0.0, 1, nan]})
    member = classifier("passthrough", ["a"])
    member.fit(X, ["x", "y", "z"], sample_weight=[1, 1, 3])
    np.testing.assert_allclose(member.class_prior_, [0.2, 0.2, 0.6])
    assert member.predict_proba(X)[0, 2] == pytest.approx(0.6)


@pytest.mark.parametrize("cells", [[1.0, 2.0, nan, nan], [nan] * 4, [1.0, nan, nan, nan]])
def test_a_member_that_saw_less_than_two_classes_is_passed_over(cells):
    X = pd.DataFrame({"a": cells})
    member = classifier(StandardScaler(), ["a"]).fit(X, [0, 0, 1, 0])
    assert member.estimator_ is None
    assert np.isnan(member.predict_proba(pd.DataFrame({"a": [1.0]}))).all()
    assert member.transform(X) is None
    assert member.predict(X).tolist() == [0, 0, 0, 0]


def test_a_member_whose_readable_rows_are_of_one_class_is_passed_over():
    X = pd.DataFrame({"t": ["1", "2", "broken", None]})
    assert classifier(Reader(), "t").fit(X, [0, 0, 1, 1]).estimator_ is None


def test_an_absent_column_is_passed_over():
    X = pd.DataFrame({"a": [1.0, 2.0, 3.0]})
    member = ModalityRegressor(StandardScaler(), ["b"], LinearRegression()).fit(X, [1, 2, 3])
    assert np.isnan(member.predict(X)).all()


def test_an_absent_column_at_predict_is_missing():
    X = pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": [0.0, 1.0, 1.0]})
    member = classifier(StandardScaler(), ["a"]).fit(X, [0, 1, 1])
    assert np.isnan(member.predict_proba(X[["b"]])).all()


def test_labels_stay_labels():
    X = pd.DataFrame({"a": [0.0, 1.0, 0.1, 0.9]})
    member = ModalityClassifier("passthrough", ["a"], KNeighborsClassifier(1))
    member.fit(X, ["no", "certainly", "no", "certainly"])
    assert member.predict(X).tolist() == ["no", "certainly", "no", "certainly"]
    assert member.estimator_.classes_.tolist() == ["certainly", "no"]


def test_shares_of_classes():
    classes, shares = class_shares(np.array(["b", "a", "b", "b"]))
    assert classes.tolist() == ["a", "b"]
    assert shares.tolist() == [0.25, 0.75]
    assert class_shares(np.array([0, 1, 1]), [2, 1, 1])[1].tolist() == [0.5, 0.5]


# Features


def test_features_of_rows_without_the_modality_are_means():
    X = pd.DataFrame({"t": ["1", None, "3", "broken", "5"]})
    member = classifier(Reader(), "t").fit(X, [0, 1, 1, 0, 0])
    np.testing.assert_allclose(member.transform(X), [[1], [3], [3], [3], [5]])
    np.testing.assert_allclose(member.transform(X[1:2]), [[3]])


def test_words_that_were_not_said_stay_zeros():
    X = pd.DataFrame({"t": ["good", None, "bad", None]})
    member = classifier(TfidfVectorizer(), "t").fit(X, [0, 1, 1, 0])
    features = member.transform(X)
    assert features.format == "csr"
    assert features.toarray().tolist() == [[0, 1], [0, 0], [1, 0], [0, 0]]
    assert member.transform(X[1:2]).toarray().tolist() == [[0, 0]]


def test_output_set_to_frames_changes_nothing():
    X = pd.DataFrame({"a": [0.0, 1, nan, 1], "t": ["good", "bad", "bad", None]})
    y = [0, 1, 1, 0]
    scaler = StandardScaler().set_output(transform="pandas")
    framed = classifier(scaler, ["a"]).fit(X, y)
    assert not hasattr(framed.estimator_, "feature_names_in_")
    plain = classifier(StandardScaler(), ["a"]).fit(X, y)
    np.testing.assert_array_equal(framed.predict_proba(X), plain.predict_proba(X))


def test_output_set_to_frames_for_all_spares_sparse_features():
    import sklearn

    X = pd.DataFrame({"t": ["good", "bad", "bad", None]})
    with sklearn.config_context(transform_output="pandas"):
        member = classifier(TfidfVectorizer(), "t").fit(X, [0, 1, 1, 0])
        assert np.isfinite(member.predict_proba(X)[:3]).all()


def test_one_dimensional_features_are_refused():
    class Flat(Reader):
        def transform(self, X):
            return super().transform(X)[:, 0]

    with pytest.raises(ValueError, match=r"column 't' must give one row of features.*shape \(2,\)"):
        classifier(Flat(), "t").fit(pd.DataFrame({"t": ["1", "2"]}), [0, 1])


def test_transformers_without_fit_transform_are_legal():
    class Plain(BaseEstimator):
        def fit(self, X, y=None):
            return self

        def transform(self, X):
            return np.asarray(X)

    X = pd.DataFrame({"a": [0.0, 1.0]})
    assert classifier(Plain(), ["a"]).fit(X, [0, 1]).predict(X).tolist() == [0, 1]


# Weights and parameters


def test_weights_are_those_of_the_rows_fitted():
    X = pd.DataFrame({"a": [0.0, nan, 1, 2, nan, 3]})
    y, weights = [0, 1, 1, 0, 0, 1], [1, 9, 2, 3, 9, 4]
    member = classifier("passthrough", ["a"]).fit(X, y, sample_weight=weights)
    alone = LogisticRegression().fit([[0], [1], [2], [3]], [0, 1, 0, 1], sample_weight=[1, 2, 3, 4])
    np.testing.assert_allclose(member.estimator_.coef_, alone.coef_)


def test_an_estimator_that_takes_no_weights():
    with pytest.raises(TypeError, match="KNeighborsClassifier takes no sample_weight; leave it"):
        weights_for(KNeighborsClassifier(), [1, 2])
    assert weights_for(KNeighborsClassifier(), None) == {}


def test_what_was_given_is_not_fitted():
    scaler, model = StandardScaler(), LogisticRegression()
    member = ModalityClassifier(scaler, ["a"], model)
    member.fit(pd.DataFrame({"a": [0.0, 1.0]}), [0, 1])
    assert not hasattr(scaler, "mean_")
    assert not hasattr(model, "coef_")
    assert clone(member).get_params()["estimator__C"] == 1.0


def test_unfitted():
    X = pd.DataFrame({"a": [0.0]})
    with pytest.raises(NotFittedError):
        ModalityRegressor("passthrough", ["a"], LinearRegression()).predict(X)
    with pytest.raises(NotFittedError):
        ModalityRegressor("passthrough", ["a"], LinearRegression()).transform(X)
