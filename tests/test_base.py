"""What could not be read is listed, whatever else the extractor remembers."""

import pickle

import numpy as np
import pytest
from PIL import Image
from sklearn.base import clone

import mmsenti._base
from mmsenti import load, save
from mmsenti.image import ColorMoments, make_image_features


@pytest.fixture
def cells(tmp_path):
    """Sixty pictures: rows 3 and 40 broken in the same way, 7 missing, 50 not there, 55 bytes."""
    mmsenti._base._memory.clear()
    cells = [str(tmp_path / f"{row}.png") for row in range(60)]
    for row, path in enumerate(cells):
        Image.new("RGB", (4, 4), (row, 0, 0)).save(path)
    for row in (3, 40):
        with open(cells[row], "wb") as file:
            file.write(b"no picture")
    cells[7] = None
    cells[50] = str(tmp_path / "gone.png")
    cells[55] = b"neither"
    return cells


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_errors_name_row_path_and_reason_each_time(cells, tmp_path, n_jobs):
    extractor = make_image_features(
        ColorMoments(), on_error="missing", store=tmp_path / "features.db", n_jobs=n_jobs
    )
    assert not hasattr(extractor, "errors_")
    for _ in range(2):
        features = extractor.transform(cells)
        assert np.flatnonzero(np.isnan(features).all(axis=1)).tolist() == [3, 7, 40, 50, 55]
        rows, places, reasons = zip(*extractor.errors_, strict=True)
        assert rows == (3, 40, 50, 55)
        assert places == (cells[3], cells[40], cells[50], "<bytes of length 7>")
        assert reasons[0] == reasons[1]
        assert "no such file" in reasons[2]
        assert not any(str(tmp_path) in reason for reason in reasons)  # so that they can be counted
    extractor.transform(cells[:3])
    assert extractor.errors_ == []


def test_errors_stay_where_they_are(cells, tmp_path):
    extractor = make_image_features(ColorMoments(), on_error="missing")
    extractor.transform(cells)
    assert not hasattr(clone(extractor), "errors_")
    assert pickle.loads(pickle.dumps(extractor)).errors_ == extractor.errors_
    save(extractor, tmp_path / "extractor.skops")
    assert not hasattr(load(tmp_path / "extractor.skops"), "errors_")
    strict = clone(extractor).set_params(on_error="raise")
    strict.transform(cells[:3])
    assert not hasattr(strict, "errors_")
