"""GLCM equal to scikit-image's matrices and statistics."""

import numpy as np
import pytest
from skimage.feature import graycomatrix, graycoprops

from mmsenti.image import GLCM, Picture, make_image_features

ANGLES = [0, np.pi / 4, np.pi / 2, 3 * np.pi / 4]


def test_equal_to_scikit_image():
    pixels = np.random.default_rng(0).integers(0, 256, (40, 40), dtype=np.uint8)
    pixels[:20] //= 3
    glcm = GLCM(levels=8, distances=(1, 3))
    values = dict(zip(glcm.get_names(), glcm.compute(Picture(pixels, size=40)), strict=True))
    matrices = graycomatrix(pixels // 32, [1, 3], ANGLES, levels=8, symmetric=True, normed=True)
    for i, distance in enumerate((1, 3)):
        for name in ("contrast", "dissimilarity", "homogeneity", "energy", "correlation"):
            expected = graycoprops(matrices, name)[i].mean()
            assert values[f"glcm_{distance}_{name}"] == pytest.approx(expected), (name, distance)
        entropies = [
            -sum(share * np.log2(share) for share in matrices[..., i, k].ravel() if share)
            for k in range(4)
        ]
        assert values[f"glcm_{distance}_entropy"] == pytest.approx(np.mean(entropies))


def test_a_picture_smaller_than_the_distance_is_as_good_as_plain():
    values = GLCM(distances=(9,)).compute(Picture(np.full((4, 4), 9, dtype=np.uint8), size=4))
    assert values.tolist() == [0, 0, 1, 1, 1, 0]


def test_what_is_no_distance_is_refused():
    pixels = np.zeros((4, 4), dtype=np.uint8)
    with pytest.raises(ValueError, match="distances must be whole numbers from 1 on; got 0"):
        make_image_features(GLCM(distances=(0,))).transform([pixels])
