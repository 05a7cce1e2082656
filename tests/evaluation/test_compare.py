"""The comparison: out-of-fold, beside its controls, every file read once."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GridSearchCV, StratifiedGroupKFold
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from mmsenti.datasets import make_posts
from mmsenti.evaluation import compare
from mmsenti.evaluation._compare import verdict
from mmsenti.fusion import FusionClassifier, FusionRegressor


@pytest.fixture(scope="module")
def rows():
    """Two modalities that each tell a part of the truth, one that tells nothing."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 400)
    table = pd.DataFrame(
        {
            "left": y + rng.normal(0, 0.8, 400),
            "right": y + rng.normal(0, 0.8, 400),
            "noise": rng.normal(0, 1, 400),
        }
    )
    modalities = [(name, StandardScaler(), [name]) for name in table]
    return table, np.array(["neg", "pos"])[y], rng.integers(0, 80, 400), modalities


def compared(rows, **kwargs):
    X, y, groups, modalities = rows
    estimator = kwargs.pop("estimator", FusionClassifier(modalities))
    kwargs = {"groups": groups, "n_resamples": 100, **kwargs}
    return compare(estimator, X, y, **kwargs)


def test_predictions_are_those_of_a_fit_that_has_not_seen_the_row(rows):
    X, y, groups, modalities = rows
    table = compared(rows, strategies=["stacking"], modalities=[["left", "right"]])
    folds = StratifiedGroupKFold(5, shuffle=True, random_state=0).split(X, y, groups)
    expected = np.zeros(len(y))
    for train, test in folds:
        model = FusionClassifier(modalities[:2], strategy="stacking")
        model.fit(X.iloc[train], y[train], groups=groups[train])
        expected[test] = model.predict_proba(X.iloc[test])[:, 1]
    ours = table.study_.predictions[-1]
    np.testing.assert_array_equal(ours.probabilities[:, 1], expected[ours.rows])
    assert table["macro_auc"].iloc[-1] == pytest.approx(roc_auc_score(y, expected))


def test_every_subset_under_every_strategy(rows):
    table = compared(rows, cv=2)
    assert table["modalities"].tolist()[:3] == ["left", "right", "noise"]
    fused = table[table["strategy"] != "alone"]
    assert fused.groupby("modalities")["strategy"].agg(list).to_dict() == {
        subset: ["feature", "voting", "stacking", "hybrid"]
        for subset in ("left + right", "left + noise", "right + noise", "left + right + noise")
    }
    assert (table["macro_auc_low"] <= table["macro_auc"]).all()
    assert (table["macro_auc_high"] >= table["macro_auc"]).all()
    assert (table[["fit_ms", "predict_ms"]] > 0).all(axis=None)


def test_a_gain_is_called_one_and_noise_is_not(rows):
    table = compared(rows, strategies=["feature"]).set_index("modalities")
    assert table.loc["left + right", "verdict"] == "gain"
    assert table.loc["left + noise", "verdict"] != "gain"
    both = table.loc["left + right"]
    assert both["gain"] == pytest.approx(
        both["macro_auc"] - table.loc[["left", "right"], "macro_auc"].max()
    )
    assert both["shuffled_gain"] < both["gain"] / 2
    assert both["prior_gain"] < both["gain"] / 2


@pytest.mark.parametrize(
    ("gain", "over", "expected"),
    [
        ([0.2, 0.1, 0.3], [0.2, 0.1, 0.3], "gain"),
        ([0.2, 0.1, 0.3], [0.0, -0.1, 0.1], "no gain beyond the prior"),
        ([0.1, -0.1, 0.3], [0.2, 0.1, 0.3], "within noise"),
        ([-0.2, -0.3, -0.1], [0.2, 0.1, 0.3], "loss"),
    ],
)
def test_verdicts(gain, over, expected):
    assert verdict(np.array(gain), [np.array([0.5, 0.4, 0.6]), np.array(over)]) == expected


def test_presence_alone_is_no_gain():
    # Whether there is a picture tells the class; what is on it, nothing.
    rng = np.random.default_rng(1)
    y = rng.integers(0, 2, 600)
    there = rng.random(600) < np.where(y, 0.9, 0.3)
    X = pd.DataFrame(
        {
            "text": y + rng.normal(0, 1.5, 600),
            "image": np.where(there, rng.normal(5, 1, 600), np.nan),
        }
    )
    modalities = [("text", StandardScaler(), ["text"]), ("image", "passthrough", ["image"])]
    table = compare(
        FusionClassifier(modalities), X, y, strategies=["hybrid", "feature"], n_resamples=100
    )
    assert "gain" not in table["verdict"].tolist()


def test_a_loss_counts_the_other_way(rows):
    table = compared(
        rows, strategies=["feature"], metric="log_loss", modalities=[["left", "right"]]
    )
    singles, fused = table.iloc[:2], table.iloc[3]
    assert fused["gain"] == pytest.approx(singles["log_loss"].min() - fused["log_loss"])


def test_named_strategies_and_searches(rows):
    named = {"product": {"strategy": "voting", "rule": "product"}}
    table = compared(rows, strategies=named, modalities=[["left", "noise"]])
    assert table["strategy"].tolist() == ["alone", "alone", "alone", "product"]
    search = GridSearchCV(FusionClassifier(rows[3]), {"estimator__C": [1e-6, 1.0]}, cv=2)
    found = compared(rows, estimator=search, modalities=[["left", "right"]], cv=2)
    assert found["strategy"].tolist()[-1] == "search"
    expected = compared(rows, strategies=["feature"], modalities=[["left", "right"]], cv=2)
    assert found["macro_auc"].iloc[-1] == pytest.approx(expected["macro_auc"].iloc[-1])


def test_values(rows):
    X, _, groups, modalities = rows
    values = X["left"] + X["right"]
    table = compare(FusionRegressor(modalities[:2]), X, values, groups=groups, cv=2, n_resamples=50)
    assert table.study_.metric == "pearson_r"
    assert table["verdict"].tolist()[2:] == ["gain"] * 4
    assert table["mae"].iloc[2] < 0.01


def test_models_without_probabilities(rows):
    estimator = FusionClassifier(rows[3][:2], LinearSVC())
    table = compared(rows, estimator=estimator, strategies=["feature"], cv=2)
    assert table.study_.metric == "macro_f1"
    assert "macro_auc" not in table


def test_n_jobs_changes_nothing(rows):
    forest = FusionClassifier(rows[3][:2], RandomForestClassifier(5, random_state=0))
    one, two = (
        compared(rows, estimator=forest, strategies=["voting"], cv=2, n_jobs=n) for n in (1, 2)
    )
    scores = [c for c in one if not c.endswith("_ms")]
    pd.testing.assert_frame_equal(one[scores], two[scores])


def test_duplicates_across_folds_are_found(tmp_path):
    posts = make_posts(40, modalities=("text", "image"), folder=tmp_path, random_state=0)
    (tmp_path / "copy.jpg").write_bytes(Path(posts["image"][0]).read_bytes())
    posts.loc[1, "image"] = str(tmp_path / "copy.jpg")
    posts.loc[2, "text"] = posts.loc[3, "text"].upper() + " "
    folds = [(np.arange(1, 40), np.array([0]))]
    table = compare(FusionClassifier(), posts, posts["label"], cv=folds, strategies=["voting"])
    found = table.study_.duplicates
    assert {"modality": "image", "rows": [0, 1], "across_folds": True} in found
    assert {"modality": "text", "rows": [2, 3], "across_folds": False} in found


@pytest.mark.parametrize(
    ("tick", "seed"), [(2 * 10**9, 24), (-(10**9), 25)], ids=["young files", "old files"]
)
def test_each_file_is_decoded_once(tick, seed, tmp_path, monkeypatch):
    from mmsenti.image import _picture

    monkeypatch.setattr("mmsenti.store._content._TICK_NS", tick)
    posts = make_posts(24, modalities=("text", "image"), folder=tmp_path, random_state=seed)
    decoded = []
    decode = _picture.decoded
    monkeypatch.setattr(
        _picture, "decoded", lambda file, **k: decoded.append(file.name) or decode(file, **k)
    )
    compare(FusionClassifier(), posts, posts["label"], cv=3, n_resamples=10)
    assert len(decoded) == len(set(decoded)) == 24


def test_cells_that_cannot_be_read_are_listed(tmp_path):
    posts = make_posts(40, modalities=("text", "image"), folder=tmp_path, random_state=0)
    posts.loc[7, "image"] = str(tmp_path / "gone.jpg")
    with pytest.raises(OSError, match=r"row 7, .*gone.jpg"):
        compare(FusionClassifier(), posts, posts["label"])
    from mmsenti.fusion import default_modalities

    fusion = FusionClassifier(default_modalities(posts, on_error="missing"))
    table = compare(fusion, posts, posts["label"], cv=2, strategies=["voting"], n_resamples=10)
    ((row, name, path, reason),) = table.study_.errors
    assert (row, name, path) == (7, "image", str(tmp_path / "gone.jpg"))
    assert "no such file" in reason


@pytest.mark.parametrize(
    ("kwargs", "match"),
    [
        ({"strategies": ["fusion"]}, "strategies must be a list out of feature"),
        ({"strategies": "voting"}, "strategies must be a list"),
        ({"modalities": "pairs"}, "'all-subsets'"),
        ({"modalities": [["left", "smell"]]}, "names out of left, right, noise"),
        ({"metric": "f1"}, "metric must be one of accuracy"),
        ({"groups": [1, 2]}, "each of 400 rows"),
    ],
)
def test_wrong_arguments_say_what_would_be_right(rows, kwargs, match):
    with pytest.raises(ValueError, match=match):
        compared(rows, **kwargs)


def test_only_fusions_are_compared(rows):
    with pytest.raises(TypeError, match="FusionClassifier or a FusionRegressor"):
        compared(rows, estimator=LogisticRegression())
