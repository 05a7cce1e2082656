"""Lexicon: VADER's scores, from its own word list or from yours."""

import os
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from mmsenti._descriptor import Descriptor
from mmsenti.text._document import Document
from mmsenti.text._unspaced import set_apart, words_by_first
from mmsenti.text._vader import polarity
from mmsenti.text._valences import read_lexicon, vader_emoji, vader_valences

if TYPE_CHECKING:
    from mmsenti.text._polarities import TokenTable

__all__ = ["Lexicon", "describe_emoji"]


_SCALES = (1.0, 10.0, 100.0, 1e3, 1e4)
_TO_WHOLE = 1.5 * 2.0**52  # numbers near it have no fraction
_FEW_TEXTS = 25  # arrays take longer to set up than so many texts one by one
_SURELY = 0.499  # a number so near to a whole one rounds to it; of others its digits decide
_GAP = 64  # code points without an emoji that part two ranges of them


class Lexicon(Descriptor):
    """VADER's scores of a text, equal to those of the package vaderSentiment.

    Each word of the lexicon brings its valence; boosters, negations, capitals, idioms and "but"
    in its neighbourhood change it, exclamation and question marks raise the sum.

    Parameters
    ----------
    lexicon : dict of str to float, path or None, default=None
        None is VADER's own lexicon. A dict from words to valences, or a file with a word, a TAB
        and its valence in each line (a comma, if its name ends in .csv), replaces it; the
        rules stay. VADER's valences lie in -4 to 4. It is read once, at the first text. Words in
        scripts without blanks, as Chinese is written, are found inside of a text, the longest
        first.

    Notes
    -----
    `get_names` gives ``lexicon_pos``, ``lexicon_neg`` and ``lexicon_neu``, the shares of positive,
    negative and neutral words, in [0, 1] and together 1; and ``lexicon_compound`` in [-1, 1].
    All are 0.0 for a text without words. Like the reference's they are rounded, the shares to
    three digits and compound to four, so that a published number can be met to the digit; no
    model sees the difference.

    The text is scored in its composed form (NFC), as the reference scores composed text.

    References
    ----------
    .. [1] C. J. Hutto and E. Gilbert, "VADER: A Parsimonious Rule-based Model for Sentiment
       Analysis of Social Media Text", ICWSM 2014.

    Examples
    --------
    >>> from mmsenti.text import Document
    >>> Lexicon().compute(Document("VADER is smart, handsome, and funny!"))
    [0.752, 0.0, 0.248, 0.8439]
    >>> Lexicon({"smart": -2}).compute(Document("VADER is smart"))
    [0.0, 0.6, 0.4, -0.4588]
    """

    _is_quick = True
    _parameter_constraints = {"lexicon": [dict, str, os.PathLike, None]}

    def __init__(self, lexicon: dict[str, float] | str | os.PathLike[str] | None = None) -> None:
        self.lexicon = lexicon

    def get_names(self) -> list[str]:
        """Name the four scores."""
        return ["lexicon_pos", "lexicon_neg", "lexicon_neu", "lexicon_compound"]

    def compute(self, document: Document) -> list[float]:
        """Score a text.

        Parameters
        ----------
        document : Document

        Returns
        -------
        list of float
            Share of positive, of negative, of neutral words; compound score.
        """
        return self._score(document.text)

    def _score(self, text: str) -> list[float]:
        valences, inside = self._read_once()
        positive, negative, neutral, compound = polarity(_spelled_out(text, inside), valences)
        # One in two is 0.0, which needs no rounding.
        return [
            positive and rounded(positive, 3),
            negative and rounded(negative, 3),
            neutral and rounded(neutral, 3),
            compound and rounded(compound, 4),
        ]

    def _take(self, document: Document) -> str:
        return document.text

    def _compute_many(self, texts: Sequence[str]) -> np.ndarray | list[list[float]]:
        """Score texts together, each token looked up once."""
        if len(texts) < _FEW_TEXTS:
            return list(map(self._score, texts))
        from mmsenti.text._polarities import polarities  # here, because one text needs none

        valences, inside = self._read_once()
        table = _vader_table() if self.lexicon is None else self._own_table(valences)
        scores = polarities([_spelled_out(text, inside) for text in texts], table)
        return _rounded_scores(scores)

    def _own_table(self, valences: Mapping[str, float]) -> "TokenTable":
        from mmsenti.text._polarities import TokenTable

        table = self.__dict__.get("_table")
        if table is None or table.valences is not valences:
            table = self._table = TokenTable(valences)
        return table

    def _read_once(self) -> tuple[Mapping[str, float], Mapping[str, list[str]]]:
        """Return the valences, and those words that stand in a text without blanks."""
        if self.lexicon is None:
            return vader_valences(), {}
        read = self.__dict__.get("_read")
        if read is None or read[0] is not self.lexicon:
            valences = read_lexicon(self.lexicon)
            read = (self.lexicon, valences, words_by_first(valences))
            self._read = read
        return read[1], read[2]

    def fingerprint_parts(self) -> Mapping[str, float] | None:
        """Return what the scores depend on: the words themselves, not the name of their file."""
        return None if self.lexicon is None else dict(self._read_once()[0])

    def __getstate__(self) -> dict[str, Any]:
        """Keep the parameters only; a lexicon that was read is read again."""
        return self.get_params()


@lru_cache(maxsize=1)
def _vader_table() -> "TokenTable":
    from mmsenti.text._polarities import TokenTable

    return TokenTable(vader_valences())


def _spelled_out(text: str, inside: Mapping[str, list[str]]) -> str:
    """Set words of scripts without blanks apart, and name emoji."""
    if inside:
        text = set_apart(text, inside)
    return text if text.isascii() else describe_emoji(text)


def _rounded_scores(scores: np.ndarray) -> np.ndarray:
    """Round as `rounded` does: three shares to three digits, compound to four."""
    digits = np.array([3, 3, 3, 4])
    scale = 10.0**digits
    scaled = scores * scale
    whole = np.rint(scaled)
    found = (whole + 0.0) / scale  # no -0.0
    for row, k in zip(*np.nonzero(np.abs(scaled - whole) >= _SURELY), strict=True):
        found[row, k] = round(float(scores[row, k]), int(digits[k]))
    return found


def rounded(score: float, digits: int) -> float:
    """Round as `round` does, which only near a half needs its way through decimal digits.

    Parameters
    ----------
    score : float
        In [-1, 1].
    digits : int

    Returns
    -------
    float

    Examples
    --------
    >>> rounded(0.8126, 3), rounded(0.0625, 3)
    (0.813, 0.062)
    """
    scale = _SCALES[digits]
    scaled = score * scale
    whole = scaled + _TO_WHOLE - _TO_WHOLE
    return whole / scale if -_SURELY < scaled - whole < _SURELY else round(score, digits)


def describe_emoji(text: str) -> str:
    """Replace emoji by their English names, as VADER does.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
        Emoji of one character, each as a blank and its name; parts of a sequence one by one.

    Examples
    --------
    >>> describe_emoji("nice\N{GRINNING FACE}")
    'nice grinning face'
    """
    if text.isascii():
        return text
    names, pattern = _names_by_character()
    return pattern.sub(lambda found: names.get(found[0], found[0]), text)


@lru_cache(maxsize=1)
def _names_by_character() -> tuple[dict[str, str], re.Pattern[str]]:
    """Return what stands for each emoji, and a pattern that finds all of them and few others."""
    # VADER puts the blank only where none stands yet, but then splits at blanks anyway.
    names = {emoji: f" {name}" for emoji, name in vader_emoji().items() if len(emoji) == 1}
    # Ranges with gaps in them: a pattern looks through a few in no time, through all emoji not.
    ranges: list[list[str]] = []
    for emoji in sorted(names):
        if not ranges or ord(emoji) - ord(ranges[-1][1]) > _GAP:
            ranges.append([emoji, emoji])
        ranges[-1][1] = emoji
    return names, re.compile(f"[{''.join(f'{first}-{last}' for first, last in ranges)}]")
