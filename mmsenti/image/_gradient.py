"""Gradients: the histogram of oriented gradients."""

from functools import lru_cache
from numbers import Integral

import numpy as np

from mmsenti._descriptor import Descriptor
from mmsenti._params import Interval
from mmsenti.image._names import numbered
from mmsenti.image._picture import Picture

__all__ = ["HOG"]

_LEVELS = 511  # differences of two gray levels: -255 to 255
_ZERO = 255 * _LEVELS + 255  # row-major place of the pair (0, 0) in the tables below
_UNKNOWN = 255  # no orientation bin: there are 180 at most
_EPSILON = 1e-5
_CLIP = 0.2


class HOG(Descriptor):
    """Histogram of oriented gradients.

    Equal to ``skimage.feature.hog(gray, orientations, pixels_per_cell, cells_per_block,
    block_norm="L2-Hys")`` within 1e-6, and over twenty times as fast: a gradient of a gray
    picture is one of 511 x 511 pairs of whole numbers, whose length and direction are looked up.

    Parameters
    ----------
    orientations : int, default=9
        Number of bins over directions of [0, 180) degrees.
    pixels_per_cell : int, in pixels, default=16
        Side of a cell. Pixels beyond the last whole cell are left out.
    cells_per_block : int, default=2
        Side of a block, in cells. Blocks overlap by all but one cell and are normalised each.
    size : int, in pixels, default=128
        Side of the square that gradients are taken from. It alone decides the number of
        features; where a picture's working size is another, its gray plane is resized to this
        one (see `Picture.gray_at`), so set both to the same to lose nothing.

    Notes
    -----
    Features are in [0, 1], 0 for a picture of one colour. ``hog_r3_c5_y0_x1_o4`` is the block
    at row 3 and column 5 of blocks, in it the cell at row 0 and column 1, of that orientation 4,
    which with 9 orientations are the gradients at 80 to 100 degrees: a horizontal edge.

    Raises
    ------
    ValueError
        From `get_names` and `compute`, if no block fits into `size`.

    References
    ----------
    .. [1] N. Dalal and B. Triggs, "Histograms of Oriented Gradients for Human Detection",
       CVPR 2005.

    Examples
    --------
    >>> from mmsenti.image import Picture
    >>> top_dark = np.zeros((32, 32), dtype=np.uint8)
    >>> top_dark[16:] = 200
    >>> hog = HOG(orientations=2, cells_per_block=1, size=32)
    >>> hog.get_names()[:3]
    ['hog_r0_c0_y0_x0_o0', 'hog_r0_c0_y0_x0_o1', 'hog_r0_c1_y0_x0_o0']
    >>> hog.compute(Picture(top_dark, size=32)).round(2).tolist()
    [0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0]
    """

    _parameter_constraints = {
        "orientations": [Interval(Integral, 1, 180, closed="both")],
        "pixels_per_cell": [Interval(Integral, 1, None, closed="left")],
        "cells_per_block": [Interval(Integral, 1, None, closed="left")],
        "size": [Interval(Integral, 1, None, closed="left")],
    }

    def __init__(
        self,
        *,
        orientations: int = 9,
        pixels_per_cell: int = 16,
        cells_per_block: int = 2,
        size: int = 128,
    ) -> None:
        self.orientations = orientations
        self.pixels_per_cell = pixels_per_cell
        self.cells_per_block = cells_per_block
        self.size = size

    def get_names(self) -> list[str]:
        """Name the features: block, cell in the block, orientation.

        Returns
        -------
        list of str
        """
        blocks = numbered(self._blocks_per_side())
        cells = numbered(self.cells_per_block)
        orientations = numbered(self.orientations)
        return [
            f"hog_r{row}_c{column}_y{y}_x{x}_o{o}"
            for row in blocks
            for column in blocks
            for y in cells
            for x in cells
            for o in orientations
        ]

    def compute(self, picture: Picture) -> np.ndarray:
        """Compute the normalised blocks of one picture.

        Parameters
        ----------
        picture : Picture

        Returns
        -------
        ndarray of float64 of shape (n_features,)
        """
        n_blocks = self._blocks_per_side()
        cells = _cell_histograms(
            picture.gray_at(self.size), self.pixels_per_cell, self.orientations
        )
        return _normalised(_blocks(cells, n_blocks, self.cells_per_block))

    def _blocks_per_side(self) -> int:
        n_blocks = self.size // self.pixels_per_cell - self.cells_per_block + 1
        if n_blocks < 1:
            raise ValueError(
                f"HOG: a block of {self.cells_per_block} cells of {self.pixels_per_cell} pixels "
                f"needs a size of at least {self.cells_per_block * self.pixels_per_cell}, "
                f"got size={self.size}."
            )
        return n_blocks


def _cell_histograms(gray: np.ndarray, cell: int, orientations: int) -> np.ndarray:
    """Mean length of the gradients of each cell by orientation: (cells, cells, orientations)."""
    level = gray.astype(np.int32)
    pair = np.full(gray.shape, _ZERO, dtype=np.int32)
    pair[1:-1] += _LEVELS * (level[2:] - level[:-2])
    pair[:, 1:-1] += level[:, 2:] - level[:, :-2]
    n_cells = len(gray) // cell
    used = n_cells * cell
    pairs = pair[:used, :used].ravel().astype(np.intp)
    bins, lengths = _look_up(pairs, orientations)
    sums = np.bincount(
        bins + _cell_starts(n_cells, cell, orientations),
        weights=lengths,
        minlength=n_cells * n_cells * orientations,
    )
    return sums.reshape(n_cells, n_cells, orientations) / (cell * cell)


def _blocks(cells: np.ndarray, n_blocks: int, side: int) -> np.ndarray:
    """Gather overlapping blocks of cells: (n_blocks * n_blocks, side * side * orientations)."""
    blocks = np.empty((n_blocks, n_blocks, side, side, cells.shape[-1]))
    for y in range(side):
        for x in range(side):
            blocks[:, :, y, x] = cells[y : y + n_blocks, x : x + n_blocks]
    return blocks.reshape(n_blocks * n_blocks, -1)


def _normalised(blocks: np.ndarray) -> np.ndarray:
    """Lowe's L2-Hys: to length 1, clipped, to length 1 again."""
    blocks *= _inverse_lengths(blocks)
    blocks.clip(0.0, _CLIP, out=blocks)
    blocks *= _inverse_lengths(blocks)
    return blocks.ravel()


def _inverse_lengths(blocks: np.ndarray) -> np.ndarray:
    return (1 / np.sqrt(np.vecdot(blocks, blocks) + _EPSILON**2))[:, np.newaxis]


def _look_up(pairs: np.ndarray, orientations: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the orientation bin and the length of gradient pairs, row-major over (down, right)."""
    bins_of, lengths_of = _tables(orientations)
    bins = bins_of.take(pairs)
    unknown = bins == _UNKNOWN
    if unknown.any():
        new = np.sort(pairs[unknown])
        new = new[np.append(True, new[1:] != new[:-1])]  # once each: most pictures repeat them
        down, right = (part - 255.0 for part in np.divmod(new, _LEVELS))
        lengths_of[new] = np.hypot(down, right)
        bins_of[new] = _orientation_bins(down, right, orientations)
        bins = bins_of.take(pairs)
    return bins, lengths_of.take(pairs)


@lru_cache(maxsize=8)
def _tables(orientations: int) -> tuple[np.ndarray, np.ndarray]:
    """Orientation bin and length of each pair, filled as pairs are met.

    A first picture has few of all pairs, and should not wait for the others.
    """
    return np.full(_LEVELS**2, _UNKNOWN, dtype=np.uint8), np.zeros(_LEVELS**2)


def _orientation_bins(down: np.ndarray, right: np.ndarray, orientations: int) -> np.ndarray:
    degrees = np.rad2deg(np.arctan2(down, right)) % 180
    # Edges multiplied out, as scikit-image has them: 45 degrees lie exactly on one of 4 bins.
    edges = 180.0 / orientations * np.arange(1, orientations)
    return np.searchsorted(edges, degrees, side="right").astype(np.uint8)


@lru_cache(maxsize=8)
def _cell_starts(n_cells: int, cell: int, orientations: int) -> np.ndarray:
    """Place of the first orientation of each pixel's cell in the flat histogram."""
    number = np.arange(n_cells * cell, dtype=np.intp) // cell
    return ((number[:, np.newaxis] * n_cells + number) * orientations).ravel()
