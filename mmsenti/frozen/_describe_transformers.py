"""Describe fitted transformers: extractors, tf-idf, and what stands behind them."""

import os
from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.feature_selection import SelectorMixin
from sklearn.impute import SimpleImputer
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from mmsenti._base import Extractor
from mmsenti.audio import AudioFeatures
from mmsenti.frozen._extractor import digest_names
from mmsenti.frozen._file import pack_strings
from mmsenti.frozen._lexicon import pack_lexicon
from mmsenti.frozen._probe import PROBE_TEXT, probe_descriptors
from mmsenti.frozen._refusal import refusal
from mmsenti.fusion._impute import MeanImputer
from mmsenti.fusion._scale import BlockScaler
from mmsenti.image import ImageFeatures
from mmsenti.text import TextFeatures, TextTfidf
from mmsenti.text._terms import Terms
from mmsenti.text._valences import vader_emoji, vader_valences

__all__ = ["describe_transformer"]

_CAN = (
    "What can: TextFeatures, ImageFeatures, AudioFeatures, TextTfidf, NBWeighting, StandardScaler, "
    "the scaler of default_modalities, SimpleImputer, PCA, TruncatedSVD, scikit-learn's feature "
    "selection, and Pipeline and FeatureUnion of these."
)
_MODALITIES = {TextFeatures: "text", ImageFeatures: "image", AudioFeatures: "audio"}
_IDENTITY = {"kind": "chain", "steps": []}


def describe_transformer(transformer: Any, place: str) -> dict[str, Any]:
    """Describe a fitted transformer.

    Parameters
    ----------
    transformer : transformer
    place : str
        Where it is, for an error.

    Returns
    -------
    dict

    Raises
    ------
    TypeError
        If it cannot be frozen.
    """
    kind = type(transformer)
    if kind in _KINDS:
        return _KINDS[kind](transformer, place)
    if (kind.__module__, kind.__name__) == ("mmsenti.text._nb", "NBWeighting"):
        return {"kind": "ratios", "ratios": transformer.log_ratio_}
    # Which columns were chosen is all that there is to a selection of features.
    if isinstance(transformer, SelectorMixin) and kind.__module__.startswith("sklearn."):
        return {"kind": "choose", "columns": transformer.get_support(indices=True)}
    raise refusal(place, transformer, _CAN)


def _describe_pipeline(pipeline: Pipeline, place: str) -> dict[str, Any]:
    steps = [
        describe_transformer(step, f"{place}, step {name!r}")
        for name, step in pipeline.steps
        if not (step is None or isinstance(step, str))  # "passthrough"
    ]
    return {"kind": "chain", "steps": steps}


def _describe_union(union: FeatureUnion, place: str) -> dict[str, Any]:
    parts, weights = [], []
    for name, part in union.transformer_list:
        if isinstance(part, str) and part == "drop":
            continue
        passed = isinstance(part, str)
        where = f"{place}, part {name!r}"
        parts.append(_IDENTITY if passed else describe_transformer(part, where))
        weights.append((union.transformer_weights or {}).get(name))
    return {"kind": "side by side", "parts": parts, "weights": weights}


def _describe_function(transformer: FunctionTransformer, place: str) -> dict[str, Any]:
    if transformer.func is not None:
        raise refusal(place, "is a FunctionTransformer of a function", _CAN)
    return _IDENTITY


def _describe_extractor(extractor: Extractor, place: str) -> dict[str, Any]:
    modality = _MODALITIES[type(extractor)]
    params = extractor.get_params(deep=False)
    on_error = params.pop("on_error")
    for name in ("descriptors", "n_jobs", "store", "verbose"):
        del params[name]
    active = extractor._active()
    names = [descriptor.get_names() for _, descriptor in active]
    return {
        "kind": "extractor",
        "owner": type(extractor).__name__,
        "modality": modality,
        "on_error": None if extractor._cells_are_text else on_error,
        "sample": params,
        "descriptors": [
            [name, *_describe_descriptor(descriptor, modality, f"{place}, descriptor {name!r}")]
            for name, descriptor in active
        ],
        "widths": list(map(len, names)),
        "names_digest": digest_names(names),
        "probe": probe_descriptors(modality, params, active),
        # With the word lists, the file needs no package vaderSentiment where it predicts.
        "vader": _describe_vader() if modality == "text" else None,
    }


def _describe_vader() -> dict[str, Any]:
    emoji = vader_emoji()
    return {
        "valences": pack_lexicon(vader_valences()),
        "emoji": pack_strings(list(emoji)),
        "names": pack_strings(list(emoji.values())),
    }


def _describe_descriptor(descriptor: Any, modality: str, place: str) -> tuple[str, dict[str, Any]]:
    kind = type(descriptor)
    if not kind.__module__.startswith(f"mmsenti.{modality}."):
        raise refusal(place, descriptor, f"The descriptors of mmsenti.{modality} can.")
    params = {name: _param(value, place) for name, value in descriptor.get_params().items()}
    if "lexicon" in params and params["lexicon"] is not None:
        # The words themselves: their file may be elsewhere, and changed, tomorrow.
        words = descriptor.fingerprint_parts()
        valences = np.array(list(words.values()))
        params["lexicon"] = {"words": pack_strings(list(words)), "valences": valences}
    return kind.__name__, params


def _param(value: Any, place: str) -> Any:
    if isinstance(value, list | tuple):
        return [_param(item, place) for item in value]
    if value is None or isinstance(
        value, bool | int | float | str | np.generic | dict | os.PathLike
    ):
        return value
    raise refusal(place, f"has the parameter {value!r}", "Numbers, words and lists of them can.")


def _describe_tfidf(tfidf: TextTfidf, place: str) -> dict[str, Any]:
    rules = tfidf.term_rules()
    if rules is None:
        raise refusal(
            place,
            "is a TextTfidf that cuts text by a function of yours or by nltk",
            'What can: every analyzer, token_pattern, stop_words, and tokenizer="tweet".',
        )
    if rules["stop_words"] is not None:
        rules["stop_words"] = sorted(rules["stop_words"])
    terms = sorted(tfidf.vocabulary_, key=tfidf.vocabulary_.__getitem__)
    return {
        "kind": "tfidf",
        "owner": type(tfidf).__name__,
        "max_characters": tfidf.max_characters,
        "rules": rules,
        "probe": pack_strings(Terms(**rules)(PROBE_TEXT)),
        "vocabulary": pack_strings(terms),
        "idf": tfidf.idf_ if tfidf.use_idf else None,
        "binary": bool(tfidf.binary),
        "sublinear_tf": bool(tfidf.sublinear_tf),
        "norm": tfidf.norm,
        "dtype": np.dtype(tfidf.dtype).name,
    }


def _describe_scaler(scaler: StandardScaler, place: str) -> dict[str, Any]:
    return {
        "kind": "scale",
        "mean": scaler.mean_ if scaler.with_mean else None,
        "scale": scaler.scale_ if scaler.with_std else None,
    }


def _describe_imputer(imputer: SimpleImputer, place: str) -> dict[str, Any]:
    nan = isinstance(imputer.missing_values, float) and np.isnan(imputer.missing_values)
    if not nan or imputer.add_indicator:
        raise refusal(
            place,
            "is a SimpleImputer with missing_values or add_indicator",
            "One that fills NaN, and adds no columns, can.",
        )
    values = np.asarray(imputer.statistics_, dtype=np.float64)
    kept = None
    if not imputer.keep_empty_features and np.isnan(values).any():
        kept = np.flatnonzero(~np.isnan(values))
        values = values[kept]
    return {"kind": "impute", "values": values, "keep": kept}


def _describe_pca(pca: PCA, place: str) -> dict[str, Any]:
    scale = None
    if pca.whiten:
        scale = np.sqrt(pca.explained_variance_)
        scale = np.maximum(scale, np.finfo(scale.dtype).eps)
    return {"kind": "project", "components": pca.components_, "mean": pca.mean_, "scale": scale}


def _describe_svd(svd: TruncatedSVD, place: str) -> dict[str, Any]:
    return {"kind": "project", "components": svd.components_, "mean": None, "scale": None}


_KINDS: dict[type, Callable[[Any, str], dict[str, Any]]] = {
    **dict.fromkeys(_MODALITIES, _describe_extractor),
    BlockScaler: _describe_scaler,
    FeatureUnion: _describe_union,
    FunctionTransformer: _describe_function,
    MeanImputer: _describe_imputer,
    PCA: _describe_pca,
    Pipeline: _describe_pipeline,
    SimpleImputer: _describe_imputer,
    StandardScaler: _describe_scaler,
    TextTfidf: _describe_tfidf,
    TruncatedSVD: _describe_svd,
}
