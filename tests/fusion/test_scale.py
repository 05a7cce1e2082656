"""BlockScaler gives what StandardScaler gives over the root of the width, and says what it says."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from mmsenti.fusion import BlockScaler

X = np.random.default_rng(0).normal(size=(30, 4)) * [1.0, 20.0, 0.1, 3.0] + 5.0
X[3, 1] = np.nan


@parametrize_with_checks([BlockScaler()])
def test_scikit_learns_checks(estimator, check):
    check(estimator)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("rows", [slice(1), slice(3, 4), slice(None)])
@pytest.mark.parametrize("params", [{}, {"with_mean": False}, {"with_std": False}])
def test_scales_to_the_last_bit_as_the_original_does(dtype, rows, params):
    scaler = BlockScaler(**params).fit(X.astype(dtype))
    given = X[rows].astype(dtype)
    scaled = scaler.transform(given)
    np.testing.assert_array_equal(given, X[rows].astype(dtype))  # it is not written into
    expected = StandardScaler.transform(scaler, given)
    assert scaled.dtype == expected.dtype
    np.testing.assert_array_equal(scaled, expected)


def test_a_row_has_length_one_on_average():
    scaled = BlockScaler(weight=3.0).fit_transform(X[4:])
    assert np.mean(np.sum(scaled**2, axis=1)) == pytest.approx(3.0**2)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (np.full((1, 4), np.inf), "contains infinity"),
        (np.zeros((1, 3)), "expecting 4 features"),
        (np.zeros(4), "Expected 2D array"),
        (np.zeros((0, 4)), "0 sample"),
        (sparse.csr_matrix(np.ones((1, 4))), "Cannot center sparse matrices"),
    ],
)
def test_what_is_wrong_with_a_matrix_the_original_says(bad, message):
    with pytest.raises(ValueError, match=message):
        BlockScaler().fit(X).transform(bad)


def test_a_frame_has_names_and_what_lacks_them_is_warned_of():
    frame = pd.DataFrame(X, columns=list("abcd"))
    scaler = BlockScaler().fit(frame)
    with pytest.warns(UserWarning, match="does not have valid feature names"):
        scaler.transform(X)
    with pytest.raises(ValueError, match="feature names"):
        scaler.transform(frame[list("dcba")])


def test_writes_into_the_matrix_where_that_is_asked_for():
    given = X.copy()
    assert BlockScaler().fit(X).transform(given, copy=False) is given
