"""Features chunk by chunk, and the files that they are written to."""

import os
import tracemalloc

import numpy as np
import pandas as pd
import pytest

import mmsenti._base
import mmsenti._feature_files
from mmsenti import Descriptor, iter_features
from mmsenti._feature_files import check_ending, write_features
from mmsenti.datasets import make_posts
from mmsenti.image import ColorMoments, make_image_features
from mmsenti.store import MemoryLayer
from mmsenti.text import Lexicon, TextTfidf, make_text_features

TWEETS = ["so good", None, "bad", "good good", "awful day"]


@pytest.mark.parametrize("chunk_size", [1, 2, 5, 100])
@pytest.mark.parametrize("kind", [list, np.array, pd.Series])
def test_chunks_are_parts_of_the_whole(chunk_size, kind):
    extractor = make_text_features(Lexicon())
    tweets = kind(TWEETS) if kind is not np.array else np.array(TWEETS, dtype=object)
    chunks = list(iter_features(tweets, extractor, chunk_size))
    assert [len(chunk) for chunk in chunks[:-1]] == [chunk_size] * (len(chunks) - 1)
    whole = pd.concat(chunks)
    assert whole.index.tolist() == list(range(5))
    assert whole.columns.tolist() == extractor.get_feature_names_out().tolist()
    np.testing.assert_array_equal(whole.to_numpy(), extractor.transform(TWEETS))


def test_several_modalities_side_by_side_keep_the_index():
    posts = make_posts(12, modalities=("text", "image"), missing_rate=0.2, random_state=0)
    posts.index = [f"post-{i}" for i in range(12)]
    text, image = make_text_features(Lexicon()), make_image_features(ColorMoments())
    modalities = [("text", text, "text"), ("image", image, "image")]
    whole = pd.concat(iter_features(posts, modalities, 5))
    assert whole.index.tolist() == posts.index.tolist()
    np.testing.assert_array_equal(whole.filter(like="text__"), text.transform(posts["text"]))
    np.testing.assert_array_equal(whole.filter(like="image__"), image.transform(posts["image"]))
    assert whole.dtypes.unique().tolist() == [np.dtype(np.float32)]


def test_nothing_is_computed_before_it_is_asked_for():
    class Column(list):
        read = 0

        def __getitem__(self, key):
            Column.read += 1
            return super().__getitem__(key)

    chunks = iter_features(Column(TWEETS), make_text_features(Lexicon()), 2)
    assert Column.read == 0
    next(chunks)
    assert Column.read == 1


@pytest.mark.parametrize(
    "extractor", [TextTfidf(), [], [("text", TextTfidf(), "text")], "text", [("text", "text")]]
)
def test_what_learns_is_refused(extractor):
    with pytest.raises(TypeError, match="takes an extractor"):
        iter_features(TWEETS, extractor)


@pytest.mark.parametrize("chunk_size", [0, -1, 2.5, "many"])
def test_a_wrong_chunk_size_is_refused(chunk_size):
    with pytest.raises(ValueError, match="chunk_size"):
        iter_features(TWEETS, make_text_features(Lexicon()), chunk_size)


def read(path):
    if path.suffix == ".npz":
        with np.load(path, allow_pickle=False) as arrays:
            return arrays["id"].tolist(), arrays["names"].tolist(), arrays["features"]
    table = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
    return table.pop("id").tolist(), table.columns.tolist(), table.to_numpy(dtype=np.float32)


@pytest.mark.parametrize("ending", [".parquet", ".csv", ".npz"])
@pytest.mark.parametrize("ids", [["a", "b", 'Ärger, "c"'], [3, 1, 2]], ids=["names", "numbers"])
def test_files_hold_what_was_written(tmp_path, ending, ids):
    values = np.array([[1.5, np.nan], [0.1, 3e38], [-0.0, 1e-30]], dtype=np.float32)
    path = tmp_path / f"features{ending}"
    write_features(str(path), ids, ["one", "two"], iter([values[:2], values[2:]]))
    read_ids, names, features = read(path)
    assert read_ids == ids
    assert names == ["one", "two"]
    np.testing.assert_array_equal(features, values)
    assert os.listdir(tmp_path) == [path.name]


@pytest.mark.parametrize("ending", [".parquet", ".csv", ".npz"])
def test_an_error_on_the_way_leaves_the_older_file(tmp_path, ending):
    path = tmp_path / f"features{ending}"
    path.write_bytes(b"older")

    def chunks():
        yield np.zeros((1, 1), dtype=np.float32)
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space"):
        write_features(str(path), [1, 2], ["one"], chunks())
    assert path.read_bytes() == b"older"
    assert os.listdir(tmp_path) == [path.name]


class Wide(Descriptor):
    """Five thousand numbers of each text: 20 kB a row."""

    feature_version = 1

    def get_names(self):
        return [f"wide_{i}" for i in range(5000)]

    def compute(self, document):
        return np.full(5000, float(document.text))


@pytest.mark.parametrize("ending", [".parquet", ".npz"])  # lines of CSV are written one by one
def test_memory_stays_flat(tmp_path, monkeypatch, ending):
    monkeypatch.setattr(mmsenti._base, "_memory", MemoryLayer(2**20))
    monkeypatch.setattr(mmsenti._feature_files, "_GROUP_BYTES", 2**21)
    extractor = make_text_features(Wide())
    names = extractor.get_feature_names_out().tolist()
    peaks = []
    for n_rows in (600, 1400):  # 12 and 28 MB of features
        texts = [str(i) for i in range(n_rows)]
        chunks = (chunk.to_numpy() for chunk in iter_features(texts, extractor, chunk_size=100))
        tracemalloc.start()
        write_features(str(tmp_path / f"{n_rows}{ending}"), range(n_rows), names, chunks)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 2e6


@pytest.mark.parametrize("name", ["features", "features.pkl", "features.parquet.gz"])
def test_other_endings_are_refused(name):
    with pytest.raises(ValueError, match=r"\.parquet, \.csv, \.npz"):
        check_ending(name)
