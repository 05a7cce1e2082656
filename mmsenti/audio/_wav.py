"""The shortest way into the commonest file: 16-bit PCM WAV is a buffer behind a header."""

import struct
from typing import BinaryIO

import numpy as np

from mmsenti.audio._limits import MAX_CHANNELS, MAX_RATE, MIN_RATE

__all__ = ["read_plain_wav"]

_MAX_BYTES = 1 << 26  # beyond, reading block by block keeps memory flat
_MAX_CHUNKS = 64
_PCM = 1


def read_plain_wav(file: BinaryIO) -> tuple[int, np.ndarray] | None:
    """Read a file if it is 16-bit PCM WAV without a fault.

    Parameters
    ----------
    file : binary file
        Position does not matter, and is not kept.

    Returns
    -------
    (int, ndarray of int16 of shape (n_samples, n_channels)) or None
        Rate in Hz, and samples. None for any other file, and for one with anything unusual in its
        header: libsndfile, which reads all of them, is the judge of what is wrong there.
    """
    n_bytes = file.seek(0, 2)
    file.seek(0)
    if n_bytes > _MAX_BYTES:
        return None
    head = file.read(12)
    if head[:4] != b"RIFF" or head[8:] != b"WAVE":
        return None
    layout = None
    for _ in range(_MAX_CHUNKS):
        chunk = file.read(8)
        if len(chunk) < 8:
            return None
        name, size = chunk[:4], int.from_bytes(chunk[4:], "little")
        start = file.tell()
        if size > n_bytes - start:
            return None
        if name == b"data":
            return _read_samples(file, size, layout) if layout else None
        if name == b"fmt ":
            layout = _read_layout(file.read(size))
        file.seek(start + size + size % 2)
    return None


def _read_layout(header: bytes) -> tuple[int, int] | None:
    """Read the number of channels and the rate, if the samples are plain 16-bit PCM."""
    if len(header) < 16:
        return None
    tag, n_channels, rate, _, block, bits = struct.unpack("<HHIIHH", header[:16])
    plain = tag == _PCM and bits == 16 and block == 2 * n_channels
    if plain and 1 <= n_channels <= MAX_CHANNELS and MIN_RATE <= rate <= MAX_RATE:
        return n_channels, rate
    return None


def _read_samples(
    file: BinaryIO, size: int, layout: tuple[int, int]
) -> tuple[int, np.ndarray] | None:
    n_channels, rate = layout
    if not size or size % (2 * n_channels):
        return None
    buffer = file.read(size)
    if len(buffer) < size:
        return None
    return rate, np.frombuffer(buffer, dtype="<i2").reshape(-1, n_channels)
