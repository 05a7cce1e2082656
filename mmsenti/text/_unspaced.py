"""Words of a lexicon in scripts that are written without blanks."""

from collections.abc import Iterable, Mapping

__all__ = ["set_apart", "words_by_first"]

# First and last of Thai, Lao, Tibetan and Burmese; Khmer; kana; Han characters with their
# extensions. Not a regular expression, which takes longer to compile than all that is done with it.
_UNSPACED = (
    ("\u0e00", "\u109f"),
    ("\u1780", "\u17ff"),
    ("\u3040", "\u30ff"),
    ("\u3400", "\u4dbf"),
    ("\u4e00", "\u9fff"),
    ("\uf900", "\ufaff"),
    ("\U00020000", "\U0003ffff"),
)


def words_by_first(words: Iterable[str]) -> dict[str, list[str]]:
    """Sort the words that are in scripts without blanks by their first character.

    Parameters
    ----------
    words : iterable of str

    Returns
    -------
    dict of str to list of str
        The longest first; empty for a lexicon of other scripts.

    Examples
    --------
    >>> words_by_first(["good", "喜", "喜欢"])
    {'喜': ['喜欢', '喜']}
    """
    found: dict[str, list[str]] = {}
    for word in words:
        if any(first <= word[:1] <= last for first, last in _UNSPACED):
            found.setdefault(word[0], []).append(word)
    for same in found.values():
        same.sort(key=len, reverse=True)
    return found


def set_apart(text: str, words: Mapping[str, list[str]]) -> str:
    """Put blanks around words, of several at one place around the longest.

    Parameters
    ----------
    text : str
    words : dict of str to list of str
        As `words_by_first` gives them.

    Returns
    -------
    str

    Examples
    --------
    >>> set_apart("我喜欢它", {"喜": ["喜欢", "喜"]})
    '我 喜欢 它'
    """
    if not words or words.keys().isdisjoint(text):
        return text
    pieces, start, i = [], 0, 0
    while i < len(text):
        word = next((w for w in words.get(text[i], ()) if text.startswith(w, i)), None)
        if word is None:
            i += 1
            continue
        pieces += [text[start:i], word]
        i = start = i + len(word)
    pieces.append(text[start:])
    return " ".join(filter(None, (piece.strip() for piece in pieces)))
