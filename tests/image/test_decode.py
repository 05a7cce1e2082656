import os
import struct
import sys
import threading
import time
import warnings
import zlib

import numpy as np
import pytest
from PIL import Image, ImageFile

from mmsenti.image import ImageFeatures, Picture


def _chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _png(width, height, depth=8, colour=0, pixels=b"", extra=b""):
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + extra
        + _chunk(b"IDAT", zlib.compress(pixels))
        + _chunk(b"IEND", b"")
    )


@pytest.fixture
def png(scene, encode):
    return encode(scene, "PNG")


@pytest.fixture
def jpeg(scene, encode):
    return encode(scene, "JPEG", quality=85)


# Formats


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n", "EPS"),
        (b"%PDF-1.4\n", "PDF"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
        (b'\xef\xbb\xbf<?xml version="1.0"?><svg/>', "SVG or other XML"),
        (b"<!DOCTYPE html><html>404</html>", "HTML"),
        (b"P6 100000 100000 255\n\1\1\1", "PPM"),
        (b"8BPS\0\1", "PSD"),
        (b"\x80\x04\x95\x1e\x00", "unknown"),
        (b"just a text", "unknown"),
    ],
)
def test_formats_outside_the_list_are_refused_by_name(tmp_path, content, name):
    path = tmp_path / "named.png"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=rf"^format not supported \({name}\), expected JPEG, PNG"):
        Picture(path)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP", "AVIF"])
def test_content_decides_not_the_name(tmp_path, scene, encode, kind):
    path = tmp_path / "picture.eps"
    path.write_bytes(encode(scene, kind))
    assert Picture(path).width == 64


def test_an_eps_opened_by_pillow_is_not_loaded(tmp_path):
    path = tmp_path / "a.eps"
    path.write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\n%%EOF\n")
    with (
        Image.open(path) as image,
        pytest.raises(ValueError, match=r"format not supported \(EPS\)"),
    ):
        Picture(image)


def test_bytes_are_not_a_path(tmp_path, png):
    path = tmp_path / "a.png"
    path.write_bytes(png)
    with pytest.raises(ValueError, match="Bytes are a file's content"):
        Picture(os.fsencode(path))


def test_an_image_made_in_memory_has_no_format():
    assert Picture(Image.new("RGB", (3, 2))).width == 3


# Damage


@pytest.mark.parametrize("percent", [1, 5, 25, 50, 75, 95])
@pytest.mark.parametrize("draft", [False, True])
def test_a_cut_jpeg_is_refused(jpeg, percent, draft):
    with pytest.raises(ValueError, match=r"not a readable image \(JPEG: "):
        Picture(jpeg[: len(jpeg) * percent // 100], draft=draft)


@pytest.mark.parametrize("kind", ["PNG", "GIF", "BMP", "TIFF", "WEBP", "AVIF"])
def test_half_a_file_is_refused(scene, encode, kind):
    content = encode(scene, kind)
    with pytest.raises(ValueError, match=rf"not a readable image \({kind}"):
        Picture(content[: len(content) // 2])


def test_pillows_leniency_stays_off():
    assert not ImageFile.LOAD_TRUNCATED_IMAGES


def test_a_png_cut_after_its_signature(png):
    for length in (8, 12, 20, len(png) - 14):
        with pytest.raises(ValueError, match="PNG cut short"):
            Picture(png[:length])


@pytest.mark.parametrize("chunk", [b"IHDR", b"IDAT", b"IEND"])
def test_a_broken_png_checksum_is_named(png, chunk):
    broken = bytearray(png)
    start = png.index(chunk)
    length = struct.unpack(">I", png[start - 4 : start])[0]
    broken[start + 4 + length] ^= 0xFF
    with pytest.raises(
        ValueError, match=f"PNG with a broken checksum in its chunk b'{chunk.decode()}'"
    ):
        Picture(bytes(broken))


def test_a_flipped_bit_in_png_pixels_is_found(png):
    broken = bytearray(png)
    broken[png.index(b"IDAT") + 40] ^= 1
    with pytest.raises(ValueError, match="broken checksum"):
        Picture(bytes(broken))


def test_every_cut_and_every_flip_gives_features_or_a_clear_error(scene, encode):
    rng = np.random.default_rng(0)
    for kind in ("JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP"):
        content = encode(scene, kind)
        for _ in range(60):
            broken = bytearray(content)
            for place in rng.integers(0, len(broken), 3):
                broken[place] ^= 1 << rng.integers(8)
            try:
                features = ImageFeatures().transform(
                    [bytes(broken[: rng.integers(1, len(broken))])]
                )
            except (ValueError, OSError) as error:
                assert str(error).startswith("ImageFeatures, row 0, <bytes of length ")  # noqa: PT017
            else:
                assert np.isfinite(features).all()


def test_empty_file(tmp_path):
    path = tmp_path / "empty.jpg"
    path.touch()
    with pytest.raises(ValueError, match=r"an empty file \(0 bytes\)"):
        Picture(path)


def test_png_of_no_size():
    with pytest.raises(ValueError, match="not a readable image"):
        Picture(_png(0, 0))


# Bombs


@pytest.mark.parametrize("side", [8000, 12000, 30000, 100000])
def test_the_pixel_limit_is_judged_by_the_header(side):
    start = time.process_time()
    with pytest.raises(ValueError, match=f"{side} x {side} pixels, more than max_pixels=50000000"):
        Picture(_png(side, side))
    assert time.process_time() - start < 1


def test_the_pixel_limit_is_a_parameter(scene, encode):
    source = encode(scene, "PNG")
    assert Picture(source, max_pixels=64 * 48).width == 64
    for cell in (source, scene, Image.fromarray(scene)):
        with pytest.raises(ValueError, match="64 x 48 pixels, more than max_pixels=3071"):
            Picture(cell, max_pixels=64 * 48 - 1)


def test_a_limit_above_pillows_own_does_not_warn():
    # 9500^2 is above the 89 million at which Pillow warns; one bit a pixel keeps it small.
    picture = _png(9500, 9500, depth=1, pixels=b"\0" * (9500 * 1189))
    assert Picture(picture, size=4, max_pixels=100_000_000).width == 9500


def test_a_text_chunk_that_expands_is_refused():
    text = _chunk(b"zTXt", b"k\0\0" + zlib.compress(b"A" * (20 << 20)))
    with pytest.raises(ValueError, match="not a readable image"):
        Picture(_png(8, 8, pixels=b"\0" * 72, extra=text))


def test_a_gif_that_claims_a_giant_screen(encode):
    content = bytearray(encode(Image.new("P", (10, 10)), "GIF"))
    content[6:10] = struct.pack("<HH", 65535, 65535)
    with pytest.raises(ValueError, match="65535 x 65535 pixels"):
        Picture(bytes(content))


def test_many_frames_cost_no_more_than_one(encode):
    frames = [Image.new("L", (8, 8), i % 256) for i in range(500)]
    content = encode(frames[0], "GIF", save_all=True, append_images=frames[1:])
    start = time.process_time()
    Picture(content)
    assert time.process_time() - start < 0.5


# Manners


def _tiff_that_makes_pillow_warn():
    entries = [
        (256, 3, 1, 2),  # width
        (257, 3, 1, 2),  # height
        (258, 3, 1, 8),  # bits per sample
        (262, 3, 1, 1),  # black is zero
        (270, 2, 1000, 8),  # a description that reaches far beyond the end of the file
        (273, 4, 1, 8 + 2 + 12 * 7 + 4),  # where the pixels are
        (279, 4, 1, 4),  # how many bytes they are
    ]
    directory = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    pixels = bytes([0, 85, 170, 255])
    return b"II*\0" + struct.pack("<IH", 8, 7) + directory + struct.pack("<I", 0) + pixels


def test_pillows_warnings_stay_inside(tmp_path):
    path = tmp_path / "a.tif"
    path.write_bytes(_tiff_that_makes_pillow_warn())
    with pytest.warns(UserWarning, match="larger than file"), Image.open(path) as image:
        image.load()
    before = list(warnings.filters)
    np.testing.assert_array_equal(Picture(path, size=2).gray, [[0, 85], [170, 255]])
    assert warnings.filters == before


def test_threads_leave_the_warning_filters_as_they_were():
    content = _tiff_that_makes_pillow_warn()
    before = list(warnings.filters)
    failures = []

    def work():
        try:
            for _ in range(40):
                Picture(content, size=2)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert warnings.filters == before


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="counts the open files of /proc")
def test_files_are_closed_whatever_happens(tmp_path, scene, encode):
    paths = []
    for kind in ("JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP"):
        content = encode(scene, kind)
        for name, part in (("whole", content), ("half", content[: len(content) // 2])):
            paths.append(tmp_path / f"{name}.{kind.lower()}")
            paths[-1].write_bytes(part)
    paths.append(tmp_path / "lzw.tif")
    paths[-1].write_bytes(encode(scene, "TIFF", compression="tiff_lzw"))
    ImageFeatures(on_error="missing").transform(paths)
    before = len(os.listdir("/proc/self/fd"))
    ImageFeatures(on_error="missing").transform(paths)
    assert len(os.listdir("/proc/self/fd")) == before
