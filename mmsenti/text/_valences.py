"""Where valences come from: VADER's own files, or a lexicon of the user."""

import math
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from mmsenti._sample import describe_cell, regular_file
from mmsenti.text._compose import compose

__all__ = ["bring_vader", "read_lexicon", "vader_emoji", "vader_valences"]

# Far above any scale in use; beyond it the square of a sum would leave the range of numbers.
_MAX_VALENCE = 1e6


_brought: dict[str, Callable[[], Mapping[str, Any]]] = {}


def bring_vader(
    valences: Callable[[], Mapping[str, float]], emoji: Callable[[], Mapping[str, str]]
) -> None:
    """Bring VADER's lexicon and its descriptions of emoji along, in place of the package's files.

    Parameters
    ----------
    valences, emoji : callable
        Give what `vader_valences` and `vader_emoji` give. The first is called for each text, the
        second once, for a text that makes use of it.

    Raises
    ------
    ValueError
        If this process uses others already.
    """
    if not _brought and not _package_valences.cache_info().currsize:
        _brought.update(valences=valences, emoji=emoji)
    elif (vader_valences(), vader_emoji()) != (valences(), emoji()):
        raise ValueError(
            "its VADER word lists are not those that this process has in use, of another version "
            "of vaderSentiment. Use it in a process of its own, or freeze the model again."
        )


def vader_valences() -> Mapping[str, float]:
    """Load VADER's lexicon, once per process.

    Returns
    -------
    mapping of str to float
        About 7,500 words and emoticons with valences in [-4, 4].

    Raises
    ------
    ImportError
        If the package vaderSentiment, which brings the file, is not installed.

    Examples
    --------
    >>> vader_valences()["good"]
    1.9
    """
    return _brought["valences"]() if _brought else _package_valences()


@lru_cache(maxsize=1)
def _package_valences() -> Mapping[str, float]:
    lines = (line.split("\t", 2) for line in _vader_file("vader_lexicon.txt"))
    return {fields[0]: float(fields[1]) for fields in lines}


@lru_cache(maxsize=1)
def vader_emoji() -> Mapping[str, str]:
    """Load VADER's descriptions of emoji, once per process.

    Returns
    -------
    mapping of str to str
        About 3,500 emoji, sequences included, each with its English name.

    Examples
    --------
    >>> vader_emoji()["\N{GRINNING FACE}"]
    'grinning face'
    """
    if _brought:
        return _brought["emoji"]()
    lines = (line.split("\t", 2) for line in _vader_file("emoji_utf8_lexicon.txt"))
    return {fields[0]: fields[1] for fields in lines}


def _vader_file(name: str) -> Iterator[str]:
    from importlib.util import find_spec  # here, because a frozen model brings the lists along

    # The spec tells the folder without running the package's code.
    spec = find_spec("vaderSentiment")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = os.path.join(folder, name)
        if os.path.isfile(path):
            with open(path, encoding="utf-8") as file:
                return filter(None, map(str.strip, file.read().split("\n")))
    raise ImportError(
        f"VADER's file {name} comes with the package vaderSentiment, which is not installed. "
        "Install it with: pip install vaderSentiment"
    )


def read_lexicon(lexicon: Mapping[str, float] | str | os.PathLike[str]) -> dict[str, float]:
    r"""Read a lexicon of the user.

    Parameters
    ----------
    lexicon : mapping of str to float, or path
        A file holds a word, a TAB and its valence in each line (a comma instead of the TAB if its
        name ends in .csv), in UTF-8, without a header. Further columns and empty lines are
        skipped; of a word that comes twice the last line counts.

    Returns
    -------
    dict of str to float
        Words in lower case.

    Raises
    ------
    ValueError
        For a line or entry that is no word with a finite valence, naming it.
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> read_lexicon({"Meh": -1})
    {'meh': -1.0}
    """
    if isinstance(lexicon, Mapping):
        entries = ((f"entry {describe_cell(word)}", word, v) for word, v in lexicon.items())
        return _checked("the lexicon", entries)
    owner = f"lexicon file {describe_cell(lexicon)}"
    try:
        return _checked(owner, _file_entries(lexicon, owner))
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{owner}: not UTF-8 text (byte {error.start}). Save it as UTF-8."
        ) from None
    except OSError as error:
        raise type(error)(f"{owner}: {error}") from None


def _file_entries(path: str | os.PathLike[str], owner: str) -> Iterator[tuple[str, str, str]]:
    import csv  # here, because few have a lexicon in a file

    name = regular_file(path)
    delimiter = "," if name.lower().endswith(".csv") else "\t"
    # Quotes are part of emoticons in a TSV file; in a CSV file they protect commas.
    quoting = csv.QUOTE_MINIMAL if delimiter == "," else csv.QUOTE_NONE
    with open(name, encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file, delimiter=delimiter, quoting=quoting)
        try:
            for row in rows:
                where = f"line {rows.line_num}"
                if len(row) == 1 and row[0].strip():
                    between = "a comma" if delimiter == "," else "a TAB"
                    raise ValueError(
                        f"{owner}, {where}: expected a word, {between} and its valence, "
                        f"got {describe_cell(row[0])}."
                    )
                if len(row) > 1:
                    yield where, row[0].strip(), row[1].strip()
        except csv.Error as error:
            raise ValueError(f"{owner}, line {rows.line_num}: {error}.") from None


def _checked(owner: str, entries: Iterable[tuple[str, Any, Any]]) -> dict[str, float]:
    valences = {}
    for where, word, value in entries:
        if not isinstance(word, str) or not word or isinstance(value, bool):
            raise ValueError(f"{owner}, {where}: expected a word and its valence.")
        try:
            valence = float(value)
        except (TypeError, ValueError):
            valence = math.nan
        if not abs(valence) <= _MAX_VALENCE:
            raise ValueError(
                f"{owner}, {where}: the valence of {describe_cell(word)} must be a finite number "
                f"(VADER's lie in -4 to 4), got {describe_cell(value)}."
            )
        valences[compose(word.lower())] = valence
    if not valences:
        raise ValueError(f"{owner}: holds no word.")
    return valences
