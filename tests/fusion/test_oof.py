import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    LeaveOneGroupOut,
    PredefinedSplit,
    RepeatedKFold,
    ShuffleSplit,
    StratifiedKFold,
    cross_val_predict,
)

from mmsenti.fusion._member import ModalityClassifier, ModalityRegressor
from mmsenti.fusion._oof import fit_members, inner_folds, learn_weights, out_of_fold

X = pd.DataFrame({"a": np.arange(12.0)})
Y = np.array(["no", "yes"] * 6)
GROUPS = np.repeat(list("abcdef"), 2)


def split_groups(folds, groups):
    return [set(groups[train]) & set(groups[test]) for train, test in folds]


# Folds


@pytest.mark.parametrize("cv", [None, 2, 3, GroupKFold(3), LeaveOneGroupOut()])
@pytest.mark.parametrize("classifier", [True, False])
def test_groups_are_kept_whole(cv, classifier):
    folds = inner_folds(cv, X, Y, GROUPS, classifier=classifier)
    assert not any(split_groups(folds, GROUPS))
    tested = np.concatenate([test for _, test in folds])
    assert sorted(tested) == list(range(12))


def test_numbers_of_folds():
    def count(y, groups=None, cv=None, classifier=True):
        table = np.zeros((len(y), 1))
        return len(inner_folds(cv, table, np.array(y), groups, classifier=classifier))

    assert count([0, 1] * 6) == 5
    assert count([0, 1] * 6, cv=4) == 4
    assert count([0, 1] * 6, cv=np.int64(4)) == 4
    assert count([0, 1, 0, 1, 0, 1, 0]) == 3  # as many as the rarest class has rows
    assert count([0.0, 1, 2], classifier=False) == 3
    assert count(np.arange(9.0), classifier=False) == 5
    assert count([0, 1] * 6, groups=np.arange(12) % 4) == 4
    assert count(np.arange(12.0), groups=np.arange(12) % 3, classifier=False) == 3


def test_a_rare_class_among_groups_brings_no_warning():
    y = np.array(["common"] * 9 + ["rare"] * 3)
    folds = inner_folds(None, X, y, np.arange(12) % 6, classifier=True)
    assert len(folds) == 3


def test_folds_of_classes_are_stratified():
    y = np.array([0] * 6 + [1] * 6)
    for _, test in inner_folds(3, X, y, None, classifier=True):
        assert y[test].tolist() == [0, 0, 1, 1]
    # ... and of values they are not
    assert inner_folds(3, X, y, None, classifier=False)[0][1].tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize("cv", [KFold(4), PredefinedSplit(np.repeat([0, 1, 2], 4))])
def test_a_splitter_that_keeps_groups_whole_by_itself_is_welcome(cv):
    groups = np.repeat([0, 1, 2, 3], 3) if isinstance(cv, KFold) else np.repeat([0, 1, 2], 4)
    assert len(inner_folds(cv, X, Y, groups, classifier=True)) == cv.get_n_splits()


SHUFFLED = StratifiedKFold(2, shuffle=True, random_state=0)


@pytest.mark.parametrize("cv", [KFold(4), SHUFFLED, PredefinedSplit([0, 1] * 6)])
def test_a_splitter_that_splits_groups_is_refused(cv):
    with pytest.raises(ValueError, match=r"cv splits the group '\w' over training and test rows"):
        inner_folds(cv, X, Y, GROUPS, classifier=True)


@pytest.mark.parametrize(
    "cv",
    [
        ShuffleSplit(2, random_state=0),
        RepeatedKFold(n_splits=2, n_repeats=2, random_state=0),
        PredefinedSplit([-1] + [0, 1] * 5 + [0]),
        [(np.arange(6), np.arange(6, 12))],
    ],
)
def test_folds_that_are_no_partition_are_refused(cv):
    with pytest.raises(ValueError, match="cv must predict every row exactly once"):
        inner_folds(cv, X, Y, None, classifier=True)


def test_folds_may_be_given_as_rows():
    given = [(np.arange(6), np.arange(6, 12)), (np.arange(6, 12), np.arange(6))]
    folds = inner_folds(iter(given), X, Y, None, classifier=True)
    assert folds[0][1].tolist() == given[0][1].tolist()


def test_one_group_is_not_enough():
    with pytest.raises(ValueError, match="at least two groups, got one"):
        inner_folds(None, X, Y, ["a"] * 12, classifier=True)


def test_one_row_is_not_enough():
    with pytest.raises(ValueError, match="at least two rows, got 1 sample"):
        inner_folds(None, X[:1], np.array([1.0]), None, classifier=False)


@pytest.mark.parametrize("nobody", [None, np.nan, ""])
def test_every_row_has_a_group(nobody):
    groups = np.array([*GROUPS[:3], nobody, *GROUPS[4:]], dtype=object)
    with pytest.raises(ValueError, match="groups must name the group of every row; row 3 has none"):
        inner_folds(None, X, Y, groups, classifier=True)


# Predictions


def test_out_of_fold_predictions_are_those_of_scikit_learn():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(30, 2)), columns=["a", "b"])
    y = rng.permutation(np.array(["x", "y", "zz"] * 10))
    folds = list(KFold(3, shuffle=True, random_state=0).split(frame))
    members = [ModalityClassifier("passthrough", [c], LogisticRegression()) for c in "ab"]
    predictions = out_of_fold(members, frame, y, folds)
    for column, predicted in zip("ab", predictions, strict=True):
        expected = cross_val_predict(
            LogisticRegression(), frame[[column]].to_numpy(), y, cv=folds, method="predict_proba"
        )
        np.testing.assert_allclose(predicted, expected)


def test_out_of_fold_values():
    frame = pd.DataFrame({"a": [1.0, 2, 3, np.nan, 5]})
    y = np.array([2.0, 4, 6, 1, 10])
    folds = list(KFold(2).split(frame))  # rows 0 to 2, rows 3 and 4
    member = ModalityRegressor("passthrough", ["a"], LinearRegression())
    # The first three by row 4 alone, which says 10 everywhere; the last by y = 2 a.
    np.testing.assert_allclose(out_of_fold([member], frame, y, folds), [[10, 10, 10, np.nan, 10]])


def test_weights_reach_the_folds():
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"a": rng.normal(size=20)})
    y, weights = np.array([0, 1] * 10), rng.integers(1, 5, size=20)
    folds = list(StratifiedKFold(2).split(frame, y))
    member = ModalityClassifier("passthrough", ["a"], LogisticRegression())
    predicted = out_of_fold([member], frame, y, folds, sample_weight=weights)[0]
    train, test = folds[0]
    alone = LogisticRegression().fit(
        frame.iloc[train].to_numpy(), y[train], sample_weight=weights[train]
    )
    np.testing.assert_allclose(predicted[test], alone.predict_proba(frame.iloc[test].to_numpy()))


def test_a_class_that_no_training_row_had_is_improbable():
    # Class 0 is only in the test rows of the first fold; row 1 lacks the modality.
    frame = pd.DataFrame({"a": [0.0, np.nan, 2, 3, 4, 5, 6, 7]})
    y = np.array([0, 0, 1, 2, 1, 2, 1, 2])
    folds = [(np.arange(2, 8), np.arange(2)), (np.arange(2), np.arange(2, 8))]
    member = ModalityClassifier("passthrough", ["a"], LogisticRegression())
    predicted = out_of_fold([member], frame, y, folds)[0]
    assert predicted[0, 0] == 0
    assert predicted[0].sum() == pytest.approx(1)
    assert np.isnan(predicted[1]).all()  # not half missing, half zero
    assert np.isnan(predicted[2:]).all()  # fitted on one class, the member has no opinion


def test_jobs_change_nothing():
    members = [ModalityClassifier("passthrough", ["a"], LogisticRegression()) for _ in range(2)]
    folds = inner_folds(3, X, Y, None, classifier=True)
    one = out_of_fold(members, X, Y, folds)
    np.testing.assert_array_equal(out_of_fold(members, X, Y, folds, n_jobs=2), one)
    fitted = fit_members(members, X, Y, None, 2)
    assert [m.estimator_.coef_.shape for m in fitted] == [(1, 1), (1, 1)]
    assert not hasattr(members[0], "estimator_")


# Weights: of so many rows, the best ones but for the step in which they are looked for.
MANY = 40_000


def test_weights_of_values_are_those_of_least_squares():
    # Errors e and f: the best w of w e + (1 - w) f is (f.f - e.f) / (e.e + f.f - 2 e.f).
    y = np.zeros(4)
    e, f = np.array([1.0, -1, 2, 0]), np.array([2.0, 1, -1, 1])
    best = (f @ f - e @ f) / (e @ e + f @ f - 2 * e @ f)
    weights = learn_weights(np.tile(np.array([e, f]), MANY), np.tile(y, MANY))
    np.testing.assert_allclose(weights, [best, 1 - best], atol=0.01)


# The true class has .8, .8, .2 by one member and .5, .5, .6 by the other; with weight w of the
# first the derivative of the log likelihood, 2 (.3) / (.5 + .3 w) = .4 / (.6 - .4 w), is zero at
# w = 4 / 9, and at 13 / 15 once the third row counts half.
@pytest.mark.parametrize(
    ("sample_weight", "best"), [(None, 4 / 9), ([1, 1, 0.5], 13 / 15), ([2, 2, 2], 4 / 9)]
)
def test_weights_of_classes_are_those_of_the_log_likelihood(sample_weight, best):
    y = np.tile(["a", "b", "a"], MANY)
    one = [[0.8, 0.2], [0.2, 0.8], [0.2, 0.8]]
    two = [[0.5, 0.5], [0.5, 0.5], [0.6, 0.4]]
    if sample_weight is not None:
        sample_weight = np.tile(sample_weight, MANY)
    weights = learn_weights(np.tile(np.array([one, two]), (1, MANY, 1)), y, sample_weight)
    np.testing.assert_allclose(weights, [best, 1 - best], atol=0.03)


def test_rows_without_any_member_do_not_count():
    y = np.zeros(6)
    e, f = np.array([1.0, -1, 2, 0, np.nan, np.nan]), np.array([2.0, 1, -1, 1, np.nan, np.nan])
    best = (f[:4] @ f[:4] - e[:4] @ f[:4]) / ((e - f)[:4] @ (e - f)[:4])
    importance = np.tile([1, 1, 1, 1, 9, 9], MANY)
    weights = learn_weights(np.tile(np.array([e, f]), MANY), np.tile(y, MANY), importance)
    np.testing.assert_allclose(weights, [best, 1 - best], atol=0.01)


def test_weights_stay_equal_until_rows_tell_them_apart():
    rng = np.random.default_rng(0)
    y = rng.normal(size=4000)
    errors = rng.normal(size=(3, 4000)) * [[1.0], [1.0], [1.2]]
    few = learn_weights((y + errors)[:, :40], y[:40])
    np.testing.assert_allclose(few, [1 / 3] * 3)
    # Of errors that are independent, the best weights are as one over the variance.
    best = np.array([1, 1, 1 / 1.44]) / (2 + 1 / 1.44)
    learnt = learn_weights(y + errors, y)
    assert abs(learnt - best).max() < abs(few - best).max()
    # Between equal and best, no surely worse than the best: as the rule of one error has it.
    loss = ((best[:, np.newaxis] * errors).sum(axis=0) ** 2).mean()
    worse = (learnt[:, np.newaxis] * errors).sum(axis=0) ** 2 - loss
    assert worse.mean() < worse.std() / 4000**0.5


def test_weights_are_equal_where_nothing_can_be_learnt():
    nothing = np.full((2, 3), np.nan)
    assert learn_weights(nothing, np.zeros(3)).tolist() == [0.5, 0.5]
    assert learn_weights(np.zeros((1, 3)), np.ones(3)).tolist() == [1]
    same = np.zeros((3, 4))
    np.testing.assert_allclose(learn_weights(same, np.ones(4)), [1 / 3] * 3)
