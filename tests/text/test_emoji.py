from math import log1p

import pytest
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from mmsenti.text import Document, Emoji

ANALYZER = SentimentIntensityAnalyzer()
JOY, ANGRY, HOUSE = "\U0001f602", "\U0001f620", "\U0001f3e0"
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"


def emoji(text):
    return dict(zip(Emoji().get_names(), Emoji().compute(Document(text)), strict=True))


def valence(name):
    return ANALYZER.polarity_scores(ANALYZER.emojis[name])["compound"]


def test_counts_and_place():
    # Five tokens: ok, joy, joy, family, "."; the last emoji is the fourth.
    values = emoji(f"ok {JOY}{JOY} {FAMILY}.")
    assert values["emoji_count"] == log1p(3)
    assert values["emoji_distinct"] == log1p(2)
    assert values["emoji_share"] == 3 / 5
    assert values["emoji_last_position"] == 4 / 5


def test_valences_are_vaders_scores_of_the_names():
    assert valence(JOY) > 0 > valence(ANGRY)
    assert valence(HOUSE) == 0
    values = emoji(f"{JOY} {JOY} {ANGRY} {HOUSE}")
    # The reference rounds to four digits.
    assert values["emoji_positive"] == pytest.approx(log1p(2 * valence(JOY)), abs=1e-4)
    assert values["emoji_negative"] == pytest.approx(log1p(-valence(ANGRY)), abs=1e-4)


def test_skin_tone_and_selector_do_not_hide_the_valence():
    plain, toned = emoji("\u2764"), emoji("\u2764\ufe0f")
    assert plain["emoji_positive"] == toned["emoji_positive"] > 0


def test_emoticons_have_vaders_valences():
    lexicon = ANALYZER.lexicon
    values = emoji("well :) :)))) :-( <3")
    assert values["emoticon_positive"] == log1p(2 * lexicon[":)"] + lexicon["<3"])
    assert values["emoticon_negative"] == log1p(-lexicon[":-("])
    assert values["emoji_count"] == 0.0


@pytest.mark.parametrize("text", ["", "plain words", "\U0001fae8\U0001fadf"])
def test_nothing_known_is_zero(text):
    values = emoji(text)
    assert values["emoji_positive"] == values["emoji_negative"] == 0.0
    if text.isascii():
        assert set(values.values()) == {0.0}
