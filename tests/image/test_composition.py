"""Composition, GLCM and TinyImage: by hand, and beside scikit-image."""

import numpy as np
import pytest
from PIL import Image, ImageDraw
from skimage.color import rgb2lab
from skimage.measure import shannon_entropy

from mmsenti.image import Composition, Picture


def measure(pixels, size=None):
    pixels = np.asarray(pixels, dtype=np.uint8)
    composition = Composition()
    values = composition.compute(Picture(pixels, size=size or len(pixels)))
    names = [name.removeprefix("composition_") for name in composition.get_names()]
    return dict(zip(names, values.tolist(), strict=True))


def noise(size=60, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (size, size), dtype=np.uint8)


def test_a_plain_picture_has_defined_values():
    for size in (1, 2, 4, 8, 30):
        values = measure(np.full((size, size), 77))
        assert np.isfinite(list(values.values())).all()
        assert (values["symmetry_x"], values["symmetry_y"]) == (1, 1)
        assert (values["edge_density"], values["edge_spread"], values["text"]) == (0, 0, 0)
        assert (values["edge_x"], values["edge_y"], values["blur"]) == (0.5, 0.5, 1)
        assert values["entropy"] == 0
        assert values["margin_std"] == 0


def test_aspect_is_that_of_the_original():
    values = measure(np.zeros((10, 40)), size=16)
    assert values["aspect"] == pytest.approx(np.log(4))


def test_symmetry_is_the_correlation_with_the_mirror():
    pixels = noise()
    values = measure(pixels)
    for name, mirror in (("symmetry_x", pixels[:, ::-1]), ("symmetry_y", pixels[::-1])):
        expected = np.corrcoef(pixels.ravel(), mirror.ravel())[0, 1]
        assert values[name] == pytest.approx(expected, abs=1e-5)


def test_edges_lie_where_they_are():
    # A dot of 2 x 2 pixels: all the energy around column 12.5, row 42.5 of the inner 58.
    pixels = np.zeros((60, 60))
    pixels[43:45, 13:15] = 255
    values = measure(pixels)
    assert values["edge_x"] == pytest.approx(13 / 58)
    assert values["edge_y"] == pytest.approx(43 / 58)
    assert values["edge_slant"] == pytest.approx(0.5)
    assert values["edge_density"] == pytest.approx(12 / 58**2)
    # On a crossing of the lines of thirds everything is near one, in the middle nothing.
    for place, share in ((19, 1), (29, 0)):
        pixels = np.zeros((60, 60))
        pixels[place : place + 2, place : place + 2] = 255
        assert measure(pixels)["thirds"] == pytest.approx(share)


def test_a_step_from_left_to_right_is_horizontal_energy():
    pixels = np.zeros((40, 40))
    pixels[:, 20:] = 100
    values = measure(pixels)
    assert values["edge_slant"] == 1
    assert values["edge_density"] == pytest.approx(2 / 38)


def test_blur_by_the_definition_and_in_order():
    pixels = noise().astype(float)

    def along(gray):
        kernel = np.ones(9) / 9
        soft = np.apply_along_axis(lambda line: np.convolve(line, kernel, "valid"), 0, gray)
        sharp, soft = np.abs(np.diff(gray[4:-4], axis=0)), np.abs(np.diff(soft, axis=0))
        return (sharp.sum() - np.maximum(sharp - soft, 0).sum()) / sharp.sum()

    expected = max(along(pixels), along(pixels.T))
    assert measure(pixels)["blur"] == pytest.approx(expected, rel=1e-5)
    image = Image.fromarray(noise(120))
    blurred = image.resize((12, 12)).resize((120, 120), Image.Resampling.BICUBIC)
    assert measure(np.asarray(blurred))["blur"] > measure(np.asarray(image))["blur"] + 0.2
    assert measure(np.asarray(blurred))["sharpness"] < measure(np.asarray(image))["sharpness"]


def test_depth_of_field_of_a_sharp_middle():
    # Noise in the middle quarter alone; at its rim the Laplacian reaches out by one pixel.
    pixels = np.full((66, 66), 128)
    pixels[20:46, 20:46] = noise(26)
    assert measure(pixels)["depth_of_field"] == pytest.approx(1)
    assert measure(noise(66))["depth_of_field"] == pytest.approx(0.25, abs=0.02)


def test_writing_is_told_from_a_ramp_and_a_step():
    page = Image.new("L", (128, 128), 255)
    drawing = ImageDraw.Draw(page)
    for row in range(4, 120, 12):
        drawing.text((4, row), "The quick brown fox jumped", fill=0)
    values = measure(np.asarray(page))
    assert values["text"] > 0.4
    assert values["white_share"] > 0.5
    assert measure(np.tile(np.arange(128) * 2, (128, 1)))["text"] == 0
    step = np.zeros((128, 128))
    step[:, 64:] = 255
    assert measure(step)["text"] == 0


def test_shares_margin_and_entropy():
    pixels = np.full((16, 16), 100)
    pixels[:4] = 255
    pixels[4:6] = 0
    values = measure(pixels)
    assert (values["white_share"], values["black_share"]) == (0.25, 0.125)
    margin = [*pixels[0], *pixels[-1], *pixels[1:-1, 0], *pixels[1:-1, -1]]
    assert values["margin_std"] == pytest.approx(np.std(margin), rel=1e-5)
    assert values["entropy"] == pytest.approx(shannon_entropy(pixels))


def test_layout_of_nine_cells():
    pixels = np.random.default_rng(1).integers(0, 256, (30, 30, 3), dtype=np.uint8)
    values = measure(pixels)
    lab = rgb2lab(pixels)
    for name, rows, columns in (("top_left", 0, 0), ("middle", 1, 1), ("bottom", 2, 1)):
        cell = lab[rows * 10 : rows * 10 + 10, columns * 10 : columns * 10 + 10]
        for i, channel in enumerate("lab"):
            expected = cell[..., i].mean()
            assert values[f"{name}_{channel}_mean"] == pytest.approx(expected, abs=2e-3)
        assert values[f"{name}_l_std"] == pytest.approx(cell[..., 0].std(), abs=2e-3)
