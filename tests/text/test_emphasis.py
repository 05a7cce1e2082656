"""Emphasis beside vaderSentiment on the parts that are meant, and Chinese without a segmenter."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, make_pipeline
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from mmsenti.text import Document, Emphasis, Lexicon, TextTfidf, make_text_features
from mmsenti.text._emphasis import last_clause

VADER = SentimentIntensityAnalyzer()


def measure(text, **params):
    emphasis = Emphasis(**params)
    values = emphasis.compute(Document(text))
    names = [name.removeprefix("emphasis_") for name in emphasis.get_names()]
    return dict(zip(names, values, strict=True))


def compound(text):
    return pytest.approx(VADER.polarity_scores(text)["compound"], abs=1e-4)


def test_hashtags_are_scored_by_their_words():
    assert measure("rain #SoHappy #badday")["hashtags"] == compound("so happy bad day")
    assert measure("so happy")["hashtags"] == 0


@pytest.mark.parametrize(
    ("text", "clause"),
    [
        ("The food was bad, but the staff was great!", "the staff was great !"),
        ("great film. http://x.org", "great film ."),
        ("awful. lovely", "lovely"),
        ("nothing but trouble", "trouble"),
    ],
)
def test_last_clause(text, clause):
    assert " ".join(last_clause(Document(text).tokens)) == clause
    assert measure(text)["last_clause"] == compound(clause)


def test_extremes_of_each_third():
    # VADER's lexicon: love 3.2, hate -2.7, good 1.9; "bad" is -2.5 and turned round by "not".
    assert [VADER.lexicon[w] for w in ("love", "hate", "good", "bad")] == [3.2, -2.7, 1.9, -2.5]
    values = measure("love this thing hate good thing not bad thing")
    assert (values["first_max"], values["first_min"]) == (3.2, 0)
    assert (values["middle_max"], values["middle_min"]) == (1.9, -2.7)
    assert (values["last_max"], values["last_min"]) == (2.5, 0)


def test_intensifiers_and_lengthened_words():
    values = measure("very very nice and hardly useful")
    assert values["intensifiers"] == pytest.approx(np.log(3))
    assert values["downtoners"] == pytest.approx(np.log(2))
    assert values["lengthened_positive"] == 0
    # "goood" is "good", "loooove" is "love" with one letter less.
    values = measure("goood loooove baaaad")
    assert values["lengthened_positive"] == pytest.approx(np.log1p(1.9 + 3.2))
    assert values["lengthened_negative"] == pytest.approx(np.log1p(2.5))


def test_texts_without_words():
    for text in ("", "?!", "http://x.org", "#", "12"):
        assert set(measure(text).values()) == {0.0}


def test_a_lexicon_of_ones_own():
    values = measure("zork #Zork", lexicon={"zork": 2.0})
    assert values["first_max"] == 0  # the one word stands in the last third
    assert values["last_max"] == 2.0
    assert values["hashtags"] > 0


def test_chinese_by_character_ngrams_and_a_users_lexicon():
    # No blank and no segmenter: n-grams of characters find the words, and so does the lexicon.
    positive = ["这部电影很好看,我喜欢", "今天很开心,谢谢", "味道好吃,喜欢", "服务很好,开心"]
    negative = ["这部电影难看,我讨厌", "今天很难过,失望", "味道难吃,讨厌", "服务令人失望"]
    texts, y = positive + negative, ["positive"] * 4 + ["negative"] * 4
    lexicon = {"喜欢": 2.5, "开心": 2.5, "谢谢": 1.5, "讨厌": -2.5, "失望": -2.0}
    scores = make_text_features(Lexicon(lexicon)).transform(texts)[:, 3]
    assert (scores[:4] > 0).all()
    assert (scores[4:] < 0).all()
    thirds = make_text_features(Emphasis(lexicon)).transform(["我喜欢但是很失望"])[0]
    named = dict(zip(Emphasis().get_names(), thirds, strict=True))
    assert named["emphasis_middle_max"] == 2.5  # 我 喜欢 但是很 失望: a word a third, but one
    assert named["emphasis_last_min"] == -2.0
    features = FeatureUnion(
        [
            ("char", TextTfidf(analyzer="char", ngram_range=(1, 3))),
            ("scores", make_text_features(Lexicon(lexicon), Emphasis(lexicon))),
        ]
    )
    model = make_pipeline(features, LogisticRegression()).fit(texts, y)
    assert model.predict(["我很喜欢这部电影", "我很讨厌这部电影"]).tolist() == [
        "positive",
        "negative",
    ]
