"""Progress: silent, plain on a pipe, a bar in a terminal."""

import io
import sys

import numpy as np
import pytest

import mmsenti._base
import mmsenti._progress
from mmsenti._progress import Progress
from mmsenti.image import ColorMoments, make_image_features


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def clock(monkeypatch):
    """A clock that goes on by ten seconds each time that it is asked."""
    time = iter(range(0, 10_000, 10))
    monkeypatch.setattr(mmsenti._progress.time, "monotonic", lambda: float(next(time)))


def test_a_pipe_gets_a_plain_line_now_and_then(clock, capsys):
    with Progress("Features", 4000) as progress:
        progress.advance(1000)  # after 10 s
        progress.advance(1000)  # 20 s, too early for another line
        progress.advance(1000)  # 30 s
    lines = capsys.readouterr().err.splitlines()
    assert lines == [
        "Features: 1,000 of 4,000 rows, 100 rows/s, 30 s left",
        "Features: 3,000 of 4,000 rows, 100 rows/s, 10 s left",
    ]


def test_short_work_says_nothing(capsys):
    with Progress("Features", 10) as progress:
        progress.advance(10)
    assert capsys.readouterr().err == ""


def test_silence(clock, capsys):
    with Progress("Features", 10, verbose=0) as progress:
        progress.advance(10)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("seconds", "said"), [(7, "7 s"), (61, "1 min 01 s"), (7300, "2 h 01 min")]
)
def test_durations(seconds, said):
    assert mmsenti._progress._duration(seconds) == said


def test_a_terminal_without_rich_has_one_line_drawn_over(clock, monkeypatch):
    monkeypatch.setitem(sys.modules, "rich.console", None)
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    with Progress("Features", 100) as progress:
        progress.advance(50)
        progress.advance(50)
    assert terminal.getvalue().count("\n") == 1
    assert terminal.getvalue().startswith("\rFeatures: 50 of 100 rows")


def test_a_terminal_with_rich_has_a_bar(monkeypatch):
    pytest.importorskip("rich")
    monkeypatch.setattr(mmsenti._progress, "_REFRESH", 0.0)
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    with Progress("Features", 100) as progress:
        progress.advance(50)
        progress.advance(50)
    assert "100 of 100 rows" in terminal.getvalue()


def test_an_extractor_shows_what_it_computes_and_not_what_it_knows(monkeypatch, capsys):
    monkeypatch.setattr(mmsenti._progress, "_FIRST_LINE", 0.0)
    mmsenti._base._memory.clear()
    pictures = [np.full((4, 4, 3), i, np.uint8) for i in range(30)]
    extractor = make_image_features(ColorMoments(), verbose=1)
    extractor.transform(pictures[:20])
    assert capsys.readouterr().err.startswith("ImageFeatures: 20 of 20 rows")
    extractor.transform(pictures)
    assert capsys.readouterr().err.startswith("ImageFeatures: 10 of 10 rows")
    extractor.set_params(verbose=0).transform([np.full((4, 4, 3), 99, np.uint8)])
    assert capsys.readouterr().err == ""
