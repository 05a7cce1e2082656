"""Frozen tf-idf gives the numbers of TextTfidf, and so of scikit-learn."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmsenti.frozen._describe_transformers import describe_transformer
from mmsenti.frozen._features import SparseBlock
from mmsenti.frozen._file import pack, unpack
from mmsenti.frozen._table import Selection
from mmsenti.frozen._tfidf import FrozenTfidf
from mmsenti.text import TextTfidf

SETTINGS = st.fixed_dictionaries(
    {
        "analyzer": st.sampled_from(["word", "char", "char_wb"]),
        "ngram_range": st.tuples(st.integers(1, 3), st.integers(0, 2)).map(
            lambda pair: (pair[0], pair[0] + pair[1])
        ),
        "lowercase": st.booleans(),
        "strip_accents": st.sampled_from([None, "ascii", "unicode"]),
        "stop_words": st.sampled_from([None, "english", ["good", "the"]]),
        "tokenizer": st.sampled_from([None, "tweet"]),
        "token_pattern": st.sampled_from([r"(?u)\b\w\w+\b", r"\S+", r"#(\w+)"]),
        "binary": st.booleans(),
        "norm": st.sampled_from(["l1", "l2", None]),
        "use_idf": st.booleans(),
        "sublinear_tf": st.booleans(),
        "dtype": st.sampled_from([np.float32, np.float64]),
    }
)
LETTERS = " \t\u00a0\x00aAbB#'-09İßée\u0301電影好😀\ud83d\ufe0fâ€™"
TEXTS = st.lists(
    st.one_of(
        st.none(),
        st.text(LETTERS, max_size=20),
        st.lists(st.sampled_from("the good film GOOD #a1 not".split()), max_size=6).map(" ".join),
    ),
    min_size=1,
    max_size=4,
)


def frozen(tfidf):
    node = unpack(pack(describe_transformer(tfidf, "here")))
    del node["format"], node["kind"]
    return FrozenTfidf(**node)


def dense(block):
    assert isinstance(block, SparseBlock)
    values = np.zeros((len(block), block.width), dtype=block.dtype)
    rows = np.repeat(np.arange(len(block)), np.diff(block.ends))
    values[rows, block.indices] = block.data
    return values


@pytest.mark.filterwarnings("ignore")
@settings(max_examples=200, deadline=None)
@given(learned=TEXTS, read=TEXTS, params=SETTINGS)
def test_numbers_are_those_of_text_tfidf(learned, read, params):
    tfidf = TextTfidf(**params)
    try:
        tfidf.fit([*learned, "the good film #a1"])
    except ValueError:  # no term in these texts
        return
    expected = tfidf.transform(read).toarray()
    features = frozen(tfidf).transform(Selection([read], [np.dtype(float)]))
    values = dense(features.blocks[0])
    assert values.dtype == expected.dtype
    np.testing.assert_allclose(
        values, expected, rtol=0, atol=1e-12 if values.itemsize == 8 else 1e-6
    )


def test_words_that_repeat_are_looked_up_once():
    tfidf = frozen(TextTfidf(analyzer="char_wb", ngram_range=(2, 3)).fit(["good film"]))
    for _ in range(3):
        tfidf.transform(Selection([["good good film", "good"]], [np.dtype(float)]))
    assert tfidf._word_columns.cache_info().misses == 2


def test_a_vocabulary_keeps_its_columns():
    words = {"film": 0, "bad": 2, "good": 1}
    tfidf = TextTfidf(vocabulary=words).fit(["good film", "bad film"])
    values = frozen(tfidf).transform(Selection([["bad"]], [np.dtype(float)])).blocks[0]
    assert values.indices.tolist() == [2]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert frozen(tfidf).vocabulary == words
