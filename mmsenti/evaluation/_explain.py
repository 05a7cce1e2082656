"""Explain one prediction: what each modality adds to it, and what is behind that."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import is_classifier

from mmsenti._missing import is_missing
from mmsenti.evaluation._evidence import feature_effects, picture_effects, word_effects
from mmsenti.evaluation._fitted import fitted_fusion, fitted_modalities, kind_of, parts_of
from mmsenti.evaluation._shapley import all_subsets, respond, shapley_values, without
from mmsenti.fusion._table import as_table, named_columns, present_rows, with_columns

__all__ = ["Explanation", "contributions", "explain"]

_N_BACKGROUND = 30
_BAR = 20


@dataclass
class Explanation:
    """Why a model predicts what it predicts of one row.

    Attributes
    ----------
    label : object
        Class that is explained; None of values.
    prediction : object
        Predicted class, or value.
    probabilities : dict of object to float, or None
    base : float
        What the model says of a row without any modality: log-odds of `label`, or a value.
    contributions : dict of str to float
        Of each modality, 0 of those that the row lacks. With `base` they add up to `total`.
    total : float
        Log-odds of `label`, or the predicted value.
    present : dict of str to bool
        Which modalities the row has.
    features : DataFrame
        Columns ``modality``, ``feature``, ``value``, ``average``, ``effect``, the strongest first.
    words : dict of str to list of (str, int, int, float)
        By modality: each word, where it begins and ends, and what `total` loses without it.
    regions : dict of str to ndarray of shape (4, 4)
        By modality: what `total` loses when a region of the picture is painted over.
    cells : dict of str to object
        What the row holds, by modality.
    kinds : dict of str to {"text", "image", "audio", "numbers"}
        By modality.
    """

    label: Any
    prediction: Any
    probabilities: dict[Any, float] | None
    base: float
    contributions: dict[str, float]
    total: float
    present: dict[str, bool]
    features: pd.DataFrame
    words: dict[str, list[tuple[str, int, int, float]]]
    regions: dict[str, np.ndarray]
    cells: dict[str, Any]
    kinds: dict[str, str]

    @property
    def unit(self) -> str:
        """What contributions are measured in."""
        return "value" if self.label is None else f"log-odds of {self.label}"

    def __str__(self) -> str:
        from mmsenti.evaluation._explain_text import format_explanation

        return format_explanation(self)

    def to_html(self) -> str:
        """Write the explanation as one self-contained page.

        Returns
        -------
        str

        Raises
        ------
        ImportError
            Without the extra ``report``.
        """
        from mmsenti.evaluation._explain_page import render_explanation

        return render_explanation(self)

    _repr_html_ = to_html


def explain(model: Any, X: Any, *, row: int = 0, label: Any = None) -> Explanation:
    """Explain what a fitted fusion predicts of one row.

    Each modality's contribution is its exact Shapley value: its part in the prediction, averaged
    over all orders in which the row's modalities could have come in. They add up to the distance
    from what the model says of a row without any modality to what it says of this one.

    Parameters
    ----------
    model : fitted fusion, or search that has found one
        Of any strategy.
    X : DataFrame, dict or list of dict of shape (n_samples, n_columns)
        One row, or a table; other rows of it serve as background for the features of models that
        are not linear.
    row : int, default=0
        Which row of `X`.
    label : object, default=None
        Class to explain; None is the predicted one.

    Returns
    -------
    Explanation
        In log-odds of the class, or in the unit of the values. ``print`` it, show it in a
        notebook, or take its numbers.

    Raises
    ------
    TypeError
        Of a model that is no fusion.
    ValueError
        Of a row or class that there is not.

    References
    ----------
    .. [1] L. S. Shapley, "A Value for n-Person Games", Contributions to the Theory of Games II,
       1953.

    Examples
    --------
    >>> from mmsenti.fusion import FusionClassifier
    >>> X = pd.DataFrame({"text": ["good day", "bad day", "so good", "so bad"] * 3})
    >>> model = FusionClassifier().fit(X, ["pos", "neg"] * 6)
    >>> why = explain(model, {"text": "good"})
    >>> bool(np.isclose(why.base + why.contributions["text"], why.total))
    True
    """
    fusion = fitted_fusion(model)
    X = as_table(X)
    if not hasattr(X, "columns"):
        raise TypeError("X must have named columns: a DataFrame, a dict or a list of dicts.")
    columns = fitted_modalities(fusion)
    X = X if isinstance(X, pd.DataFrame) else X.to_pandas()
    X = with_columns(X, [name for column in columns.values() for name in named_columns(column)])
    if not -len(X) <= row < len(X):
        raise ValueError(f"row {row} is not in a table of {len(X)} rows.")
    one = X.iloc[[row]].reset_index(drop=True)
    prediction = fusion.predict(one)[0]
    output, label = _output(fusion, prediction, label)
    shares, base, total = contributions(fusion, one)
    probabilities = None
    if hasattr(fusion, "predict_proba"):
        numbers = fusion.predict_proba(one)[0].tolist()
        probabilities = dict(zip(fusion.classes_.tolist(), numbers, strict=True))
    present = {name: bool(present_rows(one, column)[0]) for name, column in columns.items()}
    words, regions = _inside(fusion, one, columns, present, output)
    rng = np.random.default_rng(0)
    background = X.iloc[rng.permutation(len(X))[:_N_BACKGROUND]] if len(X) > 1 else X.iloc[:0]
    return Explanation(
        label=label,
        prediction=prediction,
        probabilities=probabilities,
        base=float(base[0, output]),
        contributions={name: float(shares[i, 0, output]) for i, name in enumerate(columns)},
        total=float(total[0, output]),
        present=present,
        features=feature_effects(parts_of(fusion), one, background, output),
        words=words,
        regions=regions,
        cells={name: _cell(one, column) for name, column in columns.items()},
        kinds=dict.fromkeys(columns, "numbers")
        | {part.name: kind_of(part.transformer) for part in parts_of(fusion)},
    )


def contributions(model: Any, X: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Compute the Shapley value of each modality of each row.

    Parameters
    ----------
    model : fitted fusion
    X : DataFrame of shape (n_samples, n_columns)

    Returns
    -------
    values : ndarray of shape (n_modalities, n_samples, n_outputs)
    base, total : ndarray of shape (n_samples, n_outputs)
        What the model says without any modality, and of the row as it is.
    """
    columns = fitted_modalities(model)
    worth = {}
    for subset in all_subsets(list(columns)):
        absent = [column for name, column in columns.items() if name not in subset]
        worth[subset] = respond(model, without(X, absent))
    return shapley_values(worth, list(columns)), worth[()], worth[tuple(columns)]


def _output(fusion: Any, prediction: Any, label: Any) -> tuple[int, Any]:
    if not is_classifier(fusion):
        if label is not None:
            raise ValueError("a model of values has no classes; leave label out.")
        return 0, None
    label = prediction if label is None else label
    places = np.flatnonzero(fusion.classes_ == label)
    if not places.size:
        raise ValueError(f"label must be one of {fusion.classes_.tolist()}; got {label!r}.")
    return int(places[0]), fusion.classes_[places[0]]


def _inside(
    fusion: Any,
    one: pd.DataFrame,
    columns: Mapping[str, Any],
    present: Mapping[str, bool],
    output: int,
) -> tuple[dict[str, Any], dict[str, Any]]:
    words: dict[str, Any] = {}
    regions: dict[str, Any] = {}
    for part in parts_of(fusion):
        column = columns[part.name]
        if not present[part.name] or not isinstance(column, str):
            continue
        kind = kind_of(part.transformer)
        if kind == "text":
            text = str(one[column].iloc[0])
            (effects,) = word_effects(fusion, one, column, np.array([output]))
            words[part.name] = [(text[a:b], a, b, effect) for a, b, effect in effects]
        elif kind == "image":
            regions[part.name] = picture_effects(fusion, one, column, part.transformer, output)
    return words, regions


def _cell(one: pd.DataFrame, column: Any) -> Any:
    if not isinstance(column, str):
        return one[column].iloc[0].to_dict()
    cell = one[column].iloc[0]
    return None if is_missing(cell) else cell
