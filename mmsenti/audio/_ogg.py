"""Close an OGG stream that is cut within a page, so that its last whole packets can be read."""

from functools import lru_cache

__all__ = ["close_stream"]

_HEADER_BYTES = 27  # of a page, before its table of segments
_FULL_SEGMENT = 255  # a packet goes on in the next segment
_END_OF_STREAM = 4
_CRC_POLYNOMIAL = 0x04C11DB7


def close_stream(content: bytes) -> bytes | None:
    r"""Rewrite the cut last page of an OGG file as a shorter whole one.

    A page carries one checksum, so a reader drops all of a page that is cut; a short recording
    may hold no other. The packets that lie whole before the cut are put into a page of their own.

    Parameters
    ----------
    content : bytes
        Of a file that begins with a page.

    Returns
    -------
    bytes or None
        None where no page is cut, or no packet lies whole before the cut.

    References
    ----------
    .. [1] S. Pfeiffer, "The Ogg Encapsulation Format Version 0", RFC 3533, 2003.

    Examples
    --------
    >>> page = b"OggS" + bytes(22) + bytes([2, 3, 3]) + b"onetwo"
    >>> close_stream(page) is None
    True
    >>> close_stream(page[:-1])[26:]
    b'\x01\x03one'
    """
    start = 0
    while True:
        header = content[start : start + _HEADER_BYTES]
        if len(header) < _HEADER_BYTES or header[:4] != b"OggS":
            return None
        body = start + _HEADER_BYTES + header[26]
        segments = content[start + _HEADER_BYTES : body]
        if body + sum(segments) > len(content):
            break
        start = body + sum(segments)
    kept = _whole_packets(segments, len(content) - body)
    if not kept:
        return None
    flags = bytes([header[5] | _END_OF_STREAM])
    page = header[:5] + flags + header[6:22] + bytes(4) + bytes([len(kept)]) + kept
    page += content[body : body + sum(kept)]
    checksum = _checksum(page).to_bytes(4, "little")
    return content[:start] + page[:22] + checksum + page[26:]


def _whole_packets(segments: bytes, n_bytes: int) -> bytes:
    """Keep the segments of the packets that end within so many bytes."""
    end, n_kept = 0, 0
    for i, size in enumerate(segments):
        end += size
        if end > n_bytes:
            break
        if size < _FULL_SEGMENT:
            n_kept = i + 1
    return segments[:n_kept]


@lru_cache(maxsize=1)
def _checksum_table() -> list[int]:
    table = []
    for byte in range(256):
        value = byte << 24
        for _ in range(8):
            value = (value << 1) ^ (_CRC_POLYNOMIAL if value & 0x80000000 else 0)
            value &= 0xFFFFFFFF
        table.append(value)
    return table


def _checksum(page: bytes) -> int:
    table, value = _checksum_table(), 0
    for byte in page:
        value = (value << 8 & 0xFFFFFFFF) ^ table[value >> 24 ^ byte]
    return value
