"""Check that the rows of a manifest make sense together."""

from collections.abc import Mapping, Sequence
from typing import Any

from mmsenti.datasets._media_paths import list_unreadable

__all__ = ["check_files", "check_ids", "check_labels", "describe_conflicts"]

_SHOWN = 5  # places spelt out in one message; the rest is counted


def _enumerate(items: Sequence[str]) -> str:
    more = f" and {len(items) - _SHOWN} more" if len(items) > _SHOWN else ""
    return ", ".join(items[:_SHOWN]) + more


def check_labels(
    cells: Sequence[str | None],
    places: Sequence[str],
    column: str,
    allowed: Sequence[str] | None = None,
) -> None:
    """Make sure that every row has a label, of those there are.

    Parameters
    ----------
    cells : sequence of str or None
    places : sequence of str
    column : str
        Name of the column, for the error.
    allowed : sequence of str, default=None
        None allows any.

    Raises
    ------
    ValueError
        Listing the places at fault.
    """
    empty = [place for cell, place in zip(cells, places, strict=True) if cell is None]
    if empty:
        raise ValueError(
            f"{_enumerate(empty)}: no label in column {column!r}. Fill it in, leave the rows out, "
            "or pass label=False to read rows that are not labelled."
        )
    if allowed is None:
        return
    known = {str(one) for one in allowed}
    strange = [
        f"{place}: {cell!r}" for cell, place in zip(cells, places, strict=True) if cell not in known
    ]
    if strange:
        raise ValueError(
            f"{_enumerate(strange)}: not among the labels {sorted(known)} in column {column!r}. "
            "Mend the label, or add it to labels=."
        )


def check_ids(cells: Sequence[str | None], places: Sequence[str], column: str) -> None:
    """Make sure that every row has an id of its own.

    Parameters
    ----------
    cells : sequence of str or None
    places : sequence of str
    column : str

    Raises
    ------
    ValueError
        Listing the places at fault.
    """
    holders: dict[str | None, list[str]] = {}
    for cell, place in zip(cells, places, strict=True):
        holders.setdefault(cell, []).append(place)
    if None in holders:
        raise ValueError(
            f"{_enumerate(holders[None])}: no id in column {column!r}. Fill it in, or pass "
            "id=False to do without."
        )
    shared = [f"{cell!r} ({_enumerate(at)})" for cell, at in holders.items() if len(at) > 1]
    if shared:
        raise ValueError(
            f"more than one row has the id {_enumerate(shared)} in column {column!r}. Give each "
            "row one of its own, or pass id=False to do without."
        )


def check_files(columns: Mapping[str, Any], media: Sequence[str], places: Sequence[str]) -> None:
    """Make sure that every file is there.

    Parameters
    ----------
    columns : mapping of str to sequence
    media : sequence of str
        Columns of paths.
    places : sequence of str

    Raises
    ------
    OSError
        Listing the files that are not.
    """
    faults = []
    for column in media:
        where = [f"{place}, column {column!r}" for place in places]
        faults += list_unreadable(columns[column], where)
    if faults:
        raise OSError(
            f"{len(faults)} file(s) cannot be read. Put them in place, or blank their cells:\n"
            + "\n".join(faults)
        )


def describe_conflicts(
    labels: Sequence[str], contents: Sequence[Sequence[str | None]], places: Sequence[str]
) -> str | None:
    """Say which rows have the same content but different labels.

    Parameters
    ----------
    labels : sequence of str
    contents : sequence of sequences
        The column of each modality; rows that hold nothing are not compared.
    places : sequence of str

    Returns
    -------
    str or None
        None if there are none.

    Examples
    --------
    >>> describe_conflicts(["good", "bad"], [["same", "same"]], ["line 2", "line 3"])
    "1 content(s) with more than one label: line 2 'good' and line 3 'bad'"
    """
    first: dict[tuple[str | None, ...], int] = {}
    conflicts: dict[tuple[str | None, ...], str] = {}
    for row, content in enumerate(zip(*contents, strict=True)):
        if all(cell is None for cell in content):
            continue
        seen = first.setdefault(content, row)
        if labels[row] != labels[seen]:
            pair = [f"{places[i]} {labels[i]!r}" for i in (seen, row)]
            conflicts.setdefault(content, " and ".join(pair))
    if not conflicts:
        return None
    listed = _enumerate(list(conflicts.values()))
    return f"{len(conflicts)} content(s) with more than one label: {listed}"
