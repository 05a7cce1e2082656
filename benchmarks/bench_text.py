"""Text features beside vaderSentiment, nltk and scikit-learn.

python benchmarks/run.py text [--sizes 1 100 10000]
"""

from functools import cache, partial

import numpy as np
from pairs import Case, available, forget

from mmsenti.datasets import make_posts
from mmsenti.text import Document, Lexicon, TextFeatures, TextTfidf, make_text_features

_ENDINGS = ["", " :)", " NOT good!!", " but the end was awful...", " http://example.org/a #wow"]


@cache
def tweets(size):
    """Make posts of about eighty characters, no two alike."""
    texts = make_posts(min(size, 2000), modalities=("text",), random_state=0)["text"].tolist()
    return [f"{texts[i % len(texts)]}{_ENDINGS[i % 5]} {i}" for i in range(size)]


@cache
def vader():
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    return SentimentIntensityAnalyzer().polarity_scores


def nltk_vader():
    """Nltk's own copy of VADER with vaderSentiment's lexicon, which needs no download."""
    from nltk.sentiment.vader import SentimentIntensityAnalyzer, VaderConstants

    from mmsenti.text._valences import vader_valences

    analyzer = SentimentIntensityAnalyzer.__new__(SentimentIntensityAnalyzer)
    analyzer.lexicon = dict(vader_valences())
    analyzer.constants = VaderConstants()
    return analyzer.polarity_scores


def each(function, items):
    for item in items:
        function(item)


def transform(extractor, cells):
    forget()
    extractor.transform(cells)


def check_vader(texts):
    names = ("pos", "neg", "neu", "compound")
    theirs = [[vader()(text)[name] for name in names] for text in texts[:200]]
    ours = [Lexicon().compute(Document(text)) for text in texts[:200]]
    np.testing.assert_allclose(ours, theirs, atol=1e-4)


def check_tfidf(texts, options):
    from sklearn.feature_extraction.text import TfidfVectorizer

    ours = TextTfidf(**options).fit_transform(texts)
    theirs = TfidfVectorizer(**options).fit_transform(texts)
    assert abs(ours - theirs).max() < 1e-12


def cases(size):
    """Yield the cases of one size."""
    texts = tweets(size)
    peers = {"vaderSentiment": partial(each, vader(), texts)}
    if available("nltk.sentiment.vader"):
        peers["nltk"] = partial(each, nltk_vader(), texts)
    lexicon = Lexicon()
    ours = partial(each, lambda text: lexicon.compute(Document(text)), texts)
    yield Case("VADER's scores, text by text", ours, peers, size, partial(check_vader, texts))
    ours = partial(transform, make_text_features(lexicon), texts)
    yield Case("VADER's scores, a column", ours, peers, size, partial(check_vader, texts))
    ours = partial(transform, TextFeatures(), texts)
    yield Case("all of TextFeatures", ours, {}, size, partial(check_vader, texts))
    if size < 100:
        return
    from sklearn.feature_extraction.text import TfidfVectorizer

    for work, options in {
        "TF-IDF, words 1-2": {"ngram_range": (1, 2)},
        "TF-IDF, char_wb 3-5": {"analyzer": "char_wb", "ngram_range": (3, 5)},
    }.items():
        ours, theirs = TextTfidf(**options), TfidfVectorizer(**options)
        peers = {"scikit-learn": partial(theirs.fit_transform, texts)}
        check = partial(check_tfidf, texts, options)
        yield Case(work, partial(ours.fit_transform, texts), peers, size, check)
