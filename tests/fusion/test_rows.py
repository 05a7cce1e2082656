"""Errors name the row of the user's table, whichever part of it a member was shown."""

import warnings

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from sklearn.pipeline import make_pipeline

from mmsenti import load, save
from mmsenti.fusion import (
    FusionClassifier,
    FusionRegressor,
    FusionStackingClassifier,
    FusionVotingClassifier,
)
from mmsenti.fusion._scale import BlockScaler
from mmsenti.image import ColorMoments, make_image_features
from mmsenti.text import TextTfidf, make_text_features

N_ROWS = 30
MISSING = (0, 1, 5, 9, 20)  # rows without a picture, so that positions and rows differ
BROKEN = (4, 13, 27)


@pytest.fixture
def table(tmp_path):
    paths = []
    for row in range(N_ROWS):
        path = tmp_path / f"{row}.png"
        Image.new("RGB", (8, 8), (8 * row, 99, 255 * (row % 2))).save(path)
        if row in BROKEN:
            path.write_bytes(b"no picture %d" % row)
        paths.append(None if row in MISSING else str(path))
    texts = [f"word{row % 5} {'good' if row % 2 else 'bad'}" for row in range(N_ROWS)]
    texts[2] = None
    # An index of one's own is no row number.
    return pd.DataFrame({"text": texts, "image": paths}, index=np.arange(N_ROWS)[::-1] * 10)


LABELS = np.array(["neg", "pos"])[np.arange(N_ROWS) % 2]


def modalities(**params):
    image = make_pipeline(make_image_features(ColorMoments(), **params), BlockScaler())
    return [("text", TextTfidf(), "text"), ("image", image, "image")]


@pytest.mark.parametrize("n_jobs", [None, 2])
@pytest.mark.parametrize("strategy", ["feature", "voting", "stacking", "hybrid"])
@pytest.mark.parametrize("cls", [FusionClassifier, FusionRegressor])
def test_an_error_names_the_row_of_the_table(cls, strategy, n_jobs, table):
    y = LABELS if cls is FusionClassifier else np.arange(N_ROWS) % 2
    fusion = cls(modalities(), strategy=strategy, cv=3, n_jobs=n_jobs)
    with pytest.raises(ValueError, match=r"ImageFeatures, row \d+, ") as caught:
        fusion.fit(table, y)
    message = str(caught.value)
    assert any(f"row {row}, " in message and f"/{row}.png'" in message for row in BROKEN), message
    whole = [row for row in range(N_ROWS) if row not in BROKEN]
    fusion.fit(table.iloc[whole], y[whole])
    table.iloc[0] = None  # a row with nothing, which a model of joined features is not shown
    with pytest.raises(ValueError, match=r"ImageFeatures, row 4, '.*/4\.png'"):
        fusion.predict(table)


def test_the_rows_of_unread_cells_are_those_of_the_table(table, tmp_path):
    fitted = modalities(on_error="missing")
    for fusion in (
        FusionVotingClassifier(fitted, weights="oof", cv=3),
        FusionStackingClassifier(fitted, cv=3),
    ):
        fusion.fit(table, LABELS)
        member = fusion.named_estimators_["image"]
        assert [row for row, _, _ in member.errors_] == list(BROKEN)
        assert member.errors_ == member.transformer_[0].errors_
        assert member.errors_[1][1] == table["image"].iloc[13]
        fusion.predict(table.iloc[5:])
        assert [row for row, _, _ in member.errors_] == [8, 22]
        fusion.predict(table[["text"]].iloc[5:])
        assert member.errors_ == []
        save(fusion, tmp_path / "model.skops")
        assert not hasattr(load(tmp_path / "model.skops").named_estimators_["image"], "errors_")


@pytest.mark.parametrize("strategy", ["feature", "voting", "stacking", "hybrid"])
def test_a_modality_of_unreadable_cells_alone_is_none(strategy, table):
    only = FusionClassifier(modalities()[:1], strategy=strategy).fit(table, LABELS)
    table["image"] = [table["image"].iloc[4]] * N_ROWS
    fusion = FusionClassifier(modalities(on_error="missing"), strategy=strategy)
    fusion.fit(table, LABELS)
    if strategy != "feature":
        assert len(fusion.fusion_.named_estimators_["image"].errors_) == N_ROWS
    rows = table.drop(index=table.index[2])  # the row without a text, which has nothing now
    np.testing.assert_allclose(fusion.predict_proba(rows), only.predict_proba(rows), atol=0.01)


def test_remarks_and_texts_name_the_row_of_the_table(table):
    table["text"] = [None] * 3 + ["fine good", "fine bad"] * 13 + ["x" * 50]
    texts = [("text", TextTfidf(max_characters=20), "text")]
    with pytest.raises(ValueError, match="TextTfidf, row 29, "):
        FusionVotingClassifier(texts).fit(table, LABELS)
    table["text"] = table["text"].astype(object)
    table.iloc[28, 0] = b"bytes"
    texts = [("text", make_text_features(), "text")]
    with pytest.raises(TypeError, match="TextFeatures, row 28, "):
        FusionVotingClassifier(texts).fit(table, LABELS)


def test_a_remark_names_the_row_of_the_table():
    from mmsenti.audio import MFCC, make_audio_features

    rng = np.random.default_rng(0)
    sounds = [None, None, *(rng.normal(size=4000) / 9 for _ in range(8))]
    table = pd.DataFrame({"audio": sounds})
    voices = [("audio", make_audio_features(MFCC()), "audio")]
    fusion = FusionVotingClassifier(voices).fit(table, LABELS[:10])
    table.at[7, "audio"] = rng.normal(size=99) / 9
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        fusion.predict(table.iloc[1:])
    assert [str(w.message).startswith("AudioFeatures, row 6: ") for w in caught] == [True, False]
