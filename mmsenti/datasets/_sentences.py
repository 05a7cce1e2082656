"""Write a short post whose words carry a given sentiment."""

from typing import NamedTuple

import numpy as np

__all__ = ["Habits", "draw_habits", "write_sentence"]

_SUBJECTS = (
    "the new phone",
    "this film",
    "my bus ride",
    "lunch at the corner",
    "our hotel room",
    "the concert",
    "that update",
    "the late match",
    "her speech",
    "this book",
    "the exhibition",
    "episode nine",
)
# Few words, so that a corpus of two hundred posts is enough to learn them from.
_POSITIVE = (("good", "nice", "fun", "cute"), ("amazing", "wonderful", "great", "awesome"))
_NEGATIVE = (("bad", "boring", "annoying", "sad"), ("terrible", "horrible", "awful", "pathetic"))
_NEUTRAL = (
    "was on the second floor",
    "started at nine",
    "came in a brown carton",
    "took about an hour",
    "is the usual size",
    "was moved to the north hall",
    "ended around ten",
    "is listed under item four",
    "has two parts",
    "was the same as last week",
)
_NOT_BAD = ("not bad at all", "never boring")
_NOT_GOOD = ("not good", "not fun at all")
_CHEERS = ("yay,", "woohoo,", "haha,")
_SIGHS = ("ugh,", "damn,", "wtf,")
_INTENSIFIERS = ("really", "so", "very", "soooo")
_HAPPY = ("😊", "😍", "😀", ":)")
_UNHAPPY = ("😢", "😠", "😭", ":(")
_OBJECTS = ("📷", "🚌", "📦", "🕘", "📖", "🎬")
_OPENERS = ("today", "yesterday", "so", "by the way", "as I said", "in the end", "once again")
_TAGS = ("#monday", "#city", "#notes", "#travel", "@sam", "@kim", "#diary", "#weekend")


class Habits(NamedTuple):
    """How an author writes, whatever the sentiment.

    Attributes
    ----------
    openers : tuple of str
        Favourite neutral words to begin with.
    tag : str
        Favourite hashtag or mention.
    capitals : bool
        Whether sentences begin with a capital letter.
    """

    openers: tuple[str, ...]
    tag: str
    capitals: bool


def _pick(rng: np.random.RandomState, choices: tuple[str, ...]) -> str:
    return choices[rng.randint(len(choices))]


def draw_habits(rng: np.random.RandomState) -> Habits:
    """Draw the habits of one author.

    Parameters
    ----------
    rng : RandomState

    Returns
    -------
    Habits
    """
    openers = tuple(_pick(rng, _OPENERS) for _ in range(2))
    return Habits(openers, _pick(rng, _TAGS), bool(rng.rand() < 0.6))


def write_sentence(valence: float, habits: Habits, rng: np.random.RandomState) -> str:
    """Write a post of one sentence.

    Parameters
    ----------
    valence : float
        Sentiment to show, in [-1, 1]; nothing emotional is said within 0.25 of 0.
    habits : Habits
    rng : RandomState

    Returns
    -------
    str

    Examples
    --------
    >>> habits = Habits(("today",), "#city", True)
    >>> write_sentence(0.0, habits, np.random.RandomState(1))
    'The concert has two parts 🚌 #city'
    """
    subject = _pick(rng, _SUBJECTS)
    if abs(valence) < 0.25:
        sentence = f"{subject} {_pick(rng, _NEUTRAL)}"
        ending = _pick(rng, (".", ".", "", f" {_pick(rng, _OBJECTS)}"))
    else:
        sentence = _emotional(subject, valence, rng)
        ending = _emotional_ending(valence, rng)
    if rng.rand() < 0.5:
        sentence = f"{_pick(rng, habits.openers)} {sentence}"
    if habits.capitals:
        sentence = sentence[0].upper() + sentence[1:]
    tag = f" {habits.tag}" if rng.rand() < 0.4 else ""
    return sentence + ending + tag


def _emotional(subject: str, valence: float, rng: np.random.RandomState) -> str:
    strong = abs(valence) > 0.6
    mild, extreme = _POSITIVE if valence > 0 else _NEGATIVE
    style = rng.rand()
    if style < 0.2 and not strong:
        # Only who reads the negation with the word gets these right.
        return f"{subject} was {_pick(rng, _NOT_BAD if valence > 0 else _NOT_GOOD)}"
    word = _pick(rng, extreme if strong else mild)
    if strong and rng.rand() < 0.3:
        word = word.upper()
    if strong and rng.rand() < 0.5:
        word = f"{_pick(rng, _INTENSIFIERS)} {word}"
    if style < 0.4:
        return f"{_pick(rng, _CHEERS if valence > 0 else _SIGHS)} {subject} was {word}"
    if style < 0.5 and strong:
        contrary = _pick(rng, (_NEGATIVE if valence > 0 else _POSITIVE)[0])
        return f"{contrary} seats but {subject} was {word}"
    return f"{subject} {_pick(rng, ('was', 'is', 'turned out'))} {word}"


def _emotional_ending(valence: float, rng: np.random.RandomState) -> str:
    style = rng.rand()
    if style < 0.35:
        return f" {_pick(rng, _HAPPY if valence > 0 else _UNHAPPY)}"
    if style < 0.6:
        return "!" * rng.randint(1, 4)
    return _pick(rng, (".", "...", ""))
