"""MeanImputer learns what SimpleImputer learns, of dense and of sparse features."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.impute import SimpleImputer
from sklearn.utils.estimator_checks import parametrize_with_checks

from mmsenti.fusion._impute import MeanImputer

nan = np.nan


@parametrize_with_checks([MeanImputer()])
def test_scikit_learns_checks(estimator, check):
    check(estimator)


@pytest.fixture
def gaps():
    rng = np.random.default_rng(0)
    dense = np.where(rng.random((40, 6)) < 0.6, 0.0, rng.normal(size=(40, 6)))
    dense[rng.random((40, 6)) < 0.2] = nan
    dense[:, 4] = nan
    return dense


@pytest.mark.filterwarnings("ignore:Skipping features without any observed values")
@pytest.mark.parametrize("kind", [sparse.csr_matrix, sparse.csc_matrix, sparse.csr_array])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("keep", [True, False])
def test_the_same_as_the_original(gaps, kind, dtype, keep):
    features = kind(gaps.astype(dtype))
    fitted = [
        imputer(keep_empty_features=keep).fit(features) for imputer in (MeanImputer, SimpleImputer)
    ]
    ours, original = fitted
    rtol = 1e-12 if dtype is np.float64 else 1e-5
    np.testing.assert_allclose(ours.statistics_, original.statistics_, rtol=rtol)
    assert ours.n_features_in_ == 6
    filled, expected = (imputer.transform(features).toarray() for imputer in fitted)
    np.testing.assert_allclose(filled, expected, rtol=rtol)
    assert ours.get_feature_names_out().tolist() == original.get_feature_names_out().tolist()


def test_an_implicit_zero_is_a_value_and_a_stored_one_too():
    column = sparse.csr_matrix(([3.0, 0.0, nan], ([0, 1, 2], [0, 0, 0])), shape=(4, 1))
    assert MeanImputer().fit(column).statistics_.tolist() == [1.0]  # of 3, 0 and the implicit 0


@pytest.mark.parametrize("params", [{"strategy": "median"}, {"add_indicator": True}])
def test_what_is_not_a_mean_is_left_to_the_original(gaps, params):
    features = sparse.csr_matrix(gaps[:, :4])
    ours, original = (imputer(**params) for imputer in (MeanImputer, SimpleImputer))
    np.testing.assert_array_equal(
        ours.fit_transform(features).toarray(), original.fit_transform(features).toarray()
    )


def test_it_is_an_ordinary_estimator(gaps):
    copy = clone(MeanImputer(keep_empty_features=True))
    assert copy.get_params() == SimpleImputer(keep_empty_features=True).get_params()
    with pytest.raises(NotFittedError):
        copy.transform(gaps)


@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_matrix, sparse.csr_array])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("rows", [slice(1), slice(None)])
def test_fills_a_matrix_to_the_last_bit_as_the_original(gaps, kind, dtype, rows):
    features = kind(gaps[:, :4].astype(dtype))
    imputer = MeanImputer().fit(features)
    filled, expected = (
        imputer.transform(features[rows]),
        SimpleImputer.transform(imputer, features[rows]),
    )
    if kind is not np.asarray:
        assert filled.format == "csr"
        filled, expected = filled.toarray(), expected.toarray()
    assert filled.dtype == dtype
    np.testing.assert_array_equal(filled, expected)
    kept = features if kind is np.asarray else features.toarray()
    np.testing.assert_array_equal(kept, gaps[:, :4].astype(dtype))  # it is not written into


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (np.array([[np.inf, 0.0]]), "contains infinity"),
        (np.array([[0.0]]), "expecting 2 features"),
        (np.array([0.0, 1.0]), "Expected 2D array"),
        (np.zeros((0, 2)), "0 sample"),
    ],
)
def test_what_is_wrong_with_a_matrix_the_original_says(bad, message):
    imputer = MeanImputer().fit(np.array([[1.0, 2.0], [nan, 4.0]]))
    with pytest.raises(ValueError, match=message):
        imputer.transform(bad)
