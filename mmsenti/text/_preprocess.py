"""Steps that a text goes through before it is cut into terms."""

import re
from collections.abc import Callable, Sequence

from mmsenti.text._document import Document
from mmsenti.text._hashtags import split_hashtag

__all__ = ["STEPS", "make_preprocessor", "mark_negation", "mend_encoding"]

# Patterns are texts, which are compiled when one is first needed.
_LINK = r"(?i:https?://|www\.)\S+"
_MENTION = r"[@＠](?<!\w.)\w+"
_HASHTAG = r"[#＃](\w+)"
# Two or more characters that UTF-8 read as Windows-1252 consists of: a lead and what follows.
_MOJIBAKE = r"[\u00c2-\u00f4][\u0080-\u00bf\u0152-\u0178\u02c6\u02dc\u2013-\u2122]+"


def mend_encoding(text: str) -> str:
    r"""Undo UTF-8 that was read as Windows-1252, stretch by stretch, and drop what is lost.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
        A stretch that makes no UTF-8 stays as it is; runs of question marks inside a word, as
        letters leave that no code page had, and U+FFFD become one apostrophe or nothing.

    Examples
    --------
    >>> mend_encoding("caf\u00c3\u00a9, \u00e2\u20ac\u0153can?t\u00e2\u20ac\u009d")
    "café, “can't”"
    """
    if text.isascii() and "?" not in text:
        return text
    text = re.sub(_MOJIBAKE, lambda found: _decode(found[0]), text).replace("\ufffd", "?")
    return re.sub(r"(?<=[^\W\d_])\?(?=(?:s|t|d|m|re|ve|ll)\b)", "'", text)


def _decode(stretch: str) -> str:
    codes = bytearray()
    for character in stretch:
        try:
            codes += character.encode("cp1252")
        except UnicodeEncodeError:
            if ord(character) > 255:
                return stretch
            codes.append(ord(character))  # the five codes that Windows-1252 leaves free
    try:
        return codes.decode()
    except UnicodeDecodeError:
        return stretch


def mark_negation(text: str) -> str:
    """Put ``not_`` before each word in the scope of a negation.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
        The words and signs apart by blanks where anything is negated, otherwise the text itself.

    References
    ----------
    .. [1] S. Das and M. Chen, "Yahoo! for Amazon: Extracting Market Sentiment from Stock Message
       Boards", APFA 2001.

    Examples
    --------
    >>> mark_negation("I don't like it, sorry")
    "I don't not_like not_it , sorry"
    """
    document = Document(text, max_characters=max(len(text) * 10, 10_000))
    if not document.negations:
        return text
    return " ".join(
        f"not_{token}" if negated and token[0].isalpha() else token
        for token, negated in zip(document.tokens, document.negated, strict=True)
    )


def _has(text: str, *signs: str) -> bool:
    return any(sign in text for sign in signs)


def _add_words(found: re.Match[str]) -> str:
    words = " ".join(split_hashtag(found[1]))
    return found[0] if words == found[1] else f"{found[0]} {words}"


STEPS: dict[str, Callable[[str], str]] = {
    "mend": mend_encoding,
    "links": lambda text: re.sub(_LINK, " <url> ", text) if _has(text, ".", "://") else text,
    "mentions": lambda text: re.sub(_MENTION, " <user> ", text) if _has(text, "@", "＠") else text,
    "numbers": lambda text: re.sub(r"\d+", "0", text),
    "hashtags": lambda text: re.sub(_HASHTAG, _add_words, text) if _has(text, "#", "＃") else text,
    "negation": mark_negation,
}


def make_preprocessor(steps: str | Sequence[str]) -> Callable[[str], str]:
    """Join steps into one function.

    Parameters
    ----------
    steps : str, or sequence of str
        Of ``STEPS``, which are done in that order whatever the order here: a link is not to be
        taken for a hashtag, nor a number in a hashtag be lost.

    Returns
    -------
    callable
        From str to str.

    Raises
    ------
    ValueError
        For a step that there is not.

    Examples
    --------
    >>> make_preprocessor(["links", "hashtags"])("#GoodDay http://x.org/#a")
    '#GoodDay Good Day  <url> '
    """
    names = [steps] if isinstance(steps, str) else list(steps)
    unknown = [repr(name) for name in names if name not in STEPS]
    if unknown:
        raise ValueError(f"steps are among {', '.join(STEPS)}; got {', '.join(unknown)}.")
    chosen = [step for name, step in STEPS.items() if name in names]

    def preprocess(text: str) -> str:
        for step in chosen:
            text = step(text)
        return text

    return preprocess
