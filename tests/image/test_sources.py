import os

import numpy as np
import pytest

from mmsenti.image import Picture

# Unknown ranges


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.full((4, 4), 200.0), "got 200 to 200, whose scale would be a guess"),
        (np.full((4, 4), -0.1), "whose scale would be a guess"),
        (np.array([[0.5, np.nan]]), "got NaN or infinity"),
        (np.array([[0.5, np.inf]]), "got NaN or infinity"),
        (np.zeros(50, dtype=np.uint8), r"got \(50,\)"),
        (np.zeros((4, 4, 2), dtype=np.uint8), r"got \(4, 4, 2\)"),
        (np.zeros((2, 4, 4, 3), dtype=np.uint8), r"got \(2, 4, 4, 3\)"),
        (np.zeros((0, 4, 3), dtype=np.uint8), "without pixels"),
        (np.zeros((4, 4), dtype=np.int64), "got int64"),
        (np.array([["a"]]), "got <U1"),
        (np.array([[None]]), "got object"),
    ],
)
def test_arrays_of_unknown_meaning_are_refused(array, message):
    with pytest.raises(ValueError, match=message):
        Picture(array)


def test_whole_numbers_of_32_bits(encode):
    small = np.array([[0, 100], [200, 255]], dtype=np.int32)
    np.testing.assert_array_equal(Picture(encode(small, "TIFF"), size=2).gray, small)
    with pytest.raises(ValueError, match="from 0 to 255000, whose range is not known"):
        Picture(encode(small * 1000, "TIFF"))


def test_float_tiff_out_of_range(encode):
    with pytest.raises(ValueError, match="NaN or infinity"):
        Picture(encode(np.array([[0.1, np.nan]], dtype=np.float32), "TIFF"))
    with pytest.raises(ValueError, match="whose scale would be a guess"):
        Picture(encode(np.array([[0.1, 1.5]], dtype=np.float32), "TIFF"))


# Sources


@pytest.mark.parametrize("number", [123, 0, 1.5, True, np.int64(3)])
def test_a_number_is_no_picture(number):
    with pytest.raises(ValueError, match="got the number"):
        Picture(number)


@pytest.mark.parametrize("source", [{}, [], object(), (1, 2)])
def test_what_no_picture_can_come_from_is_the_callers_mistake(source):
    with pytest.raises(
        TypeError, match="expected a path, the bytes of a file, a PIL image or an array"
    ):
        Picture(source)


def test_urls_pipes_devices_and_folders_are_not_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(OSError, match="a pipe or device"):
        Picture(tmp_path / "pipe.png")
    with pytest.raises(OSError, match="a pipe or device"):
        Picture("/dev/zero")
    with pytest.raises(OSError, match="a directory"):
        Picture(tmp_path)
    with pytest.raises(OSError, match="no such file"):
        Picture(tmp_path / "absent.png")
    with pytest.raises(ValueError, match="URLs are not read"):
        Picture("http://127.0.0.1:9/x.png")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads everything")
def test_no_permission(tmp_path, scene, encode):
    path = tmp_path / "secret.png"
    path.write_bytes(encode(scene, "PNG"))
    path.chmod(0)
    with pytest.raises(OSError, match=r"^cannot be opened \(Permission denied\)\.$"):
        Picture(path)
