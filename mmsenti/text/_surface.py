"""Surface: how a text is written, whatever it says."""

import re
from collections.abc import Iterable, Sequence
from math import log1p
from numbers import Integral

from mmsenti._descriptor import Descriptor
from mmsenti._params import Interval
from mmsenti.text._document import Document

__all__ = ["Surface", "capitals_rate", "elongation_rate", "may_hold_run"]

_NAMES = [
    "characters",
    "words",
    "word_length",
    "distinct_rate",
    "capitals_rate",
    "caps_words_rate",
    "elongation_rate",
    "exclamations",
    "questions",
    "ellipses",
    "punctuation_runs",
    "quotes",
    "links",
    "mentions",
    "hashtags",
    "numbers",
    "negations",
    "negated_rate",
    "retweet",
]
_QUOTES = '"“”„«»'
# Texts, which are compiled when one is first needed.
_RUN = r"[!?！？]{2,}+"
_ELLIPSIS = r"\.{2,}+|…"
_RETWEET = r"(?:^|\s)RT @"
_NOT_CAPITALS = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
_NOT_LETTERS = bytes(set(_NOT_CAPITALS) - set(b"abcdefghijklmnopqrstuvwxyz"))


class Surface(Descriptor):
    """Length, capitals, punctuation, lengthening, tags and negations of a text.

    Parameters
    ----------
    min_run : int, default=3
        Shortest run of one letter that makes a word a lengthened one.

    Notes
    -----
    Each name below begins with ``surface_``. Counts are given as log(1 + count), because they
    grow with the text; rates lie in [0, 1]. For an empty text every value is 0.0; without words
    (letters) the rates over words (letters) are.

    ======================  ====================================================================
    characters, words       log(1 + count); words as in `Document`
    word_length             log(1 + mean number of characters of a word)
    distinct_rate           distinct words, whatever their case, over words
    capitals_rate           capital letters over letters
    caps_words_rate         words of two characters or more all in capitals, over words
    elongation_rate         lengthened words ("soooo") over words
    exclamations, questions log(1 + number of ``!``), of ``?``
    ellipses                log(1 + number of runs of two dots or more, and of ``…``)
    punctuation_runs        log(1 + number of runs of two or more of ``!`` and ``?``)
    quotes                  log(1 + number of double quotation marks)
    links, mentions,        log(1 + count)
    hashtags, numbers
    negations               log(1 + number of negation words)
    negated_rate            tokens in the scope of a negation, over tokens
    retweet                 1.0 if a line or word "RT @" marks a retweet, else 0.0
    ======================  ====================================================================

    References
    ----------
    .. [1] S. Mohammad, S. Kiritchenko and X. Zhu, "NRC-Canada: Building the State-of-the-Art in
       Sentiment Analysis of Tweets", SemEval 2013.

    Examples
    --------
    >>> from mmsenti.text import Document
    >>> values = Surface().compute(Document("soooo GOOD"))
    >>> dict(zip(Surface().get_names(), values))["surface_elongation_rate"]
    0.5
    """

    _parameter_constraints = {"min_run": [Interval(Integral, 2, None, closed="left")]}

    def __init__(self, *, min_run: int = 3) -> None:
        self.min_run = min_run

    def get_names(self) -> list[str]:
        """Name the features, each with the prefix ``surface_``."""
        return [f"surface_{name}" for name in _NAMES]

    def compute(self, document: Document) -> list[float]:
        """Measure a text.

        Parameters
        ----------
        document : Document

        Returns
        -------
        list of float
        """
        text, words = document.text, document.words
        per_word = 1 / len(words) if words else 0.0
        negated_rate = 0.0
        if document.negations:
            negated_rate = sum(document.negated) / len(document.tokens)
        return [
            log1p(len(text)),
            log1p(len(words)),
            log1p(len("".join(words)) * per_word),
            len(set(document.lower_words)) * per_word,
            capitals_rate(text),
            len([word for word in words if word.isupper() and len(word) > 1]) * per_word,
            elongation_rate(words, self.min_run),
            *_count_punctuation(text),
            *_count_tags(document),
            log1p(len(document.negations)),
            negated_rate,
            float("RT @" in text and re.search(_RETWEET, text) is not None),
        ]


def _count_punctuation(text: str) -> tuple[float, float, float, float, float]:
    plain = text.isascii()
    n_exclamations = text.count("!") + (0 if plain else text.count("！"))
    n_questions = text.count("?") + (0 if plain else text.count("？"))
    has_ellipsis = ".." in text or not plain
    return (
        log1p(n_exclamations),
        log1p(n_questions),
        log1p(len(re.findall(_ELLIPSIS, text))) if has_ellipsis else 0.0,
        log1p(len(re.findall(_RUN, text))) if n_exclamations + n_questions > 1 else 0.0,
        log1p(text.count('"') if plain else sum(map(text.count, _QUOTES))),
    )


def _count_tags(document: Document) -> tuple[float, float, float, float]:
    return (
        log1p(len(document.links)),
        log1p(len(document.mentions)),
        log1p(len(document.hashtags)),
        log1p(len(document.numbers)),
    )


def capitals_rate(text: str) -> float:
    """Measure the share of capitals among the letters.

    Parameters
    ----------
    text : str

    Returns
    -------
    float
        In [0, 1]; 0.0 for a text without letters. Letters of scripts without capitals count.

    Examples
    --------
    >>> capitals_rate("AB cd, ef!")
    0.3333333333333333
    """
    if text.isascii():
        codes = text.encode()
        n_capitals = len(codes.translate(None, _NOT_CAPITALS))
        n_letters = len(codes.translate(None, _NOT_LETTERS))
    else:
        n_capitals = _count(map(str.isupper, text))
        n_letters = _count(map(str.isalpha, text))
    # Circled capitals and the like are upper case without being letters.
    return n_capitals / max(n_letters, n_capitals, 1)


def _count(flags: Iterable[bool]) -> int:
    return sum(flags)


def elongation_rate(words: Sequence[str], min_run: int = 3) -> float:
    """Measure the share of words that repeat a letter `min_run` times in a row.

    Parameters
    ----------
    words : list of str
    min_run : int, default=3
        Shortest run that counts, in letters. Two is ordinary spelling ("good").

    Returns
    -------
    float
        Share of words, in [0, 1]; 0.0 for a text without words. Upper and lower case are the
        same letter, digits and underscores are none.

    References
    ----------
    .. [1] S. Brody and N. Diakopoulos, "Cooooooooooooooollllllllllllll!!!!!!!!!!!!!!
       Using Word Lengthening to Detect Sentiment in Microblogs", EMNLP 2011.

    Examples
    --------
    >>> elongation_rate(["soooo", "good"])
    0.5
    """
    if not words:
        return 0.0
    if not may_hold_run(words, min_run):
        return 0.0
    run = re.compile(rf"([^\W\d_])\1{{{min_run - 1}}}", re.IGNORECASE)
    return sum(map(bool, map(run.search, words))) / len(words)


def may_hold_run(words: Sequence[str], min_run: int) -> bool:
    """Tell quickly of most texts that no word repeats a character `min_run` times in a row.

    Parameters
    ----------
    words : sequence of str
    min_run : int

    Returns
    -------
    bool
        Upper and lower case are the same character; True for all words of which one has others
        than ASCII's.

    Examples
    --------
    >>> may_hold_run(["good"], 3), may_hold_run(["goOod"], 3)
    (False, True)
    """
    text = "\n".join(words)
    if min_run > len(text):
        return False
    if not text.isascii():
        return True
    # Neighbours that are equal differ by zero, and one long number holds all differences: a
    # tenth of the time of a search with a pattern.
    codes = int.from_bytes(text.lower().encode())
    differences = (codes ^ codes >> 8).to_bytes(len(text))
    return bytes(min_run - 1) in differences
