"""The parameter `store`: it changes what is computed when, and nothing else."""

import os
import pickle
import threading
import time
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
import sklearn
from PIL import Image
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, GroupKFold

import mmsenti._base
from mmsenti import Descriptor, FeatureStore, load, save
from mmsenti.audio import MFCC, AudioFeatures, make_audio_features
from mmsenti.datasets import make_posts
from mmsenti.fusion import FusionClassifier, default_modalities
from mmsenti.image import ColorMoments, ImageFeatures, make_image_features
from mmsenti.store import StoreWarning
from mmsenti.text import Lexicon, TextFeatures, make_text_features


class Counted(Descriptor):
    """Mean colour, that leaves a line in a file for each picture that it is given."""

    feature_version = 1

    def __init__(self, log):
        self.log = log

    def get_names(self):
        return ["red", "green", "blue"]

    def compute(self, picture):
        rgb = np.asarray(picture.rgb, dtype=float).mean(axis=(0, 1))
        with open(self.log, "a") as file:
            file.write(" ".join(f"{value:.6f}" for value in rgb) + "\n")
        return rgb


class Unversioned(Counted):
    """The same, which does not say its version."""

    feature_version = None


@pytest.fixture(autouse=True)
def forgetful():
    mmsenti._base._memory.clear()


@pytest.fixture
def pictures(tmp_path):
    """Thirty files of one colour each, no two of them alike."""
    paths = []
    for i in range(30):
        paths.append(str(tmp_path / f"{i}.png"))
        Image.new("RGB", (8, 8), (8 * i, 255 - 8 * i, i)).save(paths[-1])
    return paths


@pytest.fixture
def log(tmp_path):
    return str(tmp_path / "log")


def lines(log):
    return Path(log).read_text().splitlines() if os.path.exists(log) else []


def forget():
    """Be as a new process is."""
    mmsenti._base._memory.clear()


SAMPLES = {
    "text": ["so good :)", None, "BAD bad day", "so good :)"],
    "image": [np.full((9, 12, 3), 40, np.uint8), None, np.eye(16, dtype=np.uint8) * 255],
    "audio": [np.sin(np.arange(8000) / 9), None, np.zeros(4000)],
}
EXTRACTORS = {
    "text": make_text_features(Lexicon()),
    "image": make_image_features(ColorMoments()),
    "audio": make_audio_features(MFCC()),
}


@pytest.mark.parametrize("modality", SAMPLES)
@pytest.mark.parametrize("kind", [str, os.fspath, FeatureStore])
def test_a_store_changes_no_result(modality, kind, tmp_path):
    path = tmp_path / "features.db"
    plain = EXTRACTORS[modality].transform(SAMPLES[modality])
    stored = clone(EXTRACTORS[modality]).set_params(store=kind(path))
    for _ in range(2):
        forget()
        np.testing.assert_array_equal(stored.transform(SAMPLES[modality]), plain)
    with FeatureStore(path) as store:
        assert store.info()["rows"] == 2


def test_a_store_is_an_ordinary_parameter(tmp_path):
    store = FeatureStore(tmp_path / "features.db")
    for extractor in (TextFeatures(store=store), ImageFeatures(store=store)):
        copy = clone(extractor)
        assert copy.store is store
        assert copy.get_params()["store"] is store
        again = pickle.loads(pickle.dumps(extractor))
        assert again.store.path == store.path
    assert AudioFeatures(store="features.db").get_params()["store"] == "features.db"
    with pytest.raises(ValueError, match="store"):
        AudioFeatures(store=3).transform([None])
    with pytest.raises(ValueError, match="address"):
        TextFeatures(store="http://example.org/features.db").transform(["good"])


def test_the_next_process_computes_nothing(pictures, log, tmp_path):
    extractor = make_image_features(Counted(log), store=str(tmp_path / "features.db"))
    first = extractor.transform(pictures)
    assert len(lines(log)) == 30
    forget()
    np.testing.assert_array_equal(extractor.transform(pictures[::-1]), first[::-1])
    assert len(lines(log)) == 30
    np.testing.assert_array_equal(extractor.set_params(size=4).transform(pictures), first)
    assert len(lines(log)) == 60  # another setting is never answered for


@pytest.mark.parametrize("tick", [2 * 10**9, -(10**9)], ids=["young files", "old files"])
def test_a_store_is_given_what_memory_knows_already(tick, pictures, log, tmp_path, monkeypatch):
    monkeypatch.setattr("mmsenti.store._content._TICK_NS", tick)
    extractor = make_image_features(Counted(log))
    plain = extractor.transform(pictures)
    extractor.set_params(store=str(tmp_path / "features.db"))
    for _ in range(2):
        np.testing.assert_array_equal(extractor.transform(pictures), plain)
    forget()
    np.testing.assert_array_equal(extractor.transform(pictures), plain)
    assert len(lines(log)) == 30
    with FeatureStore(tmp_path / "features.db") as store:
        assert store.info()["rows"] == 30


def test_a_changed_file_is_read_and_a_touched_or_moved_one_is_not(pictures, log, tmp_path):
    extractor = make_image_features(Counted(log), store=str(tmp_path / "features.db"))
    extractor.transform(pictures)
    was = os.stat(pictures[0])
    changed = Image.new("RGB", (8, 8), (1, 2, 3))
    changed.save(pictures[0])
    os.utime(pictures[0], ns=(was.st_atime_ns, was.st_mtime_ns))  # as if nothing had happened
    os.utime(pictures[1])
    os.rename(pictures[2], tmp_path / "moved.png")
    pictures[2] = str(tmp_path / "moved.png")
    for again in (False, True):
        if again:
            forget()
        features = extractor.transform(pictures)
        np.testing.assert_array_equal(features[0], [1, 2, 3])
        np.testing.assert_array_equal(features[2], [16, 239, 2])
        assert len(lines(log)) == 31


@pytest.mark.parametrize("tick", [2 * 10**9, -(10**9)], ids=["young files", "old files"])
def test_memory_knows_what_a_store_was_given(tick, pictures, log, tmp_path, monkeypatch):
    monkeypatch.setattr("mmsenti.store._content._TICK_NS", tick)
    extractor = make_image_features(Counted(log), store=str(tmp_path / "features.db"))
    stored = extractor.transform(pictures)
    extractor.set_params(store=None)
    for _ in range(2):
        np.testing.assert_array_equal(extractor.transform(pictures), stored)
    assert len(lines(log)) == 30


class Painted(Counted):
    """The same, while somebody paints the picture over that has just been decoded."""

    feature_version = 1

    def compute(self, picture):
        colour = super().compute(picture).tolist()
        for path in Path(self.log).parent.glob("*.png"):
            with Image.open(path) as image:
                seen = image.getpixel((0, 0))
            if list(seen) == colour:
                Image.new("RGB", (8, 8), tuple(255 - level for level in seen)).save(path)
        return colour


@pytest.mark.parametrize("stored", [False, True], ids=["memory", "store"])
@pytest.mark.parametrize("tick", [2 * 10**9, -(10**9)], ids=["young files", "old files"])
def test_a_file_that_changes_meanwhile_is_not_kept(
    tick, stored, pictures, log, tmp_path, monkeypatch
):
    monkeypatch.setattr("mmsenti.store._content._TICK_NS", tick)
    time.sleep(0.02)  # more than a tick of the clock
    extractor = make_image_features(Painted(log), store=tmp_path / "f.db" if stored else None)
    before = extractor.transform(pictures[:3])
    assert extractor.transform(pictures[:3]).tolist() == (255 - before).tolist()
    with FeatureStore(tmp_path / "f.db") as store:
        assert store.info()["rows"] == 0


@pytest.mark.parametrize("tick", [2 * 10**9, -(10**9)], ids=["young files", "old files"])
def test_memory_tells_a_changed_file_from_the_old_one(tick, pictures, log, monkeypatch):
    monkeypatch.setattr("mmsenti.store._content._TICK_NS", tick)
    extractor = make_image_features(Counted(log))
    for _ in range(2):
        extractor.transform(pictures)
    assert len(lines(log)) == 30
    was = os.stat(pictures[0])
    time.sleep(0.02)  # more than a tick of the clock
    Image.new("RGB", (8, 8), (1, 2, 3)).save(pictures[0])
    os.utime(pictures[0], ns=(was.st_atime_ns, was.st_mtime_ns))  # as if nothing had happened
    np.testing.assert_array_equal(extractor.transform(pictures)[0], [1, 2, 3])
    assert len(lines(log)) == 31


def test_what_cannot_be_read_says_so_each_time(pictures, tmp_path):
    with open(pictures[3], "wb") as file:
        file.write(b"no picture")
    extractor = ImageFeatures(store=str(tmp_path / "features.db"))
    for _ in range(2):
        with pytest.raises(ValueError, match=r"row 3.*3\.png"):
            extractor.transform(pictures)
    extractor.set_params(on_error="missing")
    for _ in range(2):
        forget()
        assert np.isnan(extractor.transform(pictures)).all(axis=1).nonzero()[0].tolist() == [3]


def test_a_damaged_store_costs_time_alone(pictures, log, tmp_path, recwarn):
    path = tmp_path / "features.db"
    extractor = make_image_features(Counted(log), store=str(path))
    right = extractor.transform(pictures)
    mmsenti.store._store.shared_store(str(path)).close()
    content = bytearray(path.read_bytes())
    for place in range(5000, len(content), 997):
        content[place] ^= 16
    path.write_bytes(content)
    forget()
    np.testing.assert_array_equal(extractor.transform(pictures), right)
    forget()
    np.testing.assert_array_equal(extractor.transform(pictures), right)
    assert len([w for w in recwarn if issubclass(w.category, StoreWarning)]) <= 1


def test_a_descriptor_without_a_version_is_remembered_in_memory_alone(pictures, log, tmp_path):
    path = tmp_path / "features.db"
    extractor = make_image_features(Unversioned(log), store=str(path))
    with pytest.warns(StoreWarning, match="feature_version"):
        extractor.transform(pictures)
    extractor.transform(pictures)  # and no second warning: filterwarnings makes it an error
    assert len(lines(log)) == 30
    assert not path.exists()


def test_threads_do_not_compute_the_same_row_twice(pictures, log):
    barrier = threading.Barrier(4)
    results = []

    def work():
        barrier.wait()
        results.append(make_image_features(Counted(log)).transform(pictures))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(lines(log)) == 30
    for result in results[1:]:
        np.testing.assert_array_equal(result, results[0])


@pytest.mark.parametrize("strategy", ["feature", "stacking"])
@pytest.mark.parametrize("stored", [False, True], ids=["memory", "store"])
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_search_decodes_each_file_once(pictures, log, tmp_path, strategy, stored, n_jobs):
    posts = pd.DataFrame({"image": pictures, "text": ["good", "bad"] * 15})
    modalities = [
        ("text", make_text_features(Lexicon()), "text"),
        ("image", make_image_features(Counted(log)), "image"),
    ]
    search = GridSearchCV(
        FusionClassifier(
            modalities, strategy=strategy, store=str(tmp_path / "f.db") if stored else None
        ),
        {"estimator__C": [0.1, 1.0]},
        cv=3,
        n_jobs=n_jobs,
    )
    with sklearn.config_context(enable_metadata_routing=False):
        search.fit(posts, ["positive", "negative"] * 15)
    counts = pd.Series(lines(log)).value_counts()
    assert len(counts) == 30
    assert counts.max() == 1
    forget()
    search.fit(posts, ["positive", "negative"] * 15)
    if stored:
        assert len(lines(log)) == 30


def test_workers_of_another_folder_use_the_same_file(pictures, log, tmp_path, monkeypatch):
    joblib.Parallel(n_jobs=2)(joblib.delayed(os.getcwd)() for _ in range(2))  # the pool starts here
    monkeypatch.chdir(tmp_path)
    posts = pd.DataFrame({"image": pictures})
    model = FusionClassifier(
        [("image", make_image_features(Counted(log)), "image")], store="here.db", n_jobs=1
    )
    assert model.store == "here.db"
    assert pickle.loads(pickle.dumps(model)).store == str(tmp_path / "here.db")
    search = GridSearchCV(model, {"estimator__C": [0.1, 1.0]}, cv=2, n_jobs=2)
    with sklearn.config_context(enable_metadata_routing=False):
        search.fit(posts, ["positive", "negative"] * 15)
    assert (tmp_path / "here.db").exists()
    assert len(lines(log)) == 30
    joblib.Parallel(n_jobs=2)(joblib.delayed(_no_store_here)() for _ in range(2))


def _no_store_here():
    assert not os.path.exists("here.db")


def test_results_of_a_search_do_not_depend_on_the_store(tmp_path):
    posts = make_posts(36, modalities=("text", "image"), random_state=0)
    grid = {"strategy": ["feature", "voting"], "estimator__C": [0.1, 1.0]}
    results = []
    for store in (None, str(tmp_path / "f.db"), FeatureStore(tmp_path / "g.db")):
        search = GridSearchCV(FusionClassifier(store=store), grid, cv=GroupKFold(2))
        search.fit(posts, posts["label"], groups=posts["author"])
        results.append(search.cv_results_["split0_test_score"].tolist())
    assert results[0] == results[1] == results[2]


def test_a_saved_model_knows_no_store(tmp_path):
    posts = make_posts(24, modalities=("text", "image"), random_state=0)
    store = str(tmp_path / "secret-folder.db")
    for modalities in (None, default_modalities(posts, store=store)):
        model = FusionClassifier(modalities, store=store, strategy="voting")
        model.fit(posts, posts["label"])
        save(model, tmp_path / "model.skops")
        assert model.store == store  # the model in memory keeps it
        again = load(tmp_path / "model.skops")
        assert again.store is None
        assert "secret-folder" not in str(again.get_params())
        assert b"secret-folder" not in (tmp_path / "model.skops").read_bytes()
        np.testing.assert_array_equal(again.predict_proba(posts), model.predict_proba(posts))
        assert pickle.loads(pickle.dumps(model)).store == store  # workers are given it


def test_other_backends_of_joblib_give_the_same_bits(pictures, log, tmp_path):
    extractor = make_image_features(Counted(log), ColorMoments(), n_jobs=2)
    plain = extractor.transform(pictures)
    for backend in ("threading", "loky", "multiprocessing"):
        forget()
        with joblib.parallel_config(backend=backend):
            np.testing.assert_array_equal(extractor.transform(pictures), plain)


def test_a_thread_that_fails_does_not_keep_others_waiting(pictures, log):
    with open(pictures[29], "wb") as file:
        file.write(b"no picture")
    extractor = make_image_features(Counted(log))
    with pytest.raises(ValueError, match="row 29"):
        extractor.transform(pictures)
    started = time.monotonic()
    thread = threading.Thread(target=lambda: extractor.transform(pictures[:29]))
    thread.start()
    thread.join(10)
    assert time.monotonic() - started < 5
