"""Texture: local binary patterns."""

import math
from collections.abc import Callable
from functools import lru_cache
from numbers import Integral, Real

import numpy as np

from mmsenti._descriptor import Descriptor
from mmsenti._params import Interval
from mmsenti.image._names import numbered
from mmsenti.image._picture import Picture

__all__ = ["LBP"]

_MAX_POINTS = 64


class LBP(Descriptor):
    """Histogram of uniform local binary patterns.

    Each pixel is compared with points on a circle around it. A pattern is uniform when, around
    the circle, it changes at most twice between darker and not darker; it is then counted by its
    number of points that are not darker. Exactly the histogram of
    ``skimage.feature.local_binary_pattern(gray, n_points, radius, method="uniform")``, rounding
    in its interpolation and zeros outside the picture included, at several times the speed.

    Parameters
    ----------
    n_points : int, default=8
        Points on the circle (P), at most 64.
    radius : float, in pixels, default=1
        Radius of the circle (R).

    Notes
    -----
    Features are shares of pixels in [0, 1] that sum to 1: ``lbp_uniform_0`` (all points are
    darker: a bright spot) to ``lbp_uniform_8`` (none is: a flat patch or a dark spot), then
    ``lbp_nonuniform``.

    References
    ----------
    .. [1] T. Ojala, M. Pietikainen and T. Maenpaa, "Multiresolution Gray-Scale and Rotation
       Invariant Texture Classification with Local Binary Patterns", IEEE Transactions on
       Pattern Analysis and Machine Intelligence 24(7), 2002.

    Examples
    --------
    >>> from mmsenti.image import Picture
    >>> black = Picture(np.zeros((8, 8), dtype=np.uint8))
    >>> lbp = LBP()
    >>> dict(zip(lbp.get_names(), lbp.compute(black)))["lbp_uniform_8"].item()
    1.0
    """

    _parameter_constraints = {
        "n_points": [Interval(Integral, 1, _MAX_POINTS, closed="both")],
        "radius": [Interval(Real, 0, None, closed="neither")],
    }

    def __init__(self, *, n_points: int = 8, radius: float = 1) -> None:
        self.n_points = n_points
        self.radius = radius

    def get_names(self) -> list[str]:
        """Name the patterns.

        Returns
        -------
        list of str of length n_points + 2
        """
        uniform = [f"lbp_uniform_{ones}" for ones in numbered(self.n_points + 1)]
        return [*uniform, "lbp_nonuniform"]

    def compute(self, picture: Picture) -> np.ndarray:
        """Compute the histogram of one picture.

        Parameters
        ----------
        picture : Picture

        Returns
        -------
        ndarray of float64 of shape (n_points + 2,)
        """
        gray = picture.gray
        bits = _not_darker(gray, _circle(len(gray), self.n_points, float(self.radius)))
        patterns = np.add.reduce(bits, axis=0, dtype=np.uint8)
        changes = np.add.reduce(bits[1:] ^ bits[:-1], axis=0, dtype=np.uint8)
        # The last point is not compared with the first: the number of changes around the whole
        # circle is even, so it is above two exactly if it is above two here.
        nonuniform = (changes > 2).view(np.uint8)
        nonuniform *= np.uint8(self.n_points + 1)
        np.maximum(patterns, nonuniform, out=patterns)
        inside = patterns.reshape(len(gray), -1)[:, : len(gray)]
        return np.bincount(inside.ravel(), minlength=self.n_points + 2) / gray.size


class _Circle:
    """The points on a circle, and what is between pixels.

    Attributes
    ----------
    padding : int
        Width of the margin of zeros around a plane.
    points : tuple of (float, float)
        Steps down and to the right.
    down, right : dict of float to (ndarray, ndarray)
        For each step of a fraction, the weights of the pixel in front of each pixel and of the one
        behind: pixel by pixel, as numpy takes half as long again to repeat those of a row or of a
        column.
    """

    def __init__(
        self,
        padding: int,
        points: tuple[tuple[float, float], ...],
        down: dict[float, tuple[np.ndarray, np.ndarray]],
        right: dict[float, tuple[np.ndarray, np.ndarray]],
    ) -> None:
        self.padding = padding
        self.points = points
        self.down = down
        self.right = right


@lru_cache(maxsize=4)
def _circle(size: int, n_points: int, radius: float) -> _Circle:
    """Place the points as scikit-image does: single-precision radius, five decimals."""
    radius = float(np.float32(radius))
    angle = 2 * np.pi * np.arange(n_points) / n_points
    down = np.round(-radius * np.sin(angle), 5)
    right = np.round(radius * np.cos(angle), 5)
    padding = int(np.ceil(np.abs([down, right]).max()))
    points = tuple(zip(down.tolist(), right.tolist(), strict=True))
    width = size + 2 * padding
    rows, columns = np.arange(size), np.arange(width)
    return _Circle(
        padding,
        points,
        {y: _weights(rows + y, np.repeat, width) for y, _ in points if not y.is_integer()},
        {x: _weights(columns + x, np.tile, width) for _, x in points if not x.is_integer()},
    )


def _weights(
    position: np.ndarray, spread: Callable[[np.ndarray, int], np.ndarray], width: int
) -> tuple[np.ndarray, np.ndarray]:
    """Weigh the pixels in front of and behind positions, and spread that over a plane."""
    # Position first, then its fraction: the last bits of the weight depend on the pixel, and on
    # flat patches they decide.
    second = position - np.floor(position)
    return spread(1 - second, width), spread(second, width)


def _not_darker(gray: np.ndarray, circle: _Circle) -> np.ndarray:
    """Compare each pixel with each point.

    Rows are those of the padded plane, laid one behind the other, so that a step in any direction
    is one shift and numpy runs through all pixels at once; what is compared across the padding is
    for the caller to leave out.

    Returns
    -------
    ndarray of uint8 of shape (n_points, size * (size + 2 * padding))
        1 where the point is not darker.
    """
    size, padding = len(gray), circle.padding
    width = size + 2 * padding
    n = size * width
    # One pixel more in front and behind, which points beside the padding would read.
    plane = np.zeros(width * width + 2 * width, dtype=np.uint8)
    pixels = plane[: width * width].reshape(width, width)
    pixels[padding : padding + size, padding : padding + size] = gray
    exact = plane.astype(np.float64)
    first = padding * width + padding
    center, exact_center = plane[first : first + n], exact[first : first + n]
    between: dict[float, np.ndarray] = {}
    bits = np.empty((len(circle.points), n), dtype=bool)
    for (down, right), bit in zip(circle.points, bits, strict=True):
        row, column = padding + math.floor(down), padding + math.floor(right)
        start = row * width
        if down.is_integer() and right.is_integer():
            np.greater_equal(plane[start + column :][:n], center, out=bit)
            continue
        if right not in between:
            between[right] = (
                exact[column:]
                if right.is_integer()
                else _mix(exact[column:], 1, circle.right[right])
            )
        texture = between[right][start:]
        if not down.is_integer():
            texture = _mix(texture, width, circle.down[down])
        np.greater_equal(texture[:n], exact_center, out=bit)
    return bits.view(np.uint8)


def _mix(plane: np.ndarray, step: int, weights: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Interpolate between each pixel and the one a step behind."""
    before, behind = weights
    mixed = plane[: len(before)] * before
    mixed += plane[step : step + len(behind)] * behind
    return mixed
