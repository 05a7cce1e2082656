import pickle

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier, StackingClassifier, StackingRegressor
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Ridge, RidgeCV
from sklearn.model_selection import GroupKFold, KFold, StratifiedKFold, cross_val_predict
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from mmsenti.fusion import FusionStackingClassifier, FusionStackingRegressor

FOLDS = StratifiedKFold(4, shuffle=True, random_state=0)
BY_VALUE = KFold(4, shuffle=True, random_state=0)
PLAIN = [("left", "passthrough", ["a"]), ("right", "passthrough", ["b", "c"])]
RNG = np.random.default_rng(0)


def by_hand(modalities, model):
    return [
        (triple[0], Pipeline([("select", ColumnTransformer([triple])), ("model", model)]))
        for triple in modalities
    ]


# Equal to scikit-learn where nothing is missing


@pytest.mark.parametrize("n_classes", [2, 3])
def test_stacking_is_that_of_scikit_learn(table, labels, three_labels, modalities, n_classes):
    y = labels if n_classes == 2 else three_labels
    model, final = LogisticRegression(C=0.5), LogisticRegression(C=2)
    ours = FusionStackingClassifier(modalities, model, final, cv=FOLDS).fit(table, y)
    theirs = StackingClassifier(by_hand(modalities, model), final, cv=FOLDS).fit(table, y)
    np.testing.assert_allclose(ours.predict_proba(table), theirs.predict_proba(table), rtol=1e-6)
    np.testing.assert_array_equal(ours.predict(table), theirs.predict(table))
    np.testing.assert_allclose(
        ours.decision_function(table), theirs.decision_function(table), rtol=1e-6
    )
    np.testing.assert_allclose(ours.transform(table), theirs.transform(table))


def test_stacking_of_values_is_that_of_scikit_learn(table, values, modalities):
    ours = FusionStackingRegressor(modalities, Ridge(), cv=BY_VALUE).fit(table, values)
    theirs = StackingRegressor(by_hand(modalities, Ridge()), cv=BY_VALUE).fit(table, values)
    np.testing.assert_allclose(ours.predict(table), theirs.predict(table))
    assert isinstance(ours.final_estimator_, RidgeCV)


def test_it_is_a_stacking_classifier(modalities):
    assert isinstance(FusionStackingClassifier(modalities), StackingClassifier)
    assert isinstance(FusionStackingRegressor(modalities), StackingRegressor)


def test_hybrid_is_features_appended_by_hand(table, three_labels, modalities):
    model, final = LogisticRegression(), LogisticRegression(C=0.3, tol=1e-8, max_iter=5000)
    ours = FusionStackingClassifier(modalities, model, final, cv=FOLDS, passthrough=True)
    ours.fit(table, three_labels)
    members = [member for _, member in by_hand(modalities, model)]
    said = [
        cross_val_predict(m, table, three_labels, cv=FOLDS, method="predict_proba") for m in members
    ]
    fitted = [clone(member).fit(table, three_labels) for member in members]
    features = [member[:-1].transform(table) for member in fitted]
    by_final = clone(final).fit(np.hstack([*said, *features]), three_labels)
    says = [member.predict_proba(table) for member in fitted]
    np.testing.assert_allclose(ours.transform(table), np.hstack([*says, *features]))
    np.testing.assert_allclose(
        ours.predict_proba(table), by_final.predict_proba(np.hstack([*says, *features])), rtol=1e-5
    )


def test_hybrid_of_sparse_features(table, labels, values):
    table["text"] = ["good day" if label == "positive" else "bad day" for label in labels]
    table.loc[::6, "text"] = None
    modalities = [("text", TfidfVectorizer(), "text"), ("left", StandardScaler(), ["a"])]
    fusion = FusionStackingClassifier(modalities, passthrough=True).fit(table, labels)
    features = fusion.transform(table)
    assert sparse.issparse(features)
    assert features.shape == (60, 2 + 3 + 1)
    assert features[[0]].toarray()[0, 2:5].tolist() == [0, 0, 0]
    assert fusion.get_feature_names_out().tolist() == [
        "text__positive",
        "left__positive",
        "text__bad",
        "text__day",
        "text__good",
        "left__a",
    ]
    np.testing.assert_allclose(fusion.predict_proba(table).sum(axis=1), 1)
    regressor = FusionStackingRegressor(modalities, passthrough=True).fit(table, values)
    assert np.isfinite(regressor.predict(table)).all()


def test_hybrid_leaves_out_a_modality_never_seen(table, labels, modalities):
    table[["b", "c"]] = np.nan
    fusion = FusionStackingClassifier(modalities, passthrough=True).fit(table, labels)
    assert fusion.get_feature_names_out().tolist() == [
        "left__positive",
        "right__positive",
        "left__a",
    ]
    assert fusion.transform(table).shape == (60, 3)


# Missing modalities


def test_a_modality_that_a_row_lacks_speaks_with_its_average_voice(table, three_labels):
    table.loc[::4, "a"] = np.nan
    fusion = FusionStackingClassifier(PLAIN, cv=FOLDS).fit(table, three_labels)
    seen = table["a"].notna().to_numpy()
    expected = []
    for train, test in FOLDS.split(table, three_labels):
        train, test = train[seen[train]], test[seen[test]]
        member = LogisticRegression(max_iter=1000)
        member.fit(table[["a"]].to_numpy()[train], three_labels[train])
        expected.append(member.predict_proba(table[["a"]].to_numpy()[test]))
    means = np.concatenate(expected).mean(axis=0)
    np.testing.assert_allclose(fusion.meta_means_[:3], means)
    np.testing.assert_allclose(fusion.transform(table)[::4, :3], np.tile(means, (15, 1)))
    np.testing.assert_allclose(fusion.transform(table[["b", "c"]])[:, :3], np.tile(means, (60, 1)))


def test_rows_with_nothing_are_not_fitted(table, labels):
    empty = np.arange(60) % 10 == 0
    table[empty] = np.nan
    fusion = FusionStackingClassifier(PLAIN, cv=FOLDS).fit(table, labels)
    # The final model by hand, of the rows that have something.
    said = np.column_stack(
        [
            predicted_out_of_fold(table[columns].to_numpy(), labels, ~empty)
            for columns in (["a"], ["b", "c"])
        ]
    )
    final = LogisticRegression().fit(said[~empty], labels[~empty])
    np.testing.assert_allclose(fusion.final_estimator_.coef_, final.coef_, rtol=1e-6)


def predicted_out_of_fold(X, y, seen):
    said = np.full(len(y), np.nan)
    for train, test in FOLDS.split(X, y):
        member = LogisticRegression(max_iter=1000).fit(X[train[seen[train]]], y[train[seen[train]]])
        said[test[seen[test]]] = member.predict_proba(X[test[seen[test]]])[:, 1]
    return said


def test_a_row_with_nothing_gets_the_prior_and_one_warning(table, modalities):
    y = np.array(["no"] * 15 + ["yes"] * 45)
    table.loc[[4, 8]] = np.nan
    fusion = FusionStackingClassifier(modalities).fit(table, y)
    for predict in (fusion.predict, fusion.predict_proba):
        with pytest.warns(UserWarning, match="2 of 60 rows have no modality at all") as record:
            predicted = predict(table)
        assert len(record) == 1
    np.testing.assert_allclose(predicted[[4, 8]], [[0.25, 0.75]] * 2)
    with pytest.warns(UserWarning, match="1 of 1 rows"):
        assert fusion.predict({}).tolist() == ["yes"]
    regressor = FusionStackingRegressor(modalities).fit(table, [0.0] * 15 + [4.0] * 45)
    with pytest.warns(UserWarning, match="1 of 1 rows"):
        assert regressor.predict({}).tolist() == [3.0]


class Reader(TransformerMixin, BaseEstimator):
    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return np.array([[np.nan if cell == "broken" else float(cell)] for cell in X])


@pytest.mark.parametrize("passthrough", [False, True])
def test_an_unreadable_cell_counts_as_missing(table, labels, passthrough):
    table["file"] = [str(a) for a in table["a"]]
    modalities = [("f", Reader(), "file"), ("right", StandardScaler(), ["b", "c"])]
    broken, lost = table.copy(), table.copy()
    broken.loc[::7, "file"] = "broken"
    lost.loc[::7, "file"] = None
    one = FusionStackingClassifier(modalities, passthrough=passthrough).fit(broken, labels)
    two = FusionStackingClassifier(modalities, passthrough=passthrough).fit(lost, labels)
    np.testing.assert_array_equal(one.predict_proba(broken), two.predict_proba(lost))


def test_a_class_that_a_fold_never_saw(table):
    # The rows of class 0 are all tested in one fold; the first lacks both modalities.
    y = np.repeat([0, 1, 2], 20)
    table.loc[0] = np.nan
    cv = [(np.arange(20, 60), np.arange(20)), (np.arange(20), np.arange(20, 60))]
    other = [(np.r_[:20, 20:40:2, 40:60:2], np.r_[21:40:2, 41:60:2])]
    cv = [cv[0], (np.r_[:20, 21:40:2, 41:60:2], np.r_[20:40:2, 40:60:2]), *other]
    fusion = FusionStackingClassifier(PLAIN, cv=cv).fit(table, y)
    # Row 0 is no voice: zeros for the unseen class would count in the means.
    said = predicted_by(table, y, cv, ["a"])
    np.testing.assert_allclose(fusion.meta_means_[:3], np.nanmean(said, axis=0))
    assert np.isnan(said[0]).all()


def predicted_by(table, y, cv, columns):
    X = table[columns].to_numpy()
    said = np.full((len(y), 3), np.nan)
    for train, test in cv:
        train = train[~np.isnan(X[train]).any(axis=1)]
        test = test[~np.isnan(X[test]).any(axis=1)]
        member = LogisticRegression(max_iter=1000).fit(X[train], y[train])
        said[test] = 0
        said[np.ix_(test, member.classes_)] = member.predict_proba(X[test])
    return said


def test_a_class_unknown_to_the_final_model_is_improbable(table):
    # The only rows of class 0 have no modality, so that nothing was said of them.
    y = np.repeat([0, 1, 2], [4, 28, 28])
    table.loc[:3] = np.nan
    fusion = FusionStackingClassifier(PLAIN).fit(table, y)
    probabilities = fusion.predict_proba(table[4:])
    assert (probabilities[:, 0] == 0).all()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    assert set(fusion.predict(table[4:])) <= {1, 2}


def test_too_few_rows_for_the_folds(table, labels):
    table.loc[2:] = np.nan
    with pytest.raises(
        ValueError, match="no fold could predict a row; there are too few rows of l"
    ):
        FusionStackingClassifier(PLAIN, cv=2).fit(table, labels)


# Groups


class Spy(TransformerMixin, BaseEstimator):
    """Remember the rows of each fit."""

    fits = []

    def fit(self, X, y=None):
        self.fits.append(np.asarray(X)[:, 0].astype(int))
        return self

    def transform(self, X):
        return np.asarray(X, dtype=float)


@pytest.mark.parametrize("cv", [None, 3, GroupKFold(4)])
@pytest.mark.parametrize("cls", [FusionStackingClassifier, FusionStackingRegressor])
def test_inner_folds_never_split_a_group(cls, cv, table, groups):
    table["row"] = np.arange(60.0)
    Spy.fits.clear()
    cls([("spy", Spy(), ["row", "a"])], cv=cv).fit(table, np.arange(60) % 2, groups=groups)
    assert len(Spy.fits) == {None: 5, 3: 3}.get(cv if cv in (None, 3) else 0, 4) + 1
    assert sorted(len(rows) for rows in Spy.fits)[-1] == 60
    for rows in Spy.fits:
        trained = set(groups[rows])
        assert len(rows) == sum(np.isin(groups, list(trained)))


def test_without_groups_rows_are_split_freely(table, groups):
    table["row"] = np.arange(60.0)
    Spy.fits.clear()
    FusionStackingClassifier([("spy", Spy(), ["row", "a"])]).fit(table, np.arange(60) % 2)
    assert any(len(rows) < sum(np.isin(groups, groups[rows])) for rows in Spy.fits)


def test_a_splitter_that_splits_groups_is_refused(table, labels, groups, modalities):
    with pytest.raises(ValueError, match="cv splits the group 'speaker"):
        FusionStackingClassifier(modalities, cv=FOLDS).fit(table, labels, groups=groups)
    with pytest.raises(ValueError, match="groups"):
        FusionStackingClassifier(modalities, cv=GroupKFold(2)).fit(table, labels)


def test_groups_may_be_a_column(table, labels, groups, modalities):
    column = pd.Series(groups, index=range(60, 120), dtype="category")
    one = FusionStackingClassifier(modalities).fit(table, labels, groups=column)
    two = FusionStackingClassifier(modalities).fit(table, labels, groups=groups.tolist())
    np.testing.assert_array_equal(one.predict_proba(table), two.predict_proba(table))


# Weights


def test_integer_weights_are_repeated_rows(table, labels, values):
    counts = np.arange(60) % 3 + 1
    repeated = np.repeat(np.arange(60), counts)
    folds = list(FOLDS.split(table, labels))
    place = [np.flatnonzero(repeated == i) for i in range(60)]
    same = [tuple(np.concatenate([place[i] for i in side]) for side in fold) for fold in folds]
    exact = LogisticRegression(tol=1e-10, max_iter=10000)
    weighted = FusionStackingClassifier(PLAIN, exact, exact, cv=folds)
    weighted.fit(table, labels, sample_weight=counts)
    plain = FusionStackingClassifier(PLAIN, exact, exact, cv=same)
    plain.fit(table.iloc[repeated], labels[repeated])
    np.testing.assert_allclose(weighted.predict_proba(table), plain.predict_proba(table), rtol=1e-4)
    weighted = FusionStackingRegressor(PLAIN, Ridge(), Ridge(), cv=folds)
    plain = FusionStackingRegressor(PLAIN, Ridge(), Ridge(), cv=same)
    np.testing.assert_allclose(
        weighted.fit(table, values, sample_weight=counts).predict(table),
        plain.fit(table.iloc[repeated], values[repeated]).predict(table),
    )


def test_models_that_take_no_weights(table, labels, modalities):
    knn = KNeighborsClassifier()
    for params in ({"estimator": knn}, {"final_estimator": knn}):
        fusion = FusionStackingClassifier(modalities, **params).fit(table, labels)
        with pytest.raises(TypeError, match="KNeighborsClassifier takes no sample_weight"):
            fusion.fit(table, labels, sample_weight=np.ones(60))


def test_class_weights_by_label(table, labels):
    heavy = {"neg": 1, "positive": 5}
    weights = np.where(labels == "positive", 5.0, 1.0)
    fusion = FusionStackingClassifier(PLAIN, cv=FOLDS)
    fusion.set_params(estimator__class_weight=heavy, final_estimator__class_weight=heavy)
    weighted = FusionStackingClassifier(PLAIN, cv=FOLDS).fit(table, labels, sample_weight=weights)
    np.testing.assert_allclose(
        fusion.fit(table, labels).predict_proba(table), weighted.predict_proba(table), rtol=1e-6
    )


# Names, labels, parameters


def test_names_of_meta_columns(table, labels, three_labels, values, modalities):
    fusion = FusionStackingClassifier(modalities).fit(table, labels)
    assert fusion.get_feature_names_out().tolist() == ["left__positive", "right__positive"]
    framed = fusion.set_output(transform="pandas").transform(table)
    assert list(framed.columns) == ["left__positive", "right__positive"]
    member = fusion.named_estimators_["left"]
    np.testing.assert_allclose(framed["left__positive"], member.predict_proba(table)[:, 1])
    fusion = FusionStackingClassifier(modalities).fit(table, three_labels)
    assert fusion.get_feature_names_out().tolist()[:3] == [
        "left__low",
        "left__middle",
        "left__very high",
    ]
    fusion = FusionStackingClassifier(modalities, passthrough=True).fit(table, labels)
    assert fusion.get_feature_names_out().tolist()[2:] == ["left__a", "right__b", "right__c"]
    regressor = FusionStackingRegressor(modalities).fit(table, values)
    assert regressor.get_feature_names_out().tolist() == ["left", "right"]


class Terse(LogisticRegression):
    """Answer with labels of as many characters as the longest that it answers with."""

    def predict(self, X):
        return np.array(super().predict(X).tolist())


def test_labels_of_different_lengths_are_not_cut(table, modalities):
    y = np.where(np.arange(60) % 2, "b", "a much longer label")
    fusion = FusionStackingClassifier(modalities, final_estimator=Terse()).fit(table, y)
    answers = fusion.predict(table)
    shortest = table[answers == "b"][:2]
    shortest.loc[99] = np.nan
    with pytest.warns(UserWarning, match="1 of 3"):
        assert fusion.predict(shortest).tolist() == ["b", "b", "a much longer label"]


def test_nested_parameters(modalities, table, labels):
    fusion = FusionStackingClassifier(modalities)
    assert fusion.get_params()["final_estimator__C"] == 1.0
    fusion.set_params(estimator__C=0.1, final_estimator__C=0.2, left__with_std=False)
    fusion.set_params(right="drop").fit(table, labels)
    assert fusion.final_estimator_.C == 0.2
    assert fusion.estimators_[0].estimator_.C == 0.1
    assert fusion.estimators_[0].transformer_.with_std is False
    assert fusion.final_estimator_.coef_.shape == (1, 1)
    assert FusionStackingRegressor(modalities).get_params()["final_estimator__alphas"]


def test_methods_are_those_of_the_final_model(table, labels, modalities):
    for final, probable, decisive in [
        (LinearSVC(), False, True),
        (RandomForestClassifier(5, random_state=0), True, False),
        (make_pipeline(StandardScaler(), LogisticRegression()), True, True),
    ]:
        fusion = FusionStackingClassifier(modalities, final_estimator=final)
        for state in (fusion, clone(fusion).fit(table, labels)):
            assert hasattr(state, "predict_proba") == probable
            assert hasattr(state, "decision_function") == decisive
    assert not hasattr(FusionStackingRegressor(modalities), "predict_proba")


def test_models_that_do_not_fit(table, labels, values, modalities):
    with pytest.raises(TypeError, match="combines probabilities, which LinearSVC does not give"):
        FusionStackingClassifier(modalities, LinearSVC()).fit(table, labels)
    with pytest.raises(TypeError, match=r"final_estimator must be a classifier, got Ridge\(\)"):
        FusionStackingClassifier(modalities, final_estimator=Ridge()).fit(table, labels)
    with pytest.raises(TypeError, match="final_estimator must be a regressor, got Logistic"):
        FusionStackingRegressor(modalities, final_estimator=LogisticRegression()).fit(table, values)


def test_unfitted(table, modalities):
    fusion = FusionStackingClassifier(modalities)
    for method in ("predict", "predict_proba", "decision_function", "transform"):
        with pytest.raises(NotFittedError):
            getattr(fusion, method)(table)
    with pytest.raises(NotFittedError):
        fusion.get_feature_names_out()


@pytest.mark.parametrize("cls", [FusionStackingClassifier, FusionStackingRegressor])
def test_clone_pickle_and_representations(cls, table, modalities):
    fusion = cls(modalities, passthrough=True)
    fitted = clone(fusion).fit(table, np.arange(60) % 2)
    again = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(again.predict(table), fitted.predict(table))
    assert "passthrough=True" in repr(fusion)
    for html in (fusion._repr_html_(), fitted._repr_html_()):
        assert "left" in html
        assert "final" in html


def test_jobs_change_nothing(table, three_labels, groups, modalities):
    one = FusionStackingClassifier(modalities, passthrough=True)
    two = FusionStackingClassifier(modalities, passthrough=True, n_jobs=2)
    one.fit(table, three_labels, groups=groups)
    two.fit(table, three_labels, groups=groups)
    np.testing.assert_array_equal(two.predict_proba(table), one.predict_proba(table))
