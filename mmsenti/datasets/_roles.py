"""Find which column of a manifest plays which part."""

import difflib
from collections.abc import Mapping, Sequence
from typing import Literal

__all__ = ["find_roles"]

_FOUND_BY_NAME = ("text", "image", "audio", "label", "id")


def find_roles(
    header: Sequence[str], asked: Mapping[str, str | Literal[False] | None]
) -> dict[str, str]:
    """Find the column of each role.

    Parameters
    ----------
    header : sequence of str
    asked : mapping of str to str, False or None
        Column by role. None: the column of that very name, if there is one; False: none.

    Returns
    -------
    dict of str to str
        Column by role, only of the roles that are played.

    Raises
    ------
    ValueError
        If a column that was asked for is not there, if two roles share one, or if a column is
        named nearly as a role: taking it for any other one would lose a modality in silence.

    Examples
    --------
    >>> find_roles(["id", "text", "tone"], {"text": None, "image": None, "label": "tone"})
    {'text': 'text', 'label': 'tone'}
    """
    wanted = {role: column for role, column in asked.items() if column not in (None, False)}
    absent = [column for column in wanted.values() if column not in header]
    found = {
        role: role
        for role in _FOUND_BY_NAME
        if role in asked and asked[role] is None and role in header
    }
    unplayed = [
        role
        for role in _FOUND_BY_NAME
        if role in asked and asked[role] is None and role not in header
    ]
    taken = set(wanted.values())
    near = [(role, name) for role in unplayed for name in _alike(role, header) if name not in taken]
    if absent:
        raise ValueError(_absent(absent, header))
    if near:
        hints = " and ".join(f"{name!r} looks like {role!r}" for role, name in near)
        role, name = near[0]
        raise ValueError(
            f"line 1: {hints}. Rename such columns, or say what they are with {role}={name!r}, "
            f"or {role}=False if they are something else."
        )
    roles = {role: wanted.get(role, found.get(role)) for role in asked}
    roles = {role: column for role, column in roles.items() if column is not None}
    _check_apart(roles)
    return roles


def _alike(wanted: str, header: Sequence[str]) -> list[str]:
    return [name for name in header if name.strip().casefold() == wanted.strip().casefold()]


def _absent(absent: Sequence[str], header: Sequence[str]) -> str:
    message = f"line 1: no column {', '.join(map(repr, absent))}; found {list(header)}."
    hints = [
        f"did you mean {hint[0]!r} for {column!r}?"
        for column in absent
        if (hint := _alike(column, header) or difflib.get_close_matches(column, header, 1))
    ]
    return " ".join([message, *(hint[0].upper() + hint[1:] for hint in hints)]) + (
        "" if hints else " Name a column that is there, or add it."
    )


def _check_apart(roles: Mapping[str, str]) -> None:
    # Groups may well be the ids or the labels of another reading; the others are apart.
    sole = [column for role, column in roles.items() if role != "groups"]
    shared = sorted({column for column in sole if sole.count(column) > 1})
    if shared:
        raise ValueError(f"line 1: the column {shared[0]!r} is asked for in two roles. Choose one.")
