"""Models and rows that the tests of frozen models share."""

import warnings
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from mmsenti import freeze, load_frozen
from mmsenti._rows import Rows
from mmsenti.datasets import make_posts
from mmsenti.frozen import _extractor
from mmsenti.fusion import default_modalities

MODALITIES = ["text", "image", "audio"]


@pytest.fixture(scope="session")
def posts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("posts")
    return make_posts(64, missing_rate=0.1, folder=folder, random_state=0)


@pytest.fixture(scope="session")
def subsets(posts):
    """Return the posts again, with every subset of modalities, the empty one included."""
    rows = posts.copy()
    for i, kept in enumerate(product([True, False], repeat=3)):
        for name, keep in zip(MODALITIES, kept, strict=True):
            if not keep:
                rows.loc[rows.index[i::8], name] = None
    return rows


@pytest.fixture
def small_modalities():
    """Return the standard pipelines with fewer features, which fit fast."""
    (_, text, _), (_, image, _), (_, audio, _) = modalities = default_modalities(MODALITIES)
    text.set_params(char="drop")
    image.set_params(extract__hog="drop", extract__colorhistogram="drop")
    audio.set_params(extract__mfcc="drop", extract__spectral="drop")
    return modalities


@pytest.fixture(scope="session", autouse=True)
def _remember_extracted_rows():
    """Extract each cell once: what is compared here is what comes behind."""
    extract, memo = _extractor.extract_rows, {}

    def remembering(cells, make_sample, descriptors, widths, *, owner, on_error, **rest):
        setting = (owner, repr(descriptors), repr(getattr(make_sample.__self__, "sample", None)))
        keys = [(*setting, cell) if isinstance(cell, str) else None for cell in cells]
        if None in keys or not all(key in memo for key in keys):
            options = {"owner": owner, "on_error": on_error, **rest}
            rows = extract(cells, make_sample, descriptors, widths, **options)
            if not rows.remarks and not rows.errors:
                memo.update(zip(keys, rows.values, strict=True))
            return rows
        return Rows(np.stack([memo[key] for key in keys]), [], [])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_extractor, "extract_rows", remembering)
        yield


@pytest.fixture
def frozen_of(tmp_path):
    """Return a function that freezes a model and loads it again."""

    def freeze_and_load(model):
        path = Path(tmp_path, "model.frozen")
        freeze(model, path)
        return load_frozen(path)

    return freeze_and_load


@pytest.fixture
def assert_equal(frozen_of):
    """Return a function that compares all answers of a model with those of its frozen one."""

    def compare(model, rows, frozen=None):
        frozen = frozen or frozen_of(model)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".* have no modality at all")
            if not hasattr(model, "classes_"):
                np.testing.assert_allclose(
                    frozen.predict(rows), model.predict(rows), rtol=1e-6, atol=1e-6
                )
                return frozen
            assert frozen.classes_.tolist() == model.classes_.tolist()
            assert frozen.classes_.dtype == model.classes_.dtype
            expected, found = model.predict(rows).tolist(), frozen.predict(rows).tolist()
            assert found == expected
            assert list(map(type, found)) == list(map(type, expected))
            assert hasattr(frozen, "predict_proba") == hasattr(model, "predict_proba")
            if hasattr(model, "predict_proba"):
                expected, found = model.predict_proba(rows), frozen.predict_proba(rows)
                assert found.shape == expected.shape == (len(rows), len(model.classes_))
                assert np.abs(found - expected).max() <= 1e-6
        return frozen

    return compare
