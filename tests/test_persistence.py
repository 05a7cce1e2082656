"""A model file is loaded as it was saved, or not at all, and never runs anything."""

import hashlib
import io
import json
import os
import pickle
import re
import stat
import subprocess
import sys
import textwrap
import zipfile

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.base import BaseEstimator
from sklearn.compose import make_column_transformer
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestClassifier, StackingClassifier, VotingClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import f1_score, make_scorer
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC

import mmsenti
from mmsenti import load, save
from mmsenti.fusion import FusionClassifier
from mmsenti.text import Emoji, TextFeatures

X = np.random.RandomState(0).randn(60, 4)
INTENSITIES = X[:, 0] + X[:, 1]
LABELS = np.where(INTENSITIES > 0, "positive", "negative")
SEAL = b"mmsenti-sha256:"
CALLS = pd.DataFrame(
    {"text": np.where(INTENSITIES > 0.5, "good :)", "bad, so bad"), "pitch": 200 + 9 * X[:, 1]}
)


@pytest.fixture(scope="module")
def model():
    return make_pipeline(StandardScaler(), LogisticRegression()).fit(X, LABELS)


@pytest.fixture(scope="module")
def fusion():
    modalities = [
        ("text", make_pipeline(TextFeatures(), StandardScaler()), "text"),
        ("voice", StandardScaler(), ["pitch"]),
    ]
    return FusionClassifier(modalities, strategy="voting").fit(CALLS, LABELS)


@pytest.fixture
def path(model, tmp_path):
    path = tmp_path / "model.skops"
    save(model, path)
    return path


def forge(
    entries,
    *,
    compression=zipfile.ZIP_STORED,
    fmt=1,
    sklearn_version="0",
    model=None,
    version="9.9",
):
    """Seal any entries, as somebody who has read the code can."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as zip_file:
        for name, content in entries:
            zip_file.writestr(name, content)
        versions = {"mmsenti": version, "scikit-learn": sklearn_version}
        description = {"format": fmt, "versions": versions}
        if model is not None:
            description["model"] = model
        zip_file.writestr("mmsenti.json", json.dumps(description))
        zip_file.comment = SEAL + b"0" * 64
    body = buffer.getvalue()[:-64]
    return body + hashlib.sha256(body).hexdigest().encode()


def entries_of(estimator):
    with zipfile.ZipFile(io.BytesIO(skops.io.dumps(estimator))) as zip_file:
        return [(name, zip_file.read(name)) for name in zip_file.namelist()]


def names_in(folder):
    return sorted(entry.name for entry in folder.iterdir())


# Round trip


@pytest.mark.parametrize(
    "estimator",
    [
        make_pipeline(PCA(2, random_state=np.random.RandomState(3)), SVC()),
        make_pipeline(make_column_transformer((StandardScaler(), [0, 1])), LogisticRegression()),
        MLPClassifier(max_iter=5, tol=10.0, n_iter_no_change=1, random_state=0),
        VotingClassifier([("a", LogisticRegression()), ("b", SVC())]),
        StackingClassifier([("a", LogisticRegression())], cv=StratifiedKFold(3)),
        GridSearchCV(
            LogisticRegression(),
            {"C": [0.1, 1.0]},
            scoring=make_scorer(f1_score, pos_label="positive"),
        ),
    ],
    ids=lambda estimator: type(estimator).__name__,
)
def test_a_loaded_model_predicts_the_same_bits(estimator, tmp_path):
    estimator.fit(X, LABELS)
    save(estimator, tmp_path / "m.skops")
    loaded = load(tmp_path / "m.skops")
    assert np.array_equal(loaded.predict(X), estimator.predict(X))
    for method in ("predict_proba", "decision_function"):
        if hasattr(estimator, method):
            scores = getattr(estimator, method)(X)
            assert getattr(loaded, method)(X).tobytes() == scores.tobytes()


def test_regressor_and_text_model(tmp_path):
    texts = ["good film", "bad film", "good food", "bad food"]
    estimator = make_pipeline(TfidfVectorizer(), Ridge()).fit(texts, [1.0, -1.0, 0.7, -0.6])
    save(estimator, tmp_path / "m.skops")
    assert load(tmp_path / "m.skops").predict(texts).tobytes() == estimator.predict(texts).tobytes()


def test_extractor_with_descriptors(tmp_path):
    image = pytest.importorskip("mmsenti.image")
    extractor = image.make_image_features(image.HOG(orientations=6), image.ColorMoments())
    shape = (2, 40, 30, 3)
    pictures = list(np.random.RandomState(1).randint(256, size=shape, dtype=np.uint8))
    estimator = make_pipeline(extractor, StandardScaler(), LogisticRegression())
    estimator.fit(pictures, ["negative", "positive"])
    save(estimator, tmp_path / "m.skops")
    loaded = load(tmp_path / "m.skops")
    assert loaded[0].get_params()["hog__orientations"] == 6
    scores = estimator.decision_function(pictures)
    assert loaded.decision_function(pictures).tobytes() == scores.tobytes()


def test_numbers_that_compress_like_a_bomb_are_saved(tmp_path):
    # A gigabyte of zeros is a megabyte of deflate; 100 MB go the same way, only faster.
    estimator = Ridge().fit(X, INTENSITIES)
    estimator.coef_ = np.zeros(100 * 2**17)
    save(estimator, tmp_path / "m.skops")
    assert load(tmp_path / "m.skops").coef_.shape == (100 * 2**17,)


def test_a_model_is_a_skops_file(path):
    assert isinstance(skops.io.load(path)[-1], LogisticRegression)


def test_the_file_tells_its_versions(path):
    import sklearn

    with zipfile.ZipFile(path) as zip_file:
        description = json.loads(zip_file.read("mmsenti.json"))
    assert description["format"] == 1
    assert description["versions"]["scikit-learn"] == sklearn.__version__
    assert set(description["versions"]) == {"mmsenti", "python", "numpy", "scikit-learn", "skops"}


def test_another_scikit_learn_is_one_warning_that_names_both(model, path):
    path.write_bytes(forge(entries_of(model), sklearn_version="1.2.3"))
    import sklearn

    with pytest.warns(UserWarning, match=rf"1\.2\.3, this is {sklearn.__version__}") as caught:
        load(path)
    assert len(caught) == 1
    assert caught[0].filename == __file__
    assert f"saved with mmsenti 9.9, this is {mmsenti.__version__} and with" in str(
        caught[0].message
    )


def test_the_file_tells_the_model_that_it_holds(fusion, tmp_path):
    save(fusion, tmp_path / "m.skops")
    with zipfile.ZipFile(tmp_path / "m.skops") as zip_file:
        told = json.loads(zip_file.read("mmsenti.json"))["model"]
    assert told["modalities"] == ["text", "voice"]
    assert told["classes"] == ["'negative'", "'positive'"]
    names = TextFeatures().get_feature_names_out()
    digest = hashlib.sha256("\n".join(names).encode()).hexdigest()
    assert told["features"] == {"TextFeatures": [digest]}


@pytest.mark.parametrize(
    ("told", "match"),
    [
        (
            {"modalities": ["text"]},
            r"the modalities \['text'\], which are \['text', 'voice'\] here",
        ),
        ({"classes": ["'neg'"]}, r"the classes .\"'neg'\".*, which are .*'positive'"),
        ({"features": {"TextFeatures": ["00"]}}, "the feature names of TextFeatures, which are"),
        ({"features": {}}, "the feature names of TextFeatures, which are"),
        ({"features": 7}, "the features 7, which are"),
    ],
)
def test_a_model_that_is_not_what_the_file_tells_is_refused(told, match, fusion, path):
    path.write_bytes(forge(entries_of(fusion), model=told))
    with pytest.raises(ValueError, match=rf"{match}.*saved with mmsenti 9\.9, this is "):
        load(path)
    path.write_bytes(forge(entries_of(fusion), model=[]))
    with pytest.raises(ValueError, match="description is not in order"):
        load(path)


def test_features_that_have_changed_since_are_no_silent_prediction(fusion, path, monkeypatch):
    save(fusion, path)
    monkeypatch.setattr(Emoji, "get_names", lambda self: ["emoji_of_a_later_version"])
    with pytest.raises(ValueError, match=r"feature names of TextFeatures.*Fit the model again"):
        load(path)


def test_a_model_of_an_older_minor_version_loads(fusion, path):
    # Version 0.0 told neither modalities nor classes nor names of features.
    path.write_bytes(forge(entries_of(fusion), version="0.0.1"))
    with pytest.warns(UserWarning, match="predictions may differ"):
        older = load(path)
    assert np.array_equal(older.predict_proba(CALLS), fusion.predict_proba(CALLS))


def test_a_newer_format_is_refused(model, path):
    path.write_bytes(forge(entries_of(model), fmt=2))
    with pytest.raises(ValueError, match=r"format 2, .* up to 1: .*mmsenti '9\.9'. Upgrade"):
        load(path)


# Damage


def test_a_flipped_bit_is_refused_wherever_it_is(path):
    content = bytearray(path.read_bytes())
    bits = np.random.RandomState(0).permutation(8 * len(content))[:10_000].tolist()
    assert len(bits) == 10_000
    named = re.compile(r"load, '.*model\.skops': ").match
    accepted = []
    with open(path, "r+b", buffering=0) as file:
        for bit in bits:
            file.seek(bit // 8)
            file.write(bytes([content[bit // 8] ^ 1 << bit % 8]))
            try:
                load(path)
                accepted.append(bit)
            except ValueError as error:
                if not named(str(error)):
                    accepted.append((bit, error))
            file.seek(bit // 8)
            file.write(bytes([content[bit // 8]]))
    assert accepted == []
    load(path)


def test_a_cut_file_is_refused_wherever_it_is_cut(path):
    content = path.read_bytes()
    for length in np.linspace(0, len(content) - 1, 60).astype(int):
        path.write_bytes(content[:length])
        with pytest.raises(ValueError, match=r"load, '.*model\.skops': "):
            load(path)


@pytest.mark.parametrize("content", [b"", b"text", b"PK\x03\x04", b"PK\x03\x04" + SEAL + b"0" * 64])
def test_no_model_at_all(content, path):
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"load, '.*model\.skops': (not a model|cut off|damaged)"):
        load(path)


def test_a_plain_skops_file_is_not_ours(model, path):
    path.write_bytes(skops.io.dumps(model))
    with pytest.raises(ValueError, match=r"not saved by mmsenti\.save"):
        load(path)


def test_no_file(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"load, '.*gone\.skops': no such file"):
        load(tmp_path / "gone.skops")
    with pytest.raises(OSError, match="a directory, not a file"):
        load(tmp_path)
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(OSError, match="a pipe or device"):
        load(tmp_path / "fifo")


# Malice


class Bomb:
    """A pickle that makes a file when it is loaded."""

    def __init__(self, trace):
        self.trace = trace

    def __reduce__(self):
        return os.mkdir, (str(self.trace),)


@pytest.mark.parametrize("protocol", range(6))
def test_a_pickle_named_as_a_model_is_not_run(protocol, tmp_path):
    trace = tmp_path / "trace"
    path = tmp_path / "model.skops"
    path.write_bytes(pickle.dumps(Bomb(trace), protocol=protocol))
    with pytest.raises(ValueError, match=r"not a model saved by mmsenti\.save"):
        load(path)
    assert not trace.exists()


def test_a_pickle_inside_an_array_is_not_run(model, tmp_path):
    trace = tmp_path / "trace"
    buffer = io.BytesIO()
    np.save(buffer, np.array([Bomb(trace)], dtype=object), allow_pickle=True)
    path = tmp_path / "model.skops"
    swapped = [(n, buffer.getvalue() if n.endswith(".npy") else c) for n, c in entries_of(model)]
    path.write_bytes(forge(swapped))
    with pytest.raises(ValueError, match="claims object"):
        load(path)
    assert not trace.exists()


def forged_schema(**node):
    return json.dumps({"protocol": 2, "_skops_version": "0.16.0", "__id__": 1, **node})


def node(module, name, loader, **rest):
    return {"__module__": module, "__class__": name, "__loader__": loader, **rest}


def json_node(value, key):
    return node("builtins", "str", "JsonNode", content=json.dumps(value), __id__=key)


def tuple_node(*children, key):
    return node("builtins", "tuple", "TupleNode", content=list(children), __id__=key)


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("os", "mkdir"),
        ("builtins", "eval"),
        ("posix", "mkdir"),
        ("mmsenti._archive", "zipfile"),  # ours by its first word only
        ("mmsenti._archive", "open_archive"),  # ours, but a function
        ("mmsenti._sample", "Sample"),  # ours, but neither estimator nor descriptor
        ("mmsenti._base", "TransformerMixin"),  # seen in a module of ours, not defined there
        ("mmsenti_evil", "Model"),
        ("mmsenti.__main__", "main"),
    ],
)
@pytest.mark.parametrize("loader", ["ConstructorFromReduceNode", "ObjectNode", "FunctionNode"])
def test_strange_types_are_refused_by_name(loader, module, name, tmp_path):
    trace = tmp_path / "trace"
    content = tuple_node(json_node(str(trace), 3), key=2)
    path = tmp_path / "model.skops"
    schema = forged_schema(**node(module, name, loader, content=content))
    path.write_bytes(forge([("schema.json", schema)]))
    with pytest.raises(ValueError, match=rf"types \['{module}\.{name}'\].* pass trusted="):
        load(path)
    assert not trace.exists()


def test_a_partial_is_refused(tmp_path):
    import functools

    estimator = FunctionTransformer(functools.partial(np.clip, a_min=0, a_max=1))
    with pytest.warns(UserWarning, match=r"functools\.partial"):
        save(estimator, tmp_path / "m.skops")
    with pytest.raises(ValueError, match=r"functools\.partial"):
        load(tmp_path / "m.skops")


@pytest.mark.parametrize(
    "name", ["../evil.npy", "/tmp/evil.npy", "a/b.npy", "..\\evil.npy", "x.py"]
)
def test_entries_that_leave_the_archive_are_refused(model, name, path):
    path.write_bytes(forge([*entries_of(model), (name, b"")]))
    with pytest.raises(ValueError, match="holds an entry"):
        load(path)


def test_two_entries_of_one_name_are_refused(model, path):
    entries = entries_of(model)
    with pytest.warns(UserWarning, match="Duplicate name"):
        content = forge([*entries, entries[0]])
    path.write_bytes(content)
    with pytest.raises(ValueError, match="two entries of the same name"):
        load(path)


def test_a_zip_bomb_is_refused(model, path):
    zeros = bytes(100 * 2**20)
    path.write_bytes(
        forge([*entries_of(model), ("x.bin", zeros)], compression=zipfile.ZIP_DEFLATED)
    )
    assert path.stat().st_size < 2**18
    with pytest.raises(ValueError, match="zip bomb"):
        load(path)


def test_a_zip_bomb_within_a_sparse_matrix_is_refused(model, path):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as zip_file:
        zip_file.writestr("data.npy", bytes(100 * 2**20))
    path.write_bytes(forge([*entries_of(model), ("x.npz", inner.getvalue())]))
    with pytest.raises(ValueError, match="zip bomb"):
        load(path)


def test_an_array_that_claims_more_than_it_has_is_refused(model, path):
    buffer = io.BytesIO()
    header = {"descr": "<f8", "fortran_order": False, "shape": (10**12,)}
    np.lib.format.write_array_header_1_0(buffer, header)
    swapped = [(n, buffer.getvalue() if n.endswith(".npy") else c) for n, c in entries_of(model)]
    path.write_bytes(forge(swapped))
    with pytest.raises(ValueError, match=r"claims float64 of shape \(1000000000000,\)"):
        load(path)


@pytest.mark.parametrize("schema", ["[" * 10**5, "{}", "null", '{"protocol": 99}', "not json"])
def test_a_broken_schema_is_refused(schema, path):
    path.write_bytes(forge([("schema.json", schema)]))
    with pytest.raises(ValueError, match=r"load, '.*model\.skops': not a model"):
        load(path)


# Types of one's own


class Doubler(BaseEstimator):
    """A user's own transformer."""

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return 2 * np.asarray(X)


def test_own_types_load_when_vouched_for(tmp_path):
    path = tmp_path / "m.skops"
    name = f"{Doubler.__module__}.Doubler"
    with pytest.warns(UserWarning, match=f"trusted=.'{name}'"):
        save(Doubler(), path)
    with pytest.raises(ValueError, match=name):
        load(path)
    sys.modules.setdefault(Doubler.__module__, sys.modules[__name__])
    assert load(path, trusted=[name]).transform([[1.5]]).tolist() == [[3.0]]


def test_trees_want_vouching_because_their_indices_are_followed_unchecked(tmp_path):
    path = tmp_path / "m.skops"
    forest = RandomForestClassifier(2, random_state=0).fit(X, LABELS)
    with pytest.warns(UserWarning, match=r"sklearn\.tree\._tree\.Tree"):
        save(forest, path)
    with pytest.raises(ValueError, match=r"sklearn\.tree\._tree\.Tree"):
        load(path)
    loaded = load(path, trusted=["sklearn.tree._tree.Tree"])
    assert np.array_equal(loaded.predict_proba(X), forest.predict_proba(X))


def test_a_lambda_is_refused_at_once(tmp_path):
    with pytest.raises(ValueError, match=r"<lambda>.*function defined in a module"):
        save(FunctionTransformer(lambda X: X), tmp_path / "m.skops")
    assert names_in(tmp_path) == []


@pytest.mark.parametrize("trusted", ["a.b", [Doubler], True])
def test_trusted_is_a_list_of_names(trusted, path):
    with pytest.raises(TypeError, match="trusted must be a list of type names"):
        load(path, trusted=trusted)


# The old file


def test_a_failing_save_leaves_the_old_model(model, path, monkeypatch):
    before = path.read_bytes()

    def fail(*args, **kwargs):
        raise RuntimeError("broken")

    monkeypatch.setattr(skops.io, "dumps", fail)
    with pytest.raises(RuntimeError, match="broken"):
        save(model, path)
    monkeypatch.undo()
    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(RuntimeError, match="broken"):
        save(model, path)
    assert path.read_bytes() == before
    assert names_in(path.parent) == ["model.skops"]


def test_a_full_disk_leaves_the_old_model(path):
    before = path.read_bytes()
    script = """
        import resource, sys
        import numpy as np
        from sklearn.linear_model import Ridge
        from mmsenti import save
        model = Ridge()
        model.coef_ = np.random.RandomState(0).rand(10000)
        resource.setrlimit(resource.RLIMIT_FSIZE, (2**14, 2**14))
        try:
            save(model, sys.argv[1])
        except OSError as error:
            print(error)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), str(path)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "model.skops': cannot be written (File too large). An older file" in done.stdout
    assert path.read_bytes() == before
    assert names_in(path.parent) == ["model.skops"]


def test_a_folder_that_is_not_there_is_named(model, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"save, '.*none/m\.skops': cannot be written"):
        save(model, tmp_path / "none" / "m.skops")


def test_a_link_is_followed_and_permissions_are_kept(model, path, tmp_path):
    link = tmp_path / "link.skops"
    link.symlink_to(path)
    path.chmod(0o640)
    path.write_bytes(b"old")
    save(model, link)
    assert link.is_symlink()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    load(path)


def test_a_new_file_has_the_permissions_that_the_umask_says(model, tmp_path):
    before = os.umask(0o027)
    try:
        save(model, tmp_path / "m.skops")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "m.skops").stat().st_mode) == 0o640


def test_a_device_is_not_replaced(model, tmp_path):
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(OSError, match="not a regular file"):
        save(model, tmp_path / "fifo")
    assert stat.S_ISFIFO((tmp_path / "fifo").stat().st_mode)


def test_importing_the_package_loads_no_skops():
    code = "import mmsenti.persistence, sys; print({'skops', 'sklearn'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
