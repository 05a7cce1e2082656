"""GroupStandardScaler: by hand, through a pipeline with routed groups, and by scikit-learn."""

import numpy as np
import pytest
import sklearn
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from mmsenti.audio import GroupStandardScaler


@parametrize_with_checks([GroupStandardScaler()])
def test_scikit_learns_own_checks(estimator, check):
    check(estimator)


def test_without_groups_it_is_a_standard_scaler():
    X = np.random.default_rng(0).normal(3, 2, (20, 4))
    X[3] = np.nan
    X[:, 2] = 5
    expected = StandardScaler().fit(X).transform(X)
    np.testing.assert_allclose(GroupStandardScaler().fit_transform(X), expected)


def test_known_groups_by_what_was_learnt_new_ones_by_the_rows_at_hand():
    X = np.array([[1.0], [3.0], [10.0], [30.0]])
    scaler = GroupStandardScaler().fit(X, groups=["a", "a", "b", "b"])
    # a: mean 2, deviation 1; b: mean 20, deviation 10; new c: mean 6, deviation 2.
    rows = np.array([[4.0], [40.0], [4.0], [8.0]])
    scaled = scaler.transform(rows, groups=["a", "b", "c", "c"])
    assert scaled.ravel().tolist() == [2, 2, -1, 1]


def test_a_new_group_of_one_row_is_scaled_by_all_training_rows():
    X = np.array([[0.0], [2.0], [4.0], [6.0]])  # mean 3, deviation sqrt(5)
    scaler = GroupStandardScaler().fit(X, groups=[0, 0, 1, 1])
    assert scaler.transform([[8.0]], groups=[9]).item() == pytest.approx(5 / np.sqrt(5))
    assert scaler.set_params(min_rows=1).transform([[8.0]], groups=[9]).item() == 0


def test_missing_rows_stay_missing_and_count_for_nothing():
    X = np.array([[1.0], [np.nan], [3.0], [np.nan], [np.nan]])
    scaled = GroupStandardScaler().fit_transform(X, groups=list("aaabb"))
    np.testing.assert_array_equal(scaled.ravel(), [-1, np.nan, 1, np.nan, np.nan])


def test_groups_are_routed_through_pipeline_folds_and_search():
    # Each speaker's level hides the mood, which is a step of one up or down from it.
    rng = np.random.default_rng(0)
    speakers = np.repeat(np.arange(12), 8)
    mood = np.tile([0, 1], 48)
    X = (100.0 * speakers + mood + rng.normal(0, 0.1, 96))[:, np.newaxis]
    with sklearn.config_context(enable_metadata_routing=True):
        scaler = GroupStandardScaler().set_fit_request(groups=True)
        scaler.set_transform_request(groups=True)
        model = make_pipeline(scaler, LogisticRegression())
        plain = make_pipeline(StandardScaler(), LogisticRegression())
        routed = {"cv": GroupKFold(4), "params": {"groups": speakers}}
        scores = cross_validate(model, X, mood, **routed)["test_score"]
        assert np.mean(cross_validate(plain, X, mood, **routed)["test_score"]) < 0.7
        search = GridSearchCV(model, {"logisticregression__C": [0.1, 1]}, cv=GroupKFold(3))
        search.fit(X, mood, groups=speakers)
        assert search.best_estimator_.predict(X, groups=speakers).tolist() == mood.tolist()
    assert np.mean(scores) == 1.0


def test_errors_of_groups():
    X = np.zeros((3, 1))
    with pytest.raises(ValueError, match="row 1 has none"):
        GroupStandardScaler().fit(X, groups=np.array(["a", None, "b"], dtype=object))
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        GroupStandardScaler().fit(X, groups=["a", "b"])
    with pytest.raises(ValueError, match="'min_rows' parameter of GroupStandardScaler"):
        GroupStandardScaler(min_rows=0).fit(X)
