"""Seal a skops archive, and open none that is damaged, crafted to fill the memory, or newer."""

import hashlib
import io
import json
import re
import zipfile
from typing import Any

import numpy as np

__all__ = ["FORMAT", "open_archive", "seal_archive"]

FORMAT = 1  # raised when an older mmsenti could not read a file rightly
_DESCRIPTION = "mmsenti.json"
_SEAL = b"mmsenti-sha256:"  # begins the zip comment, which ends the file
_SEAL_SIZE = len(_SEAL) + 64
_FROZEN = b"mmsenti-frozen-crc32:"  # stands there, with 8 digits, in a file of mmsenti.freeze
_ENTRY_NAME = re.compile(r"[A-Za-z0-9_-]+\.(json|npy|npz|bin)")

# What an honest model expands to; a zip bomb reaches a thousand times its size.
_MAX_EXPANSION = 100
_FREE_EXPANSION = 64 * 2**20  # in bytes; below it nobody cares about the ratio


def seal_archive(archive: bytes, versions: dict[str, str], model: dict[str, Any]) -> bytes:
    """Add a description of the file and a checksum of all of its bytes.

    Parameters
    ----------
    archive : bytes
        A zip file.
    versions : dict of str to str
        Version by package.
    model : dict
        What else to tell of the model, ready for JSON.

    Returns
    -------
    bytes

    Raises
    ------
    ValueError
        If `open_archive` would refuse the result.
    """
    buffer = io.BytesIO(archive)
    with zipfile.ZipFile(buffer, "a") as zip_file:
        description = {"format": FORMAT, "versions": versions, "model": model}
        zip_file.writestr(_DESCRIPTION, json.dumps(description, indent=2))
        zip_file.comment = _SEAL + b"0" * 64
    content = buffer.getvalue()[:-64]
    sealed = content + hashlib.sha256(content).hexdigest().encode()
    open_archive(sealed)
    return sealed


def open_archive(content: bytes) -> dict[str, Any]:
    """Check a sealed archive without constructing anything from it.

    Parameters
    ----------
    content : bytes

    Returns
    -------
    dict
        The description: its "format", "versions" by package, and the "model", where it tells.

    Raises
    ------
    ValueError
        If the content is no sealed archive, changed since, newer than this package, or made to
        fill the memory.
    """
    if not content.startswith(b"PK\x03\x04"):
        pickle = " It looks like a pickle, which is never loaded: it could run any program."
        raise ValueError(
            f"not a model saved by mmsenti.save.{pickle if _is_pickle(content) else ''}"
        )
    if content[-8 - len(_FROZEN) : -8] == _FROZEN:
        raise ValueError("a frozen model, which mmsenti.load_frozen loads.")
    if content[-_SEAL_SIZE:-64] != _SEAL:
        raise ValueError("cut off or damaged, or not saved by mmsenti.save. Save the model again.")
    if hashlib.sha256(content[:-64]).hexdigest().encode() != content[-64:]:
        raise ValueError("damaged: its checksum does not match. Restore it or save it again.")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as zip_file:
            _check_entries(zip_file.infolist(), len(content))
            description = json.loads(zip_file.read(_DESCRIPTION))
            _check_format(description)
            for info in zip_file.infolist():
                _check_arrays(zip_file, info)
    except (KeyError, TypeError, zipfile.BadZipFile, EOFError, RecursionError) as error:
        raise ValueError(f"not a model saved by mmsenti.save ({error}).") from error
    return description


def _is_pickle(content: bytes) -> bool:
    # Protocol 2 and later, bare or compressed as joblib does.
    return content.startswith((b"\x80", b"x\x9c", b"x\x01", b"x^", b"\x1f\x8b", b"BZh", b"\xfd7z"))


def _check_entries(infos: list[zipfile.ZipInfo], size: int) -> None:
    names = [info.filename for info in infos]
    for name in names:
        if not _ENTRY_NAME.fullmatch(name):
            raise ValueError(f"holds an entry {ascii(name)[:80]}, which no saved model has.")
    if len(set(names)) < len(names):
        raise ValueError("holds two entries of the same name, which no saved model does.")
    _check_expansion(sum(info.file_size for info in infos), size)


def _check_expansion(expanded: int, size: int) -> None:
    if expanded > max(_FREE_EXPANSION, _MAX_EXPANSION * size):
        raise ValueError(f"{size} bytes would expand to {expanded}, as in a zip bomb.")


def _check_format(description: Any) -> None:
    version = description["format"]
    told = (description["versions"], description.get("model", {}))
    if not isinstance(version, int) or not all(isinstance(part, dict) for part in told):
        raise ValueError("not a model saved by mmsenti.save (its description is not in order).")
    if version > FORMAT:
        raise ValueError(
            f"has format {version}, this mmsenti reads up to {FORMAT}: it was saved by mmsenti "
            f"{description['versions'].get('mmsenti')!a}. Upgrade mmsenti, or save the model "
            "with this version."
        )


def _check_arrays(zip_file: zipfile.ZipFile, info: zipfile.ZipInfo) -> None:
    """Make sure that arrays are as long as they say: numpy takes their word and the memory."""
    if info.filename.endswith(".npy"):
        with zip_file.open(info) as file:
            _check_array(file, info.file_size)
    elif info.filename.endswith(".npz"):
        with zipfile.ZipFile(io.BytesIO(zip_file.read(info))) as inner:
            _check_expansion(sum(one.file_size for one in inner.infolist()), info.file_size)
            for one in inner.infolist():
                with inner.open(one) as file:
                    _check_array(file, one.file_size)


def _check_array(file: Any, size: int) -> None:
    version = np.lib.format.read_magic(file)
    if version == (1, 0):
        shape, _, dtype = np.lib.format.read_array_header_1_0(file)
    else:
        shape, _, dtype = np.lib.format.read_array_header_2_0(file)
    expected = dtype.itemsize * np.prod(shape, dtype=object)
    if dtype.hasobject or min(shape, default=0) < 0 or expected != size - file.tell():
        raise ValueError(f"holds an array of {size} bytes that claims {dtype} of shape {shape}.")
