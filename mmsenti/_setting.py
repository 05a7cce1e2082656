"""Settings: what the features of a cell depend on besides the cell, worked out once per setting.

Names of eight thousand gradients take longer than the gradients of a picture, and a digest of all
parameters as long as the scores of a hundred texts.
"""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from mmsenti import __version__
from mmsenti._descriptor import Descriptor
from mmsenti.store._fingerprint import fingerprint

__all__ = ["descriptor_width", "setting_digest"]

_SIMPLE = (bool, int, float, str, type(None))
_MOST = 1024
_widths: dict[Hashable, int] = {}
_digests: dict[Hashable, bytes] = {}


def descriptor_width(descriptor: Descriptor) -> int:
    """Count the features of a descriptor.

    Parameters
    ----------
    descriptor : Descriptor

    Returns
    -------
    int

    Examples
    --------
    >>> from mmsenti.text import Lexicon
    >>> descriptor_width(Lexicon())
    4
    """
    key = _key(descriptor)
    if key is None:
        return len(descriptor.get_names())
    if key not in _widths:
        _keep(_widths, key, len(descriptor.get_names()))
    return _widths[key]


def setting_digest(
    owner: str,
    params: Mapping[str, Any],
    descriptors: Sequence[Descriptor],
    *,
    process_only: bool = False,
) -> bytes:
    """Digest what a row of features depends on besides its cell.

    Parameters
    ----------
    owner : str
        Name of the extractor's class.
    params : mapping of str to object
        Its own parameters, as far as they change numbers.
    descriptors : sequence of Descriptor
    process_only : bool, default=False
        Accept what means nothing to another process; see `fingerprint`.

    Returns
    -------
    bytes of length 32

    Raises
    ------
    TypeError
        For a part that has no digest.
    """
    keys = [_values_key(params), *map(_key, descriptors)]
    key = None if None in keys else (owner, process_only, *keys)
    if key is not None and key in _digests:
        return _digests[key]
    parts = (owner, __version__, dict(params), list(descriptors))
    digest = fingerprint(*parts, process_only=process_only)
    if key is not None:
        _keep(_digests, key, digest)
    return digest


def _keep(known: dict[Hashable, Any], key: Hashable, value: Any) -> None:
    if len(known) >= _MOST:
        known.clear()
    known[key] = value


def _key(descriptor: Descriptor) -> Hashable | None:
    """Tell descriptors of one class and equal parameters by; None where that is not all there is.

    What depends on more than its parameters, as on the content of a file, says so by its
    ``fingerprint_parts``.
    """
    values = descriptor.get_params()
    if hasattr(descriptor, "fingerprint_parts") and any(v is not None for v in values.values()):
        return None
    key = _values_key(values)
    version = getattr(type(descriptor), "feature_version", None)
    return None if key is None else (type(descriptor), version, key)


def _values_key(values: Mapping[str, Any]) -> Hashable | None:
    key = []
    for name, value in values.items():
        parts = value if type(value) in (list, tuple) else (value,)
        if not all(type(part) in _SIMPLE for part in parts):
            return None
        # 1, 1.0 and True are equal, and no one parameter.
        key.append((name, type(value), *((type(part), part) for part in parts)))
    return tuple(key)
