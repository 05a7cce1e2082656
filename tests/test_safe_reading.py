"""Reading a cell starts no program, opens no pipe and asks no network, whatever is installed."""

import json
import os
import struct
import subprocess
import sys
import wave

import numpy as np
import pytest
from PIL import Image

PROGRAMS = ("ffmpeg", "ffprobe", "avconv", "sox", "gs", "magick", "convert", "mpg123")

# Answers to every path, and what Python's audit hooks saw on the way.
SCRIPT = """
import json, sys
seen = []
def watch(event, arguments):
    if event.startswith(("subprocess", "os.exec", "os.fork", "os.posix_spawn", "os.system",
                         "socket", "urllib", "http", "pickle.find_class", "ctypes.dlopen")):
        seen.append([event, str(arguments[:1])])
    if event == "open" and str(arguments[0]) in forbidden:
        seen.append([event, str(arguments[0])])
paths, forbidden = json.loads(sys.stdin.read())
sys.addaudithook(watch)
import warnings
from mmsenti.audio import AudioFeatures
from mmsenti.image import ImageFeatures
answers = []
for kind in (ImageFeatures, AudioFeatures):
    for path in paths:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                answers.append(kind().transform([path])[0].tolist())
            except (ValueError, OSError) as error:
                answers.append(f"{type(error).__name__}: {error}")
            answers.append([str(warning.message) for warning in caught])
print(json.dumps([answers, seen]))
"""


@pytest.fixture
def files(tmp_path):
    """One file of each kind that some library hands to another program, and two good ones."""
    folder = tmp_path / "files"
    folder.mkdir()
    ramp = np.arange(48 * 64 * 3, dtype=np.uint32).reshape(48, 64, 3) % 251
    Image.fromarray(ramp.astype(np.uint8)).save(folder / "good.png")
    with wave.open(str(folder / "good.wav"), "wb") as file:
        file.setparams((1, 2, 16000, 0, "NONE", ""))
        file.writeframes((np.sin(np.arange(8000) / 12) * 9000).astype("<i2").tobytes())
    contents = {
        "script.eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(x) (w) file\nshowpage\n",
        "script.png": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(x) (w) file\nshowpage\n",
        "page.pdf": b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF",
        "drawing.svg": b'<svg xmlns="http://www.w3.org/2000/svg"><image href="http://[::1]/"/></svg>',
        "playlist.wav": b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
        "song.m4a": struct.pack(">I", 24) + b"ftypM4A \0\0\2\0isomiso2" + bytes(400),
        "film.webm": b"\x1aE\xdf\xa3" + bytes(400),
        "pickle.png": b"\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x04true\x85R.",
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return folder


def answers_to(paths, forbidden, search_path):
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        input=json.dumps([paths, forbidden]),
        env={**os.environ, "PATH": str(search_path)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return json.loads(done.stdout)


def test_the_same_answers_with_and_without_ffmpeg_and_no_program_is_started(files, tmp_path):
    programs, nothing, trace = tmp_path / "programs", tmp_path / "nothing", tmp_path / "trace"
    programs.mkdir()
    nothing.mkdir()
    for name in PROGRAMS:
        (programs / name).write_text(f"#!/bin/sh\necho {name} >> {trace}\n")
        (programs / name).chmod(0o755)
    paths = sorted(map(str, files.iterdir()))
    with_them, seen = answers_to(paths, [], programs)
    without, seen_too = answers_to(paths, [], nothing)
    assert with_them == without
    assert sum(isinstance(answer, list) and len(answer) > 100 for answer in without) == 2
    assert all("format not supported" in a for a in without if isinstance(a, str))
    assert not trace.exists()
    libraries = [event for event in seen + seen_too if event[0] != "ctypes.dlopen"]
    assert libraries == []


def test_what_is_no_file_is_refused_unopened(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "link.wav").symlink_to(tmp_path / "pipe.png")
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "loop.png").symlink_to(tmp_path / "loop.png")
    refused = [str(tmp_path / name) for name in ("pipe.png", "link.wav", "folder.png", "loop.png")]
    refused += ["/dev/zero", "/dev/stdin", "/dev/null", "/proc/self/fd/0"]
    refused += ["http://127.0.0.1:9/x.png", "file:///etc/hostname", "HTTPS://x/y.wav", "s3://a/b"]
    answers, seen = answers_to(refused, refused, os.environ.get("PATH", ""))
    reasons = ["pipe or device", "pipe or device", "a directory", "cannot be reached"]
    reasons += ["pipe or device"] * 4 + ["URLs are not read"] * 4
    errors = [answer for answer in answers if isinstance(answer, str)]
    assert len(errors) == 2 * len(refused)
    for error, reason in zip(errors, 2 * reasons, strict=True):
        assert reason in error
    assert [event for event in seen if event[0] != "ctypes.dlopen"] == []
