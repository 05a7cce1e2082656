"""How cells are shown in messages, and which paths are opened at all."""

import os

import numpy as np
import pytest

from mmsenti._sample import describe_cell, regular_file


def test_long_cells_keep_both_ends():
    shown = describe_cell("a" * 500 + "/end.png")
    assert len(shown) <= 82
    assert shown.startswith("'aaa")
    assert shown.endswith("/end.png'")


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("two\nlines", r"'two\nlines'"),
        ("\ud800", r"'\ud800'"),
        ("中文 😀", "'中文 😀'"),
        (np.zeros((2, 3)), "<ndarray of shape (2, 3)>"),
        (3.5, "3.5"),
        (object(), "<object>"),
    ],
)
def test_nothing_unprintable_is_shown(cell, shown):
    assert describe_cell(cell) == shown
    assert describe_cell(cell).isprintable()


def test_a_regular_file_may_have_any_name(tmp_path):
    for name in ("plain", "-rf", "sp ace ünï", "glob[1]*", "tilde~"):
        (tmp_path / name).touch()
        assert regular_file(tmp_path / name) == str(tmp_path / name)


def test_nothing_else_is_opened(tmp_path):
    with pytest.raises(FileNotFoundError, match="no such file"):
        regular_file(tmp_path / "none")
    with pytest.raises(FileNotFoundError, match="Backslashes do not separate folders here"):
        regular_file("images\\1.png")
    with pytest.raises(IsADirectoryError, match="a directory"):
        regular_file(tmp_path)
    with pytest.raises(ValueError, match="URLs are not read"):
        regular_file("https://example.org/a.png")
    with pytest.raises(ValueError, match="not a path"):
        regular_file("nul\0")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        for path in (tmp_path / "pipe", "/dev/zero"):
            with pytest.raises(OSError, match="not opened"):
                regular_file(path)
