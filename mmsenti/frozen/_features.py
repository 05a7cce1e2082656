"""Features: blocks of columns side by side, dense ones and sparse ones.

Terms are few in each text and many in all, so their block keeps the columns that are not zero.
"""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

__all__ = ["Features", "SparseBlock", "join"]


class SparseBlock:
    """Rows of few numbers that are not zero, as in scipy's CSR format.

    Parameters
    ----------
    data : ndarray of shape (n_values,)
    indices : ndarray of int of shape (n_values,)
        Column of each value.
    ends : list of int of length n_samples + 1
        Row i holds the values from ``ends[i]`` to ``ends[i + 1]``.
    width : int
        Number of columns.
    """

    def __init__(self, data: np.ndarray, indices: np.ndarray, ends: list[int], width: int) -> None:
        self.data = data
        self.indices = indices
        self.ends = ends
        self.width = width

    @property
    def dtype(self) -> np.dtype:
        """Type of the values."""
        return self.data.dtype

    def __len__(self) -> int:
        return len(self.ends) - 1

    def dot(self, weights: np.ndarray) -> np.ndarray:
        """Multiply with a matrix of shape (n_columns, n_outputs)."""
        if len(self) == 1:  # the common case of a service, in a third of the time
            return (self.data @ weights.take(self.indices, axis=0))[np.newaxis]
        out = np.zeros((len(self), weights.shape[1]), np.result_type(self.dtype, weights.dtype))
        for row, (start, stop) in enumerate(pairwise(self.ends)):
            out[row] = self.data[start:stop] @ weights[self.indices[start:stop]]
        return out

    def astype(self, dtype: np.dtype) -> "SparseBlock":
        """Make the values another type."""
        return self.with_data(self.data.astype(dtype))

    def with_data(self, data: np.ndarray) -> "SparseBlock":
        """Put other values in the same places."""
        return SparseBlock(data, self.indices, self.ends, self.width)

    def spread(self, rows: np.ndarray, n_samples: int) -> "SparseBlock":
        """Make these rows some of more rows, the others without values."""
        lengths = np.zeros(n_samples + 1, dtype=np.intp)
        lengths[rows + 1] = np.diff(self.ends)
        ends = np.cumsum(lengths).tolist()
        return SparseBlock(self.data, self.indices, ends, self.width)


class Features:
    """Columns of features, in blocks.

    Parameters
    ----------
    blocks : list of ndarray of shape (n_samples, n_columns) or SparseBlock
    """

    def __init__(self, blocks: list["np.ndarray | SparseBlock"]) -> None:
        self.blocks = blocks

    def __len__(self) -> int:
        return len(self.blocks[0])

    @property
    def is_sparse(self) -> bool:
        """Whether scikit-learn would hold these columns in a sparse matrix."""
        return any(isinstance(block, SparseBlock) for block in self.blocks)

    def parts(self) -> Iterator[tuple["np.ndarray | SparseBlock", slice]]:
        """Yield each block with the place of its columns among all."""
        start = 0
        for block in self.blocks:
            stop = start + (block.width if isinstance(block, SparseBlock) else block.shape[1])
            yield block, slice(start, stop)
            start = stop

    def dot(self, weights: np.ndarray) -> np.ndarray:
        """Multiply with a matrix of shape (n_columns, n_outputs)."""
        products = [
            block.dot(weights[place]) if isinstance(block, SparseBlock) else block @ weights[place]
            for block, place in self.parts()
        ]
        total = products[0]
        for product in products[1:]:
            total = total + product
        return total

    def read_rows(self) -> np.ndarray:
        """Return the rows that hold a number: a cell that could not be read gave none."""
        if self.is_sparse:
            return np.arange(len(self))
        readable = ~np.all([np.isnan(block).all(axis=1) for block in self.blocks], axis=0)
        return np.flatnonzero(readable)

    def take(self, rows: np.ndarray) -> "Features":
        """Return some rows; of features that are not sparse."""
        if len(rows) == len(self):
            return self
        return Features([block[rows] for block in self.blocks])  # type: ignore[index]


def join(parts: list[Features]) -> Features:
    """Put features side by side, in the type that all of them have in common."""
    if len(parts) == 1:
        return parts[0]
    blocks = [block for part in parts for block in part.blocks]
    dtype = np.result_type(*[block.dtype for block in blocks])
    return Features([block if block.dtype == dtype else block.astype(dtype) for block in blocks])
