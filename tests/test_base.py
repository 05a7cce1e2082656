"""What could not be read is listed, whatever else the extractor remembers."""

import pickle
from typing import ClassVar

import numpy as np
import pytest
from PIL import Image
from sklearn.base import clone

import mmsenti._base
from mmsenti import FeatureStore, load, save
from mmsenti.image import ColorMoments, make_image_features
from mmsenti.text import Lexicon, make_text_features


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


class CountedLexicon(Lexicon):
    """Counts what it computes."""

    feature_version = 1
    computed: ClassVar[list[str]] = []

    def compute(self, document):
        self.computed.append(document.text)
        return super().compute(document)


def test_scores_are_remembered_where_they_take_longer_than_that(tmp_path):
    texts = [f"a good text, number {i}" for i in range(40)]
    remembered = len(mmsenti._base._memory)
    quick = make_text_features(Lexicon())
    expected = quick.transform(texts)
    assert len(mmsenti._base._memory) == remembered
    # What is derived may take any time, and a store is there to be used.
    derived = make_text_features(CountedLexicon())
    for _ in range(2):
        np.testing.assert_array_equal(derived.transform(texts), expected)
    assert CountedLexicon.computed == texts
    stored = make_text_features(Lexicon(), store=tmp_path / "features.db")
    stored.transform(texts)
    assert FeatureStore(tmp_path / "features.db").info()["rows"] == 40
    np.testing.assert_array_equal(stored.transform(texts), expected)
    np.testing.assert_array_equal(quick.set_params(verbose=1).transform(texts), expected)
    np.testing.assert_array_equal(quick.set_params(n_jobs=2).transform(texts), expected)
