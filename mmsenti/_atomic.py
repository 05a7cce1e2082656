"""Write a file whole or not at all."""

import contextlib
import os
import secrets
import stat

__all__ = ["write_atomically"]

_O_BINARY = getattr(os, "O_BINARY", 0)  # on Windows alone


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

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_atomically(f"{folder}/new", b"whole")
    ...     [path.read_bytes() for path in pathlib.Path(folder).iterdir()]
    [b'whole']
    """
    folder, name = os.path.split(os.path.abspath(target))
    temporary = os.path.join(folder, f".{name[:50]}.{secrets.token_hex(8)}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _O_BINARY, 0o666)
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if os.path.exists(target):
            os.chmod(temporary, stat.S_IMODE(os.stat(target).st_mode))
        os.replace(temporary, target)
    except BaseException:
        os.unlink(temporary)
        raise
    _sync_folder(folder)


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
