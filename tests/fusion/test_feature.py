import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from mmsenti.fusion import make_feature_fusion


def test_it_is_the_pipeline_made_by_hand(table, labels, modalities):
    table.loc[::7, ["b", "c"]] = np.nan
    fusion = make_feature_fusion(modalities, LogisticRegression()).fit(table, labels)
    hand = make_pipeline(ColumnTransformer(modalities), SimpleImputer(), LogisticRegression())
    hand.fit(table, labels)
    assert type(fusion) is Pipeline
    assert isinstance(fusion[0], ColumnTransformer)
    # Not to the bit: products of features that lie otherwise in memory are rounded otherwise.
    np.testing.assert_allclose(fusion.predict_proba(table), hand.predict_proba(table), rtol=1e-12)


def test_a_missing_modality_has_average_features(table, values, modalities):
    table.loc[3, ["b", "c"]] = np.nan
    fusion = make_feature_fusion(modalities, Ridge()).fit(table, values)
    features = fusion[:-1].transform(table)
    np.testing.assert_allclose(features[3, 1:], [0, 0], atol=1e-12)  # scaled: their mean is zero
    a = table["a"]
    assert features[3, 0] == pytest.approx((a[3] - a.mean()) / a.std(ddof=0))


def test_weights_scale_blocks(table, labels, modalities):
    plain = make_feature_fusion(modalities, LogisticRegression()).fit(table, labels)
    weighted = make_feature_fusion(modalities, LogisticRegression(), weights={"right": 3.0})
    factor = weighted.fit(table, labels)[:-1].transform(table) / plain[:-1].transform(table)
    np.testing.assert_allclose(factor, np.tile([1, 3, 3], (60, 1)))


def test_weights_are_tunable(table, labels, modalities):
    search = GridSearchCV(
        make_feature_fusion(modalities, LogisticRegression()),
        {
            "features__transformer_weights": [None, {"left": 0.1}],
            "features__left__with_mean": [True, False],
            "estimator__C": [1, 10],
        },
        cv=2,
        error_score="raise",
    ).fit(table, labels)
    assert len(search.cv_results_["params"]) == 8


def test_a_column_without_a_filled_cell_keeps_its_place(table, labels):
    table["d"] = np.nan
    modalities = [("left", "passthrough", ["a"]), ("none", "passthrough", ["d"])]
    fusion = make_feature_fusion(modalities, LogisticRegression()).fit(table, labels)
    assert fusion[:-1].transform(table).shape == (60, 2)
    assert fusion[:-1].get_feature_names_out().tolist() == ["left__a", "none__d"]


def test_what_was_given_is_not_fitted(table, labels):
    scaler = StandardScaler()
    fusion = make_feature_fusion([("left", scaler, ["a"])], LogisticRegression())
    clone(fusion).fit(table, labels)
    assert not hasattr(scaler, "mean_")


@pytest.mark.parametrize(
    ("modalities", "message"),
    [
        ([], "make_feature_fusion: modalities must be a list"),
        ([("a", StandardScaler())], r"a modality is \(name, transformer, column\)"),
        ([3], r"a modality is \(name, transformer, column\)"),
        ([("a", StandardScaler, "a")], "must be an instance"),
    ],
)
def test_wrong_modalities(modalities, message):
    with pytest.raises(TypeError, match=message):
        make_feature_fusion(modalities, LogisticRegression())


def test_dropped_modalities(table, labels, modalities):
    dropped = [modalities[0], ("right", "drop", ["b", "c"])]
    fusion = make_feature_fusion(dropped, LogisticRegression()).fit(table, labels)
    assert fusion[-1].coef_.shape == (1, 1)
    assert fusion.predict(pd.DataFrame({"a": [-5.0, 5.0], "b": 0.0, "c": 0.0})).tolist() == [
        "neg",
        "positive",
    ]
