import pickle
import warnings
from itertools import combinations, product

import numpy as np
import pandas as pd
import polars as pl
import pytest
import sklearn
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    StratifiedGroupKFold,
    cross_val_score,
)
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from mmsenti.fusion import (
    FusionClassifier,
    FusionRegressor,
    FusionStackingClassifier,
    FusionStackingRegressor,
    FusionVotingClassifier,
    FusionVotingRegressor,
    make_feature_fusion,
)

STRATEGIES = ["feature", "voting", "stacking", "hybrid"]
each_strategy = pytest.mark.parametrize("strategy", STRATEGIES)
PLAIN = [("left", "passthrough", ["a"]), ("right", "passthrough", ["b", "c"])]


# The strategies are the plain objects


def test_each_strategy_is_the_plain_object(table, labels, modalities):
    model, final = LogisticRegression(C=0.5), LogisticRegression(C=2)
    plain = {
        "feature": make_feature_fusion(modalities, model),
        "voting": FusionVotingClassifier(modalities, model, rule="product"),
        "stacking": FusionStackingClassifier(modalities, model, final, cv=3),
        "hybrid": FusionStackingClassifier(modalities, model, final, cv=3, passthrough=True),
    }
    for strategy, expected in plain.items():
        fusion = FusionClassifier(
            modalities, model, strategy=strategy, rule="product", final_estimator=final, cv=3
        ).fit(table, labels)
        expected.fit(table, labels)
        assert type(fusion.fusion_) is type(expected)
        np.testing.assert_array_equal(fusion.predict_proba(table), expected.predict_proba(table))
        np.testing.assert_array_equal(fusion.predict(table), expected.predict(table))


def test_each_strategy_for_values_is_the_plain_object(table, values, modalities):
    plain = {
        "feature": make_feature_fusion(modalities, Ridge()),
        "voting": FusionVotingRegressor(modalities, rule="median"),
        "stacking": FusionStackingRegressor(modalities, cv=3),
        "hybrid": FusionStackingRegressor(modalities, cv=3, passthrough=True),
    }
    for strategy, expected in plain.items():
        fusion = FusionRegressor(modalities, strategy=strategy, rule="median", cv=3)
        np.testing.assert_array_equal(
            fusion.fit(table, values).predict(table), expected.fit(table, values).predict(table)
        )


# Every subset of modalities at fit, every subset at predict


class Length(TransformerMixin, BaseEstimator):
    """Lengths of texts; NaN for what is no text."""

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return np.array([[len(cell) if isinstance(cell, str) else np.nan] for cell in X])


COLUMNS = {"text": ["text"], "image": ["hue"], "audio": ["f0", "energy"]}
SUBSETS = [list(names) for size in (1, 2, 3) for names in combinations(COLUMNS, size)]
TRIMODAL = [
    ("text", Length(), "text"),
    ("image", StandardScaler(), ["hue"]),
    ("audio", StandardScaler(), ["f0", "energy"]),
]


def posts():
    rng = np.random.default_rng(0)
    y = np.arange(45) % 3
    return pd.DataFrame(
        {
            "text": ["x" * (3 + 2 * code + i % 4) for i, code in enumerate(y)],
            "hue": y + rng.normal(size=45),
            "f0": y + rng.normal(size=45),
            "energy": rng.normal(size=45),
        }
    )


def without(X, kept):
    lost = [column for name, columns in COLUMNS.items() if name not in kept for column in columns]
    return X.assign(**dict.fromkeys(lost)).astype({c: float for c in lost if c != "text"})


def predictions_of(fusion, X):
    with warnings.catch_warnings(record=True) as record:
        warnings.simplefilter("always")
        predicted = fusion.predict(X)
    if hasattr(fusion, "predict_proba"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            probabilities = fusion.predict_proba(X)
        assert np.isfinite(probabilities).all()
        np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    return predicted, [str(warning.message) for warning in record]


@pytest.mark.parametrize("fitted", SUBSETS, ids="-".join)
@each_strategy
@pytest.mark.parametrize("cls", [FusionClassifier, FusionRegressor])
def test_every_subset_at_fit_and_at_predict(cls, strategy, fitted):
    X, y = posts(), np.arange(45) % 3
    partial = without(X, fitted)
    partial.iloc[::6] = None  # some rows have nothing, others lack one
    partial.loc[1::7, COLUMNS[fitted[0]]] = None
    fusion = cls(TRIMODAL, strategy=strategy, cv=3).fit(partial, y)
    for present in SUBSETS:
        columns = [column for name in present for column in COLUMNS[name]]
        absent, said = predictions_of(fusion, X[columns])
        empty, said_too = predictions_of(fusion, without(X, present))
        assert np.isfinite(absent).all()
        np.testing.assert_array_equal(absent, empty)
        known = set(present) & set(fitted)
        expected = [] if known else ["45 of 45 rows have no modality at all"]
        for messages in (said, said_too):
            assert len(messages) == len(expected)
            assert all(part in text for part, text in zip(expected, messages, strict=True))


# Rows with nothing


@each_strategy
def test_a_row_with_nothing_gets_the_prior_and_one_warning(strategy, table, modalities):
    y = np.array(["no"] * 15 + ["often"] * 45)
    fusion = FusionClassifier(modalities, strategy=strategy).fit(table, y)
    full = fusion.predict_proba(table)
    table.loc[[4, 8]] = np.nan
    with pytest.warns(UserWarning, match="2 of 60 rows have no modality at all") as record:
        probabilities = fusion.predict_proba(table)
    assert len(record) == 1
    np.testing.assert_allclose(probabilities[[4, 8]], [[0.25, 0.75]] * 2)
    others = np.setdiff1d(np.arange(60), [4, 8])
    np.testing.assert_allclose(probabilities[others], full[others])
    with pytest.warns(UserWarning, match="2 of 60") as record:
        assert fusion.predict(table)[[4, 8]].tolist() == ["often", "often"]
    assert len(record) == 1
    for nothing in ({}, [{}], [{"a": None}], {"unknown": 3}, pd.DataFrame({"z": [1]})):
        with pytest.warns(UserWarning, match="1 of 1") as record:
            assert fusion.predict(nothing).tolist() == ["often"]
        assert len(record) == 1


@each_strategy
def test_a_row_with_nothing_gets_the_mean(strategy, table, modalities):
    fusion = FusionRegressor(modalities, strategy=strategy)
    fusion.fit(table, [0.0] * 15 + [4.0] * 45)
    with pytest.warns(UserWarning, match="1 of 2") as record:
        predicted = fusion.predict([{}, {"a": 1.0}])
    assert len(record) == 1
    assert predicted[0] == 3.0
    assert predicted[1] == fusion.predict({"a": 1.0})[0]


class Reader(TransformerMixin, BaseEstimator):
    def fit(self, X, y=None):
        return self

    def transform(self, X):
        cells = [cell if isinstance(cell, str) and cell != "broken" else "nan" for cell in X]
        return np.array(cells, dtype=float)[:, None]


@pytest.mark.parametrize("strategy", ["voting", "stacking", "hybrid"])
def test_missing_and_unreadable_rows_bring_one_warning(strategy, table, labels):
    table["file"] = [str(a) for a in table["a"]]
    fusion = FusionClassifier([("f", Reader(), "file")], strategy=strategy).fit(table, labels)
    with pytest.warns(UserWarning, match="2 of 3 rows have no modality") as record:
        fusion.predict([{"file": "broken"}, {"file": None}, {"file": "1.0"}])
    assert len(record) == 1


@each_strategy
def test_whole_labels_for_rows_with_nothing(strategy, table, modalities):
    y = np.where(np.arange(60) % 2, "b", "a much longer label")
    fusion = FusionClassifier(modalities, strategy=strategy).fit(table, y)
    shorts = table[fusion.predict(table) == "b"][:2].to_dict("records")
    with pytest.warns(UserWarning, match="1 of 3"):
        assert fusion.predict([*shorts, {}]).tolist() == ["b", "b", "a much longer label"]


def test_labels_are_not_cut_to_those_answered(table):
    class Terse(LogisticRegression):
        def predict(self, X):
            return np.array(super().predict(X).tolist())

    y = np.where(np.arange(60) % 2, "b", "a much longer label")
    fusion = FusionClassifier(PLAIN, Terse()).fit(table, y)
    with pytest.warns(UserWarning, match="1 of 2"):
        assert fusion.predict([{"a": 99.0}, {}]).tolist() == ["b", "a much longer label"]


@each_strategy
def test_nothing_to_fit(strategy, table, labels, modalities):
    with pytest.raises(ValueError, match="every cell of left, right is missing; there is nothing"):
        FusionClassifier(modalities, strategy=strategy).fit(table * np.nan, labels)


@each_strategy
def test_a_modality_without_a_filled_cell_is_left_out(strategy, table, labels, modalities):
    table["a"] = np.nan
    fusion = FusionClassifier(modalities, strategy=strategy, cv=3).fit(table, labels)
    assert [name for name, _, _ in fusion.modalities_] == ["right"]
    alone = FusionClassifier(modalities[1:], strategy=strategy, cv=3).fit(table, labels)
    np.testing.assert_array_equal(
        fusion.predict_proba(table.assign(a=1.0)), alone.predict_proba(table)
    )


# Tables


@each_strategy
def test_tables_of_any_kind(strategy, table, labels, modalities):
    table.loc[::5, "a"] = np.nan
    fusion = FusionClassifier(modalities, strategy=strategy, cv=3).fit(table, labels)
    expected = fusion.predict_proba(table)
    dicts = [
        {key: cell for key, cell in row.items() if cell == cell} for row in table.to_dict("records")
    ]
    for X in (
        pl.from_pandas(table),
        pl.from_pandas(table).to_arrow(),
        dicts,
        table.set_axis([0] * 60, axis=0),
        table.assign(id="x")[["id", "c", "b", "a"]],
    ):
        np.testing.assert_allclose(fusion.predict_proba(X), expected, rtol=1e-12)
        fitted = FusionClassifier(modalities, strategy=strategy, cv=3).fit(X, labels)
        np.testing.assert_allclose(fitted.predict_proba(table), expected, rtol=1e-12)
    np.testing.assert_allclose(fusion.predict_proba(dicts[3]), expected[3:4], rtol=1e-12)


@each_strategy
@pytest.mark.parametrize("column", [slice(1, None), slice("b", "c"), [1, 2], lambda X: ["b", "c"]])
def test_selections_of_columns(strategy, column, table, labels, modalities):
    chosen = [modalities[0], ("right", StandardScaler(), column)]
    fusion = FusionClassifier(chosen, strategy=strategy, cv=3).fit(table, labels)
    named = FusionClassifier(modalities, strategy=strategy, cv=3).fit(table, labels)
    for X in (table[["c", "b", "a"]], table[["c"]], {"b": 1.0}):
        np.testing.assert_array_equal(fusion.predict_proba(X), named.predict_proba(X))


@each_strategy
def test_an_array_in_place_of_a_frame(strategy, table, labels, modalities):
    fusion = FusionClassifier(modalities, strategy=strategy, cv=3).fit(table, labels)
    with pytest.warns(
        UserWarning, match="X does not have valid feature names, but FusionC"
    ) as record:
        probabilities = fusion.predict_proba(table.to_numpy())
    assert len(record) == 1
    np.testing.assert_allclose(probabilities, fusion.predict_proba(table))


@each_strategy
def test_a_misspelt_column_is_named(strategy, table, labels):
    message = r"FusionClassifier: modality 'm' needs the column 'aa'.*has \['a', 'b', 'c'\]"
    with pytest.raises(ValueError, match=message):
        FusionClassifier([("m", StandardScaler(), ["aa"])], strategy=strategy).fit(table, labels)


# Standard modalities


def test_no_standard_modality(table, labels):
    with pytest.raises(ValueError, match="no column is named text, image or audio"):
        FusionClassifier().fit(table, labels)
    with pytest.raises(ValueError, match="a ndarray has no named columns"):
        FusionClassifier().fit(table.to_numpy(), labels)


@each_strategy
def test_standard_modalities_of_the_columns_there_are(strategy):
    X = pd.DataFrame({"id": range(24), "text": ["so good", "so bad", None] * 8})
    y = ["+", "-", "+"] * 8
    fusion = FusionClassifier(strategy=strategy, cv=2).fit(X, y)
    assert [m[::2] for m in fusion.modalities_] == [("text", "text")]
    assert fusion.predict([{"text": "so bad"}, {"text": "so good"}]).tolist() == ["-", "+"]
    named = FusionClassifier(strategy=strategy, weights={"text": 1, "audio": 2}, cv=2).fit(X, y)
    assert named.predict({"text": "so bad"}).tolist() == ["-"]


# Groups


class Spy(TransformerMixin, BaseEstimator):
    fits = []

    def fit(self, X, y=None):
        self.fits.append(np.asarray(X)[:, 0].astype(int))
        return self

    def transform(self, X):
        return np.asarray(X, dtype=float)


@pytest.mark.parametrize(
    "params",
    [{"strategy": "stacking"}, {"strategy": "hybrid"}, {"strategy": "voting", "weights": "oof"}],
)
@pytest.mark.parametrize("cls", [FusionClassifier, FusionRegressor])
def test_groups_reach_the_inner_folds(cls, params, table, groups):
    table["row"] = np.arange(60.0)
    Spy.fits.clear()
    cls([("spy", Spy(), ["row", "a"])], **params).fit(table, np.arange(60) % 2, groups=groups)
    assert len(Spy.fits) == 6
    for rows in Spy.fits:
        assert len(rows) == np.isin(groups, groups[rows]).sum()


def test_a_search_passes_groups_on(table, labels, groups):
    table["row"] = np.arange(60.0)
    Spy.fits.clear()
    with sklearn.config_context(enable_metadata_routing=True):
        GridSearchCV(
            FusionClassifier([("spy", Spy(), ["row", "a"])]),
            {"strategy": STRATEGIES, "estimator__C": [1, 10]},
            cv=StratifiedGroupKFold(3),
            error_score="raise",
        ).fit(table, labels, groups=groups)
    assert len(Spy.fits) >= 2 * 3 * (1 + 1 + 6 + 6)
    for rows in Spy.fits:
        assert len(rows) == np.isin(groups, groups[rows]).sum()


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_search_passes_groups_on_in_any_process(n_jobs, table, labels, groups, modalities):
    # Without groups the inner GroupKFold would raise.
    fusion = FusionClassifier(modalities, cv=GroupKFold(3), weights="oof")
    grid = {"strategy": STRATEGIES, "rule": ["mean", "product"]}
    with sklearn.config_context(enable_metadata_routing=True):
        search = GridSearchCV(
            fusion, grid, cv=StratifiedGroupKFold(3), n_jobs=n_jobs, error_score="raise"
        ).fit(table, labels, groups=groups)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    assert search.predict({"a": -9.0}).tolist() == ["neg"]


@pytest.mark.parametrize("cls", [FusionVotingClassifier, FusionStackingClassifier])
def test_a_search_passes_groups_to_plain_objects(cls, table, labels, groups, modalities):
    fusion = cls(modalities, cv=GroupKFold(3))
    if cls is FusionVotingClassifier:
        fusion.set_params(weights="oof")
    with sklearn.config_context(enable_metadata_routing=True):
        search = GridSearchCV(
            fusion, {"estimator__C": [1, 10]}, cv=GroupKFold(3), error_score="raise"
        ).fit(table, labels, groups=groups)
    assert np.isfinite(search.best_score_)


def test_weights_are_routed_where_they_are_asked_for(table, labels, groups, modalities):
    with sklearn.config_context(enable_metadata_routing=True):
        fusion = FusionClassifier(modalities, strategy="stacking")
        fusion.set_fit_request(sample_weight=True)
        fusion.set_score_request(sample_weight=True)
        GridSearchCV(fusion, {"cv": [2]}, cv=GroupKFold(3), error_score="raise").fit(
            table, labels, groups=groups, sample_weight=np.ones(60)
        )


def test_a_search_without_routing(table, labels, groups, modalities):
    search = GridSearchCV(
        FusionClassifier(modalities, cv=3),
        {"strategy": STRATEGIES, "rule": ["mean", "product"], "estimator__C": [0.1, 1]},
        cv=StratifiedGroupKFold(3),
        error_score="raise",
    ).fit(table, labels, groups=groups)
    assert len(search.cv_results_["params"]) == 16
    assert search.best_estimator_.fusion_ is not None


@each_strategy
def test_scores_in_a_search(strategy, table, labels, modalities):
    fusion = FusionClassifier(modalities, strategy=strategy, cv=3)
    for scoring in ("accuracy", "neg_log_loss", "roc_auc"):
        assert np.isfinite(cross_val_score(fusion, table, labels, cv=3, scoring=scoring)).all()
    rows = table.to_dict("records")
    assert np.isfinite(cross_val_score(fusion, rows, labels, cv=3)).all()


# Weights


@each_strategy
def test_integer_weights_are_repeated_rows(strategy, table, labels, values):
    counts = np.arange(60) % 3 + 1
    repeated = np.repeat(np.arange(60), counts)
    folds = [(np.r_[:30], np.r_[30:60]), (np.r_[30:60], np.r_[:30])]
    same = [tuple(np.flatnonzero(np.isin(repeated, side)) for side in fold) for fold in folds]
    exact = LogisticRegression(tol=1e-10, max_iter=10000)
    params = {"estimator": exact, "final_estimator": exact, "strategy": strategy}
    weighted = FusionClassifier(PLAIN, cv=folds, **params)
    plain = FusionClassifier(PLAIN, cv=same, **params)
    weighted.fit(table, labels, sample_weight=counts)
    plain.fit(table.iloc[repeated], labels[repeated])
    np.testing.assert_allclose(weighted.predict_proba(table), plain.predict_proba(table), rtol=1e-4)
    np.testing.assert_allclose(weighted.class_prior_, plain.class_prior_)
    regressor = FusionRegressor(PLAIN, strategy=strategy, final_estimator=Ridge())
    regressor.set_params(cv=folds).fit(table, values, sample_weight=counts)
    expected = clone(regressor).set_params(cv=same).fit(table.iloc[repeated], values[repeated])
    np.testing.assert_allclose(regressor.predict(table), expected.predict(table))
    assert regressor.mean_ == pytest.approx(expected.mean_)


@each_strategy
def test_an_estimator_that_takes_no_weights(strategy, table, labels, modalities):
    fusion = FusionClassifier(modalities, KNeighborsClassifier(), strategy=strategy, cv=3)
    fusion.fit(table, labels)
    with pytest.raises(TypeError, match="KNeighborsClassifier takes no sample_weight"):
        fusion.fit(table, labels, sample_weight=np.ones(60))


@each_strategy
def test_class_weights_by_label(strategy, table, labels):
    fusion = FusionClassifier(PLAIN, strategy=strategy, cv=3)
    fusion.set_params(estimator__class_weight={"neg": 1, "positive": 9}).fit(table, labels)
    plain = FusionClassifier(PLAIN, strategy=strategy, cv=3).fit(table, labels)
    assert not np.allclose(fusion.predict_proba(table), plain.predict_proba(table))
    if strategy in ("feature", "voting"):
        plain.fit(table, labels, sample_weight=np.where(labels == "positive", 9.0, 1.0))
        np.testing.assert_allclose(fusion.predict_proba(table), plain.predict_proba(table))


@pytest.mark.parametrize("weights", [[3, 1], {"right": 1, "left": 3}])
def test_weights_of_modalities(weights, table, labels, modalities):
    voting = FusionClassifier(modalities, strategy="voting", weights=weights).fit(table, labels)
    np.testing.assert_allclose(voting.fusion_.weights_, [0.75, 0.25])
    feature = FusionClassifier(modalities, weights=weights).fit(table, labels)
    assert feature.fusion_[0].transformer_weights == {"left": 3, "right": 1}
    table["a"] = np.nan  # the weights of those that are there remain
    voting.fit(table, labels)
    np.testing.assert_allclose(voting.fusion_.weights_, [1])


@each_strategy
@pytest.mark.parametrize("rule", ["mean", "product"])
@pytest.mark.parametrize("weights", [None, "oof", [3, 1], {"left": 3, "right": 1}])
def test_one_grid_holds_all_strategies(strategy, rule, weights, table, labels, modalities):
    fusion = FusionClassifier(modalities, strategy=strategy, rule=rule, weights=weights, cv=2)
    assert np.isfinite(fusion.fit(table, labels).predict_proba(table)).all()


@pytest.mark.parametrize("strategy", ["feature", "voting"])
@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([1, 2, 3], "one number for each of left, right"),
        ({"lft": 1, "right": 1}, r"name each modality once; expected \['left', 'right'\]"),
        ({"left": 1}, "name each modality once"),
        ([-1, 1], "none negative"),
        ([0, 0], "not all zero"),
    ],
)
def test_wrong_weights(strategy, weights, message, table, labels, modalities):
    with pytest.raises(ValueError, match=f"FusionClassifier: weights must .*{message}"):
        FusionClassifier(modalities, strategy=strategy, weights=weights).fit(table, labels)


# Parameters


def test_nested_parameters(modalities):
    fusion = FusionClassifier(modalities)
    assert fusion.get_params()["estimator__C"] == 1.0
    assert fusion.get_params()["final_estimator__C"] == 1.0
    assert fusion.get_params()["left__with_mean"] is True
    fusion.set_params(strategy="hybrid", estimator__C=3, left__with_mean=False, right="drop")
    assert fusion.estimator.C == 3
    assert fusion.final_estimator is None
    assert clone(fusion).get_params()["left__with_mean"] is False
    assert "estimator__C" in FusionClassifier().get_params()
    assert "final_estimator__alphas" in FusionRegressor().get_params()
    with pytest.raises(ValueError, match="Invalid parameter 'text'"):
        FusionClassifier().set_params(text__x=1)


@pytest.mark.parametrize(
    "params",
    [
        {"strategy": "early"},
        {"rule": "average"},
        {"weights": "learn"},
        {"cv": "five"},
        {"estimator": 3},
    ],
)
def test_wrong_parameters(params, table, labels, modalities):
    with pytest.raises(ValueError, match=f"The '{next(iter(params))}' parameter of FusionC"):
        FusionClassifier(modalities, **params).fit(table, labels)


@each_strategy
def test_models_of_the_other_kind(strategy, table, labels, values, modalities):
    with pytest.raises(TypeError, match=r"FusionClassifier: estimator must be a classifier, got R"):
        FusionClassifier(modalities, Ridge(), strategy=strategy).fit(table, labels)
    with pytest.raises(TypeError, match=r"FusionRegressor: estimator must be a regressor, got Log"):
        FusionRegressor(modalities, LogisticRegression(), strategy=strategy).fit(table, values)


def test_methods_are_those_of_the_strategy(table, labels, modalities):
    svm, logistic = LinearSVC(), LogisticRegression()
    for params, probable, decisive in [
        ({"estimator": svm}, False, True),
        ({"estimator": logistic}, True, True),
        ({"strategy": "voting"}, True, False),
        ({"strategy": "stacking"}, True, True),
        ({"strategy": "stacking", "final_estimator": svm}, False, True),
        ({"strategy": "hybrid", "final_estimator": KNeighborsClassifier()}, True, False),
    ]:
        fusion = FusionClassifier(modalities, **params)
        for state in (fusion, clone(fusion).fit(table, labels)):
            assert hasattr(state, "predict_proba") == probable
            assert hasattr(state, "decision_function") == decisive


def test_decision_values(table, labels, modalities):
    fusion = FusionClassifier(modalities, LinearSVC()).fit(table, labels)
    plain = make_feature_fusion(modalities, LinearSVC()).fit(table, labels)
    np.testing.assert_allclose(fusion.decision_function(table), plain.decision_function(table))
    absent = plain.decision_function(table[["a"]].assign(b=np.nan, c=np.nan))
    np.testing.assert_allclose(fusion.decision_function(table[["a"]]), absent)
    assert fusion.decision_function({}) == pytest.approx(plain[-1].intercept_)


@pytest.mark.parametrize("strategy", ["voting", "stacking", "hybrid"])
def test_members_without_probabilities(strategy, table, labels, modalities):
    with pytest.raises(TypeError, match="combines probabilities, which LinearSVC does not give"):
        FusionClassifier(modalities, LinearSVC(), strategy=strategy).fit(table, labels)


@each_strategy
@pytest.mark.parametrize("cls", [FusionClassifier, FusionRegressor])
def test_clone_pickle_and_representations(cls, strategy, table, modalities):
    model = LogisticRegression() if cls is FusionClassifier else Ridge()
    fusion = cls(modalities, model, strategy=strategy, cv=2)
    fitted = clone(fusion).fit(table, np.arange(60) % 2)
    again = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(again.predict(table), fitted.predict(table))
    assert not hasattr(model, "coef_")
    assert not hasattr(modalities[0][1], "mean_")
    assert f"strategy='{strategy}'" in repr(fusion) or strategy == "feature"
    assert cls.__name__ in fusion._repr_html_()
    assert cls.__name__ in fitted._repr_html_()


@each_strategy
def test_unfitted(strategy, table, modalities):
    fusion = FusionClassifier(modalities, strategy=strategy)
    for method in ("predict", "predict_proba", "decision_function"):
        if hasattr(fusion, method):
            with pytest.raises(NotFittedError):
                getattr(fusion, method)(table)
    with pytest.raises(NotFittedError):
        FusionRegressor(modalities, strategy=strategy).predict(table)


@each_strategy
def test_refitting_forgets(strategy, table, labels, three_labels, modalities):
    fusion = FusionClassifier(modalities, strategy=strategy, cv=3).fit(table, three_labels)
    fusion.fit(table, labels)
    fresh = FusionClassifier(modalities, strategy=strategy, cv=3).fit(table, labels)
    np.testing.assert_array_equal(fusion.predict_proba(table), fresh.predict_proba(table))


@pytest.mark.parametrize("strategy", ["feature", "hybrid"])
def test_jobs_change_nothing(strategy, table, labels, groups, modalities):
    one = FusionClassifier(modalities, strategy=strategy).fit(table, labels, groups=groups)
    two = FusionClassifier(modalities, strategy=strategy, n_jobs=2)
    two.fit(table, labels, groups=groups)
    np.testing.assert_array_equal(two.predict_proba(table), one.predict_proba(table))


def test_the_feature_strategy_is_a_plain_pipeline(table, labels, modalities):
    fusion = FusionClassifier(modalities).fit(table, labels)
    assert type(fusion.fusion_) is Pipeline
    assert list(fusion.fusion_.named_steps) == ["features", "impute", "estimator"]


def test_every_rule_and_strategy_is_exercised(table, labels, modalities):
    for strategy, rule in product(
        STRATEGIES, ["mean", "product", "max", "min", "median", "majority"]
    ):
        fusion = FusionClassifier(modalities, strategy=strategy, rule=rule, cv=2)
        assert fusion.fit(table, labels).score(table, labels) > 0.7


def test_the_final_model_of_a_hybrid_holds_features_down(modalities):
    fusion = FusionClassifier(modalities)
    assert fusion.get_params()["final_estimator__C"] == 1.0
    fusion.set_params(strategy="hybrid")
    assert fusion.get_params()["final_estimator__C"] == 0.25
    # Whatever the order: the strategy comes first.
    other = FusionClassifier(modalities)
    other.set_params(final_estimator__max_iter=50, strategy="hybrid")
    assert other.final_estimator.C == 0.25
    assert other.final_estimator.max_iter == 50
