"""What a text goes through before it is cut: hashtags, links, negation, mojibake."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmsenti import load, save
from mmsenti.text import TextTfidf, split_hashtag
from mmsenti.text._preprocess import STEPS, make_preprocessor, mark_negation, mend_encoding


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        ("#BestDayEver", ["Best", "Day", "Ever"]),
        ("#iPhone6Plus", ["i", "Phone", "6", "Plus"]),
        ("#NASALaunch", ["NASA", "Launch"]),
        ("#ILOVEYOU", ["I", "LOVE", "YOU"]),
        ("#throwbackthursday", ["throwback", "thursday"]),
        ("#thebestday", ["the", "best", "day"]),
        ("#heart", ["heart"]),  # a word, not "he" and "art"
        ("#xqzptl", ["xqzptl"]),
        ("#snow_day", ["snow", "day"]),
        ("#正能量", ["正能量"]),
        ("#", []),
    ],
)
def test_hashtags_by_case_and_by_lexicon(tag, words):
    assert split_hashtag(tag) == words


def test_a_lexicon_of_ones_own_and_the_fewest_words():
    words = {"ab", "cd", "abc", "d", "ef"}
    assert split_hashtag("#abcdef", words) == ["ab", "cd", "ef"]
    # Two words rather than three, and whole where a letter is left over.
    assert split_hashtag("#abcdd", {"ab", "cd", "d", "abc", "dd"}) == ["abc", "dd"]
    assert split_hashtag("#abcdz", words) == ["abcdz"]


@given(st.text(max_size=60))
def test_no_letter_is_lost(text):
    letters = [c for c in text if c.isalpha()]
    assert [c for c in "".join(split_hashtag(text)) if c.isalpha()] == letters


def mojibake(text):
    return text.encode().decode("cp1252")


@pytest.mark.parametrize(
    "text", ["café", "“quoted”", "it’s", "naïve – yes…", "日本", "😀 ok", "€5"]
)
def test_mojibake_is_mended(text):
    try:
        broken = mojibake(text)
    except UnicodeDecodeError:  # a byte that Windows-1252 has no character for: kept as its code
        broken = "".join(
            bytes([b]).decode("cp1252", "ignore") or chr(b) if b > 127 else chr(b)
            for b in text.encode()
        )
    assert broken != text
    assert mend_encoding(broken) == text


@pytest.mark.parametrize(
    "text", ["plain", "café", "Ã", "£5 and €5", "¿qué?", "why?", "what?!", "çà"]
)
def test_what_is_whole_stays(text):
    assert mend_encoding(text) == text


def test_a_lost_apostrophe():
    assert mend_encoding("I can?t, it?s over? they\ufffdre") == "I can't, it's over? they're"


def test_negation_is_marked_up_to_the_end_of_its_clause():
    assert mark_negation("not good, but fine") == "not not_good , but fine"
    assert mark_negation("a good day") == "a good day"


def test_steps_are_done_in_one_order():
    prepare = make_preprocessor(["hashtags", "numbers", "links", "mentions"])
    words = prepare("@ann 12 #GoodDay http://x.org/#NotATag").split()
    assert words == ["<user>", "0", "#GoodDay", "Good", "Day", "<url>"]
    assert make_preprocessor([])("@ann") == "@ann"


def test_mail_addresses_are_no_mentions():
    assert make_preprocessor("mentions")("ann@x.org @ann") == "ann@x.org  <user> "


def test_terms_of_prepared_texts(tmp_path):
    texts = ["see http://a.b/c1 #SoHappy", "don't like @bob 17 times", None]
    tfidf = TextTfidf(preprocessor=tuple(STEPS)).fit(texts)
    terms = set(tfidf.get_feature_names_out())
    assert {"url", "not_user", "sohappy", "so", "happy", "not_like"} <= terms
    assert not {"http", "bob", "17", "like"} & terms
    save(tfidf, tmp_path / "model.skops")
    again = load(tmp_path / "model.skops")
    np.testing.assert_array_equal(
        again.transform(texts).toarray(), tfidf.transform(texts).toarray()
    )
    assert "café" in TextTfidf(preprocessor="mend").fit([mojibake("café")]).vocabulary_


def test_an_unknown_step_is_refused():
    with pytest.raises(ValueError, match=r"steps are among mend, links, .*; got 'emoji'"):
        TextTfidf(preprocessor=["links", "emoji"]).fit(["a text"])
