import csv
import os
import subprocess
import sys
import time
import warnings

import numpy as np
import pytest

from mmsenti._sample import SampleWarning
from mmsenti.audio import AudioFeatures

MAX_SECONDS = 2.0
MAX_BYTES = 1 << 30


@pytest.fixture(scope="module")
def cases(badinput, tmp_path_factory):
    """Every case that is a sound: (place, expectation, place of what it should be near)."""
    folder = tmp_path_factory.mktemp("badinput")
    subprocess.run(
        [sys.executable, str(badinput / "gen.py"), str(folder)], check=True, capture_output=True
    )
    with open(folder / "expected.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return [
        (
            _place(folder, row["file"]),
            row["expect"],
            row["same_as"] and str(folder / row["same_as"]),
        )
        for row in rows
        if row["modality"] == "audio" or (row["modality"] == "path" and _is_for_sound(row["file"]))
    ]


def _is_for_sound(file):
    return file.endswith(".wav") or (file.startswith("ABS:") and not file.endswith(".png"))


def _place(folder, file):
    return file.removeprefix("ABS:") if file.startswith("ABS:") else str(folder / file)


def _run(place, on_error="raise", **params):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        features = AudioFeatures(on_error=on_error, **params).transform([place])[0]
    assert all(issubclass(w.category, SampleWarning) for w in caught)
    return features, len(caught)


def _judge(place, expect, same_as):
    """Say what is wrong with the answer to a case; None if it is as expected."""
    limit_raised = {"max_duration": 4000.0} if "hour_8k" in place else {}
    try:
        features, n_warnings = _run(place, **limit_raised)
    except (ValueError, OSError) as error:
        if expect not in ("missing", "ok_any"):
            return f"refused: {error}"
        if "AudioFeatures, row 0, " not in str(error) or not str(error).isprintable():
            return f"not a clear error: {error}"
        features, n_warnings = _run(place, on_error="missing")
        return None if np.isnan(features).all() and not n_warnings else "not a missing row"
    if expect == "missing":
        # An empty place is a missing cell and never an error.
        return None if not place and np.isnan(features).all() else "accepted"
    if not np.isfinite(features).all():
        return "not finite"
    if expect != "ok_any" and n_warnings != (expect == "ok_warn"):
        return f"{n_warnings} warnings"
    if same_as:
        near = np.corrcoef(features, _run(same_as)[0])[0, 1]
        return None if near > 0.97 else f"far from {same_as}: r = {near:.3f}"
    return None


def test_every_case_is_as_the_table_says(cases):
    assert len(cases) > 65
    wrong = {}
    for place, expect, same_as in cases:
        start = time.perf_counter()
        verdict = _judge(place, expect, same_as)
        seconds = time.perf_counter() - start
        if verdict is None and seconds > MAX_SECONDS and "hour_8k" not in place:
            verdict = f"took {seconds:.1f} s"
        if verdict:
            wrong[os.path.basename(place)] = verdict
    assert wrong == {}


def test_an_hour_is_refused_unless_the_limit_is_raised(cases):
    place = next(place for place, _, _ in cases if "hour_8k" in place)
    with pytest.raises(ValueError, match="lasts 3600 s or more, and max_duration is 600 s"):
        _run(place)


def test_refused_cases_take_no_memory(cases, peak_memory):
    refused = [place for place, expect, _ in cases if expect == "missing" and place]
    script = "import sys\nfrom mmsenti.audio import AudioFeatures\n"
    script += "AudioFeatures(on_error='missing').transform(sys.argv[1:])"
    assert peak_memory(script, *refused) < MAX_BYTES // 2
