"""Write a file whole or not at all."""

import contextlib
import os
import secrets
import stat
from collections.abc import Iterator
from typing import BinaryIO

__all__ = ["open_atomically", "write_atomically"]

_O_BINARY = getattr(os, "O_BINARY", 0)  # on Windows alone


@contextlib.contextmanager
def open_atomically(target: str) -> Iterator[BinaryIO]:
    """Open a temporary file that takes the place of the target when all is written.

    Parameters
    ----------
    target : str
        Whatever stands there stays whole until the new content is safely on disk.

    Yields
    ------
    binary file
        To write to. An exception leaves nothing of it behind.

    Raises
    ------
    OSError
        If it cannot be written; nothing is left behind then.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with open_atomically(f"{folder}/new") as file:
    ...         _ = file.write(b"whole")
    ...     [path.read_bytes() for path in pathlib.Path(folder).iterdir()]
    [b'whole']
    """
    folder, name = os.path.split(os.path.abspath(target))
    temporary = os.path.join(folder, f".{name[:50]}.{secrets.token_hex(8)}.tmp")
    descriptor = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | _O_BINARY, 0o666)
    try:
        with open(descriptor, "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if os.path.exists(target):
            os.chmod(temporary, stat.S_IMODE(os.stat(target).st_mode))
        os.replace(temporary, target)
    except BaseException:
        os.unlink(temporary)
        raise
    _sync_folder(folder)


def write_atomically(target: str, content: bytes) -> None:
    """Write a file by way of a temporary one beside it.

    Parameters
    ----------
    target : str
        Whatever stands there stays whole until the new content is safely on disk.
    content : bytes

    Raises
    ------
    OSError
        If it cannot be written; nothing is left behind then.
    """
    with open_atomically(target) as file:
        file.write(content)


def _sync_folder(folder: str) -> None:
    """Make the new name survive a power cut, where folders can be opened at all."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        # Some file systems do not sync folders; the file is whole all the same.
        with contextlib.suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
