"""Emphasis: where in a text the feeling stands, and what makes it stronger."""

import os
from collections.abc import Mapping, Sequence
from math import log1p
from typing import Any

from mmsenti._descriptor import Descriptor
from mmsenti.text._document import Document, lowered
from mmsenti.text._hashtags import split_hashtag
from mmsenti.text._lexicon import Lexicon, describe_emoji
from mmsenti.text._surface import may_hold_run
from mmsenti.text._unspaced import set_apart
from mmsenti.text._vader import BOOSTERS, polarity

__all__ = ["Emphasis", "last_clause"]

_CLAUSE_ENDS = frozenset(".,:;!?…")
_CONTRASTS = frozenset(["but", "however", "yet", "although", "though", "still"])
_PARTS = ("first", "middle", "last")


class Emphasis(Descriptor):
    """VADER's scores of parts of a text: hashtags, the last clause, each third; and intensifiers.

    Parameters
    ----------
    lexicon : dict of str to float, path or None, default=None
        As in `Lexicon`.

    Notes
    -----
    Each name below begins with ``emphasis_``; without such a part, or without words, all is 0.0.

    - ``hashtags``: compound score of the words of all hashtags, in [-1, 1]; see
      `mmsenti.text.split_hashtag`.
    - ``last_clause``: compound score of what follows the last contrast (but, however, though ...)
      or comma, full stop and the like, as far as words follow.
    - ``first_max``, ``first_min``, ..., ``last_min``: highest and lowest valence of a word in
      each third of the words, in [-4, 4], of negated words turned round; 0.0 is neutral.
    - ``intensifiers``, ``downtoners``: log(1 + count) of words like "very" and like "hardly".
    - ``lengthened_positive``, ``lengthened_negative``: log(1 + sum of the valences) of lengthened
      words such as "goooood", which the lexicon has in their plain form.

    References
    ----------
    .. [1] S. Kiritchenko, X. Zhu and S. Mohammad, "Sentiment Analysis of Short Informal Texts",
       Journal of Artificial Intelligence Research 50, 2014.

    Examples
    --------
    >>> emphasis = Emphasis()
    >>> values = emphasis.compute(Document("Rain again, but very nice #sohappy"))
    >>> named = dict(zip(emphasis.get_names(), [round(value, 2) for value in values]))
    >>> named["emphasis_hashtags"], named["emphasis_last_clause"], named["emphasis_intensifiers"]
    (0.61, 0.48, 0.69)
    """

    _parameter_constraints = {"lexicon": [dict, str, os.PathLike, None]}

    def __init__(self, lexicon: dict[str, float] | str | os.PathLike[str] | None = None) -> None:
        self.lexicon = lexicon

    def get_names(self) -> list[str]:
        """Name the features.

        Returns
        -------
        list of str of length 12
        """
        return [
            f"emphasis_{name}"
            for name in (
                *("hashtags", "last_clause"),
                *(f"{part}_{extreme}" for part in _PARTS for extreme in ("max", "min")),
                *("intensifiers", "downtoners", "lengthened_positive", "lengthened_negative"),
            )
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
        valences, inside = self._read_once()
        if (apart := set_apart(document.text, inside)) is not document.text:
            document = Document(apart, max_characters=10 * len(apart) + 100_000)
        words = document.lower_words
        tagged = " ".join(word for tag in document.hashtags for word in split_hashtag(tag))
        clause = last_clause(document.tokens)
        boosts = [BOOSTERS[word] for word in words if word in BOOSTERS]
        return [
            polarity(tagged.lower(), valences)[3] if tagged else 0.0,
            polarity(describe_emoji(" ".join(clause)), valences)[3] if clause else 0.0,
            *_extremes(document, valences),
            log1p(sum(boost > 0 for boost in boosts)),
            log1p(sum(boost < 0 for boost in boosts)),
            *_lengthened(words, valences),
        ]

    def _read_once(self) -> tuple[Mapping[str, float], Mapping[str, list[str]]]:
        if self.__dict__.get("_scores") is None or self._scores.lexicon is not self.lexicon:
            self._scores = Lexicon(self.lexicon)
        return self._scores._read_once()

    def fingerprint_parts(self) -> Mapping[str, float] | None:
        """Return what the scores depend on: the words themselves, not the name of their file."""
        return None if self.lexicon is None else dict(self._read_once()[0])

    def __getstate__(self) -> dict[str, Any]:
        """Keep the parameters only; a lexicon that was read is read again."""
        return self.get_params()


def last_clause(tokens: Sequence[str]) -> list[str]:
    """Return what follows the last contrast or sign that ends a clause.

    Parameters
    ----------
    tokens : sequence of str

    Returns
    -------
    list of str
        Without links and tags; all of the tokens where nothing separates them.

    Examples
    --------
    >>> last_clause(["bad", ",", "but", "not", "hopeless", "!"])
    ['not', 'hopeless', '!']
    """
    kept = [token for token in tokens if token[0] not in "#@" and "://" not in token]
    has_word = False
    for i in range(len(kept) - 1, -1, -1):
        token = kept[i]
        if has_word and (token[0] in _CLAUSE_ENDS or token.lower() in _CONTRASTS):
            return kept[i + 1 :]
        has_word |= token[0].isalpha()
    return kept


def _extremes(document: Document, valences: Mapping[str, float]) -> list[float]:
    """Highest and lowest valence of each third of the words."""
    signed = [
        -valences.get(word, 0.0) if negated else valences.get(word, 0.0)
        for word, negated in zip(lowered(document.tokens), document.negated, strict=True)
        if word[0].isalpha()
    ]
    n = len(signed)
    thirds = [signed[n * i // 3 : n * (i + 1) // 3] for i in range(3)]
    return [f([*third, 0.0]) for third in thirds for f in (max, min)]


def _lengthened(words: Sequence[str], valences: Mapping[str, float]) -> tuple[float, float]:
    positive = negative = 0.0
    if not may_hold_run(words, 3):
        return positive, negative
    for word in words:
        for plain in _plain_forms(word):
            if plain in valences:
                positive += max(valences[plain], 0.0)
                negative -= min(valences[plain], 0.0)
                break
    return log1p(positive), log1p(negative)


def _plain_forms(word: str) -> list[str]:
    """Write a lengthened word with each run as two letters, then as one; none for others."""
    runs = [i for i in range(2, len(word)) if word[i] == word[i - 1] == word[i - 2]]
    if not runs:
        return []
    doubled = "".join(letter for i, letter in enumerate(word) if i not in runs)
    single = [letter for i, letter in enumerate(word) if i not in runs and i + 1 not in runs]
    return [doubled, "".join(single)]
