"""What a cell holds, in 32 bytes: equal digests mean equal samples.

Content decides, not a name: a file that was moved is still known, and a file that was changed is
another one, whatever its size and its time stamp say.
"""

import hashlib
import os
import stat
import struct
import sys
import time
from typing import Any, BinaryIO

import numpy as np

from mmsenti._sample import regular_file

__all__ = ["content_digest"]

# A file changed twice within one tick of its file system's clock shows one time stamp for two
# contents. The coarsest clock in use ticks every two seconds (FAT), so younger files are read anew.
_TICK_NS = 2_000_000_000
_MAX_REMEMBERED = 1_000_000
_MAX_READ = 2**20  # bytes of a file that are read at once

_Signature = tuple[int, ...]
_remembered: dict[_Signature, bytes] = {}


def content_digest(cell: Any, *, text: bool = False) -> bytes | None:
    """Compute a digest of what a cell holds.

    Parameters
    ----------
    cell : str, path-like, bytes, ndarray, PIL.Image.Image or (signal, sampling_rate)
        A path stands for the content of its file, which is read once per process: it is known
        again by its device, inode, size, time of modification and time of change. The last of
        them cannot be set back, so an edit that keeps the size and restores the modification
        time is seen too (but not on Windows, which keeps no such time). A file that changed
        less than two seconds ago is read each time.
    text : bool, default=False
        Whether a str is a text, not the path of a file.

    Returns
    -------
    bytes of length 32, or None
        None where nothing can be told without decoding: a file that is not there, a pipe or a
        device (never opened), an image of Pillow's that is not loaded yet, an array of objects, any
        other object.

    Examples
    --------
    >>> content_digest("good", text=True) == content_digest("good", text=True)
    True
    >>> content_digest("no such file") is None
    True
    >>> import numpy as np
    >>> flat = np.zeros(6, dtype=np.uint8)
    >>> content_digest(flat) == content_digest(flat.reshape(2, 3))
    False
    """
    if isinstance(cell, str):
        return _text_digest(cell) if text else _file_digest(cell)
    if isinstance(cell, os.PathLike):
        return _file_digest(cell)
    if isinstance(cell, bytes | bytearray | memoryview):
        return _digest(b"bytes", bytes(cell))
    if isinstance(cell, np.ndarray):
        return _array_digest(cell)
    if isinstance(cell, tuple) and len(cell) == 2:
        return _sound_digest(*cell)
    return _image_digest(cell)


def _digest(kind: bytes, *parts: Any) -> bytes:
    """Hash parts so that neither another kind nor another division of the bytes gives the same.

    By SHA-256, for which most processors have instructions of their own. No kind, nor the "file" of
    files, is the beginning of another.
    """
    digest = hashlib.sha256(kind)
    for part in parts:
        digest.update(struct.pack("<q", memoryview(part).nbytes))
        digest.update(part)
    return digest.digest()


def _text_digest(text: str) -> bytes:
    return _digest(b"text", text.encode("utf-8", "surrogatepass"))


def _array_digest(array: np.ndarray) -> bytes | None:
    # A subclass may hold more than its numbers, as a masked array does.
    if type(array) not in (np.ndarray, np.memmap) or array.dtype.kind not in "biufc":
        return None
    header = f"{array.dtype.str}{array.shape}".encode()
    return _digest(b"array", header, np.ascontiguousarray(array).reshape(-1).view(np.uint8))


def _sound_digest(signal: Any, rate: Any) -> bytes | None:
    if not isinstance(signal, np.ndarray) or isinstance(rate, bool):
        return None
    if not isinstance(rate, int | float | np.integer | np.floating):
        return None
    samples = _array_digest(signal)
    return samples and _digest(b"sound", samples, repr(float(rate)).encode())


def _image_digest(cell: Any) -> bytes | None:
    pillow = sys.modules.get("PIL.Image")
    # Whoever holds an image of Pillow's has imported it.
    if pillow is None or not isinstance(cell, pillow.Image):
        return None
    try:
        # Loading decodes the file, and in full: too dear, and it would take draft mode away.
        if getattr(cell, "tile", None) or getattr(cell, "is_animated", False):
            return None
        orientation = cell.getexif().get(0x0112)
        transparency = cell.info.get("transparency")
        palette = cell.getpalette("RGBA") if cell.mode in ("P", "PA") else None
        looks = repr((cell.mode, cell.size, cell.format, orientation, transparency, palette))
        return _digest(b"image", looks.encode(), cell.tobytes())
    except Exception:  # Pillow's parsers raise anything on hostile bytes; decoding will say it
        return None


def _file_digest(path: str | os.PathLike[str]) -> bytes | None:
    try:
        # Only regular files are remembered, and no address leads to one.
        known = _remembered.get(_signature(os.stat(path)))
        return known or _read_digest(regular_file(path))
    except (OSError, ValueError, TypeError):
        return None


def _read_digest(path: str) -> bytes | None:
    # Not blocking: the file may have given way to a pipe since it was looked at.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with open(os.open(path, flags), "rb", buffering=0) as file:
        before = os.fstat(file.fileno())
        if not stat.S_ISREG(before.st_mode):
            return None
        started = time.time_ns()
        digest = _stream_digest(file) if before.st_size > _MAX_READ else _read_whole(file)
        if _signature(os.fstat(file.fileno())) != _signature(before):
            return None  # being written
    if started - max(before.st_mtime_ns, before.st_ctime_ns) > _TICK_NS:
        _remember(_signature(before), digest)
    return digest


def _read_whole(file: BinaryIO) -> bytes:
    # A small file is read twice as fast as through the buffer that `hashlib.file_digest` makes.
    digest = hashlib.sha256(b"file")
    digest.update(file.read())
    return digest.digest()


def _stream_digest(file: BinaryIO) -> bytes:
    return hashlib.file_digest(file, lambda: hashlib.sha256(b"file")).digest()


def _signature(status: os.stat_result) -> _Signature:
    return (
        status.st_dev,
        status.st_ino,
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
    )


def _remember(signature: _Signature, digest: bytes) -> None:
    if len(_remembered) >= _MAX_REMEMBERED:
        _remembered.clear()
    _remembered[signature] = digest
