import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.preprocessing import StandardScaler

from mmsenti.fusion import FusionVotingClassifier, default_modalities
from mmsenti.fusion._modality import check_modalities, name_weights

SCALE = StandardScaler()


# Triples


def test_dropped_modalities_are_left_out():
    kept = check_modalities([("a", SCALE, "a"), ("b", "drop", "b")], "Owner")
    assert kept == [("a", SCALE, "a")]


def test_passthrough_is_a_transformer():
    assert len(check_modalities([("a", "passthrough", ["a"])], "Owner")) == 1


@pytest.mark.parametrize("modalities", [[], (), None, "text", {"a": 1}])
def test_no_list_of_modalities(modalities):
    with pytest.raises(TypeError, match=r"Owner: modalities must be a list of \(name, trans"):
        check_modalities(modalities, "Owner")


@pytest.mark.parametrize("item", [("a", SCALE), ["a", SCALE, "a"], (1, SCALE, "a"), "abc", SCALE])
def test_no_triple(item):
    with pytest.raises(TypeError, match=r"Owner: a modality is \(name, transformer, column\)"):
        check_modalities([item], "Owner")


@pytest.mark.parametrize("transformer", [StandardScaler, None, "scale", 3])
def test_no_transformer(transformer):
    with pytest.raises(TypeError, match=r"the transformer of modality 'a' must be an instance"):
        check_modalities([("a", transformer, "a")], "Owner")


def test_names_are_unique():
    with pytest.raises(ValueError, match=r"unique, got \['a', 'a'\]"):
        check_modalities([("a", SCALE, "a"), ("a", SCALE, "b")], "Owner")


def test_one_modality_is_kept():
    with pytest.raises(ValueError, match="Owner: every modality is dropped; keep at least one"):
        check_modalities([("a", "drop", "a")], "Owner")


@pytest.mark.parametrize("name", ["rule", "estimator", "a__b"])
def test_names_that_would_hide_a_parameter(name, table, labels):
    with pytest.raises(ValueError, match=name):
        FusionVotingClassifier([(name, SCALE, ["a"])]).fit(table, labels)


# Weights

EVERY, KEPT = ["text", "image", "audio"], ["text", "audio"]


@pytest.mark.parametrize(
    "weights",
    [
        [3, 9, 1],
        np.array([3, 9, 1]),
        {"audio": 1, "text": 3},
        {"audio": 1, "text": 3, "image": 9},
    ],
)
def test_weights_by_name(weights):
    assert name_weights("Owner", weights, EVERY, KEPT) == {"text": 3.0, "audio": 1.0}


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([1, 2], "one number for each of text, image, audio"),
        ({"text": 1}, r"name each modality once; expected \['text', 'image', 'audio'\]"),
        ({"text": 1, "audio": 1, "txt": 1}, r"got \['text', 'audio', 'txt'\]"),
        ([-1, 1, 1], "none negative"),
        ([0, 1, 0], "not all zero"),
        ([np.nan, 1, 1], "finite"),
        ([np.inf, 1, 1], "finite"),
    ],
)
def test_wrong_weights(weights, message):
    with pytest.raises(ValueError, match=message):
        name_weights("Owner", weights, EVERY, KEPT)


# The standard modalities


@pytest.mark.parametrize(
    "columns",
    [
        ["audio", "label", "text"],
        pd.DataFrame({"audio": ["a.wav"], "text": ["good"], "label": [1]}),
        pl.DataFrame({"audio": ["a.wav"], "text": ["good"], "label": [1]}),
        {"audio": "audio", "text": "text"},
    ],
)
def test_standard_modalities_by_their_columns(columns):
    triples = default_modalities(columns)
    assert [(name, column) for name, _, column in triples] == [("text", "text"), ("audio", "audio")]


def test_columns_may_have_names_of_their_own():
    assert [m[::2] for m in default_modalities({"image": "photo"})] == [("image", "photo")]


def test_standard_modalities_are_tuned_by_nested_names():
    modalities = default_modalities(["text", "image"], on_error="missing")
    fusion = FusionVotingClassifier(modalities)
    params = clone(fusion).get_params()
    assert params["image__extract__on_error"] == "missing"
    assert params["text__word__ngram_range"] == (1, 2)
    fusion.set_params(text__word__min_df=7)
    assert dict(modalities_of(fusion))["text"].get_params()["word__min_df"] == 7


def modalities_of(fusion):
    return [(name, transformer) for name, transformer, _ in fusion.modalities]


@pytest.mark.parametrize("columns", [["id", "label"], [], pd.DataFrame({"tweet": ["good"]})])
def test_no_standard_column(columns):
    with pytest.raises(ValueError, match=r"no column is named text, image or audio"):
        default_modalities(columns)


def test_a_single_name_is_one_column():
    assert [name for name, _, _ in default_modalities("text")] == ["text"]


@pytest.mark.parametrize("X", [np.zeros((2, 2)), [[1, 2]], 3])
def test_what_has_no_column_names(X):
    with pytest.raises(ValueError, match=r"a \w+ has no named columns"):
        default_modalities(X)


def test_an_unknown_modality_is_named():
    with pytest.raises(ValueError, match=r"knows text, image, audio; got \['video'\]"):
        default_modalities({"video": "clip"})


def test_an_empty_mapping_names_no_modality():
    with pytest.raises(ValueError, match="text, image, audio"):
        default_modalities({})
