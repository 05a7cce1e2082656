"""Write the terms of a vocabulary as one text, and read them from it.

A model file has a place of its own for each entry of a dict, with the types of key and value: those
of twenty thousand terms take a second to read, and one text of all of them a hundredth.
"""

import json
from collections.abc import Mapping

__all__ = ["pack_terms", "unpack_terms"]


def pack_terms(vocabulary: Mapping[str, int]) -> str:
    r"""Write terms in the order of their numbers.

    Parameters
    ----------
    vocabulary : mapping of str to int
        Numbers of terms, from 0 on without a gap.

    Returns
    -------
    str
        JSON; it may hold any character, half of a surrogate pair too.

    Examples
    --------
    >>> pack_terms({"good": 1, "bad": 0})
    '["bad","good"]'
    """
    return json.dumps(sorted(vocabulary, key=vocabulary.__getitem__), separators=(",", ":"))


def unpack_terms(packed: str) -> dict[str, int]:
    """Read terms back, each with its number.

    Parameters
    ----------
    packed : str

    Returns
    -------
    dict of str to int

    Raises
    ------
    ValueError
        If this is no list of terms.

    Examples
    --------
    >>> unpack_terms('["bad","good"]')
    {'bad': 0, 'good': 1}
    """
    terms = json.loads(packed)
    if not isinstance(terms, list) or not all(isinstance(term, str) for term in terms):
        raise ValueError("a vocabulary that is no list of terms.")
    vocabulary = {term: number for number, term in enumerate(terms)}
    if len(vocabulary) < len(terms):
        raise ValueError("a vocabulary with a term twice.")
    return vocabulary
