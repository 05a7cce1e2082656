"""What is behind a modality's say: its features, the words of its text, the regions of its picture.

Features of linear models are told exactly, by their coefficients; those of any other model by
putting other rows' values in their place (permutation). Words and regions are left out one by one,
and the whole model is asked again, whatever it is made of.
"""

import re
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from mmsenti._missing import is_missing
from mmsenti._nested import nested_extractors
from mmsenti.evaluation._fitted import Part
from mmsenti.evaluation._shapley import respond

__all__ = ["feature_effects", "picture_effects", "split_words", "word_effects"]

_MOST_FEATURES = 300  # of a model that is not linear, the most unusual ones
# A run of letters between spaces; of scripts that are written without spaces, a single letter.
_UNSPACED = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_WORD = re.compile(f"[{_UNSPACED}]|[^\\s{_UNSPACED}]+")


def split_words(text: str) -> list[tuple[int, int]]:
    """Find the words of a text as they are written, with what is attached to them.

    Parameters
    ----------
    text : str

    Returns
    -------
    list of (int, int)
        Where each begins and ends. Of Chinese, Japanese and Thai each letter is one.

    Examples
    --------
    >>> [("so good, \u5f88\u597d"[a:b]) for a, b in split_words("so good, \u5f88\u597d")]
    ['so', 'good,', '很', '好']
    """
    return [found.span() for found in _WORD.finditer(text)]


def word_effects(
    model: Any, rows: pd.DataFrame, column: str, outputs: np.ndarray, most: int = 100
) -> list[list[tuple[int, int, float]]]:
    """Measure what predictions lose when a word is left out.

    Parameters
    ----------
    model : fitted fusion
    rows : DataFrame of shape (n_samples, n_columns)
    column : str
        Of the texts.
    outputs : ndarray of int of shape (n_samples,)
        Class (or 0 of values) that the effects are on.
    most : int, default=100
        Words of a text that are looked at, from its beginning.

    Returns
    -------
    list of list of (int, int, float)
        Of each row: where each word begins and ends, and its effect, in log-odds or values. A row
        without a text has none.
    """
    texts, owners, words = [], [], []
    for row, cell in enumerate(rows[column]):
        words.append([] if is_missing(cell) else split_words(str(cell))[:most])
        if words[-1]:
            texts += [str(cell), *(cell[:a] + cell[b:] for a, b in words[-1])]
            owners += [row] * (1 + len(words[-1]))
    if not texts:
        return [[] for _ in words]
    table = rows.iloc[owners].reset_index(drop=True).assign(**{column: _objects(texts)})
    said = respond(model, table)[np.arange(len(texts)), outputs[owners]]
    effects, place = [], 0
    for spans in words:
        whole, parts = said[place : place + 1], said[place + 1 : place + 1 + len(spans)]
        effects.append(
            [(a, b, float(whole[0] - s)) for (a, b), s in zip(spans, parts, strict=True)]
        )
        place += 1 + len(spans) if spans else 0
    return effects


def picture_effects(
    model: Any, row: pd.DataFrame, column: str, transformer: Any, output: int, n_regions: int = 4
) -> np.ndarray:
    """Measure what a prediction loses when a region of a picture is painted over.

    Parameters
    ----------
    model : fitted fusion
    row : DataFrame of shape (1, n_columns)
    column : str
        Of the picture.
    transformer : fitted transformer
        Of the modality.
    output : int
        Class (or 0 of values) that the effect is on.
    n_regions : int, default=4
        Along each side.

    Returns
    -------
    ndarray of shape (n_regions, n_regions)
        In log-odds or values; a region is painted with the mean colour of the picture.
    """
    from mmsenti.image._picture import Picture

    extractor = next(nested_extractors(transformer))
    settings = {"size": extractor.size, "max_pixels": extractor.max_pixels}
    picture = Picture(row[column].iloc[0], draft=extractor.draft, **settings).rgb
    edges = np.linspace(0, len(picture), n_regions + 1).astype(int)
    painted = [picture]
    for top, bottom in pairwise(edges):
        for left, right in pairwise(edges):
            copy = picture.copy()
            copy[top:bottom, left:right] = picture.mean(axis=(0, 1)).round()
            painted.append(copy)
    table = row.iloc[np.zeros(len(painted), dtype=int)].reset_index(drop=True)
    said = respond(model, table.assign(**{column: _objects(painted)}))[:, output]
    return (said[0] - said[1:]).reshape(n_regions, n_regions)


def _objects(cells: list[Any]) -> pd.Series:
    objects = np.empty(len(cells), dtype=object)
    for i, cell in enumerate(cells):  # an array is one cell
        objects[i] = cell
    return pd.Series(objects, dtype=object)


def feature_effects(
    parts: list[Part], row: pd.DataFrame, background: pd.DataFrame, output: int
) -> pd.DataFrame:
    """Measure what each feature of a row adds to what its model says.

    Parameters
    ----------
    parts : list of Part
        Of one fitted fusion.
    row : DataFrame of shape (1, n_columns)
    background : DataFrame of shape (n_rows, n_columns)
        Other rows, for models that are not linear; where it is empty, or lacks the modality, the
        training means stand for them.
    output : int
        Class (or 0 of values) that the effect is on.

    Returns
    -------
    DataFrame
        Columns ``modality``, ``feature``, ``value``, ``average`` (of the training rows) and
        ``effect``, the strongest first. Of a linear model the effect is its coefficient times the
        distance of value and average: of a class, the coefficient of its log-odds against the
        (average) other class. Of any other it is what the log-odds or value lose, on average,
        when the feature takes the values of the background's rows. Features of a sparse
        modality that a row does not have (words that it does not say) are left out, and so are
        modalities that it lacks.
    """
    inputs = _inputs(parts, row)
    found = []
    for part in parts:
        values = part.compute(row)
        if not sparse.issparse(values) and np.isnan(values).all():
            continue
        values = _dense(values)[0]
        chosen = np.flatnonzero(values) if _is_wordy(part) else np.arange(len(values))
        values = np.where(np.isnan(values), part.means, values)
        if part.coefficients is not None:
            effects = _margin(part.coefficients, output)[chosen] * (values - part.means)[chosen]
        else:
            unusual = np.argsort(-np.abs(values - part.means)[chosen], kind="stable")
            chosen = np.sort(chosen[unusual[:_MOST_FEATURES]])
            effects = _permuted(part, inputs, chosen, background, output)
        found.append(
            pd.DataFrame(
                {
                    "modality": part.name,
                    "feature": np.array(part.names, dtype=object)[chosen],
                    "value": values[chosen],
                    "average": part.means[chosen],
                    "effect": effects,
                }
            )
        )
    columns = ["modality", "feature", "value", "average", "effect"]
    table = pd.concat(found) if found else pd.DataFrame(columns=columns)
    return table.sort_values("effect", key=np.abs, ascending=False, ignore_index=True)


def _is_wordy(part: Part) -> bool:
    """Tell whether most features of a modality are words that a row says or does not say."""
    return len(part.means) > 2000


def _dense(features: Any) -> np.ndarray:
    return features.toarray() if sparse.issparse(features) else np.asarray(features)


def _margin(coefficients: np.ndarray, output: int) -> np.ndarray:
    """Return the coefficients of one output against the mean of the others."""
    if len(coefficients) < 3:  # values, or the log-odds of one class of two
        return coefficients[output]
    return coefficients[output] - np.delete(coefficients, output, axis=0).mean(axis=0)


def _inputs(parts: list[Part], rows: pd.DataFrame) -> dict[int, Any]:
    """Compute the whole input of each model: other modalities' features stand beside."""
    inputs: dict[int, Any] = {}
    for part in parts:
        if id(part.model) not in inputs:
            inputs[id(part.model)] = np.zeros((len(rows), part.n_inputs))
        features = _dense(part.compute(rows))
        inputs[id(part.model)][:, part.place] = np.where(np.isnan(features), part.means, features)
    return inputs


def _permuted(
    part: Part, inputs: dict[int, Any], chosen: np.ndarray, background: Any, output: int
) -> np.ndarray:
    others = part.means[np.newaxis]
    if len(background):
        features = _dense(part.compute(background))
        known = features[~np.isnan(features).any(axis=1)]
        others = known if len(known) else others
    full = inputs[id(part.model)]
    base = part.respond(full)[0, output]
    first = part.place.start or 0
    effects = []
    for feature in chosen:
        changed = np.repeat(full, len(others), axis=0)
        changed[:, first + feature] = others[:, feature]
        effects.append(base - part.respond(changed)[:, output].mean())
    return np.array(effects)
