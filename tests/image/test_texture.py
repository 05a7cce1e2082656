import numpy as np
import pytest
from skimage.feature import local_binary_pattern

from mmsenti.image import LBP, Picture


def _counts(gray, n_points, radius):
    codes = local_binary_pattern(gray, n_points, radius, method="uniform")
    return np.bincount(codes.astype(int).ravel(), minlength=n_points + 2)


def _grays(side):
    """Noise, few levels and flat patches, where the last bit of the interpolation decides."""
    rng = np.random.default_rng(side)
    y, x = np.mgrid[0:side, 0:side]
    yield rng.integers(0, 256, (side, side), dtype=np.uint8)
    yield rng.integers(0, 3, (side, side), dtype=np.uint8)
    yield (x // 7 * 31 % 256).astype(np.uint8)
    yield ((x + y) // 5 * 17 % 256).astype(np.uint8)
    yield np.full((side, side), 1, dtype=np.uint8)
    yield np.full((side, side), 255, dtype=np.uint8)


@pytest.mark.parametrize("side", [1, 2, 3, 31, 128, 300])
def test_equals_scikit_image_exactly(side):
    for gray in _grays(side):
        found = LBP().compute(Picture(gray, size=side)) * gray.size
        np.testing.assert_array_equal(found.round(6), _counts(gray, 8, 1))


@pytest.mark.parametrize(
    ("n_points", "radius"),
    [(1, 1), (3, 0.4), (4, 1), (5, 2.3), (8, 1.1), (8, 3), (12, 1.5), (16, 2), (24, 3), (31, 20)],
)
def test_any_circle_equals_scikit_image_exactly(n_points, radius):
    for gray in _grays(40):
        found = LBP(n_points=n_points, radius=radius).compute(Picture(gray, size=40)) * gray.size
        np.testing.assert_array_equal(found.round(6), _counts(gray, n_points, radius))


def test_equals_scikit_image_exactly_on_photos(photos):
    for path in photos:
        picture = Picture(path)
        found = LBP().compute(picture) * picture.gray.size
        np.testing.assert_array_equal(found.round(6), _counts(picture.gray, 8, 1))


def test_one_bright_spot_by_hand():
    # 4 points at distance 1 lie on pixels. Of 3 x 3 with a bright middle: the middle has no
    # neighbour that is not darker (0 ones). Corners see two zeros inside and two outside the
    # picture, all not darker than 0 (4 ones); sides see the bright middle too (4 ones).
    gray = np.zeros((3, 3), dtype=np.uint8)
    gray[1, 1] = 200
    features = LBP(n_points=4).compute(Picture(gray, size=3))
    np.testing.assert_allclose(features, [1 / 9, 0, 0, 0, 8 / 9, 0])


def test_an_alternating_pattern_is_not_uniform():
    # Left and right brighter, above and below darker: 1 0 1 0 around the circle, four changes.
    gray = np.array([[50, 10, 50], [90, 50, 90], [50, 10, 50]], dtype=np.uint8)
    named = LBP(n_points=4)
    features = dict(zip(named.get_names(), named.compute(Picture(gray, size=3)), strict=True))
    assert features["lbp_nonuniform"] == pytest.approx(1 / 9)


def test_names():
    assert LBP(n_points=2).get_names() == [
        "lbp_uniform_0",
        "lbp_uniform_1",
        "lbp_uniform_2",
        "lbp_nonuniform",
    ]
    assert LBP(n_points=12).get_names()[3] == "lbp_uniform_03"


def test_shares_sum_to_one(scene):
    assert LBP(n_points=16, radius=2).compute(Picture(scene)).sum() == pytest.approx(1)
