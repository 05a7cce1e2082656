"""The file of a frozen model: arrays and a JSON description in an npz archive, sealed.

A description is a tree of dictionaries and lists that holds JSON's values and numpy arrays. In the
file each array is an entry of its own, and ``description.npy`` the tree, as bytes of JSON in which
``{"array": "a3"}`` stands for an entry. A checksum of all bytes is the comment of the archive:
a CRC-32, as the zip format has it, which finds any damage to a bit or a block. Nothing would be
gained by a longer one, since whoever can forge a file can seal it, and hashlib takes longer to load
than all else that is read here.
"""

import io
import json
import math
import os
import struct
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np

__all__ = [
    "FORMAT",
    "is_frozen",
    "pack",
    "pack_strings",
    "read_sealed",
    "unpack",
    "unpack_strings",
]

FORMAT = 1  # raised when an older mmsenti could not read a file rightly
_SEAL = b"mmsenti-frozen-crc32:"  # begins the zip comment, which ends the file
_DIGITS = 8
_SEAL_SIZE = len(_SEAL) + _DIGITS
_FULL_SEAL = b"mmsenti-sha256:"  # that of mmsenti.save, with 64 digits behind it
_END_SIZE = max(_SEAL_SIZE, len(_FULL_SEAL) + 64)
_HEADER = struct.Struct("<4s5H3I2H")  # of an entry, as the zip format has it
_STORED = 0
_ARRAY_MAGIC = b"\x93NUMPY\x01\x00"
_ARRAY_TYPES = frozenset({"|b1", "|i1", "|u1", *(f"<{c}{n}" for c in "fiu" for n in "248")})
_DESCRIPTION = "description"
_MAX_EXPANSION = 100  # what words can be compressed to; a zip bomb reaches a thousand
_AGAIN = "Freeze the model again."


def pack(description: dict[str, Any]) -> bytes:
    """Write a description as the content of a file.

    Parameters
    ----------
    description : dict
        A tree of dicts, lists, str, numbers, bool, None and arrays of numbers.

    Returns
    -------
    bytes
    """
    arrays: dict[str, np.ndarray] = {}
    tree = _take_arrays({"format": FORMAT, **description}, arrays)
    arrays[_DESCRIPTION] = np.frombuffer(json.dumps(tree).encode("ascii"), np.uint8)
    import zipfile  # here, because it is not needed to predict

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", allowZip64=False) as archive:
        for name, array in arrays.items():
            entry = io.BytesIO()
            np.lib.format.write_array(entry, np.ascontiguousarray(array), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), entry.getvalue())
        archive.comment = _SEAL + b"0" * _DIGITS
    content = buffer.getvalue()[:-_DIGITS]
    return content + _checksum(content)


def unpack(content: bytes) -> dict[str, Any]:
    """Read a description, having checked every byte of it.

    Parameters
    ----------
    content : bytes

    Returns
    -------
    dict
        As it was packed, with "format"; arrays are read-only.

    Raises
    ------
    ValueError
        If the content is no frozen model, changed since, newer than this package, or holds
        anything that claims another size than it has.
    """
    _check_seal(content)
    try:
        arrays = {name: _read_array(name, entry) for name, entry in _entries(content)}
        tree = json.loads(arrays.pop(_DESCRIPTION).tobytes())
        found = tree["format"]
        if found == FORMAT:
            return _put_arrays(tree, arrays)
    except (KeyError, TypeError, OverflowError, RecursionError, struct.error) as error:
        raise ValueError(f"not a frozen model ({type(error).__name__}: {error}).") from error
    raise ValueError(
        f"has format {found!a}, this mmsenti reads format {FORMAT}. Freeze the model again with "
        "this version, or predict with the one that froze it."
    )


def read_sealed(file: BinaryIO) -> bytes:
    """Read a file whose ends are those of a frozen model; of another, not even all of it.

    Parameters
    ----------
    file : binary file

    Returns
    -------
    bytes

    Raises
    ------
    ValueError
        For another file, however large.
    """
    head = file.read(4)
    file.seek(max(os.fstat(file.fileno()).st_size - _END_SIZE, 0))
    _check_ends(head, file.read())
    file.seek(0)
    return file.read()


def is_frozen(path: str | os.PathLike[str]) -> bool:
    """Tell by its end whether a file is a frozen model.

    Parameters
    ----------
    path : str or path-like

    Returns
    -------
    bool
        False where there is no regular file to be read.
    """
    if not os.path.isfile(path):
        return False
    try:
        with open(path, "rb") as file:
            file.seek(max(os.fstat(file.fileno()).st_size - _SEAL_SIZE, 0))
            return file.read(len(_SEAL)) == _SEAL
    except OSError:
        return False


def pack_strings(strings: list[str]) -> dict[str, Any]:
    r"""Join strings by a character that none of them holds, and compress them.

    They are unpacked where they are needed, and most of them are not.

    Examples
    --------
    >>> unpack_strings(**pack_strings(["a b", "", "\n"]))
    ['a b', '', '\n']
    """
    joined = "".join(strings)
    separator = next(c for c in map(chr, range(10, 0x110000)) if c not in joined)
    # Half an emoji, as broken texts have it, is no legal UTF-8.
    encoded = separator.join(strings).encode("utf-8", "surrogatepass")
    return {
        "separator": ord(separator),
        "count": len(strings),
        "size": len(encoded),
        "packed": np.frombuffer(zlib.compress(encoded, 9), np.uint8),
    }


def unpack_strings(separator: int, count: int, size: int, packed: np.ndarray) -> list[str]:
    """Return the strings that `pack_strings` was given.

    Raises
    ------
    ValueError
        If it was not given so many or so long ones, before more than that is unpacked.
    """
    content = packed.tobytes()
    if not 0 <= size <= _MAX_EXPANSION * max(len(content), 1000):
        raise ValueError(f"holds {len(content)} bytes that claim to be {size} unpacked. {_AGAIN}")
    try:
        encoded = zlib.decompressobj().decompress(content, size + 1)
    except zlib.error as error:
        raise ValueError(f"holds strings that cannot be unpacked ({error}). {_AGAIN}") from error
    strings = encoded.decode("utf-8", "surrogatepass").split(chr(separator)) if count else []
    if len(encoded) != size or len(strings) != count:
        raise ValueError(
            f"holds {len(strings)} strings of {len(encoded)} bytes where it claims {count} of "
            f"{size}. {_AGAIN}"
        )
    return strings


def _check_ends(head: bytes, tail: bytes) -> None:
    if head != b"PK\x03\x04":
        raise ValueError("not a frozen model. Write one with mmsenti.freeze(model, path).")
    if tail[-len(_FULL_SEAL) - 64 : -64] == _FULL_SEAL:
        raise ValueError(
            "a model saved by mmsenti.save, not a frozen one. Load it with mmsenti.load, or "
            "freeze it: mmsenti freeze MODEL -o FROZEN."
        )
    if tail[-_SEAL_SIZE:-_DIGITS] != _SEAL:
        raise ValueError(f"cut off or damaged, or not a frozen model. {_AGAIN}")


def _check_seal(content: bytes) -> None:
    _check_ends(content[:4], content[-_END_SIZE:])
    if _checksum(memoryview(content)[:-_DIGITS]) != content[-_DIGITS:]:
        raise ValueError(f"damaged: its checksum does not match. Restore it. {_AGAIN}")


def _checksum(content: bytes | memoryview) -> bytes:
    return b"%08x" % zlib.crc32(content)


def _entries(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of each entry of the archive, in their order.

    They stand one behind the other, each behind a header that tells its size. `zipfile` would read
    them as well, and take as long to load as all else that is done here.
    """
    at = 0
    while content.startswith(b"PK\x03\x04", at):
        _, _, _, method, _, _, _, packed, size, n_name, n_extra = _HEADER.unpack_from(content, at)
        named = at + _HEADER.size
        name = content[named : named + n_name].decode("ascii", "replace")
        start = named + n_name + n_extra
        at = start + packed
        if method != _STORED or packed != size or at > len(content):
            raise ValueError(f"holds an entry {name!a:.80} of an unknown kind. {_AGAIN}")
        yield name.removesuffix(".npy"), content[start:at]


def _read_array(name: str, content: bytes) -> np.ndarray:
    """Read one array, having held its shape against its bytes; there are no objects in it.

    Numpy writes the header as a Python literal and reads any; this takes its own spelling alone,
    which needs no parser of Python.
    """
    start = 10 + int.from_bytes(content[8:10], "little")
    head = content[10:start].decode("ascii", "replace").rstrip()
    kind = head[11:14]
    sides = head[head.rfind("(") + 1 : head.rfind(")")].rstrip(",").split(", ")
    shape = tuple(int(side) for side in sides if side.isdecimal())
    claimed = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}"
    if not content.startswith(_ARRAY_MAGIC) or kind not in _ARRAY_TYPES or head != claimed:
        raise ValueError(f"holds an entry {name!a:.80} that is no array of numbers. {_AGAIN}")
    dtype = np.dtype(kind)
    if dtype.itemsize * math.prod(shape) != len(content) - start:
        raise ValueError(
            f"holds an array of {len(content)} bytes that claims {dtype} of shape {shape}. {_AGAIN}"
        )
    return np.frombuffer(content, dtype, offset=start).reshape(shape)


def _take_arrays(node: Any, arrays: dict[str, np.ndarray]) -> Any:
    if isinstance(node, dict):
        return {key: _take_arrays(value, arrays) for key, value in node.items()}
    if isinstance(node, list | tuple):
        return [_take_arrays(value, arrays) for value in node]
    if isinstance(node, np.ndarray):
        name = f"a{len(arrays)}"
        arrays[name] = node
        return {"array": name}
    return node.item() if isinstance(node, np.generic) else node


def _put_arrays(node: Any, arrays: dict[str, np.ndarray]) -> Any:
    if isinstance(node, dict):
        if set(node) == {"array"}:
            return arrays[node["array"]]
        return {key: _put_arrays(value, arrays) for key, value in node.items()}
    if isinstance(node, list):
        return [_put_arrays(value, arrays) for value in node]
    return node
