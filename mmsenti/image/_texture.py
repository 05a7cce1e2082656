"""Texture: local binary patterns."""

import math
from functools import lru_cache
from numbers import Integral, Real

import numpy as np

from mmsenti._descriptor import Descriptor
from mmsenti._params import Interval
from mmsenti.image._names import numbered
from mmsenti.image._picture import Picture

__all__ = ["LBP"]

_MAX_POINTS = 64

_Weights = tuple[np.ndarray, np.ndarray]
_Column = tuple[float, _Weights | None, list[tuple[int, float, _Weights | None]]]


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
    n_points : int
    columns : list of (float, weights or None, list of (int, float, weights or None))
        The points of each step to the right, with the number of each point and its step down.
        Steps of whole pixels have no weights. Others have two arrays, for the pixel in front and
        the one behind; those of steps down pixel by pixel, as numpy takes half as long again to
        repeat what each row has.
    """

    def __init__(self, padding: int, n_points: int, columns: list[_Column]) -> None:
        self.padding = padding
        self.n_points = n_points
        self.columns = columns


@lru_cache(maxsize=4)
def _circle(size: int, n_points: int, radius: float) -> _Circle:
    """Place the points as scikit-image does: single-precision radius, five decimals."""
    radius = float(np.float32(radius))
    angle = 2 * np.pi * np.arange(n_points) / n_points
    down = np.round(-radius * np.sin(angle), 5)
    right = np.round(radius * np.cos(angle), 5)
    padding = int(np.ceil(np.abs([down, right]).max()))
    width = size + 2 * padding
    rows = {y: _weights(np.arange(size) + y, width) for y in set(down.tolist())}
    # Several rows together, as numpy copies what it repeats where that is short.
    together = width // 4 if width % 4 == 0 else width
    columns: list[_Column] = []
    for x in sorted(set(right.tolist())):
        weights = _weights(np.arange(width) + x, 1)
        tiled = weights and (np.tile(weights[0], together), np.tile(weights[1], together))
        points = [(i, y, rows[y]) for i, y in enumerate(down.tolist()) if right[i] == x]
        columns.append((x, tiled, points))
    return _Circle(padding, n_points, columns)


def _weights(position: np.ndarray, times: int) -> _Weights | None:
    """Weigh the pixels in front of and behind positions, and repeat each; None for whole ones."""
    # Position first, then its fraction: the last bits of the weight depend on the pixel, and on
    # flat patches they decide.
    second = position - np.floor(position)
    return (np.repeat(1 - second, times), np.repeat(second, times)) if second.any() else None


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
    bits = np.empty((circle.n_points, n), dtype=bool)
    for right, weights, points in circle.columns:
        column = padding + math.floor(right)
        across = exact[column:]
        if weights:
            across = _mix(across, 1, weights, width * width)
        for i, down, row_weights in points:
            start = (padding + math.floor(down)) * width
            if not (weights or row_weights):
                np.greater_equal(plane[start + column :][:n], center, out=bits[i])
                continue
            texture = across[start:]
            if row_weights:
                texture = _mix(texture, width, row_weights, n)
            np.greater_equal(texture[:n], exact_center, out=bits[i])
    return bits.view(np.uint8)


def _mix(plane: np.ndarray, step: int, weights: _Weights, n: int) -> np.ndarray:
    """Interpolate between each of `n` pixels and the one a step behind."""
    front, behind = plane[:n], plane[step : step + n]
    if len(weights[0]) < n:
        front, behind = (part.reshape(-1, len(weights[0])) for part in (front, behind))
    mixed = front * weights[0]
    mixed += behind * weights[1]
    return mixed.ravel()
