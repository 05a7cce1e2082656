"""Texture: local binary patterns."""

from functools import lru_cache
from itertools import pairwise
from numbers import Integral, Real
from typing import NamedTuple

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
        ones = bits[0].copy()
        changes = np.zeros_like(ones)
        for previous, bit in pairwise(bits):
            ones += bit
            changes += bit ^ previous
        # The last point is not compared with the first: the number of changes around the whole
        # circle is even, so it is above two exactly if it is above two here.
        np.maximum(ones, (changes > 2) * np.uint8(self.n_points + 1), out=ones)
        return np.bincount(ones.ravel(), minlength=self.n_points + 2) / gray.size


class _Steps(NamedTuple):
    """Where one coordinate of a point lies: between two pixels, with the weight of the second."""

    first: int
    weight: np.ndarray | None
    offset: float


class _Circle(NamedTuple):
    padding: int
    points: tuple[tuple[_Steps, _Steps], ...]


@lru_cache(maxsize=8)
def _circle(size: int, n_points: int, radius: float) -> _Circle:
    """Place the points as scikit-image does: single-precision radius, five decimals."""
    radius = float(np.float32(radius))
    angle = 2 * np.pi * np.arange(n_points) / n_points
    down = np.round(-radius * np.sin(angle), 5)
    right = np.round(radius * np.cos(angle), 5)
    padding = int(np.ceil(np.abs([down, right]).max()))
    points = tuple(
        (_steps(y, size), _steps(x, size))
        for y, x in zip(down.tolist(), right.tolist(), strict=True)
    )
    return _Circle(padding, points)


def _steps(offset: float, size: int) -> _Steps:
    first = int(np.floor(offset))
    if offset == first:
        return _Steps(first, None, offset)
    # Position first, then its fraction: the last bits of the weight depend on the pixel, and on
    # flat patches they decide.
    position = np.arange(size) + offset
    return _Steps(first, position - np.floor(position), offset)


def _not_darker(gray: np.ndarray, circle: _Circle) -> np.ndarray:
    """Compare each pixel with each point: (n_points, size, size) uint8, 1 where not darker."""
    size, padding = len(gray), circle.padding
    padded = np.zeros((size + 2 * padding, size + 2 * padding), dtype=np.uint8)
    padded[padding : padding + size, padding : padding + size] = gray
    exact = padded.astype(np.float64)
    center = gray.astype(np.float64)
    scratch = np.empty_like(center)
    between: dict[float, np.ndarray] = {}
    bits = np.empty((len(circle.points), size, size), dtype=bool)
    for (down, right), bit in zip(circle.points, bits, strict=True):
        top, left = padding + down.first, padding + right.first
        if down.weight is None and right.weight is None:
            np.greater_equal(padded[top : top + size, left : left + size], gray, out=bit)
            continue
        if right.offset not in between:
            between[right.offset] = _mix(exact.T, left, right.weight, np.empty_like(exact.T[:size]))
        texture = _mix(between[right.offset].T, top, down.weight, scratch)
        np.greater_equal(texture, center, out=bit)
    return bits.view(np.uint8)


def _mix(plane: np.ndarray, start: int, weight: np.ndarray | None, out: np.ndarray) -> np.ndarray:
    """Interpolate between rows: from `start`, one for each of `out`."""
    first = plane[start : start + len(out)]
    if weight is None:
        return first
    weight = weight[:, np.newaxis]
    np.multiply(first, 1 - weight, out=out)
    out += plane[start + 1 : start + 1 + len(out)] * weight
    return out
