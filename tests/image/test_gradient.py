import re

import numpy as np
import pytest
from skimage.feature import hog

from mmsenti.image import HOG, Picture


def _reference(gray, descriptor, **options):
    cell, block = descriptor.pixels_per_cell, descriptor.cells_per_block
    return hog(
        gray,
        descriptor.orientations,
        (cell, cell),
        (block, block),
        block_norm="L2-Hys",
        **options,
    )


def _grays(side):
    """Noise (all gradients), ramps (one gradient), few levels (ties) and a single step."""
    rng = np.random.default_rng(side)
    y, x = np.mgrid[0:side, 0:side]
    yield rng.integers(0, 256, (side, side), dtype=np.uint8)
    yield rng.choice(np.array([0, 255], dtype=np.uint8), (side, side))
    yield rng.integers(0, 3, (side, side), dtype=np.uint8)
    yield ((x + y) % 256).astype(np.uint8)
    yield ((x - y) % 256).astype(np.uint8)
    yield np.where(x < side // 2, 10, 200).astype(np.uint8)


@pytest.mark.parametrize(
    ("size", "cell", "block", "orientations"),
    [
        (128, 16, 2, 9),
        (128, 8, 2, 9),
        (128, 8, 3, 8),
        (127, 8, 2, 9),
        (65, 7, 1, 4),
        (33, 16, 2, 12),
        (20, 3, 6, 1),
        (9, 1, 2, 180),
        (2, 1, 1, 9),
        (1, 1, 1, 9),
    ],
)
def test_equals_scikit_image(size, cell, block, orientations):
    descriptor = HOG(
        orientations=orientations, pixels_per_cell=cell, cells_per_block=block, size=size
    )
    for gray in _grays(size):
        found = descriptor.compute(Picture(gray, size=size))
        np.testing.assert_allclose(found, _reference(gray, descriptor), rtol=0, atol=1e-6)


@pytest.mark.parametrize(("size", "cell"), [(128, 8), (128, 16), (101, 12)])
def test_equals_scikit_image_on_photos(photos, size, cell):
    descriptor = HOG(pixels_per_cell=cell, size=size)
    for path in photos:
        picture = Picture(path, size=size)
        expected = _reference(picture.gray, descriptor)
        np.testing.assert_allclose(descriptor.compute(picture), expected, rtol=0, atol=1e-6)


def test_names_say_where_a_feature_comes_from():
    descriptor = HOG(orientations=11, pixels_per_cell=8, size=60)
    gray = next(_grays(60))
    blocks = _reference(gray, descriptor, feature_vector=False)
    named = dict(
        zip(descriptor.get_names(), descriptor.compute(Picture(gray, size=60)), strict=True)
    )
    assert len(named) == blocks.size
    for name, value in named.items():
        place = re.fullmatch(r"hog_r(\d)_c(\d)_y(\d)_x(\d)_o(\d\d)", name).groups()
        assert value == pytest.approx(blocks[tuple(map(int, place))], abs=1e-6)


def test_a_vertical_edge_by_hand():
    # Dark left, bright right: every gradient points right (0 degrees, orientation 0); a block of
    # four cells with the same single entry v each is v / sqrt(4 v^2) = 1/2, clipped to 0.2 and
    # normalised again to 1/2. The edge lies in the right cells of block column 0 and the left of
    # column 2, so cells without it are 0 and two equal ones give sqrt(1/2).
    gray = np.zeros((32, 32), dtype=np.uint8)
    gray[:, 16:] = 100
    names = HOG(pixels_per_cell=8, size=32).get_names()
    values = HOG(pixels_per_cell=8, size=32).compute(Picture(gray, size=32))
    named = dict(zip(names, values, strict=True))
    assert named["hog_r0_c1_y0_x0_o0"] == pytest.approx(0.5, abs=1e-4)
    assert named["hog_r0_c0_y0_x1_o0"] == pytest.approx(0.5**0.5, abs=1e-4)
    assert named["hog_r0_c0_y0_x0_o0"] == 0
    assert all(value == 0 for name, value in named.items() if not name.endswith("o0"))


def test_width_depends_on_its_own_size_alone(scene):
    descriptor = HOG()
    widths = {len(descriptor.compute(Picture(scene, size=s))) for s in (32, 100, 128, 200)}
    assert widths == {len(descriptor.get_names())} == {7 * 7 * 4 * 9}


def test_another_working_size_is_resized(scene):
    picture = Picture(scene, size=200)
    expected = _reference(picture.gray_at(128), HOG())
    np.testing.assert_allclose(HOG().compute(picture), expected, atol=1e-6)


def test_a_constant_picture_has_no_gradients():
    for level in (0, 77, 255):
        assert not HOG().compute(Picture(np.full((5, 9), level, dtype=np.uint8))).any()


def test_a_block_that_does_not_fit():
    descriptor = HOG(pixels_per_cell=16, cells_per_block=2, size=31)
    message = "a block of 2 cells of 16 pixels needs a size of at least 32, got size=31"
    with pytest.raises(ValueError, match=message):
        descriptor.get_names()
    with pytest.raises(ValueError, match=message):
        descriptor.compute(Picture(np.zeros((4, 4), dtype=np.uint8)))
