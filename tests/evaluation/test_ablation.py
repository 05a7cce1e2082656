"""Importance of modalities, by leaving out and by permuting."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.preprocessing import StandardScaler

from mmsenti.datasets import make_posts
from mmsenti.evaluation import ModalityImportanceDisplay, ablation
from mmsenti.fusion import FusionClassifier, FusionRegressor


@pytest.fixture(scope="module")
def fitted():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 300)
    X = pd.DataFrame({"strong": y + rng.normal(0, 0.5, 300), "weak": y + rng.normal(0, 2, 300)})
    X["noise"] = rng.normal(size=300)
    modalities = [(name, StandardScaler(), [name]) for name in X]
    model = FusionClassifier(modalities, strategy="voting").fit(X[:200], y[:200])
    return model, X[200:], y[200:]


def test_the_loss_is_what_scikit_learn_measures(fitted):
    model, X, y = fitted
    table = ablation(model, X, y)
    score = roc_auc_score(y, model.predict_proba(X)[:, 1])
    without = roc_auc_score(y, model.predict_proba(X.drop(columns="strong"))[:, 1])
    assert table["score"].tolist() == pytest.approx([score] * 3)
    assert table.loc["strong", "without"] == pytest.approx(without)
    assert table.loc["strong", "ablation"] == pytest.approx(score - without)
    assert table.attrs["metric"] == "macro_auc"


def test_importance_goes_by_what_a_modality_tells(fitted):
    model, X, y = fitted
    table = ablation(model, X, y, n_repeats=10)
    assert table["permutation"].idxmax() == table["ablation"].idxmax() == "strong"
    assert abs(table.loc["noise", "permutation"]) < 0.05
    assert table.loc["strong", "permutation"] > 0.2


def test_losses_count_the_other_way(fitted):
    model, X, y = fitted
    table = ablation(model, X, y, metric="log_loss")
    assert table["score"].iloc[0] == pytest.approx(log_loss(y, model.predict_proba(X)))
    assert table.loc["strong", "ablation"] > 0
    assert (table["ablation"] == table["without"] - table["score"]).all()


def test_values():
    X = pd.DataFrame({"a": np.arange(30.0), "b": np.arange(30.0)[::-1] % 7})
    modalities = [(name, StandardScaler(), [name]) for name in X]
    table = ablation(FusionRegressor(modalities).fit(X, X["a"]), X, X["a"], metric="mae")
    assert table["ablation"].idxmax() == "a"


def test_no_file_is_read_again(tmp_path, monkeypatch):
    from mmsenti.image import _picture

    posts = make_posts(24, modalities=("text", "image"), folder=tmp_path, random_state=0)
    model = FusionClassifier().fit(posts, posts["label"])
    monkeypatch.setattr(_picture, "decoded", lambda *_, **__: pytest.fail("a file is read again"))
    table = ablation(model, posts, posts["label"])
    assert table.index.tolist() == ["text", "image"]


def test_wrong_questions(fitted):
    model, X, y = fitted
    with pytest.raises(ValueError, match="metric must be one of"):
        ablation(model, X, y, metric="f1")
    with pytest.raises(ValueError, match="labels that the model does not know"):
        ablation(model, X, y + 1)


def test_the_display_draws_a_bar_a_modality(fitted):
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    model, X, y = fitted
    display = ModalityImportanceDisplay.from_estimator(model, X, y, n_repeats=2)
    expected = ablation(model, X, y, n_repeats=2)
    left_out, permuted = display.bars_
    assert [bar.get_width() for bar in left_out] == pytest.approx(expected["ablation"].tolist())
    assert [bar.get_width() for bar in permuted] == pytest.approx(expected["permutation"].tolist())
    assert [label.get_text() for label in display.ax_.get_yticklabels()] == list(X.columns)
    assert display.ax_.get_xlabel() == "loss of macro auc"
    _, ax = plt.subplots()
    assert display.plot(ax=ax).ax_ is ax
    plt.close("all")
