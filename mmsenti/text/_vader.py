"""VADER's scoring rules, evaluated only where the text has a word of the lexicon.

Every other word scores zero in VADER too, so the sums are the same to the last bit, and the time
grows with the text and not with its square. The rules keep the quirks of vaderSentiment 3.3.2,
because its numbers are the ones that people compare with; where a line looks odd, the reference
does so.
"""

import math
from collections.abc import Mapping, Sequence
from itertools import compress
from typing import TypeVar

__all__ = [
    "BARE_WORDS",
    "BOOSTERS",
    "CAPITALS",
    "MODIFIERS",
    "NORMALIZATION",
    "SPECIAL_WORDS",
    "KnownWords",
    "bare_word",
    "polarity",
    "punctuation_emphasis",
    "ruled_valence",
    "weigh_clauses",
]

_Found = TypeVar("_Found")

_BOOST = 0.293
CAPITALS = 0.733
_NEGATE = -0.74
_DISTANCE = (1.0, 0.95, 0.9)  # a modifier two or three words away counts less
NORMALIZATION = 15
_PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"

_NEGATIONS = frozenset(
    """
    aint arent cannot cant couldnt darent didnt doesnt ain't aren't can't couldn't daren't didn't
    doesn't dont hadnt hasnt havent isnt mightnt mustnt neither don't hadn't hasn't haven't isn't
    mightn't mustn't neednt needn't never none nope nor not nothing nowhere oughtnt shant shouldnt
    uhuh wasnt werent oughtn't shan't shouldn't uh-uh wasn't weren't without wont wouldnt won't
    wouldn't rarely seldom despite
    """.split()
)
BOOSTERS = {
    **dict.fromkeys(
        """
        absolutely amazingly awfully completely considerable considerably decidedly deeply effing
        enormous enormously entirely especially exceptional exceptionally extreme extremely
        fabulously flipping flippin frackin fracking fricking frickin frigging friggin fully fuckin
        fucking fuggin fugging greatly hella highly hugely incredible incredibly intensely major
        majorly more most particularly purely quite really remarkably so substantially thoroughly
        total totally tremendous tremendously uber unbelievably unusually utter utterly very
        """.split(),
        _BOOST,
    ),
    **dict.fromkeys(
        """
        almost barely hardly kinda kindof kind-of less little marginal marginally occasional
        occasionally partly scarce scarcely slight slightly somewhat sorta sortof sort-of
        """.split(),
        -_BOOST,
    ),
}
_THUS = ("so", "this")  # "never so good" is praise
_BOOSTER_PHRASES = {"just enough": -_BOOST, "kind of": -_BOOST, "sort of": -_BOOST}
_IDIOMS = {
    "the shit": 3.0,
    "the bomb": 3.0,
    "bad ass": 1.5,
    "bus stop": 0.0,
    "yeah right": -2.0,
    "kiss of death": -1.5,
    "to die for": 3.0,
    "beating heart": 3.5,
}
# A phrase cannot stand where its longest word does not. The words behind the one being scored
# are not looked at, so the first word counts as well.
_PHRASE_KEYS = frozenset(max(phrase.split(), key=len) for phrase in (*_IDIOMS, *_BOOSTER_PHRASES))
_PHRASE_WORDS = _PHRASE_KEYS | {phrase.split()[0] for phrase in _IDIOMS}
# Words with rules of their own, and words that change the score of one behind them (so do those
# with "n't" in them).
SPECIAL_WORDS = frozenset({*BOOSTERS, *_PHRASE_WORDS, "no"})
MODIFIERS = frozenset({*_NEGATIONS, *BOOSTERS, *_PHRASE_KEYS, "no", "so", "this", "least"})


def bare_word(word: str) -> str:
    """Take away the punctuation around a word; an emoticon stays whole."""
    bare = word.strip(_PUNCTUATION)
    return bare if len(bare) > 2 else word


class KnownWords(dict[str, _Found]):
    """What is found out about words, each once. A subclass defines `_find`."""

    # Enough for the words of a language, and a bound on what hostile texts can leave behind.
    _MAX_WORDS = 50_000
    _MAX_LENGTH = 30

    def _find(self, word: str) -> _Found:
        raise NotImplementedError

    def __missing__(self, word: str) -> _Found:
        found = self._find(word)
        if len(word) <= self._MAX_LENGTH and len(self) < self._MAX_WORDS:
            self[word] = found
        return found


class _BareWords(KnownWords[str]):
    """Words without the punctuation around them."""

    def _find(self, word: str) -> str:
        return bare_word(word)


BARE_WORDS = _BareWords()


def polarity(text: str, valences: Mapping[str, float]) -> tuple[float, float, float, float]:
    """Score a text.

    Parameters
    ----------
    text : str
        Emoji replaced by their descriptions already.
    valences : mapping of str to float
        Lexicon, in lower case.

    Returns
    -------
    (float, float, float, float)
        Share of positive, of negative and of neutral words, each in [0, 1] and together 1, and
        the compound score in [-1, 1]. All 0.0 for a text without words.

    References
    ----------
    .. [1] C. J. Hutto and E. Gilbert, "VADER: A Parsimonious Rule-based Model for Sentiment
       Analysis of Social Media Text", ICWSM 2014.

    Examples
    --------
    >>> [round(score, 4) for score in polarity("not good!", {"good": 1.9})]
    [0.0, 0.7296, 0.2704, -0.4015]
    """
    lower = text.lower()
    words = list(map(BARE_WORDS.__getitem__, lower.split()))
    hits = list(compress(range(len(words)), map(valences.__contains__, words)))
    if not hits:
        return 0.0, 0.0, float(bool(words)), 0.0
    # With a capital at the beginning alone, as most sentences have it, no word is in capitals;
    # other alphabets than ASCII's have capitals without a small letter.
    plain = text == lower or (text[1:2].islower() and text[1:] == lower[1:])
    spelled = None if plain and text.isascii() else _emphasized(text)
    contracted = "n't" in lower
    scores = []
    for i in hits:
        word = words[i]
        before = words[i - 3 if i > 3 else 0 : i]  # a third of the time of max(), on the hot path
        # Most words of the lexicon stand in plain company, which spares them the rules.
        if (
            word in SPECIAL_WORDS
            or not MODIFIERS.isdisjoint(before)
            or (contracted and "n't" in " ".join(before))
        ):
            scores.append(ruled_valence(i, words, before, spelled, valences))
            continue
        valence = valences[word]
        if spelled and spelled[i].isupper():
            valence += CAPITALS if valence > 0 else -CAPITALS
        scores.append(valence)
    if "but" in lower and "but" in words:  # a text is searched faster than a list
        weigh_clauses(scores, hits, words.index("but"))
    return _summary(scores, len(words), lower)


def _emphasized(text: str) -> list[str] | None:
    """Return the words as spelled, unless capitals mean nothing because all are in capitals."""
    words = text.split()
    return None if all(map(str.isupper, words)) else words


def ruled_valence(
    i: int,
    words: Sequence[str],
    before: Sequence[str],
    spelled: Sequence[str] | None,
    valences: Mapping[str, float],
) -> float:
    """Score word `i` of the lexicon by the rules, given the words in front of it."""
    word = words[i]
    valence = valences[word]
    if word in BOOSTERS or (word == "kind" and words[i + 1 : i + 2] == ["of"]):
        return 0.0
    if word == "no" and i + 1 < len(words) and words[i + 1] in valences:
        valence = 0.0
    if "no" in before and (
        "no" in before[-2:] or (before[0] == "no" and before[-1] in ("or", "nor"))
    ):
        valence = valences[word] * _NEGATE
    if spelled and spelled[i].isupper():
        valence += CAPITALS if valence > 0 else -CAPITALS
    return _modified(valence, i, words, before, spelled, valences)


def _modified(
    valence: float,
    i: int,
    words: Sequence[str],
    before: Sequence[str],
    spelled: Sequence[str] | None,
    valences: Mapping[str, float],
) -> float:
    """Apply boosters, negations, phrases and "least", the nearest word first."""
    for distance, other in enumerate(reversed(before), 1):
        if other in valences:
            continue
        if other in BOOSTERS:
            boost = BOOSTERS[other] if valence >= 0 else -BOOSTERS[other]
            if spelled and spelled[i - distance].isupper():
                boost += CAPITALS if valence > 0 else -CAPITALS
            valence += boost * _DISTANCE[distance - 1]
        if other in _NEGATIONS or "n't" in other or (distance == 3 and words[i - 1] in _THUS):
            valence *= _negation_factor(distance, i, words)
        if distance == 3 and not _PHRASE_WORDS.isdisjoint(words[i - 3 : i + 1]):
            valence = _phrase_valence(valence, i, words)
    # "least" negates, "at least" and "very least" do not.
    if (
        i > 0
        and words[i - 1] == "least"
        and "least" not in valences
        and (i == 1 or words[i - 2] not in ("at", "very"))
    ):
        valence *= _NEGATE
    return valence


def _negation_factor(distance: int, i: int, words: Sequence[str]) -> float:
    """Return what a negation (or "so" and "this") at a distance multiplies a score with."""
    other = words[i - distance]
    between = words[i - distance + 1 : i]
    if distance > 1 and other == "never" and between[0] in _THUS:
        return 1.25
    # In the reference `and` binds before `or`, so that here "so" and "this" need no "never".
    if distance == 3 and between[1] in _THUS:
        return 1.25
    if other == "without" and "doubt" in between:
        return 1.0
    return _NEGATE


def _phrase_valence(valence: float, i: int, words: Sequence[str]) -> float:
    """Let an idiom around word `i` replace its score; add what "kind of" in front of it does."""
    three, two, one, zero = words[i - 3 : i + 1]
    phrases = (
        f"{one} {zero}",
        f"{two} {one} {zero}",
        f"{two} {one}",
        f"{three} {two} {one}",
        f"{three} {two}",
    )
    valence = next((_IDIOMS[phrase] for phrase in phrases if phrase in _IDIOMS), valence)
    after = words[i + 1 : i + 3]
    for n_words in range(1, len(after) + 1):
        valence = _IDIOMS.get(" ".join([zero, *after[:n_words]]), valence)
    for phrase in (f"{three} {two}", f"{two} {one}"):
        valence += _BOOSTER_PHRASES.get(phrase, 0.0)
    return valence


def weigh_clauses(scores: list[float], hits: Sequence[int], but: int) -> None:
    """Halve what stands in front of the first "but" and raise what stands behind it by half.

    The reference looks each score up by value and so changes the first equal one, which may be
    another word's and may have been changed before. The words of each value wait here in a heap
    of their own, so that the first one is found without a search.
    """
    import heapq  # here, because few texts need it

    equal: dict[float, list[int]] = {}
    for k, score in enumerate(scores):
        if score == 0.0:
            continue
        waiting = equal.setdefault(score, [])
        heapq.heappush(waiting, k)
        first = waiting[0]
        if hits[first] == but:
            continue
        heapq.heappop(waiting)
        scores[first] = score * (0.5 if hits[first] < but else 1.5)
        heapq.heappush(equal.setdefault(scores[first], []), first)


def _summary(scores: Sequence[float], n_words: int, text: str) -> tuple[float, float, float, float]:
    positive = negative = 0.0
    n_neutral = n_words
    for score in scores:
        # Each word counts one more than its score, as a neutral word counts one.
        if score > 0:
            positive += score + 1
            n_neutral -= 1
        elif score < 0:
            negative += score - 1
            n_neutral -= 1
    if n_neutral == n_words:
        return 0.0, 0.0, 1.0, 0.0
    total = sum(scores)
    emphasis = punctuation_emphasis(text) if "!" in text or "?" in text else 0.0
    if emphasis:
        if total:
            total += math.copysign(emphasis, total)
        if positive > -negative:
            positive += emphasis
        elif positive < -negative:
            negative -= emphasis
    weight = positive - negative + n_neutral
    compound = total / math.sqrt(total * total + NORMALIZATION)
    return positive / weight, abs(negative) / weight, n_neutral / weight, compound


def punctuation_emphasis(text: str) -> float:
    """Return what exclamation and question marks add to the sum of a text's scores."""
    n_questions = text.count("?")
    questions = 0.0 if n_questions < 2 else n_questions * 0.18 if n_questions <= 3 else 0.96
    return min(text.count("!"), 4) * 0.292 + questions
