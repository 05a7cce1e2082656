"""Affect: what the colours of a picture are said to feel like."""

from functools import cache

import numpy as np

from mmsenti._descriptor import Descriptor
from mmsenti.image._picture import Picture
from mmsenti.image._tiles import tile_means

__all__ = ["Affect", "color_names", "colorfulness"]

_TILES = 4  # to a side: patches of colour that a contrast is seen between
_COLORED = 0.2  # saturation and value from which a pixel has a hue worth naming
_WARM_TO, _COLD_FROM, _COLD_TO, _WARM_FROM = 75 / 360, 165 / 360, 270 / 360, 330 / 360
_HUE_BINS = 12
_HUE_NAMES = ("red", "orange", "yellow", "green", "blue", "purple", "pink")
# Upper ends of the names above in degrees of hue; what is beyond the last is red again.
_HUE_ENDS = np.array([15, 45, 70, 165, 255, 310, 340], dtype=np.float32) / np.float32(360)
_NAMES = ("black", "gray", "white", *_HUE_NAMES, "brown")
# Saturations and values that a rule for names asks about, and whether more than that is meant.
_SATURATION_STEPS = ((0.15, False), (0.5, False), (0.75, True))
_VALUE_STEPS = ((0.2, False), (0.65, False), (0.75, True), (0.85, True))


class Affect(Descriptor):
    """Pleasure, arousal, dominance, colourfulness, contrasts, warmth, colour names and skin.

    Parameters
    ----------
    None

    Notes
    -----
    Each name below begins with ``affect_``.

    - ``pleasure`` = .69 B + .22 S, ``arousal`` = -.31 B + .60 S and ``dominance`` = -.76 B + .32 S,
      with the mean brightness B (value) and saturation S of the picture in [0, 1] [1]_. The sign of
      dominance is that of the original's abstract: dark colours dominate. Later papers print it
      with a plus. The coefficients are of standardised variables, so a scaler behind this fits.
    - ``colorfulness``: M3 of [2]_, 0 for gray; above 100 is extremely colourful.
    - Itten's contrasts [3]_, between the mean colours of the tiles of a 4 x 4 grid as patches of
      colour: ``contrast_light`` and ``contrast_saturation``, standard deviations of value and of
      saturation; ``contrast_hue``, 1 minus the length of the mean of hues as vectors weighted by
      saturation; ``contrast_warm``, the standard deviation of the share of warm minus cold pixels.
      ``contrast_complementary``, in [0, 1]: twice the sum over opposite pairs of twelve hues of
      the products of their shares of saturation, times two: 1 for two opposite halves.
    - ``warm_share`` (hue from 330 over 0 to 75 degrees) and ``cold_share`` (165 to 270), of pixels
      of saturation and value of 0.2 and more.
    - ``name_black`` to ``name_brown``: shares of pixels by the basic colour terms [4]_, told by
      ranges of hue, saturation and value; they sum to 1.
    - ``skin_share``: pixels that the rule of [5]_ for daylight takes for skin.

    A plain gray picture has a brightness and the share 1.0 of one name; all else of it is 0.0.

    References
    ----------
    .. [1] P. Valdez and A. Mehrabian, "Effects of Color on Emotions", Journal of Experimental
       Psychology: General 123(4), 1994.
    .. [2] D. Hasler and S. Suesstrunk, "Measuring Colourfulness in Natural Images", Human Vision
       and Electronic Imaging VIII, 2003.
    .. [3] J. Machajdik and A. Hanbury, "Affective Image Classification using Features Inspired by
       Psychology and Art Theory", ACM Multimedia 2010.
    .. [4] B. Berlin and P. Kay, "Basic Color Terms", University of California Press, 1969.
    .. [5] J. Kovac, P. Peer and F. Solina, "Human Skin Colour Clustering for Face Detection",
       EUROCON 2003.

    Examples
    --------
    >>> from mmsenti.image import Picture
    >>> affect = Affect()
    >>> red = affect.compute(Picture(np.full((4, 4, 3), [255, 0, 0], dtype=np.uint8), size=4))
    >>> named = dict(zip(affect.get_names(), red.round(2).tolist()))
    >>> named["affect_pleasure"], named["affect_dominance"], named["affect_name_red"]
    (0.91, -0.44, 1.0)
    """

    feature_version = 1

    def get_names(self) -> list[str]:
        """Name the features.

        Returns
        -------
        list of str of length 23
        """
        contrasts = ("light", "saturation", "hue", "warm", "complementary")
        return [
            f"affect_{name}"
            for name in (
                *("pleasure", "arousal", "dominance", "colorfulness"),
                *(f"contrast_{name}" for name in contrasts),
                *("warm_share", "cold_share"),
                *(f"name_{name}" for name in _NAMES),
                "skin_share",
            )
        ]

    def compute(self, picture: Picture) -> np.ndarray:
        """Measure a picture.

        Parameters
        ----------
        picture : Picture

        Returns
        -------
        ndarray of float64 of shape (23,)
        """
        hsv = picture.hsv.transpose(2, 0, 1)
        hue, saturation, value = hsv
        colored = (saturation >= _COLORED) & (value >= _COLORED)
        warm = colored & ((hue < _WARM_TO) | (hue >= _WARM_FROM))
        cold = colored & (hue >= _COLD_FROM) & (hue < _COLD_TO)
        s, b = float(saturation.mean(dtype=np.float64)), float(value.mean(dtype=np.float64))
        return np.array(
            [
                *(0.69 * b + 0.22 * s, -0.31 * b + 0.60 * s, -0.76 * b + 0.32 * s),
                colorfulness(picture.planes),
                *_contrasts(hsv, picture.hue_vectors, warm.view(np.int8) - cold.view(np.int8)),
                *(_share(warm), _share(cold)),
                *color_names(hsv),
                _share(_skin(picture.planes)),
            ]
        )


def colorfulness(rgb: np.ndarray) -> float:
    """Measure how colourful a picture looks.

    Parameters
    ----------
    rgb : ndarray of uint8 of shape (3, height, width)

    Returns
    -------
    float
        Spread plus 0.3 times the distance from gray, over the opponent axes red-green and
        yellow-blue; 0.0 for gray pictures.

    Examples
    --------
    >>> red = np.array([255, 0, 0], dtype=np.uint8).reshape(3, 1, 1)
    >>> round(colorfulness(red), 2)
    85.53
    """
    red, green, blue = rgb.reshape(3, -1).astype(np.float64)
    # Whole numbers and halves until the end: their sums are exact whatever their order.
    axes = (red - green, (red + green) / 2 - blue)
    mean = np.array([axis.mean() for axis in axes])
    square = np.array([axis @ axis for axis in axes]) / red.size
    variance = np.maximum(square - mean**2, 0.0)
    return float(np.sqrt(variance.sum()) + 0.3 * np.hypot(*mean))


def color_names(hsv: np.ndarray) -> np.ndarray:
    """Measure the share of pixels that go by each basic colour term.

    Parameters
    ----------
    hsv : ndarray of float32 of shape (3, height, width), in [0, 1]

    Returns
    -------
    ndarray of shape (11,)
        Black, gray, white; red, orange, yellow, green, blue, purple, pink; brown. They sum to 1.

    Examples
    --------
    >>> navy, brown = [2 / 3, 1.0, 0.5], [1 / 12, 0.8, 0.5]
    >>> shares = color_names(np.array([navy, brown], dtype=np.float32).T[:, :, np.newaxis])
    >>> [_NAMES[i] for i in np.flatnonzero(shares)]
    ['blue', 'brown']
    """
    hue, saturation, value = hsv.reshape(3, -1)
    # Pixels are counted by the ranges that they lie in, and only the counts are named.
    ranges = np.zeros(hue.size, dtype=np.uint8)
    for end in _HUE_ENDS:
        ranges += (hue >= end).view(np.uint8)
    for plane, steps in ((saturation, _SATURATION_STEPS), (value, _VALUE_STEPS)):
        ranges *= np.uint8(len(steps) + 1)
        for step, above in steps:
            ranges += (plane > step if above else plane >= step).view(np.uint8)
    names = _names_of_ranges()
    counts = np.bincount(ranges, minlength=len(names))
    return np.bincount(names, counts, len(_NAMES)) / hue.size


@cache
def _names_of_ranges() -> np.ndarray:
    """Name each combination of ranges of hue, saturation and value, the last of them fastest."""
    shape = len(_HUE_ENDS) + 1, len(_SATURATION_STEPS) + 1, len(_VALUE_STEPS) + 1
    hue, saturation, value = np.indices(shape)
    names = 3 + hue % len(_HUE_NAMES)
    names[(names <= 4) & (value < 2)] = 10  # dark orange and dark red of little chroma
    names[(names == 10) & (hue == 0) & (saturation == 3)] = 3
    names[(names == 3) & (saturation < 2) & (value > 2)] = 9  # pale red
    gray = saturation == 0
    names[gray] = 1
    names[gray & (value == 4)] = 2
    names[value == 0] = 0
    return names.ravel()


def _contrasts(hsv: np.ndarray, hue_vectors: np.ndarray, warmth: np.ndarray) -> list[float]:
    hue, saturation, value = hsv
    planes = np.empty((5, *hue.shape), dtype=np.float32)
    planes[0], planes[1], planes[2] = value, saturation, warmth
    np.multiply(hue_vectors, saturation, out=planes[3:])
    size = len(hue)
    # A set, as tiles of the smallest pictures coincide; np.unique loads numpy.ma, which takes long.
    edges = sorted({tile * size // _TILES for tile in range(_TILES + 1)})
    light, strength, warm, x, y = tile_means(planes, edges)
    total = strength.sum()
    length = float(np.hypot(x.sum(), y.sum()) / total) if total > 0 else 1.0
    bins = np.minimum((hue * np.float32(_HUE_BINS)).astype(np.intp), _HUE_BINS - 1)
    by_hue = np.bincount(bins.ravel(), saturation.ravel(), _HUE_BINS)
    shares = by_hue / max(by_hue.sum(), 1e-12)
    half = _HUE_BINS // 2
    opposite = 4 * float(shares[:half] @ shares[half:])
    return [light.std(), strength.std(), max(0.0, 1 - length), warm.std(), opposite]


def _share(flags: np.ndarray) -> float:
    return np.count_nonzero(flags) / flags.size


def _skin(rgb: np.ndarray) -> np.ndarray:
    red, green, blue = rgb
    is_skin = (red > 95) & (green > 40) & (blue > 20) & (red > blue)
    red, green, blue = rgb.astype(np.int16)
    # Red is the largest wherever the rule holds.
    return is_skin & (red - np.minimum(green, blue) > 15) & (red - green > 15)
