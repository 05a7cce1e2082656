"""TinyImage: the mean colours of patches, in Lab."""

import numpy as np
from skimage.color import rgb2lab

from mmsenti.image import Picture, TinyImage


def test_patches_of_one_colour_are_that_colour():
    colours = np.random.default_rng(0).integers(0, 256, (2, 2, 3), dtype=np.uint8)
    pixels = colours.repeat(32, axis=0).repeat(32, axis=1)
    tiny = TinyImage(side=4)
    values = dict(zip(tiny.get_names(), tiny.compute(Picture(pixels, size=64)), strict=True))
    lab = rgb2lab(colours)
    # The outer pixels of the thumbnail: the filter mixes the inner ones.
    for y in (0, 3):
        for x in (0, 3):
            found = [values[f"tiny_{plane}_{y}_{x}"] for plane in "lab"]
            np.testing.assert_allclose(found, lab[y // 2, x // 2], atol=1e-2)


def test_names_go_row_by_row():
    assert TinyImage(side=2).get_names()[:5] == [
        *("tiny_l_0_0", "tiny_l_0_1", "tiny_l_1_0", "tiny_l_1_1"),
        "tiny_a_0_0",
    ]
