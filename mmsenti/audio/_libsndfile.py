"""Decode whatever libsndfile reads, with the limits and the remarks that it leaves to others."""

import contextlib
import io
import os
import re
from collections.abc import Iterator

import numpy as np
import soundfile

from mmsenti.audio._decode import FORMATS, mix_down
from mmsenti.audio._limits import check_channels, check_duration, check_rate
from mmsenti.audio._ogg import close_stream

__all__ = ["decode_blocks"]

_FORMATS = {"WAV", "WAVEX", "RF64", "FLAC", "OGG", "MP3", "MPEG", "AIFF", "AU"}
_BLOCK_SAMPLES = 1 << 20  # over all channels
_UNKNOWN_LENGTH = 1 << 62  # libsndfile says 2**63 - 1 where a header does not tell
_MENDABLE_BYTES = 1 << 20  # a stream whose only page of sound is cut is far shorter
_STREAMED = 0xFFFFFFFF  # the size given by a program that cannot go back to its header
_MP3_TOLERANCE = 0.05  # the length of an MP3 file without an index is an estimate

# libsndfile reads a file that is cut short without an error, but keeps a log of what it noticed.
_SIZES = re.compile(r"(?:data|SSND|Data Size)\s*:\s*(\d+) \(should be (\d+)\)")
_LENGTHS = re.compile(r"frame count (\d+) does not match value from 'ds64' chunk of (\d+)")
_OGG_FAULTS = re.compile(r"End-Of-Stream|end-of-stream|Corrupted bitstream")


def decode_blocks(
    source: str | os.PathLike[str] | bytes, max_duration: float, remarks: list[str]
) -> tuple[float, Iterator[np.ndarray]]:
    """Open a sound, check its header and decode it block by block.

    Parameters, result and errors are those of `mmsenti.audio._decode.decode`.
    """
    sound = _open(source, remarks)
    try:
        check_rate(sound.samplerate)
        check_channels(sound.channels)
        if sound.format not in _FORMATS:
            raise ValueError(f"format not supported ({sound.format}); expected {FORMATS}.")
        if sound.frames < _UNKNOWN_LENGTH:
            check_duration(sound.frames, sound.samplerate, max_duration)
    except ValueError:
        sound.close()
        raise
    return float(sound.samplerate), _read_blocks(sound, remarks)


def _open(source: str | os.PathLike[str] | bytes, remarks: list[str]) -> soundfile.SoundFile:
    reason = ""
    try:
        sound = soundfile.SoundFile(_target(source))
    except soundfile.SoundFileError as error:
        reason = _reason(error)
    else:
        if sound.frames or sound.format != "OGG":
            return sound
        sound.close()
    mended = close_stream(_content(source))
    if mended is not None:
        try:
            sound = soundfile.SoundFile(_Memory(mended))
            remarks.append("cut short within its first page of sound; used what lies before.")
            return sound
        except soundfile.SoundFileError as error:
            reason = _reason(error)
    if reason:
        raise ValueError(f"not a readable sound file ({reason}). Repair or remove it.")
    raise ValueError("holds no samples. Record or export it again.")


class _Memory(io.BytesIO):
    """Bytes as a file in which a damaged header may ask for any place."""

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        # libsndfile calls from C, where an exception can only be printed: it looks where it is.
        with contextlib.suppress(ValueError):
            super().seek(offset, whence)
        return self.tell()


def _target(source: str | os.PathLike[str] | bytes) -> str | io.BytesIO:
    if isinstance(source, bytes):
        return _Memory(source)
    path = os.fspath(source)
    if path.lower().endswith(".raw"):
        # soundfile believes this one ending instead of the content.
        with open(path, "rb") as file:
            return _Memory(file.read())
    return path


def _content(source: str | os.PathLike[str] | bytes) -> bytes:
    if isinstance(source, bytes):
        return source[:_MENDABLE_BYTES]
    with open(source, "rb") as file:
        return file.read(_MENDABLE_BYTES)


def _reason(error: Exception) -> str:
    text = getattr(error, "error_string", str(error))
    return ascii(text).strip("'\"").removeprefix("Error : ").rstrip(". ")


def _read_blocks(sound: soundfile.SoundFile, remarks: list[str]) -> Iterator[np.ndarray]:
    n_expected, n_read, failure = sound.frames, 0, ""
    size = _BLOCK_SAMPLES // sound.channels
    with sound:
        while n_read < n_expected and not failure:
            n_wanted = min(size, n_expected - n_read)
            block = np.full((n_wanted, sound.channels), np.nan, dtype=np.float32)
            try:
                block = sound.read(out=block)
            except soundfile.SoundFileError as error:
                # What was decoded before the fault is in the block; the rest is NaN still.
                block = block[: np.isfinite(block).all(axis=1).argmin()]
                failure = _reason(error)
            if not len(block):
                break
            n_read += len(block)
            yield mix_down(block)
        fault = _fault(sound, n_read, failure)
    if not n_read and failure:
        raise ValueError(f"not a readable sound file ({failure}). Repair or remove it.")
    if fault:
        remarks.append(fault)


def _fault(sound: soundfile.SoundFile, n_read: int, failure: str) -> str:
    """Say what is wrong with a file that was read all the same; empty if nothing is."""
    if failure:
        return f"damaged ({failure}); used the {n_read} samples before the fault."
    log = sound.extra_info
    for promised, found in _SIZES.findall(log):
        if int(found) < int(promised) != _STREAMED:
            return f"cut short: {found} of {promised} bytes of samples are there."
    for found, promised in _LENGTHS.findall(log):
        if int(found) < int(promised):
            return f"cut short: {found} of {promised} samples are there."
    share = 1.0 - _MP3_TOLERANCE if sound.format in ("MP3", "MPEG") else 1.0
    if n_read < share * sound.frames and sound.frames < _UNKNOWN_LENGTH:
        return f"cut short: {n_read} of {sound.frames} samples are there."
    if sound.format == "OGG" and _OGG_FAULTS.search(log):
        return f"cut short or damaged: {n_read} samples are there."
    return ""
