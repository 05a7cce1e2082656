import time
from math import log1p

import pytest

from mmsenti.text import Document, Surface, TextFeatures
from mmsenti.text._surface import capitals_rate, elongation_rate


def surface(text, **params):
    descriptor = Surface(**params)
    values = descriptor.compute(Document(text))
    names = [name.removeprefix("surface_") for name in descriptor.get_names()]
    return dict(zip(names, values, strict=True))


def test_counts_lengthened_words_only():
    # Two of four words are lengthened; "good" has a run of two, which is spelling.
    assert elongation_rate("soooo very gooood good".split()) == 2 / 4


@pytest.mark.parametrize(
    ("words", "min_run", "rate"),
    [
        ([], 3, 0.0),
        (["good"], 2, 1.0),
        (["soooo", "sooo"], 4, 0.5),
        (["SoOo", "x"], 3, 0.5),
        (["lo", "oo"], 3, 0.0),  # no run across two words
        (["sóóó", "1000", "a___"], 3, 1 / 3),
        (["нееет", "да"], 3, 0.5),
    ],
)
def test_elongation_rate(words, min_run, rate):
    assert elongation_rate(words, min_run) == rate


@pytest.mark.parametrize(
    ("text", "rate"),
    [("", 0.0), ("123 !", 0.0), ("Ab1 C", 2 / 3), ("ÄÖü", 2 / 3), ("电影 A", 1 / 3), ("Ⓐ", 1.0)],
)
def test_capitals_rate(text, rate):
    assert capitals_rate(text) == rate


def test_every_feature_by_hand():
    text = 'RT @ann: I DO NOT like "it"... sooo bad!!! why?? www.a.de #no 3 10:30'
    # Words: RT I DO NOT like it sooo bad why, 2 + 1 + 2 + 3 + 4 + 2 + 4 + 3 + 3 = 24 letters.
    # Tokens: these and @ann : " " ... !!! ?? www.a.de #no 3 10:30, 20 in all.
    # In the scope of NOT: like " it " up to the dots.
    letters = 24 + len("ann") + len("wwwade") + len("no")
    assert surface(text) == pytest.approx(
        {
            "characters": log1p(len(text)),
            "words": log1p(9),
            "word_length": log1p(24 / 9),
            "distinct_rate": 1.0,
            "capitals_rate": 8 / letters,
            "caps_words_rate": 3 / 9,  # RT DO NOT; "I" is a capital by its spelling
            "elongation_rate": 1 / 9,
            "exclamations": log1p(3),
            "questions": log1p(2),
            "ellipses": log1p(1),
            "punctuation_runs": log1p(2),
            "quotes": log1p(2),
            "links": log1p(1),
            "mentions": log1p(1),
            "hashtags": log1p(1),
            "numbers": log1p(2),
            "negations": log1p(1),
            "negated_rate": 4 / 20,
            "retweet": 1.0,
        }
    )


def test_repeated_words_and_other_scripts():
    values = surface("Good good GOOD film，真的！！…“ja” ..")
    assert values["distinct_rate"] == 4 / 6
    assert values["exclamations"] == log1p(2)
    assert values["punctuation_runs"] == log1p(1)
    assert values["ellipses"] == log1p(2)
    assert values["quotes"] == log1p(2)


def test_empty_document_has_zeros():
    assert set(surface("").values()) == {0.0}
    assert surface("?")["words"] == 0.0


def test_retweet_mark_stands_alone():
    assert surface("START @ann")["retweet"] == 0.0
    assert surface("so true RT @ann")["retweet"] == 1.0


def test_min_run_is_checked():
    with pytest.raises(ValueError, match="'min_run' parameter of Surface"):
        TextFeatures([("surface", Surface(min_run=1))]).fit(["good"])


@pytest.mark.parametrize(
    "text", ["!?." * 333_333, "A" * 10**6, "A." * 200_000, "aa" * 500_000, "not (" * 100_000]
)
def test_hostile_text_takes_little_time(text):
    start = time.process_time()
    Surface().compute(Document(text, max_characters=10**7))
    assert time.process_time() - start < 2
