"""The file of a frozen model: read whole and as it was written, or refused in one sentence."""

import gc
import io
import json
import os
import struct
import threading
import tracemalloc
import zipfile
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import StandardScaler

import mmsenti
from mmsenti import freeze, load, load_frozen, save
from mmsenti.frozen import _file, _load
from mmsenti.frozen._file import pack, pack_strings, unpack, unpack_strings
from mmsenti.frozen._lexicon import PackedLexicon, pack_lexicon
from mmsenti.fusion import FusionClassifier, default_modalities
from mmsenti.text import Emoji, Lexicon, Surface, TextTfidf, make_text_features
from mmsenti.text._valences import vader_valences


@pytest.fixture(scope="module")
def model():
    X = pd.DataFrame({"text": ["good film", "bad film", "good day", "bad day"]})
    scores = make_pipeline(make_text_features(Lexicon(), Surface(), Emoji()), StandardScaler())
    terms = [("word", TextTfidf()), ("char", TextTfidf(analyzer="char_wb", ngram_range=(2, 3)))]
    text = FeatureUnion([*terms, ("scores", scores)])
    return FusionClassifier([("text", text, "text")]).fit(X, ["pos", "neg", "pos", "neg"])


@pytest.fixture(scope="module")
def content(model, tmp_path_factory):
    path = tmp_path_factory.mktemp("frozen") / "model.frozen"
    freeze(model, path)
    return path.read_bytes()


@pytest.fixture
def refused(tmp_path):
    """Return a function that gives the error of a file's content, which names the file."""

    def error_of(content):
        path = tmp_path / "changed.frozen"
        path.write_bytes(content)
        with pytest.raises(ValueError, match="load_frozen") as caught:
            load_frozen(path)
        assert repr(str(path))[-30:] in str(caught.value)
        assert "\n" not in str(caught.value)
        return str(caught.value)

    return error_of


def description_of(content):
    tree = unpack(content)
    del tree["format"]
    return tree


def test_it_is_an_npz_without_objects(content, tmp_path):
    path = tmp_path / "model.npz"
    path.write_bytes(content)
    with np.load(path, allow_pickle=False) as arrays:
        tree = json.loads(arrays["description"].tobytes())
        assert all(arrays[name].dtype.kind in "fiub" for name in arrays.files)
    assert tree["format"] == 1
    assert tree["versions"]["mmsenti"] == mmsenti.__version__
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None


def test_it_says_what_it_was_made_with_and_of(content):
    tree = unpack(content)
    assert set(tree["versions"]) == {"mmsenti", "numpy", "pillow", "scikit-learn"}
    assert tree["classes"]["values"] == ["neg", "pos"]
    assert tree["columns"] == {"text": "text"}
    text = json.dumps(tree, default=lambda array: None)
    assert '"max_characters": 1000000' in text
    assert '"names_digest"' in text


def test_every_changed_bit_is_noticed(content, refused):
    rng = np.random.default_rng(0)
    places = [*range(0, 200), *range(len(content) - 200, len(content))]
    places += rng.integers(0, len(content), 400).tolist()
    for place in places:
        changed = bytearray(content)
        changed[place] ^= 1 << int(rng.integers(8))
        with pytest.raises(ValueError, match=r"frozen|damaged"):
            unpack(bytes(changed))
    swapped = content[:5000] + content[5001:5002] + content[5000:5001] + content[5002:]
    assert "checksum" in refused(swapped)


def test_every_cut_is_noticed(content, refused):
    for length in (0, 1, 3, 4, 30, 1000, len(content) // 2, len(content) - 9, len(content) - 1):
        with pytest.raises(ValueError, match=r"frozen|damaged"):
            unpack(content[:length])
    with pytest.raises(ValueError, match=r"frozen|damaged"):
        unpack(content + b"\0")
    assert "cut off or damaged" in refused(content[: len(content) // 2])
    assert "not a frozen model" in refused(b"")


def test_foreign_files(model, tmp_path, refused):
    assert "not a frozen model" in refused(b"\x80\x04K\x01.")
    assert "not a frozen model" in refused(b"\x89PNG\r\n")
    buffer = io.BytesIO()
    np.savez(buffer, a=np.arange(3))
    assert "not a frozen model" in refused(buffer.getvalue())
    save(model, tmp_path / "model.skops")
    error = refused((tmp_path / "model.skops").read_bytes())
    assert "saved by mmsenti.save" in error
    assert "mmsenti freeze" in error
    freeze(model, tmp_path / "model.frozen")
    with pytest.raises(ValueError, match=r"a frozen model, which mmsenti\.load_frozen loads"):
        load(tmp_path / "model.frozen")


@pytest.mark.parametrize("collects", [True, False])
def test_garbage_is_looked_for_as_before_once_it_is_loaded(
    content, refused, tmp_path, monkeypatch, collects
):
    (tmp_path / "model.frozen").write_bytes(content)
    read = _load.read_frozen
    seen = []
    monkeypatch.setattr(
        _load, "read_frozen", lambda content: seen.append(gc.isenabled()) or read(content)
    )
    (gc.enable if collects else gc.disable)()
    try:
        load_frozen(tmp_path / "model.frozen")
        assert gc.isenabled() == collects
        refused(content[:-1])
        assert gc.isenabled() == collects
    finally:
        gc.enable()
    assert seen == [False]


def test_a_foreign_file_is_not_read_to_its_end(tmp_path):
    path = tmp_path / "huge"
    with open(path, "wb") as file:
        file.write(b"PK\x03\x04")
        file.truncate(2**40)  # takes no place on the disk, and all of the memory if it is read
    with pytest.raises(ValueError, match="not a frozen model"):
        load_frozen(path)


def test_what_is_no_regular_file(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"load_frozen, .*no such file"):
        load_frozen(tmp_path / "nothing")
    with pytest.raises(OSError, match="a directory"):
        load_frozen(tmp_path)
    with pytest.raises(ValueError, match="URLs are not read"):
        load_frozen("http://localhost/model.frozen")


def test_another_format_is_refused(content, refused, monkeypatch):
    tree = description_of(content)
    monkeypatch.setattr(_file, "FORMAT", 2)
    newer = pack(tree)
    monkeypatch.undo()
    assert "has format 2, this mmsenti reads format 1" in refused(newer)


def by_another_version(content, change=lambda union: None):
    tree = description_of(content)
    tree["versions"] = {**tree["versions"], "mmsenti": "0.0.9"}
    change(tree["fusion"]["modalities"][0]["transformer"])
    return pack(tree)


def test_another_version_with_the_same_features_is_read(model, content, tmp_path):
    path = tmp_path / "older.frozen"
    path.write_bytes(by_another_version(content))
    frozen = load_frozen(path)
    assert frozen.versions_["mmsenti"] == "0.0.9"
    row = {"text": "not so good a day :)"}
    np.testing.assert_allclose(frozen.predict_proba(row), model.predict_proba(row), atol=1e-12)


def test_another_version_with_other_features_says_which(content, refused):
    def other_number(union):
        scores = union["parts"][2]["steps"][0]
        scores["probe"] = scores["probe"].copy()
        scores["probe"][5] += 0.25  # the second of Surface, behind four of Lexicon

    error = refused(by_another_version(content, other_number))
    names = [name for kind in (Lexicon, Surface) for name in kind().get_names()]
    assert "frozen by mmsenti '0.0.9', whose Surface computed" in error
    assert names[5] in error
    assert "1 of the 31 features of its TextFeatures differ" in error
    assert f"This is mmsenti {mmsenti.__version__}: freeze the model again" in error

    def other_term(union):
        terms = unpack_strings(**union["parts"][0]["probe"])
        union["parts"][0]["probe"] = pack_strings([*terms[:3], "Other", *terms[4:]])

    error = refused(by_another_version(content, other_term))
    assert "whose TextTfidf found the term 'Other' where this one finds" in error

    def other_names(union):
        union["parts"][2]["steps"][0].update(names_digest="0" * 8)

    error = refused(by_another_version(content, other_names))
    assert "whose TextFeatures named its features otherwise" in error


@pytest.mark.parametrize("modality", ["image", "audio"])
def test_features_of_pictures_and_sounds_are_probed_too(posts, tmp_path, modality):
    path = tmp_path / "model.frozen"
    model = FusionClassifier(default_modalities([modality]), strategy="voting", cv=2)
    freeze(model.fit(posts, posts["label"]), path)
    tree = description_of(path.read_bytes())
    tree["versions"] = {**tree["versions"], "mmsenti": "0.0.9"}
    path.write_bytes(pack(tree))
    load_frozen(path)
    extractor = tree["fusion"]["members"][0]["transformer"]["steps"][0]
    assert np.count_nonzero(extractor["probe"]) > 0.8 * len(extractor["probe"])
    extractor["probe"] = 1.01 * extractor["probe"] + 0.01
    path.write_bytes(pack(tree))
    with pytest.raises(ValueError, match=r"computed \w+ as .* where this one computes"):
        load_frozen(path)


def test_only_another_version_is_held_to_its_features(content, refused, tmp_path, monkeypatch):
    older = by_another_version(content)
    monkeypatch.setattr(Surface, "compute", lambda self, document: [0.5] * 19)
    assert "whose Surface computed" in refused(older)
    path = tmp_path / "same.frozen"
    path.write_bytes(content)
    load_frozen(path)  # computes nothing


def sealed(entries):
    """Write entries as they are, sealed as rightly as can be."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, entry, method in entries:
            archive.writestr(zipfile.ZipInfo(name), entry, method)
        archive.comment = _file._SEAL + b"0" * 8
    body = buffer.getvalue()[:-8]
    return body + b"%08x" % zlib.crc32(body)


def array_bytes(array, **claims):
    entry = io.BytesIO()
    header = {"descr": array.dtype.str, "fortran_order": False, "shape": array.shape, **claims}
    np.lib.format.write_array_header_1_0(entry, header)
    return entry.getvalue() + array.tobytes()


TREE = array_bytes(np.frombuffer(json.dumps({"format": 1, "a": {"array": "a0"}}).encode(), "u1"))


@pytest.mark.parametrize(
    "entry",
    [
        array_bytes(np.zeros(2), shape=(10**12,)),
        array_bytes(np.zeros(2), shape=(-2,)),
        array_bytes(np.zeros(2), shape=(1,)),
        array_bytes(np.zeros((2, 2)), fortran_order=True),
        array_bytes(np.zeros(2), descr="|O"),
        array_bytes(np.zeros(2), descr="<U4"),
        array_bytes(np.zeros(2), shape="(2,)"),
        b"\x93NUMPY\x02\x00" + b"\0" * 100,
        b"cos\nsystem\n(S'true'\ntR.",
        b"",
    ],
)
def test_arrays_that_are_not_what_they_claim(entry):
    content = sealed([("a0.npy", entry, 0), ("description.npy", TREE, 0)])
    with pytest.raises(ValueError, match=r"claims|no array|frozen model|shape|descr"):
        unpack(content)


def test_compressed_entries_are_refused():
    zeros = array_bytes(np.zeros(4_000_000, np.uint8))
    content = sealed([("a0.npy", zeros, 8), ("description.npy", TREE, 0)])
    with pytest.raises(ValueError, match=r"an entry 'a0\.npy' of an unknown kind"):
        unpack(content)
    # The same with a header that claims to be harmless.
    small = struct.pack("<4s5H3I2H", b"PK\x03\x04", 20, 0, 0, 0, 0, 0, 100, 10**9, 6, 0)
    with pytest.raises(ValueError, match="of an unknown kind"):
        list(_file._entries(small + b"a0.npy" + bytes(100)))


def test_a_bomb_is_refused_before_it_is_unpacked():
    packed = pack_strings(["a" * 50_000_000])
    tracemalloc.start()
    try:
        for size in (50_000_000, 100, -1):
            with pytest.raises(ValueError, match=r"claim to be|where it claims"):
                unpack_strings(**{**packed, "size": size})
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_strings_that_are_not_what_they_claim():
    packed = pack_strings(["some", "one"])
    with pytest.raises(ValueError, match="cannot be unpacked"):
        unpack_strings(**{**packed, "packed": packed["packed"][::-1]})
    with pytest.raises(ValueError, match="2 strings of 8 bytes where it claims 2 of 9"):
        unpack_strings(**{**packed, "size": 9})
    with pytest.raises(ValueError, match="where it claims 3 of 8"):
        unpack_strings(**{**packed, "count": 3})


def test_parameters_do_not_decide_what_loading_allocates(posts, tmp_path):
    path = tmp_path / "model.frozen"
    model = FusionClassifier(default_modalities(["image"]), strategy="voting", cv=2)
    freeze(model.fit(posts, posts["label"]), path)
    tree = description_of(path.read_bytes())
    extractor = tree["fusion"]["members"][0]["transformer"]["steps"][0]
    numbers = [(p, k) for _, _, p in extractor["descriptors"] for k in p if type(p[k]) is int]
    assert len(numbers) > 4
    for params, name in numbers:
        params[name] = 30_000  # as bins of a histogram, 10 ** 13 features
    path.write_bytes(pack(tree))
    tracemalloc.start()
    try:
        load_frozen(path)
        assert tracemalloc.get_traced_memory()[1] < 20 * path.stat().st_size
    finally:
        tracemalloc.stop()


def test_other_word_lists_than_those_in_use_are_refused(content, refused):
    tree = description_of(content)
    scores = tree["fusion"]["modalities"][0]["transformer"]["parts"][2]["steps"][0]
    lexicon = dict(PackedLexicon(**scores["vader"]["valences"]))
    scores["vader"]["valences"] = pack_lexicon({**lexicon, "good": lexicon["good"] + 0.1})
    assert "another version of vaderSentiment" in refused(pack(tree))


def test_word_lists_are_compared_once(content, tmp_path, monkeypatch):
    path = tmp_path / "model.frozen"
    path.write_bytes(content)
    load_frozen(path)
    monkeypatch.setattr("mmsenti.text._valences.bring_vader", None)
    load_frozen(path)


def test_descriptions_of_what_is_not_there(content, refused):
    def changed(change):
        tree = description_of(content)
        change(tree["fusion"]["modalities"][0]["transformer"])
        return refused(pack(tree))

    def rename(kind):
        def change(union):
            union["parts"][2]["steps"][0]["descriptors"][0][1] = kind

        return change

    for kind in ("Document", "TextTfidf", "__loader__", "os", "Path", "Descriptor"):
        assert f"holds the text descriptor '{kind}'" in changed(rename(kind))
    assert "holds a part 'pickle'" in changed(lambda union: union.update(kind="pickle"))
    assert "not a frozen model that can be loaded" in changed(lambda union: union.pop("parts"))
    assert "token pattern" in changed(
        lambda union: union["parts"][0]["rules"].update(token_pattern="(")
    )
    for widths in ([4, 19, 9], [4, 19], [31], [4, -4, 31], [31, 0, 10**20]):
        assert "features of a probe of its TextFeatures" in changed(
            lambda union, widths=widths: union["parts"][2]["steps"][0].update(widths=widths)
        )
    assert "where it claims" in changed(
        lambda union: union["parts"][0]["vocabulary"].update(count=3)
    )
    assert "OverflowError" in changed(
        lambda union: union["parts"][0]["vocabulary"].update(separator=10**20)
    )
    assert "frozen model" in changed(
        lambda union: union["parts"][2]["steps"][0].update(modality="../text")
    )


@pytest.mark.parametrize(
    "strings",
    [
        [],
        [""],
        ["", ""],
        ["a\nb", "\n"],
        ["\ud83d", "\ude00", "\ud83d\ude00"],
        ["\n\x0b\x0c", "\r"],
    ],
)
def test_strings_come_back_as_they_were(strings):
    assert unpack_strings(**pack_strings(strings)) == strings


def test_a_packed_lexicon_is_the_mapping_that_it_was_made_of():
    valences = vader_valences()
    packed = pack_lexicon(valences)
    for word in [*list(valences)[::50], *("", "g", "go", "goo", "gooood", "\ud83d", "good\t1.9")]:
        lexicon = PackedLexicon(**packed)
        assert (word in lexicon) == (word in valences)
        assert lexicon.get(word, "none") == valences.get(word, "none")
        if word not in valences:
            with pytest.raises(KeyError):
                lexicon[word]
    assert 1 not in lexicon
    assert (len(lexicon), lexicon) == (len(valences), valences)


def test_a_packed_lexicon_is_read_by_many_threads_at_once():
    valences = vader_valences()
    words = list(valences)
    for _ in range(20):
        lexicon = PackedLexicon(**pack_lexicon(valences))
        barrier = threading.Barrier(4)

        def read_all(lexicon=lexicon, barrier=barrier):
            barrier.wait()
            return all(word in lexicon and lexicon[word] == valences[word] for word in words)

        with ThreadPoolExecutor(4) as pool:
            assert all(done.result() for done in [pool.submit(read_all) for _ in range(4)])


def test_an_older_file_survives_what_cannot_be_frozen_or_written(model, tmp_path, monkeypatch):
    path = tmp_path / "model.frozen"
    freeze(model, path)
    before = path.read_bytes()
    with pytest.raises(TypeError):
        freeze(FusionClassifier, path)
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "disk full")))
    with pytest.raises(OSError, match="An older file of this name is untouched"):
        freeze(model, path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["model.frozen"]
    with pytest.raises(OSError, match="not a regular file"):
        freeze(model, tmp_path)


def test_the_same_model_gives_the_same_bytes(model, content, tmp_path):
    freeze(model, Path(tmp_path, "again.frozen"))
    assert (tmp_path / "again.frozen").read_bytes() == content
