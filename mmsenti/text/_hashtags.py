"""Hashtags: the words that are written together in them."""

import re
from collections.abc import Collection
from functools import lru_cache
from itertools import pairwise

from mmsenti.text._valences import vader_valences

__all__ = ["known_words", "split_hashtag"]

_BY_CASE = r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+|[^\W\d_A-Za-z]+"
_SHORTEST = 5  # letters from which a piece without capitals may be several words
_LONGEST = 40
# What feelings are hung upon: without these a lexicon of feelings explains no whole hashtag.
_FREQUENT = """
a about after again all always am an and any are as at away baby back be beach because been
being big birthday book boy but by can christmas city come could daily day days did do dog done
dont down eat end ever every everyone everything face family feel feeling few film find first
food football for from game get getting girl girls give go going got had hair has have he her
here him his home hot house how i if in instead into is it its just kids know last let life like
lil little live long look made make man many may me mean men mind moment monday month more
morning most mother movie much music my need never new news next night no not now of off old on
one only or other our out over party people photo photos place play power quote quotes real
really right road same saturday say school see she show side sky so some someone spring street
style summer sun sunday take team than that the their them then there these they thing things
think this those through throwback thursday time to today together tonight too top travel trip
true truth try tuesday two up us vacation very view walk wall want was water way we wednesday
week weekend went were what when where which while white who why will winter with without woman
women words work world would year years yes you young your
"""


@lru_cache(maxsize=1)
def known_words() -> frozenset[str]:
    """Return the words that hashtags are cut into: VADER's, and the most frequent others."""
    words = {word for word in vader_valences() if word.isalpha() and len(word) > 2}
    return frozenset(words.union(_FREQUENT.split()))


def split_hashtag(tag: str, words: Collection[str] | None = None) -> list[str]:
    """Cut a hashtag into its words: where case changes, otherwise into words of a lexicon.

    Parameters
    ----------
    tag : str
        With or without the ``#``.
    words : set of str, default=None
        In lower case. None is `known_words`.

    Returns
    -------
    list of str
        As written. A stretch of one case is cut into the fewest known words, if it is made of
        such from end to end, and stays whole otherwise.

    Examples
    --------
    >>> split_hashtag("#BestDayEver"), split_hashtag("#sohappy"), split_hashtag("#qwertyzu")
    (['Best', 'Day', 'Ever'], ['so', 'happy'], ['qwertyzu'])
    """
    if words is not None:
        return _pieces(tag, words)
    # Long ones come once, and would fill memory.
    return list(_known_pieces(tag)) if len(tag) <= _LONGEST else _pieces(tag, known_words())


@lru_cache(maxsize=4096)
def _known_pieces(tag: str) -> tuple[str, ...]:
    return tuple(_pieces(tag, known_words()))


def _pieces(tag: str, known: Collection[str]) -> list[str]:
    pieces: list[str] = []
    for piece in re.findall(_BY_CASE, tag):
        if _SHORTEST <= len(piece) <= _LONGEST and piece.lower() not in known:
            pieces += _fewest(piece, known)
        else:
            pieces.append(piece)
    return pieces


def _fewest(piece: str, known: Collection[str]) -> list[str]:
    """Cut into the fewest known words, of equally many into those with the longest first."""
    lower = piece.lower()
    # best[i] is where the last word of the best cut of the first i letters begins.
    count = [0] + [_LONGEST + 1] * len(piece)
    best = [0] * (len(piece) + 1)
    for end in range(1, len(piece) + 1):
        for start in range(end):
            if count[start] + 1 < count[end] and lower[start:end] in known:
                count[end], best[end] = count[start] + 1, start
    if count[-1] > _LONGEST:
        return [piece]
    cuts = [len(piece)]
    while cuts[-1]:
        cuts.append(best[cuts[-1]])
    cuts.reverse()
    return [piece[a:b] for a, b in pairwise(cuts)]
