"""Terms: how a text becomes word or character n-grams, by one code at fit and at predict.

scikit-learn's analyzers without scikit-learn: the terms are those of its TfidfVectorizer, in the
same order. `TextTfidf` learns from them, and a frozen model looks them up.
"""

import re
from collections.abc import Callable, Collection, Sequence
from functools import lru_cache

from mmsenti.text._document import tokenize

__all__ = ["Terms"]

_REMEMBERED_WORDS = 4096  # a few thousand words make up most of any text


class Terms:
    r"""The function from a text to its terms.

    Parameters
    ----------
    analyzer : {"word", "char", "char_wb"}, default="word"
        Words, characters, or characters inside of words with a blank at either end.
    ngram_range : (int, int), default=(1, 1)
        Shortest and longest n-gram.
    preprocessor : str, sequence of str or None, default=None
        Names of steps that a text goes through first.
    lowercase : bool, default=True
    strip_accents : {"ascii", "unicode"} or None, default=None
    token_pattern : str, default=r"(?u)\b\w\w+\b"
        What a word is, where there is no tokenizer.
    tokenizer : {"tweet"} or None, default=None
        "tweet" cuts into the tokens of `Document`.
    stop_words : collection of str or None, default=None
        Words to leave out.

    Attributes
    ----------
    word_terms : callable
        From one word of `split` to its terms; only for the analyzer "char_wb".

    Examples
    --------
    >>> Terms(ngram_range=(1, 2))("So good a film")
    ['so', 'good', 'film', 'so good', 'good film']
    >>> Terms(analyzer="char_wb", ngram_range=(3, 3))("so good")
    [' so', 'so ', ' go', 'goo', 'ood', 'od ']
    """

    def __init__(
        self,
        *,
        analyzer: str = "word",
        ngram_range: Sequence[int] = (1, 1),
        preprocessor: str | Sequence[str] | None = None,
        lowercase: bool = True,
        strip_accents: str | None = None,
        token_pattern: str | None = r"(?u)\b\w\w+\b",
        tokenizer: str | None = None,
        stop_words: Collection[str] | None = None,
    ) -> None:
        self.analyzer = analyzer
        self._shortest, self._longest = ngram_range
        self._step = None if preprocessor is None else _steps(preprocessor)
        self._lowercase = lowercase
        self._strip = {None: None, "ascii": _ascii, "unicode": _unaccented}[strip_accents]
        self._stop_words = None if stop_words is None else frozenset(stop_words)
        if analyzer == "word":
            self._tokenize = _find(token_pattern) if tokenizer is None else tokenize
        elif analyzer == "char_wb":
            self.word_terms = lru_cache(_REMEMBERED_WORDS)(self._word_terms)

    def __call__(self, text: str) -> list[str]:
        """List the terms of a text, repeated ones as often as they come."""
        if self.analyzer == "char_wb":
            return [term for word in self.split(text) for term in self.word_terms(word)]
        text = self._prepared(text)
        if self.analyzer == "char":
            return self._ngrams(re.sub(r"\s\s+", " ", text), "".join)
        words = self._tokenize(text)
        if self._stop_words is not None:
            words = [word for word in words if word not in self._stop_words]
        return words if self._longest == 1 else self._ngrams(words, " ".join)

    def split(self, text: str) -> list[str]:
        """Cut a text into the words whose terms, one word's after another's, are the text's.

        Only for the analyzer "char_wb".
        """
        return self._prepared(text).split()

    def _word_terms(self, word: str) -> list[str]:
        word = f" {word} "
        terms = []
        for n in range(self._shortest, self._longest + 1):
            if n >= len(word):  # a short word counts once
                terms.append(word)
                break
            terms += [word[i : i + n] for i in range(len(word) - n + 1)]
        return terms

    def _prepared(self, text: str) -> str:
        if self._step is not None:
            text = self._step(text)
        if self._lowercase:
            text = text.lower()
        return text if self._strip is None else self._strip(text)

    def _ngrams(self, parts: Sequence[str], join: Callable[[Sequence[str]], str]) -> list[str]:
        terms = list(parts) if self._shortest == 1 else []
        for n in range(max(self._shortest, 2), min(self._longest, len(parts)) + 1):
            terms += [join(parts[i : i + n]) for i in range(len(parts) - n + 1)]
        return terms


def _steps(names: str | Sequence[str]) -> Callable[[str], str]:
    from mmsenti.text._preprocess import make_preprocessor

    return make_preprocessor(names)


def _find(pattern: str | None) -> Callable[[str], list[str]]:
    return re.compile(pattern or "").findall


def _unaccented(text: str) -> str:
    if text.isascii():
        return text
    from unicodedata import combining, normalize  # here, because plain texts do without

    return "".join(c for c in normalize("NFKD", text) if not combining(c))


def _ascii(text: str) -> str:
    if text.isascii():
        return text
    import unicodedata

    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
