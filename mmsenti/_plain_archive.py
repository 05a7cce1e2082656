"""Construct a plain model from a skops archive without importing skops.

To know what it may trust, skops imports all of scikit-learn, which takes as long as everything else
that a first prediction waits for. A model of the usual parts needs none of that: here its archive
is read by a list of names that is shorter than that of skops. The whole of it is judged before
anything is constructed, and whatever is not on the list is left to skops to judge.
"""

import importlib
import io
import json
import zipfile
from typing import Any

import numpy as np

from mmsenti._trust import is_own

__all__ = ["NOT_PLAIN", "construct_plain"]

NOT_PLAIN = object()
_PROTOCOL = 2  # of skops 0.12 and later
# Estimators of scikit-learn that hold numbers, names and other estimators, and nothing that they
# follow unchecked.
_PLAIN_ESTIMATORS = frozenset(
    [
        "sklearn.compose._column_transformer.ColumnTransformer",
        "sklearn.feature_extraction.text.TfidfTransformer",
        "sklearn.impute._base.SimpleImputer",
        "sklearn.linear_model._logistic.LogisticRegression",
        "sklearn.linear_model._ridge.Ridge",
        "sklearn.linear_model._ridge.RidgeCV",
        "sklearn.pipeline.FeatureUnion",
        "sklearn.pipeline.Pipeline",
        "sklearn.preprocessing._data.StandardScaler",
    ]
)
_NUMBERS = {f"numpy.{kind.__name__}": kind for kind in (np.float32, np.float64, np.int64)}
_TYPES = {f"builtins.{kind.__name__}": kind for kind in (str, int, float, bool)} | _NUMBERS
_DICTS = ("builtins.dict", "sklearn.utils._bunch.Bunch")


def construct_plain(content: bytes) -> Any:
    """Construct the model of an archive, if it is plain.

    Parameters
    ----------
    content : bytes
        An archive that `open_archive` has found sound.

    Returns
    -------
    estimator or NOT_PLAIN
        `NOT_PLAIN`, and nothing has been constructed, where an archive holds anything unknown.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as zip_file:
        schema = json.loads(zip_file.read("schema.json"))
        if not (isinstance(schema, dict) and _is_protocol(schema.get("protocol"))):
            return NOT_PLAIN
        if not _is_plain(schema, frozenset(zip_file.namelist())):
            return NOT_PLAIN
        return _Builder(zip_file).build(schema)


def _is_protocol(protocol: Any) -> bool:
    return type(protocol) is int and protocol == _PROTOCOL


def _is_plain(node: Any, files: frozenset[str]) -> bool:
    """Tell whether a node, with all that it holds, is of the known kinds and names."""
    if not isinstance(node, dict) or not isinstance(node.get("__id__"), int):
        return False
    loader = node.get("__loader__")
    judge = _JUDGES.get(loader) if isinstance(loader, str) else None
    name, content = f"{node.get('__module__')}.{node.get('__class__')}", node.get("content")
    return judge is not None and judge(node, name, content, files)


def _all_plain(nodes: Any, files: frozenset[str]) -> bool:
    return isinstance(nodes, list) and all(_is_plain(node, files) for node in nodes)


def _judge_dict(node: dict, name: str, content: Any, files: frozenset[str]) -> bool:
    keys = node.get("key_types")
    return (
        name in _DICTS
        and isinstance(content, dict)
        and isinstance(keys, dict)
        and keys.get("__loader__") == "ListNode"
        and _is_plain(keys, files)
        and len(keys["content"]) == len(content)
        and all(key["__loader__"] == "TypeNode" for key in keys["content"])
        and _all_plain(list(content.values()), files)
    )


def _judge_array(node: dict, name: str, content: Any, files: frozenset[str]) -> bool:
    if node.get("type") == "numpy":
        file = node.get("file")
        is_array = isinstance(file, str) and file.endswith(".npy") and file in files
        return is_array and (name == "numpy.ndarray" or name in _NUMBERS)
    # Of objects, only a row of them: skops guesses at the shape of more.
    shape = node.get("shape")
    return (
        node.get("type") == "json"
        and name == "numpy.ndarray"
        and _all_plain(content, files)
        and isinstance(shape, dict)
        and shape.get("__loader__") == "TupleNode"
        and _is_plain(shape, files)
        and len(shape["content"]) == 1
    )


def _judge_slice(node: dict, name: str, content: Any, files: frozenset[str]) -> bool:
    return (
        name == "builtins.slice"
        and isinstance(content, dict)
        and set(content) == {"start", "stop", "step"}
        and all(end is None or type(end) is int for end in content.values())
    )


_JUDGES: dict[Any, Any] = {
    "JsonNode": lambda node, name, content, files: isinstance(content, str),
    "TypeNode": lambda node, name, content, files: name in _TYPES,
    "ListNode": lambda node, name, content, files: (
        name == "builtins.list" and _all_plain(content, files)
    ),
    "TupleNode": lambda node, name, content, files: (
        name == "builtins.tuple" and _all_plain(content, files)
    ),
    "DictNode": _judge_dict,
    "SliceNode": _judge_slice,
    "NdArrayNode": _judge_array,
    "DTypeNode": lambda node, name, content, files: (
        name == "numpy.dtype"
        and isinstance(content, dict)
        and content.get("__loader__") == "NdArrayNode"
        and _is_plain(content, files)
    ),
    "ObjectNode": lambda node, name, content, files: (
        (name in _PLAIN_ESTIMATORS or is_own(name)) and _is_plain(content, files)
    ),
}


class _Builder:
    """Constructs nodes that were judged, those of one object once."""

    def __init__(self, zip_file: zipfile.ZipFile) -> None:
        self._zip_file = zip_file
        self._built: dict[int, Any] = {}

    def build(self, node: dict[str, Any]) -> Any:
        number = node["__id__"]
        if number not in self._built:
            self._built[number] = _BUILDERS[node["__loader__"]](self, node)
        return self._built[number]

    def _build_json(self, node: dict[str, Any]) -> Any:
        return json.loads(node["content"])

    def _build_type(self, node: dict[str, Any]) -> Any:
        return _TYPES[f"{node['__module__']}.{node['__class__']}"]

    def _build_list(self, node: dict[str, Any]) -> list[Any]:
        return [self.build(item) for item in node["content"]]

    def _build_tuple(self, node: dict[str, Any]) -> tuple[Any, ...]:
        return tuple(self.build(item) for item in node["content"])

    def _build_dict(self, node: dict[str, Any]) -> Any:
        # Not by their numbers, which a crafted file may give to anything else as well.
        kinds = [self._build_type(key) for key in node["key_types"]["content"]]
        held = {} if node["__module__"] == "builtins" else _find(node)()
        for kind, (key, value) in zip(kinds, node["content"].items(), strict=True):
            held[kind(key)] = self.build(value)
        return held

    def _build_slice(self, node: dict[str, Any]) -> slice:
        content = node["content"]
        return slice(content["start"], content["stop"], content["step"])

    def _build_array(self, node: dict[str, Any]) -> Any:
        if node["type"] == "json":
            items = np.empty(len(node["content"]), dtype=object)
            for i, item in enumerate(node["content"]):
                items[i] = self.build(item)
            return items
        array = np.load(io.BytesIO(self._zip_file.read(node["file"])), allow_pickle=False)
        return (
            array
            if node["__class__"] == "ndarray"
            else _NUMBERS[f"numpy.{node['__class__']}"](array)
        )

    def _build_dtype(self, node: dict[str, Any]) -> np.dtype:
        return self._build_array(node["content"]).dtype

    def _build_object(self, node: dict[str, Any]) -> Any:
        kind = _find(node)
        instance = kind.__new__(kind)
        state = self.build(node["content"])
        if state is not None:
            if hasattr(instance, "__setstate__"):
                instance.__setstate__(state)
            else:
                instance.__dict__.update(state)
        return instance


_BUILDERS = {
    "JsonNode": _Builder._build_json,
    "TypeNode": _Builder._build_type,
    "ListNode": _Builder._build_list,
    "TupleNode": _Builder._build_tuple,
    "DictNode": _Builder._build_dict,
    "SliceNode": _Builder._build_slice,
    "NdArrayNode": _Builder._build_array,
    "DTypeNode": _Builder._build_dtype,
    "ObjectNode": _Builder._build_object,
}


def _find(node: dict[str, Any]) -> Any:
    return getattr(importlib.import_module(node["__module__"]), node["__class__"])
