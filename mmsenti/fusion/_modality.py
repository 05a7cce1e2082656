"""Modalities: triples of a name, a transformer and a column, as in ColumnTransformer."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.pipeline import FeatureUnion, Pipeline

from mmsenti.fusion._scale import BlockScaler
from mmsenti.fusion._table import column_names

__all__ = ["Modality", "check_modalities", "default_modalities", "name_weights"]

Modality = tuple[str, Any, Any]


def _text_pipeline(**extractor: Any) -> FeatureUnion:
    from mmsenti.text import TextFeatures, TextTfidf

    # Rare n-grams are dropped by their share, so that a handful of rows keeps all of its words.
    same = {"preprocessor": ("links", "mentions", "numbers", "hashtags"), "sublinear_tf": True}
    word = TextTfidf(tokenizer="tweet", ngram_range=(1, 2), min_df=0.0005, **same)
    char = TextTfidf(analyzer="char_wb", ngram_range=(3, 5), min_df=0.001, **same)
    scores = Pipeline([("extract", TextFeatures(**extractor)), ("scale", BlockScaler())])
    return FeatureUnion([("word", word), ("char", char), ("scores", scores)])


def _image_pipeline(**extractor: Any) -> Pipeline:
    from mmsenti.image import ImageFeatures

    # A picture has many columns and says less in each than words do.
    scale = BlockScaler(weight=0.7)
    return Pipeline([("extract", ImageFeatures(**extractor)), ("scale", scale)])


def _audio_pipeline(**extractor: Any) -> Pipeline:
    from mmsenti.audio import AudioFeatures

    # A voice bears more weight than words and pictures do: there are few columns, and all tell.
    scale = BlockScaler(weight=2.0)
    return Pipeline([("extract", AudioFeatures(**extractor)), ("scale", scale)])


_STANDARD = {"text": _text_pipeline, "image": _image_pipeline, "audio": _audio_pipeline}


def default_modalities(
    X_or_columns: Any,
    *,
    on_error: str = "raise",
    n_jobs: int | None = None,
    store: Any = None,
    verbose: int = 0,
) -> list[Modality]:
    """Choose a good pipeline for each of the columns text, image and audio that a table has.

    Parameters
    ----------
    X_or_columns : DataFrame, or sequence of str, or mapping of str to str
        A table; or the names of its columns; or, where the columns have names of their own, a
        mapping of modality to column, as in ``{"text": "tweet"}``.
    on_error : {"raise", "missing"}, default="raise"
        Passed to the extractors: whether an unreadable cell is an error or a missing one.
    n_jobs : int, default=None
        Passed to the extractors.
    store : str, path-like or FeatureStore, default=None
        Passed to the extractors: where features are kept for other processes and later runs.
    verbose : int, default=0
        Passed to the extractors: 1 shows progress.

    Returns
    -------
    list of (str, transformer, str)
        Modalities, in the order text, image, audio. Nested parameters are those of
        scikit-learn, as in ``image__extract__hog__orientations``.

    Raises
    ------
    ValueError
        If there is none of the three.

    Examples
    --------
    >>> [(name, column) for name, _, column in default_modalities(["id", "image", "text"])]
    [('text', 'text'), ('image', 'image')]
    """
    if isinstance(X_or_columns, Mapping):
        if not X_or_columns or not set(X_or_columns) <= set(_STANDARD):
            raise ValueError(
                f"default_modalities knows {', '.join(_STANDARD)}; got {list(X_or_columns)}. "
                "Write other modalities as (name, transformer, column)."
            )
        columns = X_or_columns
    else:
        names = column_names(X_or_columns)
        names = names if names is not None else _as_names(X_or_columns)
        columns = {name: name for name in _STANDARD if name in names}
        if not columns:
            raise ValueError(
                f"no column is named text, image or audio; the columns are {names}. Rename them, "
                'map them as in default_modalities({"text": "tweet"}), or pass modalities=[(name, '
                "transformer, column), ...]."
            )
    extractor = {"on_error": on_error, "n_jobs": n_jobs, "store": store, "verbose": verbose}
    return [
        (name, make(**extractor), columns[name])
        for name, make in _STANDARD.items()
        if name in columns
    ]


def _as_names(X: Any) -> list[str]:
    if isinstance(X, Sequence) and all(isinstance(name, str) for name in X):
        return [X] if isinstance(X, str) else list(X)
    raise ValueError(
        f"a {type(X).__name__} has no named columns to find text, image and audio by. Pass a "
        "DataFrame, or modalities=[(name, transformer, column), ...]."
    )


def check_modalities(modalities: Any, owner: str) -> list[Modality]:
    """Make sure that modalities are named triples, and return those that are not dropped.

    Parameters
    ----------
    modalities : list of (str, transformer, column)
    owner : str
        Name that an error begins with.

    Returns
    -------
    list of (str, transformer, column)

    Raises
    ------
    TypeError, ValueError
    """
    if not isinstance(modalities, list | tuple) or not modalities:
        raise TypeError(
            f"{owner}: modalities must be a list of (name, transformer, column), "
            f"got {modalities!r}."
        )
    for item in modalities:
        if not (isinstance(item, tuple) and len(item) == 3 and isinstance(item[0], str)):
            raise TypeError(
                f"{owner}: a modality is (name, transformer, column), as in ColumnTransformer; "
                f"got {item!r}."
            )
        if not _is_transformer(item[1]):
            raise TypeError(
                f"{owner}: the transformer of modality {item[0]!r} must be an instance with fit "
                f"and transform, 'passthrough' or 'drop'; got {item[1]!r}."
            )
    names = [name for name, _, _ in modalities]
    if len(set(names)) != len(names):
        raise ValueError(f"{owner}: names of modalities must be unique, got {names}.")
    kept = [m for m in modalities if not (isinstance(m[1], str) and m[1] == "drop")]
    if not kept:
        raise ValueError(f"{owner}: every modality is dropped; keep at least one.")
    return kept


def _is_transformer(transformer: Any) -> bool:
    if isinstance(transformer, str):
        return transformer in ("drop", "passthrough")
    return not isinstance(transformer, type) and hasattr(transformer, "transform")


def name_weights(owner: str, weights: Any, every: Sequence[str], kept: Sequence[str]) -> dict:
    """Find the weight of each modality that is kept.

    Parameters
    ----------
    owner : str
        Name that an error begins with.
    weights : array-like of shape (n_modalities,), or mapping of str to float
        A list weighs all modalities, a mapping may leave out those that are not kept.
    every : sequence of str
        Names of all modalities.
    kept : sequence of str
        Names of those that are not dropped.

    Returns
    -------
    dict of str to float

    Raises
    ------
    ValueError
        For a name too many or too few, and for weights that are negative, not finite or all zero.
    """
    if not isinstance(weights, Mapping):
        if len(weights) != len(every):
            raise ValueError(
                f"{owner}: weights must be one number for each of {', '.join(every)}; "
                f"got {weights!r}."
            )
        weights = dict(zip(every, weights, strict=True))
    if not set(kept) <= set(weights) <= set(every):
        raise ValueError(
            f"{owner}: weights must name each modality once; expected {list(every)}, got "
            f"{list(weights)}."
        )
    numbers = np.array([weights[name] for name in kept], dtype=float)
    if not ((numbers >= 0) & np.isfinite(numbers)).all() or not numbers.any():
        raise ValueError(
            f"{owner}: weights must be finite, none negative and not all zero; got {weights!r}."
        )
    return dict(zip(kept, numbers.tolist(), strict=True))
