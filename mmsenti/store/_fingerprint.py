"""The setting that features were computed under, in 32 bytes: equal settings, equal features."""

import hashlib
import os
import struct
import sys
import types
import weakref
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

import numpy as np

__all__ = ["fingerprint"]

_OWN_PACKAGES = ("mmsenti",)
_INERT_PACKAGES = ("numpy", "sklearn", *sys.stdlib_module_names)  # bases without features
_tokens: weakref.WeakKeyDictionary[Any, bytes] = weakref.WeakKeyDictionary()


def fingerprint(*parts: Any, process_only: bool = False) -> bytes:
    """Compute a digest of parameters that is the same in every process that has equal ones.

    Parameters
    ----------
    *parts : object
        None, bool, int, float, str, bytes, numpy scalars and arrays of numbers; tuples, lists,
        sets and dicts of such, in any order of a dict's keys; and objects with ``get_params``,
        as descriptors are, which count by class and parameters. An object whose parameters do not
        tell the whole (a path whose file may change) defines ``fingerprint_parts()``, whose
        result takes the place of its parameters.

        A class outside of this package counts by its name, the code of its methods and the
        number in its ``feature_version``, which is raised when anything else that it calls
        changes. Without this attribute it is refused: nobody would notice stale features.
    process_only : bool, default=False
        Accept such classes, and functions, as what they are in this process: the result means
        nothing to another one.

    Returns
    -------
    bytes of length 32

    Raises
    ------
    TypeError
        For a part that has no such digest, as a lambda.

    Examples
    --------
    >>> fingerprint("HOG", {"cells": 8, "bins": 9}) == fingerprint("HOG", {"bins": 9, "cells": 8})
    True
    >>> fingerprint(1) == fingerprint(1.0)
    False
    """
    digest = hashlib.blake2b(digest_size=32, person=b"fingerprint")
    digest.update(_encode(parts, process_only, ()))
    return digest.digest()


def _encode(part: Any, process_only: bool, above: tuple[int, ...]) -> bytes:
    if isinstance(part, np.generic):
        part = part.item() if part.dtype.kind in "biufSU" else part
    simple = _encode_simple(part)
    if simple is not None:
        return simple
    if id(part) in above:
        raise TypeError("a structure that holds itself has no fingerprint.")
    above = (*above, id(part))
    kind = type(part)
    if kind in (tuple, list):
        return _join(kind.__name__, (_encode(item, process_only, above) for item in part))
    if kind in (set, frozenset):
        return _join("set", sorted(_encode(item, process_only, above) for item in part))
    if kind is dict:
        pairs = (_encode(pair, process_only, above) for pair in part.items())
        return _join("dict", sorted(pairs))
    if kind is np.ndarray and part.dtype.kind in "biufcSU":
        numbers = np.ascontiguousarray(part).tobytes()
        return _join("array", [part.dtype.str.encode(), repr(part.shape).encode(), numbers])
    if isinstance(part, types.CodeType):
        return _encode_code(part)
    return _encode_object(part, process_only, above)


def _encode_simple(part: Any) -> bytes | None:
    kind = type(part)
    if part is None or part is Ellipsis or kind is bool:
        return _join("constant", [repr(part).encode()])
    if kind is int:
        return _join("int", [b"%d" % part])
    if kind is float:
        return _join("float", [b"nan" if part != part else struct.pack("<d", part)])
    if kind is complex:
        return _join("complex", [struct.pack("<dd", part.real, part.imag)])
    if kind is str:
        return _join("str", [part.encode("utf-8", "surrogatepass")])
    if kind is bytes:
        return _join("bytes", [part])
    return None


def _join(kind: str, pieces: Iterable[bytes]) -> bytes:
    """Join pieces so that no other pieces, and no other kind, give the same bytes."""
    sized = [struct.pack("<q", len(piece)) + piece for piece in pieces]
    return b"".join([kind.encode(), b":", struct.pack("<q", len(sized)), *sized])


def _encode_object(part: Any, process_only: bool, above: tuple[int, ...]) -> bytes:
    if isinstance(part, types.FunctionType | type) and process_only:
        return _join("token", [_token(part)])
    if isinstance(part, type | os.PathLike) or not hasattr(part, "get_params"):
        raise TypeError(f"{type(part).__name__} {part!r:.80} has no fingerprint.")
    if hasattr(part, "fingerprint_parts"):
        inside = part.fingerprint_parts()
    else:
        inside = part.get_params(deep=False)
    classes = (_encode_class(kind, process_only) for kind in type(part).__mro__)
    return _join("object", [*classes, _encode(inside, process_only, above)])


@lru_cache(maxsize=1024)
def _encode_known_class(kind: type) -> bytes | None:
    """Encode a class of this package, or one without features; it is the same at any time."""
    package = kind.__module__.partition(".")[0]
    name = f"{kind.__module__}.{kind.__qualname__}"
    if package in _OWN_PACKAGES:
        return _encode((name, vars(kind).get("feature_version") or 0), False, ())
    if package in _INERT_PACKAGES and package != "__main__":
        return _encode(name, False, ())
    return None


def _encode_class(kind: type, process_only: bool) -> bytes:
    known = _encode_known_class(kind)
    if known is not None:
        return known
    name = f"{kind.__module__}.{kind.__qualname__}"
    version = vars(kind).get("feature_version")
    if type(version) in (int, str):
        return _encode((name, version, list(_code_of(kind))), False, ())
    if process_only:
        return _join("token", [_token(kind)])
    raise TypeError(
        f"{kind.__qualname__} does not say which version of its features it computes. Add "
        "feature_version = 1 to the class, and raise it when the features change."
    )


def _code_of(kind: type) -> Iterator[tuple[str, types.CodeType]]:
    for name, member in sorted(vars(kind).items()):
        if isinstance(member, property):
            member = member.fget
        # cached_property has func, static and class methods have __func__
        member = getattr(member, "func", getattr(member, "__func__", member))
        code = getattr(member, "__code__", None)
        if isinstance(code, types.CodeType):
            yield name, code


def _encode_code(code: types.CodeType) -> bytes:
    # Without names of files and numbers of lines: a moved class computes the same.
    constants = [_encode(constant, False, ()) for constant in code.co_consts]
    names = " ".join(code.co_names + code.co_varnames + code.co_freevars).encode()
    return _join("code", [code.co_code, names, *constants])


def _token(thing: Any) -> bytes:
    if thing not in _tokens:
        _tokens[thing] = os.urandom(16)
    return _tokens[thing]
