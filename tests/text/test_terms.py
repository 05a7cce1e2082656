"""The terms are scikit-learn's, whatever the text and the rules."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from mmsenti.text import TextTfidf
from mmsenti.text._document import tokenize
from mmsenti.text._terms import Terms

RULES = st.fixed_dictionaries(
    {
        "analyzer": st.sampled_from(["word", "char", "char_wb"]),
        "ngram_range": st.tuples(st.integers(1, 4), st.integers(0, 3)).map(
            lambda pair: (pair[0], pair[0] + pair[1])
        ),
        "lowercase": st.booleans(),
        "strip_accents": st.sampled_from([None, "ascii", "unicode"]),
        "stop_words": st.sampled_from([None, "english", ["good", "the", "a b"]]),
        "token_pattern": st.sampled_from([r"(?u)\b\w\w+\b", r"\S+", r"#(\w+)", r"[^\s]\s?"]),
    }
)
# Blanks of every kind, case that changes length, marks, emoji, half an emoji, Chinese, mojibake.
LETTERS = " \t\n\u00a0\u2028\x1c\x00aAbB#'-._09İßŉée\u0301ﬁ電影好😀\ud83d\ufe0fâ€™ЯЩ"
TEXTS = st.one_of(
    st.text(LETTERS, max_size=30),
    st.text(max_size=30),
    st.lists(st.sampled_from("the good  film GOOD a not".split()), max_size=8).map(" ".join),
)


@pytest.mark.filterwarnings("ignore:Your stop_words may be inconsistent", "ignore:.*will not be")
@settings(max_examples=400, deadline=None)
@given(text=TEXTS, rules=RULES)
@example(text="a b", rules={"analyzer": "char_wb", "ngram_range": (1, 5)})
@example(text="", rules={"analyzer": "char_wb", "ngram_range": (1, 1)})
def test_terms_are_those_of_scikit_learn(text, rules):
    expected = TfidfVectorizer(**rules).build_analyzer()(text)
    assert TextTfidf(**rules).build_analyzer()(text) == expected


@pytest.mark.filterwarnings("ignore:Your stop_words may be inconsistent")
@settings(max_examples=100, deadline=None)
@given(text=TEXTS, stop_words=st.sampled_from([None, "english"]))
def test_tweet_tokens_are_those_of_a_document(text, stop_words):
    rules = {"ngram_range": (1, 2), "stop_words": stop_words}
    theirs = TfidfVectorizer(tokenizer=tokenize, token_pattern=None, **rules)
    ours = TextTfidf(tokenizer="tweet", **rules)
    assert ours.build_analyzer()(text) == theirs.build_analyzer()(text)


@settings(max_examples=200, deadline=None)
@given(text=TEXTS, shortest=st.integers(1, 4), more=st.integers(0, 3))
def test_words_bring_the_terms_of_a_text_one_after_another(text, shortest, more):
    terms = Terms(analyzer="char_wb", ngram_range=(shortest, shortest + more))
    assert [t for word in terms.split(text) for t in terms.word_terms(word)] == terms(text)


@pytest.mark.parametrize(
    "params",
    [
        {"analyzer": str.split},
        {"tokenizer": str.split, "token_pattern": None},
        {"preprocessor": str.upper},
        {"strip_accents": str.upper},
        {"stemmer": "porter"},
        {"tokenizer": "treebank"},
    ],
)
def test_functions_and_nltk_have_no_rules(params):
    assert TextTfidf(**params).term_rules() is None


def test_fit_and_predict_share_one_code():
    assert isinstance(TextTfidf().build_analyzer(), Terms)
    assert isinstance(TextTfidf(analyzer="char", tokenizer="tweet").build_analyzer(), Terms)
