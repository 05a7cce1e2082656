"""What a frozen model says of rows that are odd or cannot be read: what the full model says."""

import warnings

import numpy as np
import pandas as pd
import pytest

from mmsenti._error_report import errors_of
from mmsenti._sample import SampleWarning
from mmsenti.fusion import FusionClassifier, default_modalities
from mmsenti.text import TextFeatures

NOISE = np.random.default_rng(0).normal(0, 0.1, 8000)
STRATEGIES = ["feature", "voting", "stacking", "hybrid"]


def outcome(method, rows):
    """Return the answer of a method or its error, and the warnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            answer = np.asarray(method(rows)).tolist()
        except (ValueError, TypeError, OSError) as error:
            answer = next(
                kind for kind in (TypeError, OSError, ValueError) if isinstance(error, kind)
            )
            answer = (answer, str(error))
    return answer, {(w.category, str(w.message)) for w in caught}


@pytest.fixture(params=STRATEGIES)
def pair(request, posts, frozen_of):
    modalities = default_modalities(["text", "image", "audio"], on_error="raise")
    modalities[1][1].set_params(extract__max_pixels=100_000, extract__hog="drop")
    modalities[2][1].set_params(extract__max_duration=5.0)
    modalities[0][1].set_params(**{f"{part}__max_characters": 500 for part in ("word", "char")})
    modalities[0][1].set_params(scores__extract__max_characters=500)
    model = FusionClassifier(modalities, strategy=request.param, cv=2)
    model.fit(posts, posts["label"])
    return model, frozen_of(model)


BAD = {
    "a number for a text": {"text": 5},
    "a bool for a text": {"text": True},
    "bytes for a text": {"text": b"good"},
    "a long text": {"text": "good " * 101},
    "no such picture": {"image": "nowhere.png"},
    "not a picture": {"image": b"GIF89a"},
    "nothing of a picture": {"image": b""},
    "an address": {"image": "http://localhost/picture.png"},
    "a folder": {"image": "."},
    "a large picture": {"image": np.zeros((400, 400, 3), np.uint8)},
    "a picture of a wrong shape": {"image": np.zeros((4, 4, 7), np.uint8)},
    "an object": {"image": object},
    "no such sound": {"audio": "nowhere.wav"},
    "not a sound": {"audio": b"RIFF1234WAVEfmt "},
    "a long sound": {"audio": np.zeros(16000 * 6)},
    "a sound that is not finite": {"audio": np.full(8000, np.nan)},
    "two bad cells": {"text": b"good", "image": "nowhere.png"},
}


def test_errors_are_the_same(pair):
    model, frozen = pair
    for name, bad in BAD.items():
        for rows in (bad, [{"text": "good day"}, {"text": None}, bad, {"text": "bad day"}]):
            expected = outcome(model.predict, rows)
            assert isinstance(expected[0], tuple), name
            assert outcome(frozen.predict, rows)[0] == expected[0], name
            assert outcome(frozen.predict_proba, rows)[0] == expected[0], name


def test_warnings_are_the_same(pair):
    model, frozen = pair
    for rows in (
        [{"text": "good"}, {"text": " "}, {}, {"image": None}],
        {},
        {"other": 1},
        [{"text": "good"}, {"audio": NOISE[:100]}],  # shorter than one frame
    ):
        answer, expected = outcome(model.predict, rows)
        assert expected
        assert outcome(frozen.predict, rows) == (answer, expected)
    with pytest.warns(SampleWarning, match="AudioFeatures, row"):
        frozen.predict([{"text": "good"}, {"audio": NOISE[:100]}])


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_unreadable_cells_may_be_missing_ones(posts, assert_equal, strategy):
    modalities = default_modalities(["text", "image", "audio"], on_error="missing")
    modalities[1][1].set_params(extract__hog="drop")
    model = FusionClassifier(modalities, strategy=strategy, cv=2).fit(posts, posts["label"])
    rows = pd.DataFrame(
        {
            "text": ["good", None, "bad", None, "fun"],
            "image": ["nowhere.png", "nowhere.png", posts["image"][0], b"GIF89a", None],
            "audio": [b"", posts["audio"][1], "nowhere.wav", b"RIFF", NOISE],
        }
    )
    frozen = assert_equal(model, rows)
    outcome(model.predict, rows)
    assert frozen.errors_ == errors_of(model)
    assert [error[:2] for error in frozen.errors_] == [
        (0, "image"),
        (0, "audio"),
        (1, "image"),
        (2, "audio"),
        (3, "image"),
        (3, "audio"),
    ]
    frozen.predict({"text": "good"})
    assert frozen.errors_ == []


@pytest.mark.parametrize("on_error", ["raise", "missing"])
def test_texts_that_are_too_long_are_an_error_always(posts, frozen_of, on_error):
    scores = TextFeatures(max_characters=100, on_error=on_error)
    model = FusionClassifier([("text", scores, "text")], strategy="voting")
    frozen = frozen_of(model.fit(posts, posts["label"]))
    rows = [{}, {"text": "good"}, {"text": "good " * 21}]
    expected = outcome(model.predict, rows)[0]
    assert "TextFeatures, row 2" in expected[1]
    assert outcome(frozen.predict, rows)[0] == expected
    frozen.read_on("missing")
    assert outcome(frozen.predict, rows)[0] == expected


def test_reading_on_is_a_matter_of_the_moment(posts, frozen_of):
    frozen = frozen_of(FusionClassifier(default_modalities(posts)).fit(posts, posts["label"]))
    row = {"text": "good", "image": "nowhere.png"}
    with pytest.raises(OSError, match=r"ImageFeatures, row 0, 'nowhere.png'"):
        frozen.predict(row)
    frozen.read_on("missing")
    frozen.predict(row)
    assert frozen.errors_ == [(0, "image", "nowhere.png", "no such file.")]
    frozen.read_on("raise")
    with pytest.raises(OSError, match=r"ImageFeatures"):
        frozen.predict(row)
    with pytest.raises(ValueError, match="on_error must be"):
        frozen.read_on("skip")


def test_what_is_no_table_is_refused(posts, frozen_of):
    X = posts[["text"]]
    frozen = frozen_of(FusionClassifier().fit(X, posts["label"]))
    for rows in ("good", ["good"], X.to_numpy(), 5, None):
        with pytest.raises(TypeError, match="a dict, a list of dicts or a DataFrame"):
            frozen.predict(rows)
    for rows in ([], X.iloc[:0]):
        with pytest.raises(ValueError, match="FusionClassifier: Found array with 0 sample"):
            frozen.predict(rows)


def test_numbers_that_are_none(frozen_of):
    X = pd.DataFrame({"loud": [1.0, 2.0, 3.0, 4.0]})
    model = FusionClassifier([("voice", "passthrough", ["loud"])]).fit(X, [0, 0, 1, 1])
    frozen = frozen_of(model)
    for cell in (np.inf, "loud"):
        error = outcome(model.predict, pd.DataFrame({"loud": [1.0, cell]}))[0][1]
        with pytest.raises(ValueError, match=r"infinity|could not convert") as caught:
            frozen.predict([{"loud": 1.0}, {"loud": cell}])
        assert str(caught.value) in error
