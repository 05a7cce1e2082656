"""Open picture files with Pillow: limits first, its errors made clear, its warnings kept quiet."""

import re
import struct
import threading
import warnings
import zlib
from importlib import import_module
from typing import Any, BinaryIO

from PIL import Image

from mmsenti.image._format import FORMATS, Format, identify, not_supported

__all__ = ["PillowErrors", "Upright", "check_pixels", "decoded", "loaded"]

_ORIENTATION_TAG = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SWAPPING = (5, 6, 7, 8)
_BLOCK_BYTES = 1 << 20
_REASON_LETTERS = 120

_quiet_lock = threading.Lock()
_quiet_filter = ("ignore", None, Warning, re.compile(r"PIL\."), 0)
_quiet_users = 0


class Upright:
    """A loaded Pillow image with what is still to be done to show it upright.

    Attributes
    ----------
    image : PIL.Image.Image
        As stored in the file; possibly at a fraction of its size in draft mode.
    turn : PIL.Image.Transpose or None
        What the EXIF orientation asks for. Turning the small working image instead of this
        large one gives the same picture.
    width, height : int, in pixels
        Of the upright picture at full size.
    """

    def __init__(self, image: Image.Image, orientation: int, full: tuple[int, int]) -> None:
        self.image = image
        self.turn = _TURNS.get(orientation)
        self.width, self.height = full[::-1] if orientation in _SWAPPING else full


def decoded(file: BinaryIO, *, size: int, max_pixels: int, draft: bool) -> Upright:
    """Decode the first frame of an open picture file.

    Parameters
    ----------
    file : binary file, at its beginning
    size : int, in pixels
        Working size; with `draft` no side is decoded to less.
    max_pixels : int
        Largest width x height, compared with the header before anything is decoded.
    draft : bool
        Whether a JPEG may be decoded at 1/2, 1/4 or 1/8 of its size.

    Returns
    -------
    Upright

    Raises
    ------
    ValueError
        For a format that is not read, a picture over the limit, and a damaged one.
    """
    kind = identify(file)
    if kind.name == "PNG":
        _check_png(file)
    with PillowErrors(kind.name):
        image = _opened(file, kind)
    check_pixels(image.size, max_pixels)
    full = None
    if draft:
        with PillowErrors(kind.name):
            header = image.size
            full = header if image.draft("RGB", (size, size)) else None
    return loaded(image, kind.name, full)


def loaded(image: Image.Image, name: str | None, full: tuple[int, int] | None = None) -> Upright:
    """Load the pixels of a Pillow image and read its orientation.

    Parameters
    ----------
    image : PIL.Image.Image
    name : str or None
        Its format; None for an image made in memory.
    full : tuple of (int, int), default=None
        Width and height before draft mode made it smaller.

    Returns
    -------
    Upright
    """
    if name not in (None, "MPO", *(known.name for known in FORMATS)):
        # Loading an EPS, for one, would start Ghostscript.
        raise not_supported(name, "Pass image.copy() if you trust the picture.")
    with PillowErrors(name):
        image.load()
        orientation = _orientation(image)
    # After loading, not before: Pillow turns a TIFF upright itself and then forgets the tag.
    return Upright(image, orientation, full or image.size)


def check_pixels(size: tuple[int, int], max_pixels: int) -> None:
    """Refuse a picture without pixels or with more than the limit.

    Parameters
    ----------
    size : tuple of (int, int)
        Width and height.
    max_pixels : int

    Raises
    ------
    ValueError
    """
    width, height = size
    if width < 1 or height < 1:
        raise ValueError(f"a picture without pixels ({width} x {height}).")
    if width * height > max_pixels:
        raise ValueError(
            f"{width} x {height} pixels, more than max_pixels={max_pixels}. "
            "Make the picture smaller, or raise max_pixels."
        )


class PillowErrors:
    """Turn whatever Pillow raises on hostile bytes into one clear ValueError, without warnings.

    `warnings.catch_warnings` replaces the filters of the whole process, so that two threads that
    leave it in the wrong order lose them; one targeted filter, counted, harms nobody.
    """

    def __init__(self, name: str | None) -> None:
        self.name = name

    def __enter__(self) -> None:
        global _quiet_users
        with _quiet_lock:
            _quiet_users += 1
            if warnings.filters[:1] != [_quiet_filter]:
                warnings.filters.insert(0, _quiet_filter)

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        global _quiet_users
        with _quiet_lock:
            _quiet_users -= 1
            # All copies: someone's catch_warnings may have brought an older one back.
            while not _quiet_users and _quiet_filter in warnings.filters:
                warnings.filters.remove(_quiet_filter)
        if isinstance(error, Exception):  # its parsers raise SyntaxError, struct.error, KeyError...
            raise ValueError(
                f"not a readable image ({self.name or 'PIL image'}: {_reason(error)}). "
                "Repair or remove the file."
            ) from error


def _reason(error: Exception) -> str:
    reason = " ".join(str(error).split())[:_REASON_LETTERS].rstrip(".") or type(error).__name__
    if not isinstance(error, OSError | ValueError | MemoryError | Image.DecompressionBombError):
        reason = f"damaged header, {reason}"
    return reason if reason.isprintable() else ascii(reason)


def _opened(file: BinaryIO, kind: Format) -> Image.Image:
    """Read the header alone.

    Not through `Image.open`, which knows one pixel limit for the whole process, warns about it,
    and tries every plugin there is.
    """
    import_module(f"PIL.{kind.plugin}")
    factory: Any = Image.OPEN[kind.name][0]
    return factory(file, "")


def _orientation(image: Image.Image) -> int:
    try:
        orientation = image.getexif().get(_ORIENTATION_TAG, 1)
    except Exception:  # a broken EXIF block says nothing about the pixels
        return 1
    return orientation if isinstance(orientation, int) else 1


def _check_png(file: BinaryIO) -> None:
    """Compare all checksums of a PNG, which Pillow does for the chunks without pixels only."""
    file.seek(8)
    kind = b""
    while kind != b"IEND" and (header := file.read(8)):
        if len(header) < 8:
            raise _broken_png("cut short")
        length, kind = struct.unpack(">I4s", header)
        checksum = zlib.crc32(kind)
        while length:
            block = file.read(min(length, _BLOCK_BYTES))
            if not block:
                raise _broken_png("cut short")
            checksum = zlib.crc32(block, checksum)
            length -= len(block)
        stored = file.read(4)
        if len(stored) < 4:
            raise _broken_png("cut short")
        if stored != struct.pack(">I", checksum):
            raise _broken_png(f"with a broken checksum in its chunk {kind!r}")
    if not kind:
        raise _broken_png("cut short")
    file.seek(0)


def _broken_png(problem: str) -> ValueError:
    return ValueError(f"not a readable image (PNG {problem}). Repair or remove the file.")
