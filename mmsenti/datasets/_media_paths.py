"""Resolve the paths of a manifest, without leaving the folder that they may point into."""

import os
from collections.abc import Sequence

from mmsenti._sample import describe_cell, regular_file

__all__ = ["list_unreadable", "resolve_paths"]


def resolve_paths(
    cells: Sequence[str | None],
    places: Sequence[str],
    *,
    folder: str,
    fence: str | None,
) -> list[str | None]:
    """Make paths absolute; nothing is opened.

    Parameters
    ----------
    cells : sequence of str or None
        Paths relative to `folder`; None stays None.
    places : sequence of str
        Where each is found, for the error.
    folder : str
        Absolute path.
    fence : str or None
        Folder that the paths, symbolic links followed, must stay in; None lets them go anywhere.
        Where it is wider than `folder`, a link to a file must still lead into `folder`, or stay
        in its own.

    Returns
    -------
    list of str or None

    Raises
    ------
    ValueError
        For a URL, a NUL character, and a path that leaves the fence.
    """
    limits = None if fence is None else _Fence(folder, fence)
    paths: list[str | None] = []
    for cell, place in zip(cells, places, strict=True):
        if cell is None:
            paths.append(None)
            continue
        where = f"{place}: {describe_cell(cell)}"
        scheme = cell.partition("://")[0]
        if len(scheme) < len(cell) and scheme.isalnum():
            raise ValueError(f"{where} is a URL, which is not read. Download the file.")
        if "\0" in cell:
            raise ValueError(f"{where} holds a NUL character, which no path does.")
        path = os.path.join(folder, cell)
        if limits is not None and not limits.holds(path):
            raise ValueError(
                f"{where} leads out of the folder {describe_cell(fence)}. Move the file inside, "
                "name a wider folder with root=, or pass allow_outside=True if you trust the "
                "manifest."
            )
        paths.append(path)
    return paths


class _Fence:
    """The folder that paths must stay in, symbolic links followed."""

    def __init__(self, folder: str, root: str) -> None:
        self.root = os.path.realpath(root)
        self.home = os.path.realpath(folder)
        self.real_folders: dict[str, str] = {}

    def holds(self, path: str) -> bool:
        head, tail = os.path.split(path)
        # Thousands of files lie in few folders: only these are worth resolving.
        if head not in self.real_folders:
            self.real_folders[head] = os.path.realpath(head)
        real_head = self.real_folders[head]
        if tail not in ("", ".", "..") and not os.path.islink(path):
            return _is_inside(os.path.join(real_head, tail), self.root)
        # A wider root vouches for the folders that the manifest names, not for links that lie
        # there and lead elsewhere.
        real = os.path.realpath(path)
        return _is_inside(real, self.root) and (
            _is_inside(real, self.home) or _is_inside(real, real_head)
        )


def _is_inside(path: str, folder: str) -> bool:
    return os.path.commonpath([path, folder]) == folder


def list_unreadable(paths: Sequence[str | None], places: Sequence[str]) -> list[str]:
    """List the paths at which there is no regular file.

    Parameters
    ----------
    paths : sequence of str or None
    places : sequence of str

    Returns
    -------
    list of str
        Place, path and reason of each.
    """
    faults = []
    for path, place in zip(paths, places, strict=True):
        if path is None:
            continue
        try:
            regular_file(path)
        except (ValueError, OSError) as error:
            faults.append(f"{place}, {describe_cell(path)}: {error}")
    return faults
