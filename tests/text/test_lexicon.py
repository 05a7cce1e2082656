import csv
import heapq
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vaderSentiment.vaderSentiment import (
    BOOSTER_DICT,
    NEGATE,
    SPECIAL_CASES,
    SentimentIntensityAnalyzer,
)

from mmsenti.text import Document, Lexicon, TextFeatures, make_text_features
from mmsenti.text._lexicon import rounded
from mmsenti.text._polarities import TokenTable, polarities
from mmsenti.text._vader import polarity

SHARED = Path(__file__).resolve().parents[3] / "shared"
ANALYZER = SentimentIntensityAnalyzer()


def reference(text):
    scores = ANALYZER.polarity_scores(text)
    return [scores["pos"], scores["neg"], scores["neu"], scores["compound"]]


def scores(text, lexicon=None):
    return Lexicon(lexicon).compute(Document(text))


@pytest.mark.parametrize("corpus", ["vader_groundtruth", "mvsa_single", "meld_text", "cmu_mosi"])
def test_equals_vader_on_corpora(corpus):
    path = SHARED / "data" / corpus / "manifest.csv"
    if not path.exists():
        pytest.skip("the corpora are not here")
    lexicon = Lexicon()
    with open(path, encoding="utf-8", newline="") as file:
        texts = list({row["text"] for row in csv.DictReader(file)})
    expected = [reference(text) for text in texts]
    scored = zip(texts, expected, strict=True)
    wrong = [text for text, right in scored if lexicon.compute(Document(text)) != right]
    assert wrong == []
    together = make_text_features(lexicon).transform(texts)
    np.testing.assert_array_equal(together, np.array(expected, dtype=np.float32))


@pytest.mark.parametrize(
    "text",
    [
        "VADER is VERY SMART, uber handsome, and FRIGGIN FUNNY!!!",
        "VADER IS VERY SMART",  # all in capitals: no emphasis
        "At least it isn't a horrible book.",
        "the least good, the very least good, least good",
        "The book was only kind of good.",
        "kind of",
        "Today only kinda sux! But I'll get by, lol",
        "good good but good good but bad",
        "good bad but good horrible great",
        "Sentiment analysis has never been this good!",
        "never so good, so never good, it is so very good",
        "without doubt good, without a doubt good",
        "no good, no no, no really good, no bad or good, no",
        "he has the shit and she is the bomb and a bad ass at the bus stop yeah right",
        "a kiss of death to die for with a beating heart",
        "not at all so good",
        "it is just enough good, sort of good",
        "Make sure you :) or :D today! :( D: <3",
        "Catch utf-8 emoji such as \U0001f498 and \U0001f48b and \U0001f601",
        "\U0001f601\U0001f601good\U0001f48b \u2764\ufe0f",
        "really? ?? ??? ???? good!!!!!",
        "I WISH it was GOOD",
        "....", "", "   ", "a", "!", "(good) 'great' \"bad\" x.",
    ],
)  # fmt: skip
def test_equals_vader_on_its_rules(text):
    assert scores(text) == reference(text)


LEXICON_WORDS = sorted(word for word in ANALYZER.lexicon if word.isalpha())
PIECES = st.one_of(
    st.sampled_from(["good", "bad", "great", "horrible", "love", "hate", "fine", "sad"]),
    st.sampled_from(LEXICON_WORDS),
    st.sampled_from(sorted(word for word in ANALYZER.lexicon if not word.isalpha())),
    st.sampled_from(sorted(BOOSTER_DICT)),
    st.sampled_from(NEGATE),
    st.sampled_from(sorted(SPECIAL_CASES)),
    st.sampled_from(["but", "BUT", "no", "No", "or", "nor", "so", "this", "never", "never so"]),
    st.sampled_from(["without", "doubt", "least", "at", "very", "kind", "of", "sort", "the"]),
    st.sampled_from(["film", "was", "a", "I", "n't", "isN'T", "\u00e9t\u00e9", "\u0130", "\u03a3"]),
    st.sampled_from(sorted(emoji for emoji in ANALYZER.emojis if len(emoji) < 3)),
    st.sampled_from(["!", "!!", "?", "??", "????", "...", ",", ".", '"', "(", ")", "-"]),
)
CASES = st.sampled_from([str, str, str, str.upper, str.title])
SPACES = st.sampled_from([" ", " ", " ", " ", "", "\n", "  ", "\u3000"])
TEXTS = st.lists(st.builds(lambda p, case, s: case(p) + s, PIECES, CASES, SPACES), max_size=14).map(
    "".join
)


@settings(max_examples=3000, deadline=None)
@given(TEXTS)
def test_equals_vader_on_built_texts(text):
    # The text that is scored is the composed one.
    assert scores(text) == reference(Document(text).text)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60))
def test_equals_vader_on_any_text(text):
    assert scores(text) == reference(Document(text).text)


@settings(max_examples=1000, deadline=None)
@given(st.lists(TEXTS, max_size=8))
def test_texts_together_score_as_one_by_one(texts):
    table = TokenTable(ANALYZER.lexicon)
    expected = [polarity(text, ANALYZER.lexicon) for text in texts]
    found = polarities(texts, table)
    np.testing.assert_allclose(found, np.reshape(expected, (len(texts), 4)), rtol=0, atol=1e-12)
    np.testing.assert_array_equal(polarities(texts, table), found)  # tokens are known now


def test_words_of_another_text_change_nothing():
    texts = ["never", "good", "it is very", "GOOD", "", "not", "bad but", "good!", "fine"]
    expected = [polarity(text, ANALYZER.lexicon) for text in texts]
    np.testing.assert_array_equal(polarities(texts, TokenTable(ANALYZER.lexicon)), expected)


@pytest.mark.parametrize("own", [None, {"meh": -1.5, "good": 2, "\u559c\u6b22": 3}])
def test_a_column_has_the_scores_of_its_texts(own):
    texts = [
        "Meh, not good!",
        "\u6211\u559c\u6b22\u5b83 \U0001f601",
        "nothing",
        "So GOOD, but meh",
    ] * 10
    lexicon = Lexicon(own)
    found = make_text_features(lexicon).transform([*texts, None])
    expected = [lexicon.compute(Document(text)) for text in texts]
    np.testing.assert_array_equal(found[:-1], np.array(expected, dtype=np.float32))
    assert np.isnan(found[-1]).all()


def test_a_column_follows_a_changed_parameter():
    lexicon = Lexicon({"film": 2})
    features = make_text_features(lexicon)
    assert features.transform(["film"] * 30)[:, 0].tolist() == [1.0] * 30
    features.set_params(lexicon__lexicon={"film": -2})
    assert features.transform(["film"] * 30)[:, 1].tolist() == [1.0] * 30


def test_a_derived_class_may_compute_more():
    class Doubled(Lexicon):
        def compute(self, document):
            return [2 * score for score in super().compute(document)]

    texts = ["good film"] * 30
    once, twice = (make_text_features(d).transform(texts) for d in (Lexicon(), Doubled()))
    np.testing.assert_array_equal(2 * once, twice)


def test_token_table_is_bounded(monkeypatch):
    monkeypatch.setattr(TokenTable, "_MAX_WORDS", 3)
    table = TokenTable({"good": 1.9})
    texts = ["a b c d good", "x" * 40 + " good", "good e f"]
    expected = [polarity(text, {"good": 1.9}) for text in texts]
    for _ in range(2):
        np.testing.assert_array_equal(polarities(texts, table), expected)
        assert set(table) == {"a", "b", "c"}


def test_by_hand():
    # "good" 1.9, negated -1.406; "!" adds 0.292 against the sum: -1.698 / sqrt(1.698^2 + 15).
    assert scores("not good!")[3] == round(-1.698 / (1.698**2 + 15) ** 0.5, 4)


def test_own_lexicon_replaces_vaders():
    # A valence of 2 weighs 3 against one neutral word; compound 2 / sqrt(4 + 15).
    expected = [0.75, 0.0, 0.25, 0.4588]
    assert scores("Meh good", {"MEH": 2}) == expected
    assert scores("good", {"meh": 2}) == [0.0, 0.0, 1.0, 0.0]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("own.tsv", "meh\t2\n\ngood\t0\t0.5\t[1, 2]\n"),
        ("own.tsv", '\ufeffmeh\t2.0\r\n":"\t1\r\n'),
        ("own.csv", 'meh,2\n"a, b",1\n'),
    ],
)
def test_own_lexicon_file(tmp_path, name, content):
    path = tmp_path / name
    path.write_text(content, encoding="utf-8", newline="")
    assert scores("Meh film", path) == [0.75, 0.0, 0.25, 0.4588]
    assert scores("Meh film", str(path)) == [0.75, 0.0, 0.25, 0.4588]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("good\t1\nbad -1\n", "line 2: expected a word, a TAB and its valence, got 'bad -1'"),
        ("good\t1\nbad\tvery\n", "line 2: the valence of 'bad' must be a finite number"),
        ("good\tnan\n", "line 1: the valence of 'good'"),
        ("good\tinf\n", "line 1: the valence of 'good'"),
        ("good\t1\n\t2\n", "line 2: expected a word"),
        ("\n\n", "holds no word"),
    ],
)
def test_broken_lexicon_file_names_the_line(tmp_path, content, message):
    path = tmp_path / "own.tsv"
    path.write_text(content)
    with pytest.raises(ValueError, match=message) as caught:
        scores("good", path)
    assert "own.tsv" in str(caught.value)


def test_unreadable_lexicon_file(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"missing\.tsv"):
        scores("good", tmp_path / "missing.tsv")
    (tmp_path / "latin.tsv").write_bytes(b"caf\xe9\t1\n")
    with pytest.raises(ValueError, match="not UTF-8"):
        scores("good", tmp_path / "latin.tsv")
    with pytest.raises(ValueError, match="entry 'good'"):
        scores("good", {"good": "much"})


def test_changed_parameter_is_used():
    lexicon = Lexicon({"film": 2})
    assert lexicon.compute(Document("film"))[0] == 1.0
    lexicon.set_params(lexicon={"film": -2})
    assert lexicon.compute(Document("film"))[1] == 1.0


def test_wrong_parameter_is_refused():
    with pytest.raises(ValueError, match="'lexicon' parameter of Lexicon"):
        TextFeatures([("lexicon", Lexicon(5))]).fit(["good"])


def test_nfd_scores_as_nfc():
    assert scores("cafe\u0301 great") == scores("caf\u00e9 great") == reference("caf\u00e9 great")


@pytest.mark.parametrize(
    "text",
    [
        "good bad " * 50_000 + "but",
        "no " * 150_000,
        "!?." * 150_000,
        "GOOD " * 90_000 + "b",
        "n't " * 100_000,
        "\U0001f600 " * 100_000,
    ],
)
def test_linear_time(text):
    document = Document(text, max_characters=10**7)
    start = time.process_time()
    alone = Lexicon().compute(document)
    assert time.process_time() - start < 2
    features = make_text_features(Lexicon(), max_characters=10**7)
    start = time.process_time()
    together = features.transform([text] + ["a"] * 30)
    assert time.process_time() - start < 2
    np.testing.assert_array_equal(together[0], np.array(alone, dtype=np.float32))


@pytest.mark.parametrize("text", ["So 𝗠𝗔𝗗 x", "so 𝗠𝗔𝗗 x", "So mad x", "So MAD x", "MAD"])
def test_capitals_without_a_small_letter_are_capitals(text):
    reference = SentimentIntensityAnalyzer()
    reference.lexicon = {"𝗠𝗔𝗗": 2.0, "mad": 2.0}
    expected = reference.polarity_scores(text)["compound"]
    assert Lexicon(reference.lexicon).compute(Document(text))[3] == expected


def test_clause_rule_takes_few_steps(monkeypatch):
    # Every score is equal, where the reference's search by value is quadratic.
    steps = []
    original = heapq.heappush
    monkeypatch.setattr(heapq, "heappush", lambda heap, k: steps.append(k) or original(heap, k))
    for n_words in (1_000, 4_000):
        steps.clear()
        scores("good " * n_words + "but")
        assert 0 < len(steps) <= 2 * n_words


def test_vaders_module_is_not_imported():
    code = (
        "import sys; from mmsenti.text import Document, Lexicon, Surface, Emoji\n"
        "for d in (Lexicon(), Surface(), Emoji()): d.compute(Document('so good \\U0001f600'))\n"
        "heavy = {'vaderSentiment', 'sklearn', 'scipy', 'pandas', 'nltk'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_emoji_are_replaced_one_by_one_and_nothing_else_is():
    from mmsenti.text._lexicon import describe_emoji
    from mmsenti.text._valences import vader_emoji

    names = {ord(emoji): f" {name}" for emoji, name in vader_emoji().items() if len(emoji) == 1}
    text = "".join(f"a{chr(point)}" for point in [*range(0x20, 0xD800), *range(0x1F000, 0x1FB00)])
    assert describe_emoji(text) == text.translate(names)


@given(st.floats(-1, 1) | st.integers(-16_000, 16_000).map(lambda n: n / 16_000))
def test_scores_are_rounded_as_python_rounds(score):
    assert rounded(score, 3) == round(score, 3)
    assert rounded(score, 4) == round(score, 4)
