"""Document: the text sample."""

from collections.abc import Sequence
from functools import cached_property
from operator import add
from typing import Any

from mmsenti._sample import Sample, describe_cell
from mmsenti.text._compose import compose
from mmsenti.text._negation import find_negations, negation_scope
from mmsenti.text._tokens import token_pattern

__all__ = ["Document", "check_text", "lowered", "tokenize"]

_MIN_STRETCH = 10_000  # characters without a blank that are legal always


class Document(Sample):
    r"""A text with its tokens.

    The text is kept in Unicode's composed form (NFC), so that an accented letter typed as one
    character or as two gives the same features. Text that is composed already, as ordinary text
    is, stays as it came. Lone surrogates, control characters and any script are legal.

    Parameters
    ----------
    text : str
        May be empty: every view is empty then.
    max_characters : int, default=1_000_000
        Longest text accepted. A stretch without any blank may be a tenth of it (10,000
        characters at least): no writing has longer ones, encoded data has.

    Attributes
    ----------
    text : str
        The composed text.

    Raises
    ------
    TypeError
        For anything but a str.
    ValueError
        For a text, or a stretch without blanks, that is too long.

    Notes
    -----
    Tokens are words (with apostrophes and hyphens inside: "don't", "well-known"), emoticons,
    emoji (a family, a flag, a keycap or one with a skin tone is one), hashtags, mentions, links,
    numbers, runs of ``.!?…`` and single other signs. A script written without blanks, as
    Chinese is, gives one word from one punctuation mark to the next.

    Examples
    --------
    >>> document = Document("@ann I don't like it :( but the film was soooo good!!! #cinema")
    >>> document.tokens[:6]
    ['@ann', 'I', "don't", 'like', 'it', ':(']
    >>> [word for word, negated in zip(document.tokens, document.negated) if negated][:3]
    ['like', 'it', ':(']
    >>> document.hashtags
    ['#cinema']
    """

    def __init__(self, text: str, *, max_characters: int = 1_000_000) -> None:
        super().__init__()
        check_text(text, max_characters)
        self.text: str = compose(str(text))

    @cached_property
    def _rows(self) -> list[tuple[str, ...]]:
        """The groups of `token_pattern` for each token, of which one is not empty."""
        return _split(self.text)

    @cached_property
    def _kinds(self) -> list[list[str]]:
        """The words, the emoticons, the emoji, the others."""
        if not self._rows:
            return [[]] * 4
        letters, tags, words, signs, emoji, rest = zip(*self._rows, strict=True)
        kinds = words, map(add, letters, signs), emoji, map(add, tags, rest)
        return [list(filter(None, kind)) for kind in kinds]

    @cached_property
    def tokens(self) -> list[str]:
        """All tokens, in their order."""
        return list(map("".join, self._rows))

    @property
    def words(self) -> list[str]:
        """Tokens with a letter in them that are no link, tag or emoticon."""
        return self._kinds[0]

    @property
    def emoticons(self) -> list[str]:
        """Emoticons such as ``:-)``."""
        return self._kinds[1]

    @property
    def emoji(self) -> list[str]:
        """Emoji; a sequence that is drawn as one picture is one."""
        return self._kinds[2]

    @property
    def others(self) -> list[str]:
        """Links, mentions, hashtags, numbers and punctuation."""
        return self._kinds[3]

    @cached_property
    def lower_words(self) -> list[str]:
        """The words in lower case."""
        return lowered(self.words)

    @property
    def links(self) -> list[str]:
        """Web addresses, from ``http://``, ``https://`` or ``www.`` to the next blank."""
        return [other for other in self.others if other[0] in "hHwW"]

    @property
    def mentions(self) -> list[str]:
        """Names of users, with the ``@``."""
        return [other for other in self.others if other[0] in "@＠" and len(other) > 1]

    @property
    def hashtags(self) -> list[str]:
        """Hashtags, with the ``#``."""
        return [other for other in self.others if other[0] in "#＃" and len(other) > 1]

    @property
    def numbers(self) -> list[str]:
        """Numbers, times and dates written in digits."""
        return [other for other in self.others if other[0].isdecimal()]

    @cached_property
    def negations(self) -> list[str]:
        """Words that negate, in lower case."""
        return find_negations(self.lower_words)

    @cached_property
    def negated(self) -> list[bool]:
        """Whether each token stands in the scope of a negation."""
        if not self.negations:
            return [False] * len(self._rows)
        return negation_scope(self.tokens)


def lowered(tokens: Sequence[str]) -> list[str]:
    """Write tokens in lower case.

    Parameters
    ----------
    tokens : sequence of str

    Returns
    -------
    list of str

    Examples
    --------
    >>> lowered(["So", "GOOD"])
    ['so', 'good']
    """
    # Joined by a character that no token holds: one call instead of one for each.
    return "\n".join(tokens).lower().split("\n") if tokens else []


def tokenize(text: str) -> list[str]:
    """Cut a text into the tokens of `Document`.

    Parameters
    ----------
    text : str

    Returns
    -------
    list of str

    Examples
    --------
    >>> tokenize("so good:) #film")
    ['so', 'good', ':)', '#film']
    """
    return list(map("".join, _split(text)))


def _split(text: str) -> list[tuple[str, ...]]:
    # Without blanks at its end, as is the pattern's own condition.
    return token_pattern(text.isascii()).findall(text.rstrip())


def check_text(cell: Any, max_characters: int) -> None:
    """Make sure that a cell is a text of a legal length.

    Parameters
    ----------
    cell : object
    max_characters : int

    Raises
    ------
    TypeError
        For anything but a str.
    ValueError
        For a text, or a stretch without blanks, that is too long.
    """
    if type(cell) is str and len(cell) <= min(_MIN_STRETCH, max_characters):
        return  # as most texts do, before any other question
    if not isinstance(cell, str):
        raise TypeError(f"expected a text (str), got {_describe(cell)}.")
    if len(cell) > max_characters:
        raise ValueError(
            f"a text of {len(cell):,} characters, more than max_characters={max_characters:,}. "
            "Shorten it, or raise max_characters."
        )
    limit = max(max_characters // 10, _MIN_STRETCH)
    if len(cell) > limit and max(map(len, cell.split()), default=0) > limit:
        raise ValueError(
            f"more than {limit:,} characters without a blank, as encoded data has and no "
            "writing. Remove it, or raise max_characters, of which a tenth is allowed."
        )


def _describe(cell: Any) -> str:
    if isinstance(cell, bytes | bytearray | memoryview):
        return f"{type(cell).__name__}; decode it, as in cell.decode('utf-8')"
    return f"{type(cell).__name__} {describe_cell(cell)}"
