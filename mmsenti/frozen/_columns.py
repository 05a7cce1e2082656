"""What was learnt of single columns, and what mixes them: scalers, imputers, weights, projections.

Each is applied as scikit-learn applies it, in the precision of the features. Folded into the
weights of the model behind it, it would round otherwise, and save a few microseconds of a row.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from mmsenti.frozen._features import Features, SparseBlock, join
from mmsenti.frozen._table import Selection

__all__ = [
    "Chain",
    "Choose",
    "Impute",
    "Project",
    "Ratios",
    "Scale",
    "SideBySide",
    "as_features",
    "parts_with",
    "weigh",
]


def as_features(data: Selection | Features) -> Features:
    """Make the cells of numeric columns features; leave features as they are."""
    return Features([data.numbers()]) if isinstance(data, Selection) else data


class Chain:
    """A pipeline: one transformer after another."""

    def __init__(self, *, steps: list[Any], build: Callable[[Any], Any]) -> None:
        self.steps = list(map(build, steps))

    def transform(self, data: Selection | Features) -> Features:
        """Apply each to what the one before gave."""
        for step in self.steps:
            data = step.transform(data)
        return as_features(data)


class SideBySide:
    """A union: the features of several transformers of the same cells, each with a weight."""

    def __init__(
        self, *, parts: list[Any], weights: list[float | None], build: Callable[[Any], Any]
    ) -> None:
        self.parts = list(map(build, parts))
        self.weights = weights

    def transform(self, data: Selection | Features) -> Features:
        """Compute the features of every part."""
        return join(
            [
                weigh(part.transform(data), weight)
                for part, weight in zip(self.parts, self.weights, strict=True)
            ]
        )


def weigh(features: Features, weight: float | None) -> Features:
    """Multiply a block of features by its weight."""
    if weight is None:
        return features
    return _each(features, lambda values, _: values * weight)


def parts_with(part: Any, attribute: str) -> Iterator[Any]:
    """Yield those with an attribute of what a transformer is or holds."""
    if hasattr(part, attribute):
        yield part
    for inner in (*getattr(part, "steps", ()), *getattr(part, "parts", ())):
        yield from parts_with(inner, attribute)


class Scale:
    """Subtract means and divide by scales, where there are any."""

    def __init__(self, *, mean: np.ndarray | None, scale: np.ndarray | None) -> None:
        self.mean = mean
        self.scale = scale

    def transform(self, data: Selection | Features) -> Features:
        """Scale each column."""
        return _each(as_features(data), self._apply)

    def _apply(self, values: np.ndarray, columns: Any) -> np.ndarray:
        if self.mean is not None:
            values = values - _like(self.mean[columns], values)
        if self.scale is not None:
            values = values / _like(self.scale[columns], values)
        return values


class Impute:
    """Put a learnt value in the place of each missing number."""

    def __init__(self, *, values: np.ndarray, keep: np.ndarray | None = None) -> None:
        self.values = values
        self.keep = keep

    def transform(self, data: Selection | Features) -> Features:
        """Fill what is missing; columns without a learnt value are left out."""
        features = as_features(data)
        if self.keep is not None:
            features = Choose(columns=self.keep).transform(features)
        return Features([self._fill(block, place) for block, place in features.parts()])

    def _fill(self, block: np.ndarray | SparseBlock, place: slice) -> np.ndarray | SparseBlock:
        if isinstance(block, SparseBlock):  # of terms, which are never missing
            return block
        missing = np.isnan(block)
        if not np.count_nonzero(missing):  # which is faster than any() for one row
            return block
        return np.where(missing, self.values[place].astype(block.dtype), block)


class Ratios:
    """NBWeighting: multiply each column by its ratio.

    The columns come once for each row of ratios, which are those of one class against the others.
    """

    def __init__(self, *, ratios: np.ndarray) -> None:
        self.ratios = ratios

    def transform(self, data: Selection | Features) -> Features:
        """Weigh each column."""
        features = as_features(data)
        return join(
            [
                _each(features, lambda values, columns, r=ratio: values * _like(r[columns], values))
                for ratio in self.ratios
            ]
        )


class Choose:
    """Keep some of the columns."""

    def __init__(self, *, columns: np.ndarray) -> None:
        self.columns = columns

    def transform(self, data: Selection | Features) -> Features:
        """Take the columns, in ascending order."""
        features = as_features(data)
        blocks: list[np.ndarray | SparseBlock] = []
        for block, place in features.parts():
            inside = (self.columns >= place.start) & (self.columns < place.stop)
            chosen = self.columns[inside] - place.start
            if isinstance(block, SparseBlock):
                blocks.append(_choose_sparse(block, chosen))
            else:
                blocks.append(block[:, chosen])
        return Features(blocks)


def _choose_sparse(block: SparseBlock, chosen: np.ndarray) -> SparseBlock:
    number = np.full(block.width, -1, dtype=np.intp)
    number[chosen] = np.arange(len(chosen))
    kept = number[block.indices] >= 0
    ends = np.concatenate([[0], np.cumsum(kept)])[block.ends].tolist()
    return SparseBlock(block.data[kept], number[block.indices[kept]], ends, len(chosen))


class Project:
    """Project onto directions: principal components, or singular vectors."""

    def __init__(
        self, *, components: np.ndarray, mean: np.ndarray | None, scale: np.ndarray | None
    ) -> None:
        self.directions = np.ascontiguousarray(components.T)
        self.shift = None if mean is None else mean.reshape(1, -1) @ self.directions
        self.scale = scale

    def transform(self, data: Selection | Features) -> Features:
        """Compute the place along each direction."""
        projected = as_features(data).dot(self.directions)
        if self.shift is not None:
            projected -= self.shift
        if self.scale is not None:
            projected /= self.scale
        return Features([projected])


def _like(numbers: np.ndarray, values: np.ndarray) -> np.ndarray:
    return numbers.astype(values.dtype, copy=False)


def _each(features: Features, function: Callable[..., np.ndarray]) -> Features:
    """Apply a function of (values, columns) to every block; zeros of sparse ones stay zeros."""
    return Features(
        [
            block.with_data(function(block.data, place.start + block.indices))
            if isinstance(block, SparseBlock)
            else function(block, place)
            for block, place in features.parts()
        ]
    )
