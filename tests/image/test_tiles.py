from itertools import pairwise

import numpy as np
import pytest

from mmsenti.image._tiles import tile_means


@pytest.mark.parametrize("edges", [(0, 7), (0, 1, 7), (0, 2, 4, 6, 7)])
def test_each_tile_is_the_mean_of_its_pixels(edges):
    planes = np.random.default_rng(0).random((2, 7, 7)).astype(np.float32)
    spans = [slice(a, b) for a, b in pairwise(edges)]
    expected = [[plane[y, x].mean() for y in spans for x in spans] for plane in planes]
    np.testing.assert_allclose(tile_means(planes, edges), expected, rtol=1e-6)
