"""Features of whole pictures of odd shapes equal scikit-image's."""

import numpy as np
import pytest
from skimage.color import rgb2hsv, rgb2lab
from skimage.feature import hog, local_binary_pattern

from mmsenti.image import HOG, LBP, ColorHistogram, ColorMoments, Picture

SHAPES = [(1, 1), (7, 500), (500, 7), (128, 128)]


def picture_of(shape, kind):
    rng = np.random.default_rng(sum(shape))
    if kind == "noise":
        return Picture(rng.integers(0, 256, (*shape, 3), dtype=np.uint8))
    if kind == "few colours":
        return Picture(rng.integers(0, 2, (*shape, 3), dtype=np.uint8) * np.uint8(255))
    return Picture(np.full((*shape, 3), [90, 200, 31], dtype=np.uint8))


@pytest.mark.parametrize("kind", ["noise", "few colours", "one colour"])
@pytest.mark.parametrize("shape", SHAPES)
def test_odd_shapes_equal_scikit_image(shape, kind):
    picture = picture_of(shape, kind)
    codes = local_binary_pattern(picture.gray, 8, 1, "uniform").astype(int).ravel()
    np.testing.assert_array_equal(LBP().compute(picture), np.bincount(codes, minlength=10) / 128**2)
    expected = hog(picture.gray, 9, (8, 8), (2, 2), "L2-Hys")
    np.testing.assert_allclose(HOG(pixels_per_cell=8).compute(picture), expected, atol=1e-6)
    hsv, lab = rgb2hsv(picture.rgb).reshape(-1, 3), rgb2lab(picture.rgb).reshape(-1, 3)
    # A colour on an edge belongs to the upper bin, which rounding must not decide.
    inside = np.minimum(hsv + 1e-9, 1)
    joint = np.histogramdd(inside, (8, 3, 3), [(0, 1)] * 3)[0].ravel() / 128**2
    np.testing.assert_array_equal(ColorHistogram().compute(picture), joint)
    planes = np.hstack([hsv[:, 1:], lab])
    centred = planes - planes.mean(axis=0)
    moments = [planes.mean(axis=0), planes.std(axis=0), np.cbrt((centred**3).mean(axis=0))]
    found = ColorMoments().compute(picture)[4:].reshape(5, 3).T
    np.testing.assert_allclose(found, moments, atol=2e-3)
