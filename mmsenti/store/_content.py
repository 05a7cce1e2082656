"""What a cell holds, in 32 bytes: equal digests mean equal samples.

Content decides, not a name: a file that was moved is still known, and a file that was changed is
another one, whatever its size and its time stamp say. Within one process the status of a file is
enough to tell it, and saves reading it twice.
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

__all__ = ["cell_key", "content_digest", "other_key"]

# A file changed twice within one tick of its file system's clock shows one time stamp for two
# contents. The coarsest clock in use ticks every two seconds (FAT), so younger files are read anew.
_TICK_NS = 2_000_000_000
_MAX_REMEMBERED = 1_000_000
_MAX_READ = 2**20  # bytes of a file that are read at once

_Signature = tuple[int, ...]
_remembered: dict[_Signature, bytes] = {}
# Files that were read too young to be known again. What was computed of them is kept by their
# digest, which is to find it when they are older, too.
_read_young: set[_Signature] = set()
_keys: dict[_Signature, bytes] = {}  # made once: a search asks for each of them many times


def cell_key(cell: Any, *, text: bool = False) -> bytes | None:
    """Tell a cell from others within this process, without reading a file that is old enough.

    Parameters
    ----------
    cell : str, path-like, bytes, ndarray, PIL.Image.Image or (signal, sampling_rate)
    text : bool, default=False
        Whether a str is a text, not the path of a file.

    Returns
    -------
    bytes or None
        The `content_digest`; of a file that is old enough its status, by which `content_digest`
        knows a file again. So two files of one content have two keys, and a moved file may have
        another than before.

    Examples
    --------
    >>> cell_key("good", text=True) == content_digest("good", text=True)
    True
    """
    if text or not isinstance(cell, str | os.PathLike):
        return content_digest(cell, text=text)
    try:
        status = os.stat(cell)
    except (OSError, ValueError, TypeError):
        return None
    signature = _signature(status)
    return _keys.get(signature) or _new_key(cell, status, signature)


def _new_key(
    cell: str | os.PathLike[str], status: os.stat_result, signature: _Signature
) -> bytes | None:
    if not (stat.S_ISREG(status.st_mode) and _is_settled(status)):
        return content_digest(cell)
    if signature not in _read_young:
        return _note(_keys, signature, repr(signature).encode())
    digest = content_digest(cell)
    # Unless it has changed since its status was asked for.
    if digest is not None and _remembered.get(signature) == digest:
        _note(_keys, signature, digest)
    return digest


def other_key(path: str | os.PathLike[str], key: bytes | None) -> bytes | None:
    """Return a file's `content_digest` for its `cell_key`, and the other way round, if known."""
    if key is None or not _keys:
        return None
    try:
        signature = _signature(os.stat(path))
    except (OSError, ValueError, TypeError):
        return None
    # It may have changed since it had this key: then it has another signature.
    by_status, by_content = _keys.get(signature), _remembered.get(signature)
    return by_content if key == by_status else by_status if key == by_content else None


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
        settled = _is_settled(before)
        digest = _stream_digest(file) if before.st_size > _MAX_READ else _read_whole(file)
        signature = _signature(before)
        if _signature(os.fstat(file.fileno())) != signature:
            return None  # being written
    if settled:
        return _note(_remembered, signature, digest)
    if len(_read_young) >= _MAX_REMEMBERED:
        _read_young.clear()
    _read_young.add(signature)
    return digest


def _read_whole(file: BinaryIO) -> bytes:
    # A small file is read twice as fast as through the buffer that `hashlib.file_digest` makes.
    digest = hashlib.sha256(b"file")
    digest.update(file.read())
    return digest.digest()


def _stream_digest(file: BinaryIO) -> bytes:
    return hashlib.file_digest(file, lambda: hashlib.sha256(b"file")).digest()


def _is_settled(status: os.stat_result) -> bool:
    return time.time_ns() - max(status.st_mtime_ns, status.st_ctime_ns) > _TICK_NS


def _signature(status: os.stat_result) -> _Signature:
    return (
        status.st_dev,
        status.st_ino,
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
    )


def _note(known: dict[_Signature, bytes], signature: _Signature, value: bytes) -> bytes:
    if len(known) >= _MAX_REMEMBERED:
        known.clear()
    known[signature] = value
    return value
