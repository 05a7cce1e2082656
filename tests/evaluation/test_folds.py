"""Folds that never split a group, and never predict what was fitted."""

import numpy as np
import pytest
from sklearn.model_selection import KFold, ShuffleSplit

from mmsenti.evaluation._folds import check_groups, make_folds

Y = np.array([0, 1] * 15)
GROUPS = np.repeat(np.arange(10), 3)


@pytest.mark.parametrize("classifier", [True, False])
@pytest.mark.parametrize("cv", [None, 3])
def test_no_group_is_on_both_sides(classifier, cv):
    folds = make_folds(cv, Y, Y, GROUPS, classifier=classifier)
    assert len(folds) == (cv or 5)
    for train, test in folds:
        assert not set(GROUPS[train]) & set(GROUPS[test])
    assert sorted(np.concatenate([test for _, test in folds])) == list(range(30))


def test_classes_keep_their_shares():
    for train, test in make_folds(5, Y, Y, None, classifier=True):
        assert Y[test].mean() == Y[train].mean() == 0.5


def test_few_groups_make_fewer_folds():
    assert len(make_folds(None, Y, Y, GROUPS % 3, classifier=True)) == 3


def test_an_official_split_need_not_predict_every_row():
    ((train, test),) = make_folds([(np.arange(20), np.arange(20, 25))], Y, Y, None, classifier=True)
    assert (len(train), len(test)) == (20, 5)


@pytest.mark.parametrize(
    ("cv", "groups", "match"),
    [
        (KFold(4), GROUPS, "splits the group"),
        (ShuffleSplit(3, test_size=0.5, random_state=0), None, "no row twice"),
        ([(np.arange(9), np.arange(8, 12))], None, "fits on rows that it predicts"),
        (2, np.zeros(30), "at least two groups"),
    ],
)
def test_folds_that_would_lie_are_refused(cv, groups, match):
    if match == "at least two groups":
        cv = None
    with pytest.raises(ValueError, match=match):
        make_folds(cv, Y, Y, groups, classifier=True)


def test_every_row_needs_a_group():
    with pytest.raises(ValueError, match="row 1 has none"):
        check_groups(["a", None, "b"], 3)
    with pytest.raises(ValueError, match="each of 3 rows"):
        check_groups(["a"], 3)
