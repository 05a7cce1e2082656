import io
import math

import numpy as np
import pytest
from PIL import Image
from skimage.color import rgb2hsv, rgb2lab

from mmsenti.image import Picture


def test_file_bytes_image_and_array_agree(tmp_path, scene, encode):
    path = tmp_path / "scene.png"
    path.write_bytes(encode(scene, "PNG"))
    expected = Picture(scene).rgb
    for source in (str(path), path, path.read_bytes(), bytearray(path.read_bytes())):
        np.testing.assert_array_equal(Picture(source).rgb, expected)
    with Image.open(path) as image:
        np.testing.assert_array_equal(Picture(image).rgb, expected)


def test_working_square_and_original_size(scene):
    picture = Picture(scene, size=20)
    assert picture.rgb.shape == (20, 20, 3)
    assert picture.rgb.dtype == np.uint8
    assert (picture.width, picture.height) == (64, 48)


def test_making_smaller_averages_over_all_pixels():
    # One white column in eight; a filter that skips pixels would give 0 or 255.
    stripes = np.zeros((64, 64), dtype=np.uint8)
    stripes[:, ::8] = 255
    middle = Picture(stripes, size=8).rgb[2:6, 2:6]
    assert np.abs(middle.astype(int) - 255 / 8).max() < 2


def test_views_are_read_only(scene):
    picture = Picture(scene)
    for view in (picture.rgb, picture.gray, picture.hsv, picture.lab, picture.gray_at(32)):
        with pytest.raises(ValueError, match="read-only"):
            view[0, 0] = 0


def test_gray_is_the_documented_formula(scene):
    rgb = Picture(scene, size=64).rgb.astype(int)
    expected = (19595 * rgb[..., 0] + 38470 * rgb[..., 1] + 7471 * rgb[..., 2] + 32768) >> 16
    np.testing.assert_array_equal(Picture(scene, size=64).gray, expected)


def test_gray_at_another_size(scene):
    picture = Picture(scene, size=64)
    assert picture.gray_at(64) is picture.gray
    assert picture.gray_at(32) is picture.gray_at(32)
    np.testing.assert_allclose(picture.gray_at(32).mean(), picture.gray.mean(), atol=0.5)


def _all_corners():
    """Every mix of ten levels a channel, ties, grays and the ends among them."""
    levels = np.array([0, 1, 2, 10, 11, 64, 127, 128, 254, 255], dtype=np.uint8)
    colours = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), axis=-1)
    square = np.zeros((32, 32, 3), dtype=np.uint8)
    square.reshape(-1, 3)[:1000] = colours.reshape(-1, 3)
    return square


def test_hsv_and_lab_equal_scikit_image_on_every_kind_of_colour():
    picture = Picture(_all_corners(), size=32)
    np.testing.assert_allclose(picture.hsv, rgb2hsv(picture.rgb), atol=1e-6)
    np.testing.assert_allclose(picture.lab, rgb2lab(picture.rgb), atol=1e-3)


def test_gray_is_pillows_for_every_colour():
    levels = np.arange(256, dtype=np.uint8)
    for blue in range(0, 256, 15):
        red, green = np.meshgrid(levels, levels)
        rgb = np.stack([red, green, np.full_like(red, blue)], axis=-1)
        expected = np.asarray(Image.fromarray(rgb).convert("L"))
        np.testing.assert_array_equal(Picture(rgb, size=256).gray, expected)


def test_hsv_and_lab_equal_scikit_image_on_photos(photos):
    for path in photos:
        picture = Picture(path)
        np.testing.assert_allclose(picture.hsv, rgb2hsv(picture.rgb), atol=1e-6)
        np.testing.assert_allclose(picture.lab, rgb2lab(picture.rgb), atol=1e-3)


def test_hsv_of_orange_by_hand():
    # (255, 128, 0): hue (128 - 0) / 255 / 6, full saturation, full value.
    orange = np.full((2, 2, 3), [255, 128, 0], dtype=np.uint8)
    np.testing.assert_allclose(Picture(orange, size=2).hsv[0, 0], [128 / 1530, 1, 1], atol=1e-7)


# Modes and dtypes


def test_sixteen_bits_are_scaled_to_the_nearest_of_eight():
    # 65535 levels to 255: v / 257. 128 / 257 = 0.498 and 129 / 257 = 0.502; cutting off the lower
    # byte would give 0 for both, clipping would give 128 and 129, and 255 for all above.
    values = np.array([[0, 128, 129, 257], [385, 386, 32768, 65535]], dtype=np.uint16)
    values = np.vstack([values, values])
    expected = np.array([[0, 0, 1, 1], [1, 2, 128, 255]])
    expected = np.vstack([expected, expected])
    for source in (values, values.astype(">u2"), Image.fromarray(values)):
        np.testing.assert_array_equal(Picture(source, size=4).gray, expected)


def test_sixteen_bit_files_equal_their_eight_bit_twin(scene, encode):
    gray = scene[..., 1]
    expected = Picture(gray).rgb
    for kind in ("PNG", "TIFF"):
        source = encode(gray.astype(np.uint16) * 257, kind)
        np.testing.assert_array_equal(Picture(source).rgb, expected)


def test_floats_are_scaled_from_zero_to_one(scene, encode):
    expected = Picture(scene).rgb
    for dtype in (np.float64, np.float32):
        np.testing.assert_array_equal(Picture((scene / 255).astype(dtype)).rgb, expected)
    tiff = encode((scene[..., 0] / 255).astype(np.float32), "TIFF")
    np.testing.assert_array_equal(Picture(tiff).rgb, Picture(scene[..., 0]).rgb)


def test_bool_is_black_and_white():
    checks = np.array([[True, False], [False, True]])
    np.testing.assert_array_equal(Picture(checks, size=2).gray, [[255, 0], [0, 255]])
    image = Image.fromarray(checks)
    assert image.mode == "1"
    np.testing.assert_array_equal(Picture(image, size=2).gray, [[255, 0], [0, 255]])


def test_one_channel_and_gray_alike(scene):
    gray = scene[..., 0]
    expected = Picture(np.stack([gray] * 3, axis=-1)).rgb
    for source in (gray, gray[..., np.newaxis], np.asfortranarray(gray)):
        np.testing.assert_array_equal(Picture(source).rgb, expected)


def test_large_16_bit_picture_is_scaled_whole():
    # More rows than are scaled at once.
    rows = np.repeat(np.arange(600, dtype=np.uint16)[:, np.newaxis] * 100, 600, axis=1)
    np.testing.assert_array_equal(Picture(rows, size=600).gray[:, 5], (rows[:, 5] + 128) // 257)


def test_palette_gives_colours_not_indices(scene, encode):
    image = Image.fromarray(scene).quantize(16)
    expected = Picture(image.convert("RGB")).rgb
    np.testing.assert_array_equal(Picture(encode(image, "PNG")).rgb, expected)


@pytest.mark.parametrize(("mode", "kind"), [("CMYK", "JPEG"), ("YCbCr", "TIFF"), ("L", "GIF")])
def test_other_colour_modes_come_near_the_original(scene, encode, mode, kind):
    source = encode(Image.fromarray(scene).convert(mode), kind)
    target = scene if mode != "L" else np.asarray(Image.fromarray(scene).convert("L"))
    error = np.abs(Picture(source).rgb.astype(int) - Picture(target).rgb)
    assert error.mean() < 4


# Transparency


def test_alpha_is_laid_on_white_by_hand():
    # 255 * 128/255 of red on white: red stays 255, green and blue are 255 - 128 = 127.
    pixels = np.zeros((2, 2, 4), dtype=np.uint8)
    pixels[...] = (255, 0, 0, 128)
    np.testing.assert_array_equal(Picture(pixels, size=2).rgb[0, 0], [255, 127, 127])


def test_unseen_colour_of_clear_pixels_does_not_bleed():
    # Left half clear over black: on white it is white, and no darker where halves meet.
    pixels = np.zeros((64, 64, 4), dtype=np.uint8)
    pixels[:, 32:] = (255, 255, 255, 255)
    assert Picture(pixels, size=16).rgb.min() == 255


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA"])
def test_wholly_clear_pictures_are_white(mode):
    assert Picture(Image.new("RGBA", (5, 5)).convert(mode)).rgb.min() == 255


def test_palette_with_a_clear_colour(encode):
    image = Image.new("P", (4, 4), 0)
    image.putpalette([255, 0, 0, 0, 0, 255])
    image.putpixel((0, 0), 1)
    picture = Picture(encode(image, "PNG", transparency=0), size=4)
    np.testing.assert_array_equal(picture.rgb[0, 0], [0, 0, 255])
    np.testing.assert_array_equal(picture.rgb[3, 3], [255, 255, 255])


def test_opaque_alpha_changes_nothing(scene):
    opaque = np.dstack([scene, np.full(scene.shape[:2], 255, dtype=np.uint8)])
    np.testing.assert_array_equal(Picture(opaque).rgb, Picture(scene).rgb)


def test_random_alpha_is_the_weighted_mean_with_white():
    pixels = np.random.default_rng(0).integers(0, 256, (32, 32, 4), dtype=np.uint8)
    alpha = pixels[..., 3:] / 255
    expected = pixels[..., :3] * alpha + 255 * (1 - alpha)
    np.testing.assert_allclose(Picture(pixels, size=32).rgb, expected, atol=1)


# Draft mode


def _photo_like(side):
    noise = np.random.default_rng(0).integers(0, 256, (12, 16, 3), dtype=np.uint8)
    return Image.fromarray(noise).resize((side * 4 // 3, side), Image.Resampling.BICUBIC)


def test_draft_is_close_and_off_by_default(encode):
    source = encode(_photo_like(960), "JPEG", quality=90)
    plain, draft = Picture(source), Picture(source, draft=True)
    assert (draft.width, draft.height) == (1280, 960)
    np.testing.assert_array_equal(Picture(source, draft=False).rgb, plain.rgb)
    assert np.corrcoef(draft.rgb.ravel(), plain.rgb.ravel())[0, 1] > 0.99


def test_draft_never_decodes_below_the_working_size(encode, monkeypatch):
    from PIL.JpegImagePlugin import JpegImageFile

    decoded = []
    load = JpegImageFile.load
    monkeypatch.setattr(JpegImageFile, "load", lambda im: (decoded.append(im.size), load(im))[1])
    source = encode(_photo_like(480), "JPEG")  # 640 x 480
    for size, expected in ((60, (80, 60)), (61, (160, 120)), (128, (320, 240)), (241, (640, 480))):
        decoded.clear()
        Picture(source, size=size, draft=True)
        assert decoded[0] == expected


def test_draft_leaves_other_formats_alone(scene, encode):
    source = encode(scene, "PNG")
    np.testing.assert_array_equal(
        Picture(source, size=8, draft=True).rgb, Picture(source, size=8).rgb
    )


# First frame, odd shapes


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "TIFF"])
def test_first_frame_of_several(encode, kind):
    frames = [Image.new("RGB", (16, 16), colour) for colour in ("red", "blue", "lime")]
    options = {"lossless": True} if kind == "WEBP" else {}
    source = encode(frames[0], kind, save_all=True, append_images=frames[1:], **options)
    np.testing.assert_array_equal(Picture(source).rgb[0, 0], [255, 0, 0])


@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (500, 1), (2, 8000), (60000, 1), (7, 7)])
def test_any_shape_fills_the_square(shape):
    pixels = np.full((*shape, 3), [10, 200, 30], dtype=np.uint8)
    picture = Picture(pixels, size=16)
    assert (picture.height, picture.width) == shape
    assert (picture.rgb == [10, 200, 30]).all()


def test_no_view_of_a_constant_picture_is_undefined():
    for level, lightness in ((0, 0), (255, 100)):
        picture = Picture(np.full((9, 9, 3), level, dtype=np.uint8))
        assert not picture.hsv[..., :2].any()
        np.testing.assert_allclose(picture.lab[..., 0], lightness, atol=1e-3)
        assert math.isfinite(picture.lab.sum())


def test_user_image_is_not_changed(encode):
    with Image.open(io.BytesIO(encode(_photo_like(480), "JPEG"))) as image:
        Picture(image, draft=True)
        assert image.size == (640, 480)
