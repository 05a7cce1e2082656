"""Open a sound file or its bytes, and decode it block by block."""

import io
import os
from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np

from mmsenti._sample import regular_file
from mmsenti.audio._limits import check_duration
from mmsenti.audio._wav import read_plain_wav

__all__ = ["FORMATS", "decode"]

FORMATS = "WAV, FLAC, OGG (Vorbis, Opus), MP3, AIFF or AU"
_OTHERS = (
    (4, b"ftyp", "MP4 or M4A"),
    (0, b"\x1aE\xdf\xa3", "Matroska or WebM"),
    (0, b"\x30\x26\xb2\x75", "WMA"),
    (0, b"#!AMR", "AMR"),
    (0, b"caff", "CAF"),
    (0, b"\x89PNG", "a PNG picture"),
    (0, b"\xff\xd8\xff", "a JPEG picture"),
)


def decode(
    source: str | os.PathLike[str] | bytes | bytearray | memoryview,
    max_duration: float,
    remarks: list[str],
) -> tuple[float, Iterator[np.ndarray]]:
    """Open a sound file and decode it.

    Parameters
    ----------
    source : str, path-like or bytes
        A path, or the content of a file.
    max_duration : float, in seconds
        Checked against the header, before anything is decoded.
    remarks : list of str
        Gets a sentence for a file that is cut short, once the blocks are read.

    Returns
    -------
    rate : float, in Hz
    blocks : iterator of ndarray of float32 of shape (n_samples,)
        Mono, the mean of the channels.

    Raises
    ------
    ValueError, OSError
        For a file that cannot be opened or read, or is not of a supported format.
    """
    if isinstance(source, bytearray | memoryview):
        source = bytes(source)
    with _open(source) as file:
        _check_format(file.read(12))
        plain = read_plain_wav(file)
    if plain is None:
        # Here, because plain WAV shall not wait for a library that it does not need.
        from mmsenti.audio._libsndfile import decode_blocks

        return decode_blocks(source, max_duration, remarks)
    rate, samples = plain
    check_duration(len(samples), rate, max_duration)
    signal = samples.astype(np.float32) * np.float32(2.0**-15)
    return float(rate), iter([mix_down(signal)])


def mix_down(samples: np.ndarray) -> np.ndarray:
    """Take the mean of the channels.

    Parameters
    ----------
    samples : ndarray of float32 of shape (n_samples, n_channels)

    Returns
    -------
    ndarray of float32 of shape (n_samples,)

    Examples
    --------
    >>> mix_down(np.array([[1.0, 0.0]], dtype=np.float32)).tolist()
    [0.5]
    """
    n_channels = samples.shape[1]
    if n_channels == 1:
        return samples[:, 0]
    # Adding the channels one by one is several times faster than a mean along a short axis.
    # Infinities of both signs, or a sum beyond float32, are refused later, with all the others.
    with np.errstate(over="ignore", invalid="ignore"):
        total = samples[:, 0] + samples[:, 1]
        for channel in range(2, n_channels):
            total += samples[:, channel]
        return total / np.float32(n_channels)


def _open(source: Any) -> BinaryIO:
    if isinstance(source, bytes):
        return io.BytesIO(source)
    path = regular_file(source)
    try:
        return open(path, "rb")
    except OSError as error:
        raise OSError(f"cannot be opened ({error.strerror}).") from None


def _check_format(head: bytes) -> None:
    """Raise ValueError unless a file begins as one of a supported format does."""
    if not head:
        raise ValueError("an empty file. Record or export it again.")
    known = (
        (head[:4] in (b"RIFF", b"RIFX", b"RF64") and head[8:] == b"WAVE")
        or (head[:4] == b"FORM" and head[8:] in (b"AIFF", b"AIFC"))
        or head[:4] in (b"fLaC", b"OggS", b".snd", b"dns.")
        or head[:3] == b"ID3"
        or (head[0] == 0xFF and head[1:2] >= b"\xe0")  # the first frame of an MP3 file
    )
    if not known:
        found = [name for at, magic, name in _OTHERS if head.startswith(magic, at)]
        raise ValueError(
            f"format not supported ({found[0] if found else 'unknown content'}); "
            f"expected {FORMATS}. Convert it to one of these."
        )
