"""Which picture format a file holds, judged by its first bytes; names and extensions may lie."""

import io
from typing import BinaryIO

__all__ = ["FORMATS", "Format", "identify", "not_supported"]


class Format:
    """A format that is read: Pillow's name for it and the module that reads it."""

    def __init__(self, name: str, plugin: str, signatures: tuple[bytes, ...], at: int = 0) -> None:
        self.name = name
        self.plugin = plugin
        self.signatures = signatures
        self.at = at


FORMATS = (
    Format("JPEG", "JpegImagePlugin", (b"\xff\xd8\xff",)),
    Format("PNG", "PngImagePlugin", (b"\x89PNG\r\n\x1a\n",)),
    Format("GIF", "GifImagePlugin", (b"GIF87a", b"GIF89a")),
    Format("BMP", "BmpImagePlugin", (b"BM",)),
    Format("TIFF", "TiffImagePlugin", (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")),
    Format("WEBP", "WebPImagePlugin", (b"WEBP",), 8),
    Format("AVIF", "AvifImagePlugin", (b"ftypavif", b"ftypavis", b"ftypmif1", b"ftypmsf1"), 4),
)

# Not read, but named in the error: what people most often hold in their hands instead.
_FOREIGN = (
    (b"%!PS", "EPS"),
    (b"\xc5\xd0\xd3\xc6", "EPS"),
    (b"%PDF", "PDF"),
    (b"<svg", "SVG"),
    (b"<?xml", "SVG or other XML"),
    (b"<!doctype", "HTML"),
    (b"<html", "HTML"),
    (b"\0\0\1\0", "ICO"),
    (b"8BPS", "PSD"),
    (b"\0\0\0\x0cjP", "JPEG 2000"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
    (b"\0\0\0\x0cJXL", "JPEG XL"),
    (b"\xff\x0a", "JPEG XL"),
    *((b"P%d" % digit, "PPM") for digit in range(1, 8)),
)

_SUPPORTED = "JPEG, PNG, GIF, BMP, TIFF, WebP or AVIF"
_PREFIX_BYTES = 64


def identify(file: BinaryIO) -> Format:
    """Find the format of an open file and leave the file at its beginning.

    Parameters
    ----------
    file : binary file, at its beginning

    Returns
    -------
    Format

    Raises
    ------
    ValueError
        For an empty file and for any format that is not among `FORMATS`.

    Examples
    --------
    >>> import io
    >>> identify(io.BytesIO(b"GIF89a...")).name
    'GIF'
    """
    prefix = file.read(_PREFIX_BYTES)
    file.seek(0)
    if not prefix:
        raise ValueError(f"an empty file (0 bytes), expected {_SUPPORTED}.")
    for known in FORMATS:
        if prefix.startswith(known.signatures, known.at):
            return known
    name = _foreign_name(prefix)
    if name is None and isinstance(file, io.BytesIO):
        raise not_supported("unknown", "Bytes are a file's content; a path is a str or Path.")
    raise not_supported(name or "unknown")


def not_supported(name: str, advice: str = "Convert the picture to one of these.") -> ValueError:
    """Make the error for a format that is not read."""
    return ValueError(f"format not supported ({name}), expected {_SUPPORTED}. {advice}")


def _foreign_name(prefix: bytes) -> str | None:
    start = prefix.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for signature, name in _FOREIGN:
        if start.startswith(signature.lower()) or prefix.startswith(signature):
            return name
    return None
