"""Plain compositions applied directly give what scikit-learn's own classes give, bit for bit."""

import numpy as np
import pandas as pd
import pytest
import sklearn
from joblib import parallel_config
from scipy import sparse
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from mmsenti.fusion._direct import predict_directly, transform_directly
from mmsenti.text import TextTfidf

TEXTS = ["good day", "bad day", "good night and good luck", "", "so bad"]
TABLE = pd.DataFrame(
    {"text": TEXTS, "loud": [3.0, 1.0, 4.0, np.nan, 0.0], "high": [0.0, 5.0, 2.0, 1.0, 0.0]}
)


def lengths(texts):
    return np.array([[len(text), 0.0, np.nan] for text in texts], dtype=np.float32)


def union(**params):
    parts = [("word", TextTfidf()), ("length", FunctionTransformer(lengths)), ("gone", "drop")]
    return FeatureUnion(parts, **params)


COMPOSITIONS = {
    "union": union(),
    "weighted union": union(transformer_weights={"word": 0.5, "length": 0.1}),
    "dense union": FeatureUnion([(name, FunctionTransformer(lengths)) for name in "ab"]),
    "union of all": FeatureUnion([("word", TextTfidf()), ("chars", TextTfidf(analyzer="char"))]),
    "union in a union": FeatureUnion([("one", union()), ("two", TextTfidf(analyzer="char"))]),
    "pipeline": make_pipeline(union(), FunctionTransformer(accept_sparse=True), "passthrough"),
    "steps behind": make_pipeline(TextTfidf(), TruncatedSVD(2, random_state=0), StandardScaler()),
    "nothing": make_pipeline("passthrough", TextTfidf()),
}
COLUMNS = {
    "sparse columns": ColumnTransformer(
        [("text", TextTfidf(analyzer="char"), "text"), ("voice", StandardScaler(), ["loud"])],
        sparse_threshold=1.0,
    ),
    "dense columns": ColumnTransformer(
        [("text", union(), "text"), ("voice", StandardScaler(), ["loud", "high"])],
        sparse_threshold=0.0,
        transformer_weights={"text": 0.3, "voice": 2.0},
    ),
    "remainder": ColumnTransformer([("text", TextTfidf(), "text")], remainder="passthrough"),
    "places": ColumnTransformer([("text", TextTfidf(), 0), ("voice", "passthrough", slice(1, 3))]),
    "dropped": ColumnTransformer([("text", "drop", "text"), ("voice", "passthrough", ["high"])]),
}


def check_equal(found, expected):
    assert type(found) is type(expected)
    assert found.dtype == expected.dtype
    assert found.shape == expected.shape
    if sparse.issparse(expected):
        assert found.has_canonical_format
        np.testing.assert_array_equal(found.indices, expected.indices)
        assert found.indices.dtype == expected.indices.dtype
        np.testing.assert_array_equal(found.indptr, expected.indptr)
        found, expected = found.data, expected.data
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("rows", [slice(1), slice(3, 4), slice(None)])
@pytest.mark.parametrize("name", COMPOSITIONS)
def test_a_column_is_transformed_as_scikit_learn_does(name, rows):
    fitted = sklearn.clone(COMPOSITIONS[name]).fit(TABLE["text"])
    column = TABLE["text"].iloc[rows]
    check_equal(transform_directly(fitted, column), fitted.transform(column))


@pytest.mark.parametrize("rows", [slice(1), slice(None)])
@pytest.mark.parametrize("name", COLUMNS)
def test_a_table_is_transformed_as_scikit_learn_does(name, rows):
    fitted = sklearn.clone(COLUMNS[name]).fit(TABLE)
    # Columns are found by name, so that their order may change and others stand between them.
    table = TABLE.assign(other=0).iloc[rows] if name != "places" else TABLE.iloc[rows]
    check_equal(transform_directly(fitted, table), fitted.transform(table))


def test_sparse_arrays_stay_arrays():
    vectorizers = [("word", CountVectorizer()), ("char", CountVectorizer(analyzer="char"))]
    as_array = FunctionTransformer(sparse.csr_array, accept_sparse=True)
    fitted = FeatureUnion([(name, make_pipeline(v, as_array)) for name, v in vectorizers])
    fitted.fit(TEXTS)
    check_equal(transform_directly(fitted, TEXTS[:1]), fitted.transform(TEXTS[:1]))


def test_an_absent_column_is_scikit_learns_own_error():
    fitted = sklearn.clone(COLUMNS["dense columns"]).fit(TABLE)
    with pytest.raises(ValueError, match="columns are missing"):
        transform_directly(fitted, TABLE[["text", "loud"]])


def test_tables_are_given_where_they_are_asked_for():
    fitted = ColumnTransformer([("voice", StandardScaler(), ["loud"])]).fit(TABLE)
    fitted.set_output(transform="pandas")
    pd.testing.assert_frame_equal(transform_directly(fitted, TABLE), fitted.transform(TABLE))


def test_tables_inside_stay_what_they_are():
    inner = StandardScaler().set_output(transform="pandas")
    fitted = FeatureUnion([("a", inner), ("b", StandardScaler())]).fit(TABLE[["loud", "high"]])
    found = transform_directly(fitted, TABLE[["loud", "high"]])
    np.testing.assert_array_equal(found, fitted.transform(TABLE[["loud", "high"]]))


@pytest.mark.parametrize("asked", ["jobs", "context", "routing"])
def test_scikit_learn_does_itself_what_is_more_than_one_job(asked, monkeypatch):
    fitted = union(n_jobs=2 if asked == "jobs" else None).fit(TABLE["text"])
    expected, calls = fitted.transform(TABLE["text"]), []
    transform = FeatureUnion.transform
    monkeypatch.setattr(
        FeatureUnion, "transform", lambda self, X: calls.append(1) or transform(self, X)
    )
    with (
        parallel_config("threading", n_jobs=2 if asked == "context" else 1),
        sklearn.config_context(enable_metadata_routing=asked == "routing"),
    ):
        found = transform_directly(fitted, TABLE["text"])
    assert calls == [1]
    np.testing.assert_array_equal(found.toarray(), expected.toarray())


def test_a_class_of_ones_own_transforms_as_it_likes():
    class Louder(Pipeline):
        def transform(self, X):
            return 2 * super().transform(X)

    fitted = Louder([("scale", StandardScaler())]).fit(TABLE[["high"]])
    found = transform_directly(fitted, TABLE[["high"]])
    np.testing.assert_array_equal(found, fitted.transform(TABLE[["high"]]))


@pytest.mark.parametrize("method", ["predict", "predict_proba", "decision_function"])
def test_predictions_are_those_of_the_pipeline(method):
    model = make_pipeline(COLUMNS["remainder"], FunctionTransformer(np.nan_to_num))
    model = make_pipeline(model, LogisticRegression()).fit(TABLE, [1, 0, 1, 0, 0])
    expected = getattr(model, method)(TABLE)
    np.testing.assert_array_equal(predict_directly(model, method, TABLE), expected)
