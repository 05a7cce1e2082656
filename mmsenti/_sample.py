"""Sample: what the decoded cell of every modality has in common."""

import os
import stat
from typing import Any

__all__ = ["Sample", "SampleWarning", "describe_cell", "regular_file"]


class SampleWarning(UserWarning):
    """A sample was read, but not as its author meant it: a cut file, a clip below one frame."""


class Sample:
    """A decoded cell that caches what its descriptors share.

    A subclass decodes in its constructor, so that everything wrong with a cell shows there, as
    ValueError or OSError where the content is at fault (these may become a missing modality) and
    as TypeError where the caller is. Shared intermediates are `functools.cached_property`.

    Attributes
    ----------
    remarks : list of str
        What the user would want to know of a sample that was read all the same.
    """

    def __init__(self) -> None:
        self.remarks: list[str] = []


def describe_cell(cell: Any, width: int = 80) -> str:
    r"""Show a cell in a message: short, quoted, without raw control characters.

    Parameters
    ----------
    cell : object
    width : int, default=80
        Longest text shown; the middle of a longer one is left out.

    Returns
    -------
    str

    Examples
    --------
    >>> describe_cell("cats/0017.jpg")
    "'cats/0017.jpg'"
    >>> describe_cell("\x1b[31mred")
    "'\\x1b[31mred'"
    >>> describe_cell(b"\x89PNG")
    '<bytes of length 4>'
    """
    if isinstance(cell, os.PathLike):
        cell = os.fspath(cell)
    if isinstance(cell, str):
        # A path's end tells more than its beginning, so both ends stay.
        if len(cell) > width:
            cell = f"{cell[: width // 2 - 2]}...{cell[-(width // 2 - 1) :]}"
        return ascii(cell) if not cell.isprintable() else repr(cell)
    if isinstance(cell, bytes | bytearray | memoryview):
        return f"<bytes of length {len(cell)}>"
    shape = getattr(cell, "shape", None)
    if shape is not None:
        return f"<{type(cell).__name__} of shape {tuple(shape)}>"
    if isinstance(cell, int | float | bool):
        return repr(cell)
    return f"<{type(cell).__name__}>"


def regular_file(path: str | os.PathLike[str]) -> str:
    """Make sure, without opening it, that a path leads to a regular file.

    Parameters
    ----------
    path : str or path-like

    Returns
    -------
    str

    Raises
    ------
    ValueError
        For a URL, which is never fetched, and for an impossible path.
    OSError
        If there is no file, or a directory, a pipe or a device.
    """
    path = os.fspath(path)
    if not isinstance(path, str):
        raise ValueError("a path is a str or pathlib.Path, not bytes.")
    scheme = path.partition("://")[0]
    if len(scheme) < len(path) and scheme.isalnum():
        raise ValueError("URLs are not read; download the file and give its path.")
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        hint = " Backslashes do not separate folders here." if "\\" in path else ""
        raise FileNotFoundError(f"no such file.{hint}") from None
    except ValueError as error:
        raise ValueError(f"not a path ({error}).") from None
    except OSError as error:
        raise OSError(f"cannot be reached ({error.strerror}).") from None
    if stat.S_ISDIR(mode):
        raise IsADirectoryError("a directory, not a file.")
    if not stat.S_ISREG(mode):
        raise OSError("a pipe or device, not a regular file; it is not opened.")
    return path
