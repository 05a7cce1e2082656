import tracemalloc
import unicodedata

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mmsenti.text import Document
from mmsenti.text._tokens import token_pattern

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", []),
        (" \n\t ", []),
        ("I don't like it.", ["I", "don't", "like", "it", "."]),
        ("well-known 2nd 4ever", ["well-known", "2nd", "4ever"]),
        ("so good:) #fun @bob_1 !!!", ["so", "good", ":)", "#fun", "@bob_1", "!!!"]),
        ("see https://t.co/x. ok", ["see", "https://t.co/x", ".", "ok"]),
        ("HTTP://A.B/c?d=:) www.x.org", ["HTTP://A.B/c?d=", ":)", "www.x.org"]),
        ("at 10:30, 1,000.5 or 50%", ["at", "10:30", ",", "1,000.5", "or", "50%"]),
        ("<3 <30 </3", ["<3", "<", "30", "</3"]),
        ("xD T_T o.O D: ^_^", ["xD", "T_T", "o.O", "D:", "^_^"]),
        ("(he said): no", ["(", "he", "said", ")", ":", "no"]),
        ("a@b.de", ["a", "@", "b", ".", "de"]),
        ("what?! wait…", ["what", "?!", "wait", "…"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("这部电影，很好", ["这部电影", "，", "很好"]),
        ("gut\x00böse", ["gut", "\x00", "böse"]),
    ],
)
def test_tokens(text, tokens):
    assert Document(text).tokens == tokens


@given(st.text(st.characters(max_codepoint=127), max_size=60))
@example("T_T xD#a_b www.a.b!?\x1c3.5% :-) <3 don't_ @a-b >_<")
def test_ascii_alone_is_cut_as_among_others(text):
    text = text.rstrip()
    assert token_pattern(True).findall(text) == token_pattern(False).findall(text)


def test_kinds():
    document = Document("RT @ann: #yay www.a.de :-( 3 cats \U0001f600 1.5")
    assert document.words == ["RT", "cats"]
    assert document.lower_words == ["rt", "cats"]
    assert document.mentions == ["@ann"]
    assert document.hashtags == ["#yay"]
    assert document.links == ["www.a.de"]
    assert document.emoticons == [":-("]
    assert document.numbers == ["3", "1.5"]
    assert document.emoji == ["\U0001f600"]


@pytest.mark.parametrize(
    ("text", "emoji"),
    [
        (FAMILY * 2, [FAMILY, FAMILY]),
        (
            "\U0001f1e9\U0001f1ea\U0001f1eb\U0001f1f7",
            ["\U0001f1e9\U0001f1ea", "\U0001f1eb\U0001f1f7"],
        ),
        ("ok\U0001f44d\U0001f3fd!", ["\U0001f44d\U0001f3fd"]),
        ("1\ufe0f\u20e3 #\ufe0f\u20e3 7", ["1\ufe0f\u20e3", "#\ufe0f\u20e3"]),
        ("\u2764\ufe0f \u2764 \u2764\ufe0e", ["\u2764\ufe0f", "\u2764"]),
        ("\u00a9 2020 \u00a9\ufe0f", ["\u00a9\ufe0f"]),
        # England: a black flag spelled out in tag characters.
        (
            "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
            ["\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"],
        ),
        ("* 5 # \u266b \u2192", []),
        # Some keyboards give both a selector and a skin tone.
        ("\u270c\ufe0f\U0001f3fd", ["\u270c\ufe0f\U0001f3fd"]),
    ],
)
def test_an_emoji_sequence_is_one_emoji(text, emoji):
    assert Document(text).emoji == emoji


def test_emoji_are_unicodes_own():
    regex = pytest.importorskip("regex")
    # Assigned characters outside of emoji blocks: exactly Unicode's property decides. Inside
    # of the blocks unassigned and rarely drawn signs count too.
    signs = "©®‼⁉™ℹ↔↕↖↗↘↙↩↪"
    for code in range(0x80, 0x1F300):
        character = chr(code)
        if 0x1F1E6 <= code <= 0x1F1FF or 0xD800 <= code <= 0xDFFF:
            continue
        expected = regex.match(r"\p{Emoji}", character) and character not in signs
        assert bool(Document(character).emoji) == bool(expected), hex(code)


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        # Worked by hand: from behind the negation to the next clause punctuation.
        ("I don't like this movie , but I love it", ["like", "this", "movie"]),
        ("It was never, ever good", []),
        ("not good not bad . fine", ["good", "not", "bad"]),
        ("nobody here: great", ["here"]),
        ("DON’T go! now", ["go"]),
        ("no :) 10% @ann #fun? yes", [":)", "10%", "@ann", "#fun"]),
        ("knot nothingness notable", []),
        ("不 not 好。坏", ["好"]),
        ("isnt it", ["it"]),
    ],
)
def test_negation_scope(text, inside):
    document = Document(text)
    assert len(document.negated) == len(document.tokens)
    assert [t for t, n in zip(document.tokens, document.negated, strict=True) if n] == inside


def test_composed_and_decomposed_text_are_the_same():
    composed = "déjà vu, Ångström ñ 한국어"
    decomposed = unicodedata.normalize("NFD", composed)
    assert decomposed != composed
    assert Document(decomposed).text == Document(composed).text == composed
    long = Document(decomposed * 200)
    assert long.text == composed * 200


def test_ordinary_text_stays_as_it_came():
    text = "Full-width ｇｒｅａｔ, \ud83d lone, \u202eRTL\u202c, \x1b[0m ﬁ ½ \u200b"
    assert Document(text).text == text


@pytest.mark.parametrize("cell", [b"good", 42, 3.5, True, None, ["good"], {"text": "good"}])
def test_only_str_is_text(cell):
    with pytest.raises(TypeError, match=r"expected a text \(str\), got"):
        Document(cell)


def test_str_like_is_text():
    class Title(str):
        pass

    for cell in (np.str_("good film"), Title("good film")):
        assert Document(cell).tokens == ["good", "film"]
        assert type(Document(cell).text) is str


def test_length_limit_is_checked_first():
    with pytest.raises(ValueError, match="11 characters, more than max_characters=10"):
        Document("good movie!", max_characters=10)
    Document("good movie", max_characters=10)
    text = "word " * 300_000
    tracemalloc.start()
    with pytest.raises(ValueError, match="1,500,000 characters"):
        Document(text)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100_000


def test_encoded_data_is_no_text():
    Document("A" * 100_000)
    with pytest.raises(ValueError, match="more than 100,000 characters without a blank"):
        Document("A" * 100_001)
    Document("A" * 100_001, max_characters=1_000_010)
    # A small limit leaves ordinary text alone.
    Document("wonderful", max_characters=10)


def test_stacks_of_marks_take_linear_time():
    # Sorting 400,000 marks canonically would take minutes.
    zalgo = Document("a" + "\u0301\u0316" * 200_000, max_characters=10**7)
    assert len(zalgo.text) <= 31


@given(st.text(st.characters(), max_size=200))
def test_no_character_is_lost(text):
    document = Document(text)
    assert "".join(document.tokens) == "".join(document.text.split())
    n_kinds = sum(map(len, (document.words, document.emoticons, document.emoji, document.others)))
    assert n_kinds == len(document.tokens) == len(document.negated)
