"""Colour: how much of which colour there is, and how it is spread."""

from collections.abc import Iterable
from numbers import Integral

import numpy as np

from mmsenti._descriptor import Descriptor
from mmsenti._params import Interval
from mmsenti.image._names import numbered
from mmsenti.image._picture import Picture

__all__ = ["ColorHistogram", "ColorMoments"]

_MAX_BINS = 256
# Hue, saturation and value of 8-bit colours are fractions of whole numbers up to 6 * 255: off an
# edge they are at least 1 / 1530 away from it, so this step mends rounding and moves nothing else.
_EDGE = np.float32(1e-4)


class ColorHistogram(Descriptor):
    """Share of pixels by hue, saturation and value.

    Bins are of equal width over [0, 1]; a colour on an edge belongs to the upper bin, the value 1
    to the last. Grays have hue 0 and saturation 0, and so lie in the first bins of both.

    Parameters
    ----------
    hue_bins, saturation_bins, value_bins : int, default=8, 3, 3
        Number of bins, at most 256 each.
    joint : bool, default=True
        One histogram over all triples of bins, or three separate ones, one after the other.

    Notes
    -----
    Features are shares of pixels in [0, 1]; each histogram sums to 1. They are named
    ``color_histogram_h0_s2_v1`` (hue bin 0, saturation bin 2, value bin 1; hue slowest), or
    ``color_histogram_hue_0``, ``..._saturation_2``, ``..._value_1`` when not joint.

    References
    ----------
    .. [1] M. J. Swain and D. H. Ballard, "Color Indexing", International Journal of Computer
       Vision 7(1), 1991.

    Examples
    --------
    >>> from mmsenti.image import Picture
    >>> red = Picture(np.full((4, 4, 3), [255, 0, 0], dtype=np.uint8))
    >>> histogram = ColorHistogram(hue_bins=3, saturation_bins=2, value_bins=2, joint=False)
    >>> histogram.compute(red).tolist()
    [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 1.0]
    """

    _parameter_constraints = {
        "hue_bins": [Interval(Integral, 1, _MAX_BINS, closed="both")],
        "saturation_bins": [Interval(Integral, 1, _MAX_BINS, closed="both")],
        "value_bins": [Interval(Integral, 1, _MAX_BINS, closed="both")],
        "joint": ["boolean"],
    }

    def __init__(
        self,
        *,
        hue_bins: int = 8,
        saturation_bins: int = 3,
        value_bins: int = 3,
        joint: bool = True,
    ) -> None:
        self.hue_bins = hue_bins
        self.saturation_bins = saturation_bins
        self.value_bins = value_bins
        self.joint = joint

    def get_names(self) -> list[str]:
        """Name the bins.

        Returns
        -------
        list of str
        """
        hues, saturations, values = (numbered(bins) for bins in self._bins)
        if self.joint:
            return [
                f"color_histogram_h{h}_s{s}_v{v}" for h in hues for s in saturations for v in values
            ]
        channels = {"hue": hues, "saturation": saturations, "value": values}
        return [f"color_histogram_{name}_{i}" for name in channels for i in channels[name]]

    def compute(self, picture: Picture) -> np.ndarray:
        """Compute the histogram of one picture.

        Parameters
        ----------
        picture : Picture

        Returns
        -------
        ndarray of float64 of shape (n_features,)
        """
        bins = self._bins
        planes = picture.hsv.transpose(2, 0, 1)
        numbers = [_bin_numbers(plane, n) for plane, n in zip(planes, bins, strict=True)]
        if not self.joint:
            return np.concatenate([_shares(k, n) for k, n in zip(numbers, bins, strict=True)])
        cell, saturation, value = numbers
        for channel, n in ((saturation, bins[1]), (value, bins[2])):
            cell *= np.int32(n)
            cell += channel
        return _shares(cell, bins[0] * bins[1] * bins[2])

    @property
    def _bins(self) -> tuple[int, int, int]:
        return self.hue_bins, self.saturation_bins, self.value_bins


class ColorMoments(Descriptor):
    """Mean, spread and skewness of each colour channel, in HSV and in Lab.

    Parameters
    ----------
    None

    Notes
    -----
    For saturation, value, L, a and b these are the mean, the standard deviation and the cube root
    of the third central moment of [1]_, all in the unit of the channel (saturation and value in
    [0, 1], L in [0, 100]). The last two are 0.0 for a plain picture.

    Hue is an angle and is unsure in pale colours, so its moments are circular [2]_ and weighted
    by saturation: ``hue_cos`` and ``hue_sin``, the two coordinates of the mean resultant vector,
    which do not jump between 0 and 1 at red as an angle would; ``hue_variance``, 1 minus the
    length of that vector, in [0, 1]; and ``hue_skewness``, the mean of sin 2(hue - mean hue), in
    [-1, 1]. A picture without any colour has the vector (0, 0), variance 1 and skewness 0.

    References
    ----------
    .. [1] M. Stricker and M. Orengo, "Similarity of Color Images", Storage and Retrieval for
       Image and Video Databases III, 1995.
    .. [2] A. Pewsey, "Testing Circular Symmetry", Canadian Journal of Statistics 30(4), 2002.

    Examples
    --------
    >>> from mmsenti.image import Picture
    >>> half_black = np.zeros((2, 2, 3), dtype=np.uint8)
    >>> half_black[0] = 255
    >>> moments = ColorMoments()
    >>> features = moments.compute(Picture(half_black, size=2))
    >>> named = dict(zip(moments.get_names(), features.round(3).tolist()))
    >>> named["color_moments_value_mean"], named["color_moments_value_std"]
    (0.5, 0.5)
    """

    def get_names(self) -> list[str]:
        """Name the moments.

        Returns
        -------
        list of str of length 19
        """
        linear = [
            f"{channel}_{moment}"
            for channel in ("saturation", "value", "l", "a", "b")
            for moment in ("mean", "std", "skewness")
        ]
        hue = ["hue_cos", "hue_sin", "hue_variance", "hue_skewness"]
        return [f"color_moments_{name}" for name in hue + linear]

    def compute(self, picture: Picture) -> np.ndarray:
        """Compute the moments of one picture.

        Parameters
        ----------
        picture : Picture

        Returns
        -------
        ndarray of float64 of shape (19,)
        """
        _, saturation, value = picture.hsv.transpose(2, 0, 1)
        planes = [saturation, value, *picture.lab.transpose(2, 0, 1)]
        return np.array(_circular_moments(picture.hue_vectors, saturation) + _moments(planes))


def _bin_numbers(plane: np.ndarray, n_bins: int) -> np.ndarray:
    scaled = plane * np.float32(n_bins)
    scaled += _EDGE
    # Nothing is below 0, but numpy is three times as fast with two limits as with one.
    scaled.clip(0.0, n_bins - 1, out=scaled)
    return scaled.astype(np.int32)


def _shares(bin_numbers: np.ndarray, n_bins: int) -> np.ndarray:
    return np.bincount(bin_numbers.ravel(), minlength=n_bins) / bin_numbers.size


def _moments(planes: Iterable[np.ndarray]) -> list[float]:
    """Mean, standard deviation and cube root of the third central moment of each plane."""
    moments = []
    for plane in planes:  # one after the other, so that each stays in the processor's cache
        # In double precision: the cube root would blow a rounding error of 1e-9 up to 1e-3.
        x = plane.astype(np.float64)
        mean = np.add.reduce(x, axis=None) / x.size
        x -= mean
        square = x * x
        variance = np.add.reduce(square, axis=None) / x.size
        third = np.add.reduce(np.vecdot(square, x)) / x.size
        moments += [mean, np.sqrt(variance), np.cbrt(third)]
    return moments


def _circular_moments(vectors: np.ndarray, weight: np.ndarray) -> list[float]:
    """Mean vector, variance and skewness of angles by their cosines and sines, weighted."""
    total = float(weight.sum())
    if total == 0:
        return [0.0, 0.0, 1.0, 0.0]
    weighted = vectors * weight
    x, y = (float(part.sum()) / total for part in weighted)
    square, product = (float(part.sum()) / total for part in np.vecdot(weighted[0], vectors))
    length = float(np.hypot(x, y))
    return [x, y, max(0.0, 1 - length), _circular_skewness(x, y, square, product)]


def _circular_skewness(x: float, y: float, square: float, product: float) -> float:
    """Mean of sin 2(angle - mean angle), from the means of cos, sin, cos^2 and cos sin."""
    mean_angle = np.arctan2(y, x) if np.hypot(x, y) > 1e-6 else 0.0
    cos_2, sin_2 = 2 * square - 1, 2 * product
    return float(sin_2 * np.cos(2 * mean_angle) - cos_2 * np.sin(2 * mean_angle))
