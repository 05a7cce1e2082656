import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from mmsenti.text import (
    Document,
    Emoji,
    Emphasis,
    Lexicon,
    Surface,
    TextFeatures,
    make_text_features,
)

TEXTS = ["I love it!", None, "not good \U0001f621", float("nan"), " "]


def test_standard_list_is_the_descriptors_joined():
    features = TextFeatures()
    values = features.fit_transform(TEXTS)
    document = Document(TEXTS[2])
    parts = [Lexicon(), Emphasis(), Surface(), Emoji()]
    expected = np.concatenate([part.compute(document) for part in parts])
    assert values.dtype == np.float32
    np.testing.assert_allclose(values[2], expected, rtol=1e-6)
    assert features.get_feature_names_out().tolist() == [
        name for part in parts for name in part.get_names()
    ]
    assert np.isnan(values[[1, 3, 4]]).all()
    assert np.isfinite(values[[0, 2]]).all()


@pytest.mark.parametrize("on_error", ["raise", "missing"])
def test_a_text_that_is_too_long_is_an_error_always(on_error):
    # As in TextTfidf, which stands beside it in every model: nothing would be won by a hole here.
    features = TextFeatures(max_characters=5, on_error=on_error)
    with pytest.raises(ValueError, match="row 1, 'far too long': a text of 12") as caught:
        features.transform(["fine", "far too long"])
    assert "on_error" not in str(caught.value)


def test_a_wrong_type_is_an_error_always():
    with pytest.raises(
        TypeError, match="TextFeatures, row 1, <bytes of length 4>: expected a text"
    ):
        TextFeatures(on_error="missing").transform(["good", b"good"])


def test_named_parameters_clone_and_pickle(tmp_path):
    features = make_text_features(Lexicon({"film": 1.0}), Surface(), n_jobs=2)
    features.set_params(surface__min_run=4, n_jobs=None)
    values = features.transform(["a film"])
    for copied in (clone(features), pickle.loads(pickle.dumps(features))):
        assert copied.get_params()["surface__min_run"] == 4
        np.testing.assert_array_equal(copied.transform(["a film"]), values)


def test_same_numbers_in_parallel_and_from_tables():
    texts = ["good film", "bad film", None] * 20
    expected = TextFeatures().transform(texts)
    np.testing.assert_array_equal(TextFeatures(n_jobs=2).transform(texts), expected)
    table = pd.DataFrame({"text": texts})
    np.testing.assert_array_equal(TextFeatures().fit(table).transform(table), expected)


def test_tags_are_honest():
    tags = TextFeatures().__sklearn_tags__()
    assert tags.input_tags.string
    assert tags.input_tags.allow_nan
    assert not tags.requires_fit


def test_make_text_features_without_descriptors_is_the_standard_list():
    assert make_text_features().descriptors is None
    assert [n for n, _ in make_text_features(Surface(), Surface()).descriptors] == [
        "surface-1",
        "surface-2",
    ]


@pytest.mark.parametrize("text", ["", " \t\n  ", "\u00a0\u2003\u3000"])
def test_blank_documents_have_defined_zeros(text):
    # As a cell they are missing; whoever computes on documents gets zeros.
    for descriptor in (Lexicon(), Surface(), Emoji()):
        values = dict(zip(descriptor.get_names(), descriptor.compute(Document(text)), strict=True))
        values.pop("surface_characters", None)  # counts blanks
        assert set(values.values()) == {0.0}
