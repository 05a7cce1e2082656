from fractions import Fraction
from math import cos, pi, sin

import numpy as np
import pytest
from skimage.color import rgb2hsv, rgb2lab

from mmsenti.image import ColorHistogram, ColorMoments, Picture


def _picture(*colours):
    """A row of pixels, four of each colour, so that the square needs no resizing."""
    side = 2 * len(colours)
    pixels = np.zeros((side, side, 3), dtype=np.uint8)
    for i, colour in enumerate(colours):
        pixels[:, 2 * i : 2 * i + 2] = colour
    return Picture(pixels, size=side)


def _named(descriptor, picture):
    return dict(zip(descriptor.get_names(), descriptor.compute(picture), strict=True))


def test_histogram_of_two_colours_by_hand():
    # Red has hue 0; dark blue hue 2/3, on the edge between bins 1 and 2 of 3, so in bin 2, and
    # value 128/255 = 0.502, just in the upper of two bins.
    shares = _named(
        ColorHistogram(hue_bins=3, saturation_bins=2, value_bins=2),
        _picture((255, 0, 0), (0, 0, 128)),
    )
    filled = {name: share for name, share in shares.items() if share}
    assert filled == {"color_histogram_h0_s1_v1": 0.5, "color_histogram_h2_s1_v1": 0.5}
    assert len(shares) == 3 * 2 * 2


def test_separate_histograms_by_hand():
    # Three parts of four are mid-gray (value 127/255 = 0.498, below the edge), one is green.
    gray = (127, 127, 127)
    descriptor = ColorHistogram(hue_bins=3, saturation_bins=2, value_bins=2, joint=False)
    shares = _named(descriptor, _picture(gray, gray, gray, (0, 255, 0)))
    assert shares == {
        "color_histogram_hue_0": 0.75,
        "color_histogram_hue_1": 0.25,
        "color_histogram_hue_2": 0,
        "color_histogram_saturation_0": 0.75,
        "color_histogram_saturation_1": 0.25,
        "color_histogram_value_0": 0.75,
        "color_histogram_value_1": 0.25,
    }


def _exact_bins(colour, bins):
    """Bins of one colour by whole-number arithmetic from the definition of HSV."""
    red, green, blue = map(int, colour)
    value, delta = max(colour.tolist()), max(colour.tolist()) - min(colour.tolist())
    if delta == 0:
        hue = Fraction(0)
    elif value == red:
        hue = Fraction(green - blue, 6 * delta) % 1
    elif value == green:
        hue = Fraction(blue - red, 6 * delta) + Fraction(1, 3)
    else:
        hue = Fraction(red - green, 6 * delta) + Fraction(2, 3)
    saturation = Fraction(delta, value) if value else Fraction(0)
    parts = (hue, saturation, Fraction(value, 255))
    return [min(int(part * n), n - 1) for part, n in zip(parts, bins, strict=True)]


@pytest.mark.parametrize("bins", [(8, 3, 3), (12, 5, 17), (22, 11, 255), (256, 85, 256)])
def test_bins_are_exact_on_every_edge(bins):
    # All dark colours and all of four levels. Hue 39/66 of (0, 5, 11) is the edge of bin 13 of
    # 22, which single precision alone puts into bin 12.
    dark = np.stack(np.meshgrid(*[np.arange(12)] * 3), axis=-1).reshape(-1, 3)
    bright = np.stack(np.meshgrid(*[np.arange(4) * 85] * 3), axis=-1).reshape(-1, 3)
    pixels = np.concatenate([dark, bright, bright])[: 43 * 43].astype(np.uint8)
    pixels = np.resize(pixels, (43, 43, 3))
    expected = [np.zeros(n) for n in bins]
    for colour in pixels.reshape(-1, 3):
        for histogram, place in zip(expected, _exact_bins(colour, bins), strict=True):
            histogram[place] += 1 / 43**2
    names = dict(zip(("hue_bins", "saturation_bins", "value_bins"), bins, strict=True))
    found = ColorHistogram(joint=False, **names).compute(Picture(pixels, size=43))
    np.testing.assert_allclose(found, np.concatenate(expected), atol=1e-12)


def test_joint_histogram_equals_numpy_on_photos(photos):
    for path in photos[:5]:
        picture = Picture(path)
        hsv = rgb2hsv(picture.rgb).reshape(-1, 3) + 1e-9
        expected, _ = np.histogramdd(hsv.clip(0, 1), bins=(8, 3, 3), range=[(0, 1)] * 3)
        found = ColorHistogram().compute(picture)
        np.testing.assert_allclose(found, expected.ravel() / len(hsv), atol=1e-12)
        assert found.sum() == pytest.approx(1, abs=1e-12)


def test_names_count_with_leading_zeros():
    names = ColorHistogram(hue_bins=12, saturation_bins=1, value_bins=1).get_names()
    assert names[0] == "color_histogram_h00_s0_v0"
    assert names == sorted(set(names))


def test_value_moments_by_hand():
    # Values 0, 0, 0, 1: mean 1/4; variance 3/16; third moment (3 (-1/4)^3 + (3/4)^3) / 4 = 3/32.
    # Dividing the third moment by std^3 instead of taking its cube root would give 1.155.
    black = (0, 0, 0)
    moments = _named(ColorMoments(), _picture(black, black, black, (255, 255, 255)))
    assert moments["color_moments_value_mean"] == pytest.approx(1 / 4)
    assert moments["color_moments_value_std"] == pytest.approx((3 / 16) ** 0.5)
    assert moments["color_moments_value_skewness"] == pytest.approx((3 / 32) ** (1 / 3))
    assert moments["color_moments_l_mean"] == pytest.approx(25, abs=1e-3)
    assert moments["color_moments_l_skewness"] == pytest.approx(100 * (3 / 32) ** (1 / 3), abs=1e-3)


def test_skewness_is_negative_to_the_left():
    white = (255, 255, 255)
    moments = _named(ColorMoments(), _picture(white, white, white, (0, 0, 0)))
    assert moments["color_moments_value_skewness"] == pytest.approx(-((3 / 32) ** (1 / 3)))


def test_hues_around_red_do_not_cancel():
    # Hues -20 and +20 degrees (340 and 20) have mean 0; a plain mean of angles would give 180.
    third = 85  # 20 degrees is a third of the 60 from red (255, 0, 0) to yellow (255, 255, 0)
    moments = _named(ColorMoments(), _picture((255, third, 0), (255, 0, third)))
    assert moments["color_moments_hue_cos"] == pytest.approx(cos(pi / 9), abs=1e-6)
    assert moments["color_moments_hue_sin"] == pytest.approx(0, abs=1e-6)
    assert moments["color_moments_hue_variance"] == pytest.approx(1 - cos(pi / 9), abs=1e-6)
    assert moments["color_moments_hue_skewness"] == pytest.approx(0, abs=1e-6)


def test_circular_moments_by_hand():
    # Three parts red (0 degrees), one green (120): vector ((3 - 1/2) / 4, sqrt(3) / 8), direction
    # 19.1066 degrees, length 0.661438; mean of sin 2 (h - 19.1066):
    # (3 sin(-38.2132) + sin(201.7868)) / 4 = -0.556724.
    red = (255, 0, 0)
    moments = _named(ColorMoments(), _picture(red, red, red, (0, 255, 0)))
    assert moments["color_moments_hue_cos"] == pytest.approx(0.625, abs=1e-6)
    assert moments["color_moments_hue_sin"] == pytest.approx(3**0.5 / 8, abs=1e-6)
    assert moments["color_moments_hue_variance"] == pytest.approx(1 - 0.661438, abs=1e-6)
    mean = 0.333473  # 19.1066 degrees
    skewness = (3 * sin(2 * (0 - mean)) + sin(2 * (2 * pi / 3 - mean))) / 4
    assert moments["color_moments_hue_skewness"] == pytest.approx(skewness, abs=1e-5)


def test_pale_hues_weigh_less_and_grays_nothing():
    # Red with saturation 1, green (102, 255, 102) with saturation 0.6:
    # (1 + 0.6 cos 120) / 1.6 = 0.4375. Unweighted it would be 0.25.
    for grays in ((), ((90, 90, 90), (0, 0, 0))):
        moments = _named(ColorMoments(), _picture((255, 0, 0), (102, 255, 102), *grays))
        assert moments["color_moments_hue_cos"] == pytest.approx(0.4375, abs=1e-6)


@pytest.mark.parametrize("level", [0, 1, 128, 255])
def test_a_picture_without_colour_has_defined_moments(level):
    moments = _named(ColorMoments(), Picture(np.full((50, 3), level, dtype=np.uint8)))
    hue = [moments[f"color_moments_hue_{name}"] for name in ("cos", "sin", "variance", "skewness")]
    assert hue == [0, 0, 1, 0]
    spread = [v for name, v in moments.items() if name.endswith(("_std", "_skewness"))]
    np.testing.assert_allclose(spread, 0, atol=1e-9)
    assert moments["color_moments_value_mean"] == pytest.approx(level / 255)


def test_moments_equal_the_definition_on_photos(photos):
    for path in photos[:5]:
        picture = Picture(path)
        planes = [*np.moveaxis(rgb2hsv(picture.rgb), -1, 0)[1:]]
        planes += [*np.moveaxis(rgb2lab(picture.rgb), -1, 0)]
        expected = []
        for plane in planes:
            third = ((plane - plane.mean()) ** 3).mean()
            expected += [plane.mean(), plane.std(), np.cbrt(third)]
        found = ColorMoments().compute(picture)[4:]
        np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-3)
