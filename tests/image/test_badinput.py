"""Every case of the corpus of bad and odd inputs that a picture's column may hold."""

import csv
import os
import pathlib
import subprocess
import sys
import time

import numpy as np
import pytest

from mmsenti._missing import is_missing
from mmsenti.image import ImageFeatures, Picture

resource = pytest.importorskip("resource")

_SECONDS = 2
_KILOBYTES = 1 << 20


@pytest.fixture(scope="module")
def corpus(shared, tmp_path_factory):
    generator = shared / "badinput" / "gen.py"
    if not generator.is_file():
        pytest.skip("the generator of bad inputs is not here")
    folder = tmp_path_factory.mktemp("badinput")
    subprocess.run([sys.executable, generator, folder], check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def cases(corpus):
    with open(corpus / "expected.csv", encoding="utf-8", newline="") as file:
        rows = [r for r in csv.DictReader(file) if r["modality"] in ("image", "path")]
    return [row for row in rows if not row["file"].endswith(".wav")]


def _cell(row, corpus):
    name = row["file"]
    if name.startswith("ABS:"):
        return name.removeprefix("ABS:")
    if not name.startswith("PY:"):
        return str(corpus / name).replace("\\0", "\0")
    rng = np.random.default_rng(0)
    return {
        "PY:None": None,
        "PY:nan": float("nan"),
        "PY:123": 123,
        "PY:bytes": os.fsencode(corpus / "image" / "good.png"),
        "PY:pathlib": pathlib.Path(corpus / "image" / "good.png"),
        "PY:array": rng.integers(0, 256, (40, 30, 3), dtype=np.uint8),
        "PY:array_nan": np.full((9, 9, 3), np.nan),
        "PY:array_bad": np.zeros(50, dtype=np.uint8),
        "PY:array_float255": rng.random((20, 20, 3)) * 255,
    }[name]


def _outcome(cell):
    """What the default gives: "features", "error" (a NaN row when asked for) or "missing"."""
    try:
        features = ImageFeatures().transform([cell])
    except (ValueError, OSError) as error:
        assert str(error).startswith("ImageFeatures, row 0, "), error  # noqa: PT017
        assert str(error).isprintable(), error  # noqa: PT017
        assert np.isnan(ImageFeatures(on_error="missing").transform([cell])).all()
        return "error"
    if np.isnan(features).all():
        return "missing"
    assert np.isfinite(features).all()
    return "features"


def _problem(row, cell):
    if row["file"] == "path/noperm.png" and os.geteuid() == 0:
        return None
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    outcome = _outcome(cell)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    wanted = {
        "ok": ("features",),
        "ok_any": ("features", "error"),
        "missing": ("missing",) if is_missing(cell) else ("error",),
    }[row["expect"]]
    if row["file"] == "PY:bytes":  # bytes are a file's content, never its path
        wanted = ("error",)
    if outcome not in wanted:
        return f"{row['file']}: {outcome}, expected {wanted} ({row['note']})"
    if seconds > _SECONDS or peak > max(before, _KILOBYTES):
        return f"{row['file']}: {seconds:.1f} s, {peak} kB"
    return None


def test_every_case_behaves_as_its_table_says(corpus, cases):
    problems = [_problem(row, _cell(row, corpus)) for row in cases]
    assert not list(filter(None, problems))
    assert len(problems) > 95


def test_features_are_near_those_of_the_same_picture(corpus, cases):
    for row in cases:
        if row["same_as"] and row["expect"] == "ok":
            pair = [_cell(row, corpus), str(corpus / row["same_as"])]
            features = ImageFeatures().transform(pair)
            assert np.corrcoef(features)[0, 1] > 0.999, row["file"]
            one, other = (Picture(path).rgb.astype(int) for path in pair)
            assert np.abs(one - other).mean() < 3, row["file"]
