"""Emoji: the pictures in a text and what they feel like."""

from collections.abc import Iterable
from functools import lru_cache
from math import log1p

from mmsenti._descriptor import Descriptor
from mmsenti.text._document import Document
from mmsenti.text._vader import polarity
from mmsenti.text._valences import vader_emoji, vader_valences

__all__ = ["Emoji", "emoji_valence", "emoticon_valence"]


class Emoji(Descriptor):
    """Number, place and valence of the emoji and emoticons of a text.

    The valence of an emoji is VADER's compound score of its English name ("face with tears of
    joy"), that of an emoticon stands in VADER's lexicon.

    Notes
    -----
    For a text without emoji (emoticons) the values of emoji (emoticons) are 0.0.

    ==========================  ================================================================
    emoji_count                 log(1 + number of emoji); a family, a flag, a keycap are one
    emoji_distinct              log(1 + number of different ones)
    emoji_share                 emoji over tokens, in [0, 1]
    emoji_last_position         place of the last one, its number as a token over the number of
                                tokens: in [0, 1], 1.0 at the end of the text
    emoji_positive              log(1 + sum of the positive valences)
    emoji_negative              log(1 - sum of the negative valences)
    emoticon_positive, ..._negative  the same for emoticons
    ==========================  ================================================================

    Examples
    --------
    >>> from mmsenti.text import Document
    >>> values = Emoji().compute(Document("so funny \N{FACE WITH TEARS OF JOY} :)"))
    >>> [round(value, 3) for value in values]
    [0.693, 0.693, 0.25, 0.75, 0.365, 0.0, 1.099, 0.0]
    """

    def get_names(self) -> list[str]:
        """Name the features."""
        return [
            "emoji_count",
            "emoji_distinct",
            "emoji_share",
            "emoji_last_position",
            "emoji_positive",
            "emoji_negative",
            "emoticon_positive",
            "emoticon_negative",
        ]

    def compute(self, document: Document) -> list[float]:
        """Measure a text.

        Parameters
        ----------
        document : Document

        Returns
        -------
        list of float
        """
        emoji, emoticons = document.emoji, document.emoticons
        values = [0.0] * 8
        if emoji:
            tokens = document.tokens
            last = len(tokens) - tokens[::-1].index(emoji[-1])
            values[:4] = (
                log1p(len(emoji)),
                log1p(len(set(emoji))),
                len(emoji) / len(tokens),
                last / len(tokens),
            )
            values[4:6] = _log_sums(map(emoji_valence, emoji))
        if emoticons:
            values[6:] = _log_sums(map(emoticon_valence, emoticons))
        return values


def _log_sums(valences: Iterable[float]) -> tuple[float, float]:
    positive = negative = 0.0
    for valence in valences:
        if valence > 0:
            positive += valence
        else:
            negative -= valence
    return log1p(positive), log1p(negative)


@lru_cache(maxsize=4096)
def emoji_valence(emoji: str) -> float:
    r"""Score the name of an emoji.

    Parameters
    ----------
    emoji : str
        One emoji, which may be a sequence.

    Returns
    -------
    float
        VADER's compound score of the name, in [-1, 1]; of the first part of a sequence without
        a name of its own; 0.0 for an emoji that VADER does not know.

    Examples
    --------
    >>> round(emoji_valence("\N{FACE WITH TEARS OF JOY}"), 4)
    0.4404
    >>> emoji_valence("\N{HOUSE BUILDING}")
    0.0
    """
    names = vader_emoji()
    # Names of skin tones and of the selectors for pictures say nothing about feeling.
    name = names.get(emoji) or names.get(emoji.replace("\ufe0f", "")) or names.get(emoji[0], "")
    return polarity(name, vader_valences())[3]


@lru_cache(maxsize=4096)
def emoticon_valence(emoticon: str) -> float:
    """Look an emoticon up in VADER's lexicon.

    Parameters
    ----------
    emoticon : str
        Of several mouths, as in ":)))", one counts.

    Returns
    -------
    float
        In [-4, 4]; 0.0 for an emoticon that VADER does not know.

    Examples
    --------
    >>> emoticon_valence(":)))"), emoticon_valence(":-(")
    (2.0, -1.5)
    """
    valences = vader_valences()
    lower = emoticon.lower()
    if lower in valences:
        return valences[lower]
    return valences.get(lower.rstrip(lower[-1]) + lower[-1], 0.0)
