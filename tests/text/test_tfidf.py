import csv
import pickle
import subprocess
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
import skops.io
from scipy import sparse
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import TfidfVectorizer

from mmsenti.text import TextTfidf

SHARED = Path(__file__).resolve().parents[3] / "shared"
TEXTS = [
    "I love this film, I really love it!",
    "This film isn't good, not good at all :(",
    "loving the loved lovers #film @ann",
    "So-so. The the film is 10 out of 20 \U0001f600",
    "Ünïcode caf\u00e9 text with émotions",
]
HOLES = [TEXTS[0], None, TEXTS[1], "", TEXTS[2], float("nan"), TEXTS[3], "  ", TEXTS[4], pd.NA]
SETTINGS = [
    {},
    {"ngram_range": (1, 2), "min_df": 2},
    {"analyzer": "char", "ngram_range": (1, 3), "sublinear_tf": True},
    {"analyzer": "char_wb", "ngram_range": (3, 5), "norm": "l1"},
    {"stop_words": "english", "use_idf": False, "lowercase": False},
    {"max_df": 0.7, "max_features": 7, "smooth_idf": False},
    {"vocabulary": ["love", "film"], "binary": True, "dtype": np.float32},
    {"strip_accents": "unicode"},
    {"tokenizer": str.split, "token_pattern": None},
]


def difference(ours, theirs):
    assert ours.shape == theirs.shape
    return abs(ours - theirs).max()


@pytest.mark.parametrize("settings", SETTINGS)
def test_equals_scikit_learn_where_nothing_is_missing(settings):
    ours, theirs = TextTfidf(**settings), TfidfVectorizer(**settings)
    assert difference(ours.fit_transform(TEXTS), theirs.fit_transform(TEXTS)) <= 1e-12
    assert difference(ours.transform(TEXTS[::-1]), theirs.transform(TEXTS[::-1])) == 0
    assert ours.get_feature_names_out().tolist() == theirs.get_feature_names_out().tolist()
    assert ours.transform(TEXTS).dtype == theirs.transform(TEXTS).dtype


@pytest.mark.parametrize("settings", SETTINGS)
def test_missing_cells_are_zero_rows_and_count_nowhere(settings):
    present = [0, 2, 4, 6, 8]
    ours, theirs = TextTfidf(**settings), TfidfVectorizer(**settings)
    values, expected = ours.fit_transform(HOLES), theirs.fit_transform(TEXTS)
    assert sparse.issparse(values)
    assert values.format == "csr"
    assert values.shape[0] == len(HOLES)
    assert difference(values[present], expected) <= 1e-12
    assert values.sum() == pytest.approx(expected.sum())
    if settings.get("use_idf", True):
        np.testing.assert_allclose(ours.idf_, theirs.idf_, rtol=0, atol=1e-12)
    assert difference(ours.transform(HOLES), values) <= 1e-12


def test_equals_scikit_learn_on_a_corpus():
    path = SHARED / "data" / "mvsa_single" / "manifest.csv"
    if not path.exists():
        pytest.skip("the corpora are not here")
    with open(path, encoding="utf-8", newline="") as file:
        texts = [row["text"] for row in csv.DictReader(file) if row["text"].strip()]
    for settings in SETTINGS[1], SETTINGS[3]:
        expected = TfidfVectorizer(**settings).fit_transform(texts)
        assert difference(TextTfidf(**settings).fit_transform(texts), expected) <= 1e-12


def test_by_hand():
    # Two texts; idf of "film" is ln(3/3) + 1 = 1, of "good" ln(3/2) + 1. The hole counts not.
    values = TextTfidf().fit_transform(["good film", None, "film"]).toarray()
    idf = np.log(3 / 2) + 1
    length = np.hypot(1, idf)
    np.testing.assert_allclose(values, [[1 / length, idf / length], [0, 0], [1, 0]])


@pytest.mark.parametrize(
    "column",
    [
        [["good film"], [None]],
        np.array([["good film"], [None]], dtype=object),
        pd.Series(["good film", None], index=[7, 7]),
        pd.Series(["good film", None], dtype="string"),
        pd.DataFrame({"text": ["good film", None]}),
        pl.Series(["good film", None]),
    ],
    ids=["nested list", "2-D array", "series", "string dtype", "frame", "polars"],
)
def test_shapes_of_a_column(column):
    np.testing.assert_allclose(
        TextTfidf(norm="l1").fit_transform(column).toarray(), [[0.5, 0.5], [0, 0]]
    )


def test_one_row_and_all_missing_rows_at_predict():
    tfidf = TextTfidf().fit(["good film"])
    assert tfidf.transform(["good"]).shape == (1, 2)
    for column in ([None], [None, ""], ["unknown"]):
        values = tfidf.transform(column)
        assert values.shape == (len(column), 2)
        assert values.nnz == 0
    callable_analyzer = TextTfidf(analyzer=lambda text: ["constant"]).fit(["a"])
    assert callable_analyzer.transform([None]).nnz == 0


def test_errors_say_where():
    with pytest.raises(ValueError, match="TextTfidf: all 2 cells of the column are missing"):
        TextTfidf().fit([None, " "])
    with pytest.raises(TypeError, match=r"TextTfidf, row 1, <bytes of length 3>: expected a text"):
        TextTfidf().fit(["good", b"bad"])
    with pytest.raises(TypeError, match="TextTfidf, row 2, 5: expected a text"):
        TextTfidf().fit(["good"]).transform(["good", None, 5])
    with pytest.raises(ValueError, match="TextTfidf, row 0, 'too long': a text of 8 characters"):
        TextTfidf(max_characters=7).fit(["too long"])
    with pytest.raises(TypeError, match="a single str"):
        TextTfidf().fit("good film")
    with pytest.raises(ValueError, match="one column"):
        TextTfidf().fit(np.array([["a", "b"]], dtype=object))
    with pytest.raises(NotFittedError):
        TextTfidf().transform(["good"])
    for params in ({"tokenizer": "nltk"}, {"stemmer": "krovetz"}, {"max_characters": 0}):
        with pytest.raises(ValueError, match=f"'{next(iter(params))}' parameter of TextTfidf"):
            TextTfidf(**params).fit(["good"])


def test_tweet_tokens_stay_whole():
    names = TextTfidf(tokenizer="tweet").fit(["So #good :) @Ann \U0001f44d\U0001f3fd"])
    assert set(names.get_feature_names_out()) == {
        "so",
        "#good",
        ":)",
        "@ann",
        "\U0001f44d\U0001f3fd",
    }


@pytest.mark.parametrize("name", ["treebank", "wordpunct", "toktok"])
def test_tokenizers_are_nltks(name):
    import nltk.tokenize

    reference = {
        "treebank": nltk.tokenize.TreebankWordTokenizer,
        "wordpunct": nltk.tokenize.WordPunctTokenizer,
        "toktok": nltk.tokenize.ToktokTokenizer,
    }[name]()
    expected = {token for text in TEXTS for token in reference.tokenize(text.lower())}
    assert set(TextTfidf(tokenizer=name).fit(TEXTS).get_feature_names_out()) == expected


@pytest.mark.parametrize(
    ("stemmer", "terms"),
    [
        # Porter 1980 and Paice 1990 as their papers' rules give them; stop words go unstemmed.
        ("snowball", ["generous", "love"]),
        ("porter", ["gener", "love"]),
        ("lancaster", ["gen", "lov"]),
        (str.upper, ["GENEROUSLY", "LOVED", "LOVES", "LOVING"]),
    ],
)
def test_stemmers(stemmer, terms):
    tfidf = TextTfidf(stemmer=stemmer, stop_words=["having"])
    tfidf.fit(["loving loved loves generously having"])
    assert tfidf.get_feature_names_out().tolist() == terms


def test_ngrams_are_built_from_stems():
    tfidf = TextTfidf(stemmer="snowball", ngram_range=(2, 2), stop_words=["the"])
    tfidf.fit(["loving the films"])
    assert tfidf.get_feature_names_out().tolist() == ["love film"]


def test_warnings_only_for_what_was_asked_for():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        TextTfidf(tokenizer="tweet").fit(TEXTS)
        TextTfidf(tokenizer=str.split, stemmer="porter").fit(TEXTS)
    with pytest.warns(UserWarning, match="'token_pattern' will not be used"):
        TextTfidf(tokenizer="tweet", token_pattern=r"\w+").fit(TEXTS)
    with pytest.warns(UserWarning, match="'stemmer' will not be used"):
        TextTfidf(analyzer="char", stemmer="porter").fit(TEXTS)


def test_clone_pickle_and_skops():
    tfidf = TextTfidf(tokenizer="tweet", stemmer="snowball", ngram_range=(1, 2), max_df=0.9)
    assert clone(tfidf).get_params() == tfidf.get_params()
    assert clone(tfidf).set_params(stemmer="porter").stemmer == "porter"
    expected = tfidf.fit(HOLES).transform(HOLES)
    assert difference(pickle.loads(pickle.dumps(tfidf)).transform(HOLES), expected) == 0
    data = skops.io.dumps(tfidf)
    unknown = skops.io.get_untrusted_types(data=data)
    assert unknown == ["mmsenti.text._tfidf.TextTfidf"]
    assert difference(skops.io.loads(data, trusted=unknown).transform(HOLES), expected) == 0


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_set_output(library):
    column = pd.Series(["good film", None, "film"], index=[3, 5, 9], name="text")
    tfidf = TextTfidf().set_output(transform=library)
    table = tfidf.fit_transform(column)
    assert type(table).__module__.startswith(library)
    assert list(table.columns) == ["film", "good"]
    np.testing.assert_allclose(table.to_numpy(), TextTfidf().fit_transform(column).toarray())
    if library == "pandas":
        assert table.index.tolist() == [3, 5, 9]
    frame = pd.DataFrame({"text": column})
    joined = ColumnTransformer([("text", TextTfidf(), "text"), ("same", TextTfidf(), ["text"])])
    assert joined.set_output(transform=library).fit_transform(frame).shape == (3, 4)


def test_accents_typed_in_two_ways_are_one_term():
    tfidf = TextTfidf().fit(["caf\u00e9", "cafe\u0301"])
    assert tfidf.get_feature_names_out().tolist() == ["caf\u00e9"]


def test_tags_are_honest():
    tags = TextTfidf().__sklearn_tags__()
    assert tags.input_tags.string
    assert tags.input_tags.one_d_array
    assert not tags.input_tags.two_d_array
    assert tags.input_tags.allow_nan
    assert tags.requires_fit
    assert not tags._skip_test


def test_nltk_is_loaded_only_when_asked_for():
    code = (
        "import sys; from mmsenti.text import TextTfidf\n"
        "TextTfidf(tokenizer='tweet').fit(['good'])\n"
        "assert 'nltk' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_hostile_text_takes_little_time():
    start = time.process_time()
    TextTfidf(tokenizer="tweet", strip_accents="unicode").fit_transform(
        ["a" + "\u0301\u0316" * 40_000, "1." * 40_000, "!?. " * 40_000]
    )
    assert time.process_time() - start < 2
