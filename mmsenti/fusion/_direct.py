"""Apply fitted compositions of scikit-learn without what they look up anew at every call.

Around each of its parts, a Pipeline, a FeatureUnion and a ColumnTransformer ask for tags, names and
configuration, make a pool of workers for a single one, and stack sparse rows by way of their
coordinates. Of one row, all that takes as long as its features. Here the parts are called one after
another and their blocks are joined once; where anything else is asked for, as several jobs, tables
as output or routed metadata, scikit-learn does it itself.
"""

from typing import Any

import numpy as np
from joblib import effective_n_jobs
from scipy import sparse
from sklearn import get_config
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.utils._set_output import _get_output_config

__all__ = ["predict_directly", "transform_directly"]


def transform_directly(transformer: Any, X: Any) -> Any:
    """Transform as the transformer itself does.

    Parameters
    ----------
    transformer : fitted transformer
    X : table or column of shape (n_samples, ...)

    Returns
    -------
    ndarray, sparse matrix or whatever the transformer gives

    Examples
    --------
    >>> from sklearn.preprocessing import MinMaxScaler, StandardScaler
    >>> both = FeatureUnion([("unit", MinMaxScaler()), ("standard", StandardScaler())])
    >>> transform_directly(both.fit([[0.0], [2.0]]), [[1.0], [2.0]])
    array([[0.5, 0. ],
           [1. , 1. ]])
    """
    if get_config()["enable_metadata_routing"]:
        return transformer.transform(X)
    return _join(_blocks(transformer, X))


def predict_directly(model: Any, method: str, X: Any) -> np.ndarray:
    """Predict as the model itself does.

    Parameters
    ----------
    model : fitted model
    method : {"predict", "predict_proba", "decision_function"}
    X : table of shape (n_samples, n_columns)

    Returns
    -------
    ndarray of shape (n_samples,) or (n_samples, n_classes)
    """
    if type(model) is not Pipeline or get_config()["enable_metadata_routing"]:
        return getattr(model, method)(X)
    for _, step in model.steps[:-1]:
        X = _join(_blocks(step, X))
    return getattr(model.steps[-1][1], method)(X)


def _blocks(transformer: Any, X: Any) -> list[Any]:
    """Return what a transformer computes as blocks to be laid side by side."""
    if _is_nothing(transformer):
        return [X]
    kind = type(transformer)
    if kind is Pipeline:
        steps = [step for _, step in transformer.steps if not _is_nothing(step)]
        for step in steps[:-1]:
            X = _join(_blocks(step, X))
        return _blocks(steps[-1], X) if steps else [X]
    blocks = None
    if kind is FeatureUnion and _is_plain(transformer):
        blocks = _union_blocks(transformer, X)
    elif kind is ColumnTransformer and _is_plain(transformer):
        blocks = _column_blocks(transformer, X)
    return [transformer.transform(X)] if blocks is None else blocks


def _is_nothing(step: Any) -> bool:
    return step is None or (isinstance(step, str) and step == "passthrough")


def _is_plain(composition: Any) -> bool:
    """Tell whether one worker is to compute plain matrices."""
    output = _get_output_config("transform", composition)["dense"]
    return output == "default" and effective_n_jobs(composition.n_jobs) == 1


def _union_blocks(union: FeatureUnion, X: Any) -> list[Any] | None:
    """Return the blocks of a FeatureUnion, or None where it has to join them itself."""
    parts = [(name, part) for name, part in union.transformer_list if not _is_drop(part)]
    if not parts or any(isinstance(part, str) for _, part in parts):
        return None
    weights = union.transformer_weights or {}
    blocks = [
        block for name, part in parts for block in _weighed(_blocks(part, X), weights.get(name))
    ]
    return blocks if all(map(_is_matrix, blocks)) else None


def _column_blocks(composition: ColumnTransformer, X: Any) -> list[Any] | None:
    """Return the blocks of a ColumnTransformer, or None where it has to join them itself."""
    parts = [part for part in composition.transformers_ if not _is_drop(part[1])]
    if not (parts and hasattr(X, "iloc") and hasattr(composition, "feature_names_in_")):
        return None
    present = set(X.columns)
    if not all(_is_named(column, present) for _, _, column in parts):
        return None
    weights = composition.transformer_weights or {}
    blocks = [
        block
        for name, part, column in parts
        for block in _weighed(_blocks(part, X[column]), weights.get(name))
    ]
    if not all(map(_is_matrix, blocks)):
        return None
    if composition.sparse_output_:
        return blocks
    return [block.toarray() if sparse.issparse(block) else block for block in blocks]


def _is_named(column: Any, present: set[Any]) -> bool:
    """Tell whether a selection is one name, or several, of columns that are there."""
    if isinstance(column, str):
        return column in present
    return isinstance(column, list) and bool(column) and present.issuperset(column)


def _is_drop(part: Any) -> bool:
    return isinstance(part, str) and part == "drop"


def _is_matrix(block: Any) -> bool:
    if sparse.issparse(block):
        return block.ndim == 2
    return type(block) is np.ndarray and block.ndim == 2 and block.dtype.kind in "fiub"


def _weighed(blocks: list[Any], weight: float | None) -> list[Any]:
    # Joined first: the factor is to meet the type that the whole has.
    return blocks if weight is None else [_join(blocks) * weight]


def _join(blocks: list[Any]) -> Any:
    if len(blocks) == 1:
        return blocks[0]
    if not any(map(sparse.issparse, blocks)):
        return np.concatenate(blocks, axis=1)
    if len({block.shape[0] for block in blocks}) == 1 and blocks[0].shape[0] == 1:
        return _join_row(blocks)
    return sparse.hstack(blocks).tocsr()


def _join_row(blocks: list[Any]) -> Any:
    """Lay blocks of one row side by side, as scipy does."""
    values, places, width = [], [], 0
    for block in blocks:
        if sparse.issparse(block):
            row = block.tocsr()
            row.sum_duplicates()
            values.append(row.data)
            places.append(row.indices + width)
        else:
            filled = np.flatnonzero(block[0])
            values.append(block[0, filled])
            places.append(filled + width)
        width += block.shape[1]
    is_array = any(isinstance(block, sparse.sparray) for block in blocks)
    kind = sparse.csr_array if is_array else sparse.csr_matrix
    # Types join over whole blocks, those without a single value included.
    data = np.concatenate(values, dtype=np.result_type(*(block.dtype for block in blocks)))
    indices = np.concatenate(places).astype(np.int32, copy=False)
    return kind((data, indices, np.array([0, len(data)], np.int32)), shape=(1, width))
