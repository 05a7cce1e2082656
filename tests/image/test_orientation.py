import numpy as np
import pytest
from PIL import Image

from mmsenti.image import Picture


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied(scene, encode, kind, orientation):
    # The inverse of what a viewer does to show the file upright (EXIF 2.3, tag 0x0112).
    store = {
        1: lambda a: a,
        2: np.fliplr,
        3: lambda a: np.rot90(a, 2),
        4: np.flipud,
        5: lambda a: a.transpose(1, 0, 2),
        6: lambda a: np.rot90(a, 1),
        7: lambda a: np.rot90(a.transpose(1, 0, 2), 2),
        8: lambda a: np.rot90(a, -1),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    lossless = {"JPEG": {"quality": 98, "subsampling": 0}, "WEBP": {"lossless": True}}
    stored = np.ascontiguousarray(store(scene))
    source = encode(stored, kind, exif=exif, **lossless.get(kind, {}))
    for draft in (False, True):
        picture = Picture(source, size=32, draft=draft)
        assert (picture.width, picture.height) == (64, 48)
        error = np.abs(picture.rgb.astype(int) - Picture(scene, size=32).rgb)
        assert error.max() <= (12 if kind == "JPEG" else 1)


@pytest.mark.parametrize("orientation", [0, 9, 99, 65535])
def test_impossible_orientation_is_ignored(scene, encode, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    source = encode(scene, "PNG", exif=exif)
    np.testing.assert_array_equal(Picture(source).rgb, Picture(scene).rgb)


def test_broken_exif_is_ignored(scene, encode):
    exif = b"Exif\0\0II*\0\xff\xff\xff\xff" + b"\x01" * 40
    plain, broken = encode(scene, "JPEG"), encode(scene, "JPEG", exif=exif)
    np.testing.assert_array_equal(Picture(broken).rgb, Picture(plain).rgb)


def test_broken_colour_profile_is_ignored(scene, encode):
    source = encode(scene, "PNG", icc_profile=b"\0" * 200)
    np.testing.assert_array_equal(Picture(source).rgb, Picture(scene).rgb)
