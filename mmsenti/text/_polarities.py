"""VADER's scores of many texts at once: each token is looked up once, the rest is arrays.

Words in plain company, most of a text, are scored together; the few that stand near a word which
changes them go through the rules one by one, those of `polarity`.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from mmsenti.text._vader import (
    BARE_WORDS,
    CAPITALS,
    MODIFIERS,
    NORMALIZATION,
    SPECIAL_WORDS,
    KnownWords,
    bare_word,
    punctuation_emphasis,
    ruled_valence,
    weigh_clauses,
)

__all__ = ["TokenTable", "polarities"]

_KNOWN, _MODIFIER, _SPECIAL, _CAPITALS, _BUT, _MARKED = (1 << bit for bit in range(6))
_WORD_FLAGS = {
    word: _MODIFIER * (word in MODIFIERS)
    | _SPECIAL * (word in SPECIAL_WORDS)
    | _BUT * (word == "but")
    for word in MODIFIERS | SPECIAL_WORDS | {"but"}
}


class TokenTable(KnownWords[complex]):
    """What a token brings to a text: its valence as the real part, flags as the imaginary one.

    One number for both, so that one look-up fills one array.

    Parameters
    ----------
    valences : mapping of str to float
        Lexicon, in lower case.

    Examples
    --------
    >>> TokenTable({"good": 1.9})["Good,"]
    (1.9+1j)
    """

    def __init__(self, valences: Mapping[str, float]) -> None:
        super().__init__()
        self.valences = valences

    def _find(self, token: str) -> complex:
        # On the hot path: of what people write, one token in eight was never seen before.
        word = bare_word(token.lower())
        flags = _WORD_FLAGS.get(word, 0)
        valence = self.valences.get(word)
        if valence is not None:
            flags |= _KNOWN
        if "n't" in word:
            flags |= _MODIFIER
        if token.isupper():
            flags |= _CAPITALS
        if "!" in token or "?" in token:
            flags |= _MARKED
        return complex(valence or 0.0, flags)


def polarities(texts: Sequence[str], table: TokenTable) -> np.ndarray:
    """Score texts.

    Parameters
    ----------
    texts : sequence of str of length n_texts
        Emoji replaced by their descriptions already.
    table : TokenTable
        Of the lexicon.

    Returns
    -------
    ndarray of float64 of shape (n_texts, 4)
        What `polarity` gives for each.

    Examples
    --------
    >>> polarities(["not good!", "Good film"], TokenTable({"good": 1.9})).round(4).tolist()
    [[0.0, 0.7296, 0.2704, -0.4015], [0.7436, 0.0, 0.2564, 0.4404]]
    """
    tokens: list[str] = []
    ends = []
    for text in texts:
        tokens += text.split()
        ends.append(len(tokens))
    found = np.fromiter(map(table.__getitem__, tokens), np.complex128, len(tokens))
    flags = found.imag.astype(np.uint8)
    column = _Column(tokens, flags, np.array(ends, dtype=np.intp))
    hits = np.flatnonzero(flags & _KNOWN)
    scores = _valences(column, hits, found.real[hits], table.valences)
    _weigh_texts(column, hits, scores)
    return _summaries(column, column.text_of[hits], scores, texts)


class _Column:
    """The tokens of many texts one behind the other.

    Attributes
    ----------
    tokens : list of str
    flags : ndarray of uint8 of shape (n_tokens,)
    starts, ends : ndarray of int of shape (n_texts,)
        Where the tokens of each text begin and end.
    n_tokens : ndarray of int of shape (n_texts,)
    text_of : ndarray of int of shape (n_tokens,)
    """

    def __init__(self, tokens: list[str], flags: np.ndarray, ends: np.ndarray) -> None:
        self.tokens = tokens
        self.flags = flags
        self.ends = ends
        self.starts = np.concatenate([[0], ends])[:-1]
        self.n_tokens = ends - self.starts
        self.text_of = np.repeat(np.arange(len(ends)), self.n_tokens)

    def emphasized(self) -> np.ndarray:
        """Tell which texts have some words in capitals, but not all."""
        capitals = self.text_of[self.flags & _CAPITALS > 0]
        n_capitals = np.bincount(capitals, minlength=len(self.ends))
        return (n_capitals > 0) & (n_capitals < self.n_tokens)


def _valences(
    column: _Column, hits: np.ndarray, valences: np.ndarray, lexicon: Mapping[str, float]
) -> np.ndarray:
    """Score the words of the lexicon, each as its neighbourhood makes it."""
    texts = column.text_of[hits]
    modifies = column.flags & _MODIFIER > 0
    ruled = column.flags[hits] & _SPECIAL > 0
    for distance in (1, 2, 3):  # in front of a text's first words is another text: no harm
        ruled |= modifies.take(hits - distance, mode="clip")
    emphasized = column.emphasized()
    loud = emphasized[texts] & (column.flags[hits] & _CAPITALS > 0)
    scores = valences + loud * np.where(valences > 0, CAPITALS, -CAPITALS)
    which = np.flatnonzero(ruled)
    # What the rules look at: three words before and two behind, in the same text.
    places = np.minimum(hits[which] - column.starts[texts[which]], 3)
    begins = hits[which] - places
    ends = np.minimum(hits[which] + 3, column.ends[texts[which]])
    of_words = (which, places, begins, ends, emphasized[texts[which]])
    for k, i, begin, end, loud_text in zip(*(a.tolist() for a in of_words), strict=True):
        spelled = column.tokens[begin:end]
        words = [BARE_WORDS[token.lower()] for token in spelled]
        scores[k] = ruled_valence(i, words, words[:i], spelled if loud_text else None, lexicon)
    return scores


def _weigh_texts(column: _Column, hits: np.ndarray, scores: np.ndarray) -> None:
    """Let "but" change the scores of the texts that have it."""
    buts = np.flatnonzero(column.flags & _BUT)
    texts = column.text_of[buts]
    first = np.flatnonzero(np.diff(texts, prepend=-1))
    begins = np.searchsorted(hits, column.starts[texts[first]]).tolist()
    ends = np.searchsorted(hits, column.ends[texts[first]]).tolist()
    for but, begin, end in zip(buts[first].tolist(), begins, ends, strict=True):
        weighed = scores[begin:end].tolist()
        weigh_clauses(weighed, hits[begin:end].tolist(), but)
        scores[begin:end] = weighed


def _summaries(
    column: _Column, texts: np.ndarray, scores: np.ndarray, spelled: Sequence[str]
) -> np.ndarray:
    """Sum up the scores of each text's words."""
    n = len(column.ends)

    def sums(values: np.ndarray) -> np.ndarray:
        return np.bincount(texts, values, n).astype(np.float64)

    # Each word counts one more than its score, as a neutral word counts one.
    positive = sums(np.where(scores > 0, scores + 1, 0.0))
    negative = sums(np.where(scores < 0, 1 - scores, 0.0))
    neutral = column.n_tokens - sums(scores != 0)
    total = sums(scores)
    emphasis = np.zeros(n)
    for text in set(column.text_of[column.flags & _MARKED > 0].tolist()):
        emphasis[text] = punctuation_emphasis(spelled[text])
    total += np.copysign(emphasis, total) * (total != 0)
    balance = positive - negative
    positive += emphasis * (balance > 0)
    negative += emphasis * (balance < 0)
    weight = np.where(column.n_tokens > 0, positive + negative + neutral, 1.0)
    compound = total / np.sqrt(total * total + NORMALIZATION)
    return np.stack([positive / weight, negative / weight, neutral / weight, compound], axis=1)
