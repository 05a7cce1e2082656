"""The texts of a column, with the row of each that is none."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from mmsenti._missing import is_missing
from mmsenti._rows import located
from mmsenti.text._compose import compose
from mmsenti.text._document import check_text

__all__ = ["present_texts"]


def present_texts(
    cells: Sequence[Any], owner: str, max_characters: int
) -> tuple[list[str], np.ndarray]:
    """Return the texts of a column in Unicode's composed form, and which rows have one.

    Parameters
    ----------
    cells : sequence of length n_samples
    owner : str
        Name that an error begins with.
    max_characters : int

    Returns
    -------
    texts : list of str
    present : ndarray of bool of shape (n_samples,)

    Raises
    ------
    TypeError, ValueError
        For a cell that is neither missing nor a text of legal length, naming its row.

    Examples
    --------
    >>> present_texts(["good", None], "TextTfidf", 1000)
    (['good'], array([ True, False]))
    """
    present = np.zeros(len(cells), dtype=bool)
    texts = []
    for row, cell in enumerate(cells):
        if is_missing(cell):
            continue
        try:
            check_text(cell, max_characters)
        except (TypeError, ValueError) as error:
            raise located(error, owner, row, cell) from None
        texts.append(compose(cell))
        present[row] = True
    return texts, present
