import pickle
import warnings
from itertools import combinations

import numpy as np
import pandas as pd
import polars as pl
import pytest
import sklearn
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin, clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.ensemble import VotingClassifier, VotingRegressor
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from mmsenti.fusion import FusionVotingClassifier, FusionVotingRegressor
from mmsenti.fusion._rules import CLASSIFIER_RULES, REGRESSOR_RULES

SCALE = StandardScaler()
SEPARATE = [("a", SCALE, ["a"]), ("b", SCALE, ["b"]), ("c", SCALE, ["c"])]
SUBSETS = [list(names) for size in (1, 2, 3) for names in combinations("abc", size)]
BY_POSITION = [("left", SCALE, [0]), ("right", SCALE, slice(1, None))]


def by_hand(modalities, model):
    return [
        (triple[0], Pipeline([("select", ColumnTransformer([triple])), ("model", model)]))
        for triple in modalities
    ]


def only(modalities, names):
    return [m if m[0] in names else (m[0], "drop", m[2]) for m in modalities]


# Equal to scikit-learn where nothing is missing


@pytest.mark.parametrize("weights", [None, [3, 1]])
def test_mean_of_probabilities_is_that_of_scikit_learn(table, three_labels, modalities, weights):
    model = LogisticRegression(C=0.5)
    ours = FusionVotingClassifier(modalities, model, weights=weights).fit(table, three_labels)
    theirs = VotingClassifier(by_hand(modalities, model), voting="soft", weights=weights)
    theirs.fit(table, three_labels)
    np.testing.assert_allclose(ours.predict_proba(table), theirs.predict_proba(table))
    np.testing.assert_array_equal(ours.predict(table), theirs.predict(table))
    np.testing.assert_allclose(ours.transform(table), theirs.transform(table))


def test_majority_of_votes_is_that_of_scikit_learn(table, three_labels):
    model = LogisticRegression(C=0.5)
    weights = [4, 3, 2]  # no ties
    ours = FusionVotingClassifier(SEPARATE, model, rule="majority", weights=weights)
    theirs = VotingClassifier(by_hand(SEPARATE, model), voting="hard", weights=weights)
    np.testing.assert_array_equal(
        ours.fit(table, three_labels).predict(table), theirs.fit(table, three_labels).predict(table)
    )


@pytest.mark.parametrize("weights", [None, [3, 1]])
def test_mean_of_values_is_that_of_scikit_learn(table, values, modalities, weights):
    ours = FusionVotingRegressor(modalities, Ridge(), weights=weights).fit(table, values)
    theirs = VotingRegressor(by_hand(modalities, Ridge()), weights=weights).fit(table, values)
    np.testing.assert_allclose(ours.predict(table), theirs.predict(table))
    np.testing.assert_allclose(ours.transform(table), theirs.transform(table))


def test_it_is_a_voting_classifier(modalities):
    assert isinstance(FusionVotingClassifier(modalities), VotingClassifier)
    assert isinstance(FusionVotingRegressor(modalities), VotingRegressor)
    assert sklearn.base.is_classifier(FusionVotingClassifier(modalities))
    assert sklearn.base.is_regressor(FusionVotingRegressor(modalities))


# Voting over the present members equals voting with only these


@pytest.mark.parametrize("subset", SUBSETS, ids="".join)
@pytest.mark.parametrize("rule", CLASSIFIER_RULES)
def test_present_classifiers_vote_as_if_alone(table, three_labels, rule, subset):
    weights = [0.5, 0.3, 0.2] if rule in ("mean", "weighted", "majority") else None
    whole = FusionVotingClassifier(SEPARATE, rule=rule, weights=weights).fit(table, three_labels)
    alone = FusionVotingClassifier(only(SEPARATE, subset), rule=rule, weights=weights)
    alone.fit(table, three_labels)
    expected = alone.predict_proba(table)
    np.testing.assert_allclose(whole.predict_proba(table[subset]), expected, atol=1e-12)
    np.testing.assert_allclose(whole.predict_proba(holes(table, subset)), expected, atol=1e-12)
    np.testing.assert_array_equal(whole.predict(table[subset]), alone.predict(table))


@pytest.mark.parametrize("subset", SUBSETS, ids="".join)
@pytest.mark.parametrize("rule", REGRESSOR_RULES)
def test_present_regressors_vote_as_if_alone(table, values, rule, subset):
    weights = [0.5, 0.3, 0.2] if rule in ("mean", "weighted") else None
    whole = FusionVotingRegressor(SEPARATE, rule=rule, weights=weights).fit(table, values)
    alone = FusionVotingRegressor(only(SEPARATE, subset), rule=rule, weights=weights)
    expected = alone.fit(table, values).predict(table)
    np.testing.assert_allclose(whole.predict(table[subset]), expected, atol=1e-12)
    np.testing.assert_allclose(whole.predict(holes(table, subset)), expected, atol=1e-12)


def holes(table, subset):
    return table.assign(**{name: np.nan for name in table if name not in subset})


class Says(ClassifierMixin, BaseEstimator):
    """Take the number in a row for the probability of the second class."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X):
        return np.column_stack([1 - X[:, 0], X[:, 0]])

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


def test_ties_of_votes_go_to_the_mean_probability():
    X = pd.DataFrame({"a": [0.1, 0.45], "b": [0.6, 0.95]})
    modalities = [("left", "passthrough", ["a"]), ("right", "passthrough", ["b"])]
    fusion = FusionVotingClassifier(modalities, Says(), rule="majority").fit(X, ["no", "yes"])
    assert fusion.predict_proba(X).tolist() == [[0.5, 0.5], [0.5, 0.5]]
    assert fusion.predict(X).tolist() == ["no", "yes"]  # .35 and .7 on average
    fusion = FusionVotingClassifier(modalities, Says(), rule="majority", weights=[3, 1])
    assert fusion.fit(X, ["no", "yes"]).predict(X).tolist() == ["no", "no"]


# Rows with nothing


@pytest.mark.parametrize("rule", CLASSIFIER_RULES)
def test_a_row_with_nothing_gets_the_prior_and_one_warning(table, rule, modalities):
    y = np.array(["no"] * 15 + ["yes"] * 45)
    fusion = FusionVotingClassifier(modalities, rule=rule).fit(table, y)
    table.loc[[4, 8]] = np.nan
    with pytest.warns(UserWarning, match="2 of 60 rows have no modality at all") as record:
        probabilities = fusion.predict_proba(table)
    assert len(record) == 1
    np.testing.assert_allclose(probabilities[[4, 8]], [[0.25, 0.75]] * 2)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    with pytest.warns(UserWarning, match="2 of 60") as record:
        assert fusion.predict(table)[[4, 8]].tolist() == ["yes", "yes"]
    assert len(record) == 1


def test_a_row_with_nothing_gets_the_mean(table, modalities):
    fusion = FusionVotingRegressor(modalities).fit(table, [0.0] * 15 + [4.0] * 45)
    with pytest.warns(UserWarning, match="1 of 1 rows have no modality") as record:
        assert fusion.predict({}).tolist() == [3.0]
    assert len(record) == 1


def test_the_prior_is_weighted(table, modalities):
    weights = np.where(np.arange(60) < 15, 9.0, 1.0)
    y = ["no"] * 15 + ["yes"] * 45
    fusion = FusionVotingClassifier(modalities).fit(table, y, sample_weight=weights)
    np.testing.assert_allclose(fusion.class_prior_, [0.75, 0.25])
    regressor = FusionVotingRegressor(modalities)
    regressor.fit(table, [0.0] * 15 + [4.0] * 45, sample_weight=weights)
    assert regressor.mean_ == pytest.approx(1.0)


class Reader(TransformerMixin, BaseEstimator):
    """Give a row of NaN for what is no number, as an extractor does for a broken file."""

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return np.array([[np.nan if cell == "broken" else float(cell)] for cell in X])


@pytest.mark.parametrize("cell", ["broken", None, "  "])
def test_an_unreadable_cell_counts_as_missing(cell, table, labels):
    table["file"] = [str(a) for a in table["a"]]
    table.loc[[0, 9], "file"] = cell
    fusion = FusionVotingClassifier([("f", Reader(), "file"), ("b", SCALE, ["b"])])
    fusion.fit(table, labels)
    alone = FusionVotingClassifier([("b", SCALE, ["b"])]).fit(table, labels)
    np.testing.assert_allclose(
        fusion.predict_proba(table)[[0, 9]], alone.predict_proba(table)[[0, 9]]
    )
    read = np.setdiff1d(np.arange(60), [0, 9])
    member = LogisticRegression(max_iter=1000).fit(table[["a"]].to_numpy()[read], labels[read])
    np.testing.assert_allclose(fusion.estimators_[0].estimator_.coef_, member.coef_)
    with pytest.warns(UserWarning, match="1 of 1 rows"):
        np.testing.assert_allclose(fusion.predict_proba({"file": cell}), [fusion.class_prior_])


def test_a_class_never_seen_with_a_modality_keeps_its_prior(table, three_labels):
    table.loc[three_labels == "very high", "a"] = np.nan
    fusion = FusionVotingClassifier(SEPARATE[:2]).fit(table, three_labels)
    assert fusion.predict_proba(table[["a"]].dropna())[:, 2] == pytest.approx(1 / 3)


@pytest.mark.parametrize("rows", [[], [0], [0, 2, 4]])
def test_a_modality_never_seen_or_of_one_class_is_passed_over(rows, table, labels):
    table["a"] = table["a"].where(table.index.isin(rows))  # even rows are "neg"
    fusion = FusionVotingClassifier(SEPARATE).fit(table, labels)
    alone = FusionVotingClassifier(SEPARATE[1:]).fit(table, labels)
    np.testing.assert_allclose(
        fusion.predict_proba(table.assign(a=5.0)), alone.predict_proba(table)
    )


def test_a_regressor_learns_from_a_single_row(table, values):
    table["a"] = table["a"].where(table.index == 7)
    fusion = FusionVotingRegressor(SEPARATE).fit(table, values)
    assert fusion.predict(pd.DataFrame({"a": [3.0]}))[0] == pytest.approx(values[7])


def test_no_modality_has_rows(table, labels, modalities):
    with pytest.raises(ValueError, match=r"no modality has rows to fit on; every cell of left, ri"):
        FusionVotingClassifier(modalities).fit(table * np.nan, labels)


def test_one_class(table, modalities):
    with pytest.raises(ValueError, match="of one class"):
        FusionVotingClassifier(modalities).fit(table, ["same"] * 60)


# Tables


def tables(X):
    rows = X.to_dict("records")
    return {
        "pandas": X,
        "index": X.set_axis([0] * len(X), axis=0),
        "polars": pl.from_pandas(X),
        "arrow": pl.from_pandas(X).to_arrow(),
        "dicts": [{k: v for k, v in row.items() if v == v} for row in rows],
        "order": X[["c", "b", "a"]],
        "extra": X.assign(id="x").loc[:, ["id", "b", "a", "c"]],
    }


@pytest.mark.parametrize("columns", ["names", "positions"])
@pytest.mark.parametrize("kind", ["pandas", "index", "polars", "arrow", "dicts", "order", "extra"])
def test_tables_of_any_kind(kind, columns, table, labels, modalities):
    table.loc[::5, "a"] = np.nan
    chosen = modalities if columns == "names" else BY_POSITION
    fusion = FusionVotingClassifier(chosen).fit(table, labels)
    expected = fusion.predict_proba(table)
    np.testing.assert_array_equal(fusion.predict_proba(tables(table)[kind]), expected)
    if kind not in ("order", "extra") and (kind, columns) != ("dicts", "positions"):
        fitted = FusionVotingClassifier(chosen).fit(tables(table)[kind], labels)
        np.testing.assert_array_equal(fitted.predict_proba(table), expected)


def test_one_dict_is_one_row(table, labels, modalities):
    fusion = FusionVotingClassifier(modalities).fit(table, labels)
    row = table.iloc[3].to_dict()
    np.testing.assert_array_equal(fusion.predict_proba(row), fusion.predict_proba(table[3:4]))
    assert fusion.predict({"a": -9.0}).tolist() == ["neg"]


def test_arrays_and_lists(table, labels):
    X = table.to_numpy().copy()
    X[::5, 0] = np.nan
    fusion = FusionVotingClassifier(BY_POSITION).fit(X, labels)
    named = FusionVotingClassifier(BY_POSITION).fit(pd.DataFrame(X, columns=list("abc")), labels)
    expected = named.predict_proba(pd.DataFrame(X, columns=list("abc")))
    np.testing.assert_allclose(fusion.predict_proba(X), expected)
    np.testing.assert_array_equal(fusion.predict_proba(X.tolist()), fusion.predict_proba(X))
    assert fusion.n_features_in_ == 3
    with pytest.raises(ValueError, match="X has 2 features, but FusionVotingClassifier is expect"):
        fusion.predict(X[:, :2])


def test_an_array_in_place_of_a_frame_has_its_columns(table, labels, modalities):
    fusion = FusionVotingClassifier(modalities).fit(table, labels)
    with pytest.warns(UserWarning, match="X does not have valid feature names"):
        probabilities = fusion.predict_proba(table.to_numpy())
    np.testing.assert_array_equal(probabilities, fusion.predict_proba(table))


def test_a_frame_in_place_of_an_array_has_its_positions(table, labels):
    fusion = FusionVotingClassifier(BY_POSITION).fit(table.to_numpy(), labels)
    with pytest.warns(UserWarning, match="X has feature names, but FusionVotingC") as record:
        probabilities = fusion.predict_proba(table)
    assert len(record) == 1
    np.testing.assert_array_equal(probabilities, fusion.predict_proba(table.to_numpy()))


def test_column_names_may_be_numbers(table, labels):
    numbered = table.set_axis([0, 1, 2], axis=1)
    fusion = FusionVotingClassifier(BY_POSITION).fit(numbered, labels)
    expected = FusionVotingClassifier(BY_POSITION).fit(table, labels).predict_proba(table)
    np.testing.assert_allclose(fusion.predict_proba(numbered), expected)


@pytest.mark.parametrize(
    "column",
    [
        ["b", "c"],
        slice("b", "c"),
        slice("b", None),
        [1, 2],
        [False, True, True],
        lambda X: ["b", "c"],
    ],
)
def test_selections_of_columns(column, table, labels, modalities):
    chosen = [modalities[0], ("right", SCALE, column)]
    fusion = FusionVotingClassifier(chosen).fit(table, labels)
    expected = FusionVotingClassifier(modalities).fit(table, labels)
    reordered = table[["c", "b", "a"]]
    np.testing.assert_array_equal(
        fusion.predict_proba(reordered), expected.predict_proba(reordered)
    )
    np.testing.assert_array_equal(
        fusion.predict_proba(table[["c"]]), expected.predict_proba(table[["c"]])
    )


def test_a_column_selector(table, labels, modalities):
    table["text"] = "words"
    chosen = [("all", SCALE, make_column_selector(dtype_include=float))]
    fusion = FusionVotingClassifier(chosen).fit(table, labels)
    assert fusion.estimators_[0].column_ == ["a", "b", "c"]


@pytest.mark.parametrize(
    "column", ["aa", ["aa"], ["a", "aa"], np.array(["a", "aa"]), slice("aa", "c")]
)
def test_a_misspelt_column_is_named(column, table, labels):
    message = r"FusionVotingClassifier: modality 'm' needs the column 'aa'.*has \['a', 'b', 'c'\]"
    with pytest.raises(ValueError, match=message):
        FusionVotingClassifier([("m", SCALE, column)]).fit(table, labels)


def test_no_rows(table, labels, modalities):
    with pytest.raises(ValueError, match="0 sample"):
        FusionVotingClassifier(modalities).fit(table[:0], labels[:0])
    fusion = FusionVotingClassifier(modalities).fit(table, labels)
    with pytest.raises(ValueError, match="0 sample"):
        fusion.predict(table[:0])


# Labels, weights, groups


def test_labels_of_different_lengths_are_not_cut(table, modalities):
    y = ["a" if i % 2 else "a much longer label" for i in range(60)]
    fusion = FusionVotingClassifier(modalities).fit(table, y)
    assert set(fusion.predict(table)) == {"a", "a much longer label"}
    fusion.fit(table, ["a much longer label"] * 40 + ["a"] * 20)
    with pytest.warns(UserWarning, match="no modality"):
        assert fusion.predict({}).tolist() == ["a much longer label"]


@pytest.mark.parametrize(
    "y",
    [
        np.arange(60) % 3,
        np.arange(60) % 3 - 1.0,
        np.arange(60) % 2 == 0,
        np.array(["x", "yy"], dtype=object)[np.arange(60) % 2],
        pd.Series(["x", "yy"] * 30, index=range(60, 0, -1)),
        pd.Series(["x", "yy"] * 30, dtype="category"),
    ],
    ids=["int", "float", "bool", "object", "series", "category"],
)
def test_labels_of_any_type(y, table, modalities):
    fusion = FusionVotingClassifier(modalities).fit(table, y)
    assert set(fusion.predict(table).tolist()) <= set(np.unique(y).tolist())
    np.testing.assert_array_equal(fusion.classes_, np.unique(y))


def test_members_know_the_labels(table, labels, modalities):
    fusion = FusionVotingClassifier(modalities).fit(table, labels)
    assert fusion.named_estimators_["left"].predict(table[:2]).tolist()[0] in ("neg", "positive")


def test_class_weights_by_label(table, labels, modalities):
    fusion = FusionVotingClassifier(modalities)
    fusion.set_params(estimator__class_weight={"neg": 1, "positive": 5}).fit(table, labels)
    weights = np.where(labels == "positive", 5.0, 1.0)
    weighted = FusionVotingClassifier(modalities).fit(table, labels, sample_weight=weights)
    np.testing.assert_allclose(fusion.predict_proba(table), weighted.predict_proba(table))


def test_balanced_class_weights(table, modalities):
    y = np.array(["no"] * 15 + ["yes"] * 45)
    fusion = FusionVotingClassifier(modalities).set_params(estimator__class_weight="balanced")
    weighted = FusionVotingClassifier(modalities)
    weighted.fit(table, y, sample_weight=np.where(y == "no", 2.0, 2 / 3))
    np.testing.assert_allclose(
        fusion.fit(table, y).predict_proba(table), weighted.predict_proba(table)
    )


PLAIN = [("left", "passthrough", ["a"]), ("right", "passthrough", ["b", "c"])]


def test_integer_weights_are_repeated_rows(table, three_labels, values):
    counts = np.arange(60) % 3 + 1
    repeated = np.repeat(np.arange(60), counts)
    exact = LogisticRegression(tol=1e-10, max_iter=10000)
    weighted = FusionVotingClassifier(PLAIN, exact).fit(table, three_labels, sample_weight=counts)
    plain = FusionVotingClassifier(PLAIN, exact).fit(table.iloc[repeated], three_labels[repeated])
    np.testing.assert_allclose(weighted.predict_proba(table), plain.predict_proba(table), rtol=1e-5)
    weighted = FusionVotingRegressor(PLAIN).fit(table, values, sample_weight=counts)
    plain = FusionVotingRegressor(PLAIN).fit(table.iloc[repeated], values[repeated])
    np.testing.assert_allclose(weighted.predict(table), plain.predict(table))


def test_an_estimator_that_takes_no_weights(table, labels, modalities):
    fusion = FusionVotingClassifier(modalities, KNeighborsClassifier())
    with pytest.raises(TypeError, match="KNeighborsClassifier takes no sample_weight"):
        fusion.fit(table, labels, sample_weight=np.ones(60))
    fusion.fit(table, labels)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"sample_weight": np.ones(3)}, "shape"),
        ({"sample_weight": -np.ones(60)}, "[Nn]egative"),
        ({"groups": [1, 2]}, "inconsistent numbers of samples"),
    ],
)
def test_what_comes_with_the_rows_is_as_long(params, message, table, labels, modalities):
    with pytest.raises(ValueError, match=message):
        FusionVotingClassifier(modalities).fit(table, labels, **params)


def test_targets_are_checked(table, labels, values, modalities):
    with pytest.raises(ValueError, match="requires y to be passed"):
        FusionVotingClassifier(modalities).fit(table, None)
    with pytest.raises(ValueError, match=r"[Uu]nknown label type"):
        FusionVotingClassifier(modalities).fit(table, values)
    with pytest.raises(ValueError, match="inconsistent"):
        FusionVotingClassifier(modalities).fit(table, labels[:5])
    with pytest.raises(ValueError, match="y should be a 1d array"):
        FusionVotingClassifier(modalities).fit(table, np.eye(60))
    with pytest.raises(ValueError, match=r"predicts numbers; y holds 'neg'"):
        FusionVotingRegressor(modalities).fit(table, labels)


# Weights of members


def test_learnt_weights_find_the_informative_member(table, labels):
    fusion = FusionVotingClassifier(SEPARATE, weights="oof").fit(table, labels)
    assert fusion.weights_[2] < 0.05  # `c` is noise
    # The best on a grid over all weights, for the predictions that scikit-learn makes.
    codes = (labels == "positive").astype(int)
    true = np.array(
        [
            cross_val_predict(model, table, labels, cv=5, method="predict_proba")[range(60), codes]
            for _, model in by_hand(SEPARATE, LogisticRegression(max_iter=1000))
        ]
    )
    grid = [(w, v, 1 - w - v) for w in np.linspace(0, 1, 101) for v in np.linspace(0, 1 - w, 101)]
    best = min(grid, key=lambda weights: -np.log(weights @ true).sum())
    np.testing.assert_allclose(fusion.weights_, best, atol=0.02)
    rule = FusionVotingClassifier(SEPARATE, rule="weighted").fit(table, labels)
    np.testing.assert_array_equal(rule.weights_, fusion.weights_)


def test_learnt_weights_of_values(table, values):
    fusion = FusionVotingRegressor(SEPARATE, rule="weighted").fit(table, values)
    assert fusion.weights_[2] < 0.1 < fusion.weights_[:2].min()


def test_learnt_weights_respect_groups():
    # `a` is the speaker and misleads about those not heard; `b` says a little of everyone.
    rng = np.random.default_rng(0)
    groups = rng.permutation(np.repeat(np.arange(20), 6))
    y = groups % 2
    X = pd.DataFrame({"a": groups.astype(float), "b": y + 0.5 * rng.normal(size=120)})
    modalities = [("who", "passthrough", ["a"]), ("what", "passthrough", ["b"])]
    model = KNeighborsClassifier(5)
    fusion = FusionVotingClassifier(modalities, model, weights="oof")
    assert fusion.fit(X, y).weights_[0] > 0.6
    assert fusion.fit(X, y, groups=groups).weights_[0] < 0.5
    assert fusion.set_params(cv=GroupKFold(4)).fit(X, y, groups=groups).weights_[0] < 0.5


def test_weights_by_list_and_by_name(table, labels):
    listed = FusionVotingClassifier(SEPARATE, weights=[2, 1, 1]).fit(table, labels)
    named = FusionVotingClassifier(SEPARATE, weights={"c": 1, "a": 2, "b": 1}).fit(table, labels)
    np.testing.assert_allclose(listed.weights_, [0.5, 0.25, 0.25])
    np.testing.assert_allclose(named.weights_, [0.5, 0.25, 0.25])


def test_weights_of_dropped_modalities_are_left_out(table, labels):
    fusion = FusionVotingClassifier(SEPARATE, weights=[3, 9, 1]).set_params(b="drop")
    np.testing.assert_allclose(fusion.fit(table, labels).weights_, [0.75, 0.25])
    fusion.set_params(weights={"a": 3, "b": 9, "c": 1}).fit(table, labels)
    np.testing.assert_allclose(fusion.weights_, [0.75, 0.25])


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([1, 2], "one number for each of a, b, c"),
        ({"a": 1}, "name each modality once"),
        ([-1, 1, 1], "none negative"),
        ([0, 0, 0], "not all zero"),
    ],
)
def test_wrong_weights(weights, message, table, labels):
    with pytest.raises(ValueError, match=f"FusionVotingClassifier: weights must .*{message}"):
        FusionVotingClassifier(SEPARATE, weights=weights).fit(table, labels)


@pytest.mark.parametrize("weights", [[1, 1, 2], "oof"])
@pytest.mark.parametrize("rule", ["product", "max", "min", "median"])
def test_rules_that_take_no_weights(rule, weights, table, labels):
    with pytest.raises(ValueError, match=f"rule='{rule}' takes no weights; use one of mean"):
        FusionVotingClassifier(SEPARATE, rule=rule, weights=weights).fit(table, labels)


# Parameters


def test_nested_parameters(modalities):
    fusion = FusionVotingClassifier(modalities)
    params = fusion.get_params()
    assert params["left"] is modalities[0][1]
    assert params["left__with_mean"] is True
    assert params["estimator"] is None
    assert params["estimator__C"] == 1.0
    fusion.set_params(left__with_mean=False, estimator__C=0.1, right="drop")
    assert fusion.get_params()["left__with_mean"] is False
    assert fusion.estimator.C == 0.1
    assert fusion.modalities[1] == ("right", "drop", ["b", "c"])


def test_whole_objects_are_set_before_their_parameters(modalities):
    fusion = FusionVotingClassifier(modalities)
    fusion.set_params(estimator__C=3, estimator=LogisticRegression(max_iter=7))
    assert (fusion.estimator.C, fusion.estimator.max_iter) == (3, 7)
    fusion.set_params(new__with_std=False, modalities=[("new", StandardScaler(), ["a"])])
    assert fusion.get_params()["new__with_std"] is False


@pytest.mark.parametrize("name", ["no_such", "left__no_such", "estimator__no_such", "middle__x"])
def test_unknown_parameters(name, modalities):
    with pytest.raises(ValueError, match="Invalid parameter"):
        FusionVotingClassifier(modalities).set_params(**{name: 1})


@pytest.mark.parametrize("modalities", ["abc", 3, [1], [("a", 1)], None])
def test_wrong_modalities_are_told_by_fit_alone(modalities, table, labels):
    fusion = FusionVotingClassifier(modalities)
    clone(fusion)
    repr(fusion)
    assert "rule" in fusion.get_params()
    with pytest.raises((TypeError, ValueError), match=r"modalit"):
        fusion.fit(table, labels)


def test_a_dropped_modality_is_no_member(table, labels, modalities):
    fusion = FusionVotingClassifier(modalities).set_params(right="drop").fit(table, labels)
    alone = FusionVotingClassifier(modalities[:1]).fit(table, labels)
    assert list(fusion.named_estimators_) == ["left"]
    np.testing.assert_array_equal(fusion.predict_proba(table), alone.predict_proba(table))


@pytest.mark.parametrize(
    "params",
    [
        {"rule": "average"},
        {"weights": "learn"},
        {"estimator": 3},
        {"n_jobs": "two"},
        {"cv": "five"},
    ],
)
def test_wrong_parameters(params, table, labels, modalities):
    with pytest.raises(ValueError, match=f"The '{next(iter(params))}' parameter of Fusion"):
        FusionVotingClassifier(modalities, **params).fit(table, labels)
    with pytest.raises(ValueError, match="The 'rule' parameter of FusionVotingRegressor"):
        FusionVotingRegressor(modalities, rule="product").fit(table, np.arange(60.0))


def test_a_classifier_without_probabilities(table, labels, modalities):
    message = r"combines probabilities, which LinearSVC does not give. Wrap it: CalibratedClass"
    with pytest.raises(TypeError, match=message):
        FusionVotingClassifier(modalities, LinearSVC()).fit(table, labels)


def test_models_of_the_other_kind(table, labels, values, modalities):
    with pytest.raises(TypeError, match=r"estimator must be a classifier, got Ridge\(\)"):
        FusionVotingClassifier(modalities, Ridge()).fit(table, labels)
    with pytest.raises(TypeError, match=r"estimator must be a regressor, got LogisticRegression\("):
        FusionVotingRegressor(modalities, LogisticRegression()).fit(table, values)


# An estimator among estimators


@pytest.mark.parametrize("cls", [FusionVotingClassifier, FusionVotingRegressor])
def test_clone_pickle_and_representations(cls, table, modalities):
    fusion = cls(modalities, rule="median")
    y = np.arange(60) % 3
    fitted = clone(fusion).fit(table, y)
    again = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(again.predict(table), fitted.predict(table))
    assert not hasattr(fusion, "estimators_")
    assert not hasattr(modalities[0][1], "mean_")
    assert "rule='median'" in repr(fusion)
    for html in (fusion._repr_html_(), fitted._repr_html_()):
        assert "left" in html
        assert "right" in html


def test_representation_with_a_dropped_modality(modalities):
    assert "left" in FusionVotingClassifier(modalities).set_params(right="drop")._repr_html_()


def test_unfitted(table, modalities):
    for method in ("predict", "predict_proba", "transform"):
        with pytest.raises(NotFittedError):
            getattr(FusionVotingClassifier(modalities), method)(table)
    with pytest.raises(NotFittedError):
        FusionVotingClassifier(modalities).get_feature_names_out()
    with pytest.raises(NotFittedError):
        FusionVotingRegressor(modalities).predict(table)
    assert not hasattr(FusionVotingClassifier(modalities), "n_features_in_")


def test_names_of_columns(table, labels, three_labels, values, modalities):
    fusion = FusionVotingClassifier(modalities).fit(table, labels)
    names = ["left__neg", "left__positive", "right__neg", "right__positive"]
    assert fusion.get_feature_names_out().tolist() == names
    framed = fusion.set_output(transform="pandas").transform(table)
    assert list(framed.columns) == names
    regressor = FusionVotingRegressor(modalities).fit(table, values)
    assert regressor.get_feature_names_out().tolist() == ["left", "right"]
    assert regressor.transform(table).shape == (60, 2)


def test_transformed_rows_are_nan_where_missing(table, labels, modalities):
    fusion = FusionVotingClassifier(modalities).fit(table, labels)
    assert np.isnan(fusion.transform(table[["a"]])[:, 2:]).all()
    np.testing.assert_allclose(fusion.transform(table[["a"]])[:, :2].sum(axis=1), 1)


def test_the_input_is_not_written_to(table, labels, modalities):
    table.loc[::4, "a"] = np.nan
    before = table.copy()
    FusionVotingClassifier(modalities).fit(table, labels).predict(table)
    pd.testing.assert_frame_equal(table, before)


def test_jobs_change_nothing(table, labels, modalities):
    one = FusionVotingClassifier(modalities, weights="oof").fit(table, labels)
    two = FusionVotingClassifier(modalities, weights="oof", n_jobs=2).fit(table, labels)
    np.testing.assert_array_equal(two.predict_proba(table), one.predict_proba(table))
    np.testing.assert_array_equal(two.weights_, one.weights_)


def test_no_warning_where_nothing_is_missing(table, labels, modalities):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        FusionVotingClassifier(modalities).fit(table, labels).predict(table)


def test_members_may_be_calibrated(table, labels, modalities):
    # A linear SVM gives no probabilities; calibrated, it votes by those of its calibration.
    svm = CalibratedClassifierCV(LinearSVC(), cv=3)
    fusion = FusionVotingClassifier(modalities, svm).fit(table, labels)
    said = [
        clone(svm)
        .fit(StandardScaler().fit_transform(table[columns]), labels)
        .predict_proba(StandardScaler().fit_transform(table[columns]))
        for columns in (["a"], ["b", "c"])
    ]
    np.testing.assert_allclose(fusion.predict_proba(table), np.mean(said, axis=0), atol=1e-9)
