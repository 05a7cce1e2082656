"""VADER's word list, of which a text's own words are read and the others wait."""

from collections.abc import Iterator, Mapping
from typing import Any

from mmsenti.frozen._file import pack_strings, unpack_strings

__all__ = ["PackedLexicon", "pack_lexicon"]

_BEGINNING = 2  # characters that the words of one group have in common
_FEW_TEXTS = 50  # a dict of all words takes as long as the words of so many


class PackedLexicon(Mapping[str, float]):
    """Valences of words, in groups of words that begin alike.

    A dict of all words takes longer to make than a short text needs for everything else, and
    answers faster: from many texts on it is what `for_text` gives.

    Parameters
    ----------
    **groups : dict
        As `pack_lexicon` gives it.

    Examples
    --------
    >>> lexicon = PackedLexicon(**pack_lexicon({"good": 1.9, "goal": 0.5, "bad": -2.5}))
    >>> lexicon["good"], "bad" in lexicon, lexicon.get("gone", 0.0), len(lexicon)
    (1.9, True, 0.0, 3)
    """

    def __init__(self, **groups: Any) -> None:
        self._waiting = {
            group.partition("\t")[0][:_BEGINNING]: group for group in unpack_strings(**groups)
        }
        self._read: dict[str, float] = {}
        self._n_texts = 0

    def for_text(self) -> Mapping[str, float]:
        """Return the lexicon in the form that is the best for one more text."""
        self._n_texts += 1
        return self if self._n_texts <= _FEW_TEXTS else self._all()

    def _around(self, word: str) -> dict[str, float]:
        """Read the group of a word; return all that is read."""
        beginning = word[:_BEGINNING]
        group = self._waiting.get(beginning)
        if group is not None:
            lines = (line.partition("\t") for line in group.split("\n"))
            self._read.update((known, float(valence)) for known, _, valence in lines)
            # Only now, for another thread would miss what is neither read nor waiting.
            self._waiting.pop(beginning, None)
        return self._read

    def _all(self) -> dict[str, float]:
        for beginning in list(self._waiting):
            self._around(beginning)
        return self._read

    def __contains__(self, word: object) -> bool:
        return word in self._read or (isinstance(word, str) and word in self._around(word))

    def __getitem__(self, word: str) -> float:
        return self._around(word)[word]

    def get(self, word: str, default: Any = None) -> Any:
        """Return the valence of a word, or else the default."""
        return self._around(word).get(word, default)

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())


def pack_lexicon(valences: Mapping[str, float]) -> dict[str, Any]:
    """Write the words in groups, each with its valence to the last digit."""
    groups: dict[str, list[str]] = {}
    for word, valence in valences.items():
        groups.setdefault(word[:_BEGINNING], []).append(f"{word}\t{valence!r}")
    return pack_strings(list(map("\n".join, groups.values())))
