"""Equal content, equal digest; whatever else differs is another content."""

import os
import time

import numpy as np
import pytest
from PIL import Image

from mmsenti.store import content_digest
from mmsenti.store._content import cell_key, other_key


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "cell"
    path.write_bytes(b"abcd")
    age(path)
    return path


def age(path, seconds=3600):
    """Set the times back; the time of change can only be waited for, which the tests do not."""
    status = os.stat(path)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns - seconds * 10**9))


def test_kinds_of_cells_never_meet(file):
    name = str(file)
    digests = [
        content_digest(name),
        content_digest(name, text=True),
        content_digest(name.encode()),
        content_digest(b"abcd"),
        content_digest("abcd", text=True),
        content_digest(np.frombuffer(b"abcd", dtype=np.uint8)),
        content_digest(np.frombuffer(b"abcd", dtype=np.int8)),
        content_digest(np.frombuffer(b"abcd", dtype=np.uint8).reshape(2, 2)),
        content_digest((np.frombuffer(b"abcd", dtype=np.uint8), 8000)),
        content_digest((np.frombuffer(b"abcd", dtype=np.uint8), 16000)),
        content_digest(Image.frombytes("L", (2, 2), b"abcd")),
        content_digest(Image.frombytes("L", (4, 1), b"abcd")),
        content_digest(Image.frombytes("RGBA", (1, 1), b"abcd")),
    ]
    assert all(isinstance(digest, bytes) and len(digest) == 32 for digest in digests)
    assert len(set(digests)) == len(digests)


def test_equal_content_is_one_content(file, tmp_path):
    other = tmp_path / "moved"
    other.write_bytes(b"abcd")
    assert content_digest(file) == content_digest(str(file)) == content_digest(other)
    assert content_digest(b"abcd") == content_digest(bytearray(b"abcd"))
    array = np.arange(6.0).reshape(2, 3)
    assert content_digest(array) == content_digest(np.asfortranarray(array))
    assert content_digest((array, 8000)) == content_digest((array, np.int64(8000)))
    assert content_digest("\ud800", text=True) is not None


def test_what_is_seen_of_an_image_of_pillows(tmp_path):
    image = Image.frombytes("P", (1, 1), b"\0")
    image.putpalette([255, 0, 0])
    other = image.copy()
    other.putpalette([0, 0, 255])
    clear = image.copy()
    clear.info["transparency"] = 0
    turned = image.copy()
    turned.getexif()[0x0112] = 6
    assert len({content_digest(each) for each in (image, other, clear, turned)}) == 4
    assert content_digest(image) == content_digest(image.copy())
    image.save(tmp_path / "image.png")
    with Image.open(tmp_path / "image.png") as lazy:
        assert content_digest(lazy) is None
        assert lazy.tile  # still not decoded


@pytest.mark.parametrize(
    "cell",
    [
        "missing",
        "",
        "http://a.b/c.png",
        "a\0b",
        1,
        1.0,
        [1.0],
        object(),
        ("a", 1),
        (np.ones(2), "x"),
    ],
)
def test_what_cannot_be_told_is_none(cell):
    assert content_digest(cell) is None
    assert content_digest(np.array([object()])) is None
    assert content_digest(np.ma.masked_array([1.0], mask=[True])) is None


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_pipes_and_devices_are_not_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path, "/dev/zero"):
        assert content_digest(path) is None


@pytest.fixture
def old_file(file, monkeypatch):
    """A file that counts as old enough to be remembered."""
    monkeypatch.setattr("mmsenti.store._content._TICK_NS", -(10**9))
    content_digest(file)
    return file


def test_a_file_is_read_once(old_file, monkeypatch):
    before = content_digest(old_file)
    with monkeypatch.context() as patch:
        patch.setattr(
            "mmsenti.store._content._stream_digest", lambda file: pytest.fail("read again")
        )
        assert content_digest(old_file) == before
        old_file.rename(old_file.with_name("moved"))
        # Renaming is a change of the file to some systems; then it would be read again.
    old_file.with_name("moved").touch()
    assert content_digest(old_file.with_name("moved")) == before


def test_a_changed_file_of_equal_size_and_time_is_another(old_file):
    before, status = content_digest(old_file), os.stat(old_file)
    time.sleep(0.02)  # more than a tick of the clock
    old_file.write_bytes(b"abce")
    os.utime(old_file, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert os.stat(old_file).st_mtime_ns == status.st_mtime_ns
    assert content_digest(old_file) != before


def test_a_young_file_is_read_anew(tmp_path):
    path = tmp_path / "young"
    for round_ in range(200):  # faster than the clock of some file systems ticks
        path.write_bytes(b"%04d" % round_)
        assert content_digest(path) == content_digest_of_file(b"%04d" % round_, tmp_path)


def content_digest_of_file(content, folder):
    path = folder / "fresh"
    path.unlink(missing_ok=True)
    path.write_bytes(content)
    return content_digest(path)


def test_an_old_file_is_told_by_its_status(old_file, tmp_path, monkeypatch):
    digest = content_digest(old_file)
    assert other_key(old_file, digest) is None
    key = cell_key(str(old_file))
    assert other_key(old_file, digest) == key
    assert other_key(old_file, key) == digest
    assert other_key(old_file, content_digest(b"abcd")) is None
    assert other_key(old_file, None) is None
    assert other_key(tmp_path / "gone", digest) is None
    monkeypatch.setattr("mmsenti.store._content._read_digest", lambda path: pytest.fail("read"))
    assert cell_key(old_file) == key  # whether its content is known or not
    other = tmp_path / "other"
    other.write_bytes(b"abcd")
    assert cell_key(other) != key
    assert other_key(other, digest) is None  # which was never read
    assert other_key(other, cell_key(other)) is None
    assert other_key(other, key) is None


def test_a_file_changed_behind_its_time_stamp_has_another_key(old_file):
    before, status = cell_key(old_file), os.stat(old_file)
    time.sleep(0.02)
    old_file.write_bytes(b"abce")
    os.utime(old_file, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert cell_key(old_file) != before


def test_a_file_that_was_read_young_is_told_by_its_content(tmp_path, monkeypatch):
    path = tmp_path / "young"
    path.write_bytes(b"abcd")
    digest = content_digest(path)
    assert cell_key(path) == digest
    monkeypatch.setattr("mmsenti.store._content._TICK_NS", -(10**9))
    assert cell_key(path) == cell_key(path) == digest


@pytest.mark.parametrize(
    "cell", [b"abcd", np.ones(3), ("a", 1), "gone", "http://a.b/c", "a\0b", ""]
)
def test_what_is_no_file_is_told_by_its_content(cell):
    assert cell_key(cell) == content_digest(cell)
    assert cell_key("abcd", text=True) == content_digest("abcd", text=True)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_pipes_and_devices_have_no_key(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path, "/dev/zero"):
        assert cell_key(path) is None
