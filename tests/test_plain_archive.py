"""A plain archive is read as skops reads it, and one that holds anything else is not touched."""

import io
import json
import subprocess
import sys
import zipfile

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from mmsenti import load, save
from mmsenti._plain_archive import NOT_PLAIN, construct_plain
from mmsenti._trust import mentioned_names, trusted_names
from mmsenti.fusion import FusionClassifier, FusionRegressor

CALLS = pd.DataFrame(
    {"text": ["good :)", "so bad", "bad", "good day"] * 4, "pitch": np.arange(16.0) % 5}
)
LABELS = ["positive", "negative", "negative", "positive"] * 4
STRATEGIES = ("feature", "voting", "stacking", "hybrid")


def fitted(strategy="feature", kind=FusionClassifier):
    from mmsenti.fusion import default_modalities

    modalities = [*default_modalities(["text"]), ("voice", StandardScaler(), ["pitch"])]
    target = LABELS if kind is FusionClassifier else np.arange(16.0)
    return kind(modalities, strategy=strategy, cv=2).fit(CALLS, target)


def archive_of(schema, **files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as zip_file:
        zip_file.writestr("schema.json", json.dumps(schema))
        for name, content in files.items():
            zip_file.writestr(f"{name}.npy", content)
    return buffer.getvalue()


def schema_of(archive):
    with zipfile.ZipFile(io.BytesIO(archive)) as zip_file:
        return json.loads(zip_file.read("schema.json"))


def without_ids(node):
    """Strip numbers of objects, and the names of files that are made of them."""
    if isinstance(node, dict):
        return {k: without_ids(v) for k, v in node.items() if k not in ("__id__", "file")}
    return [without_ids(item) for item in node] if isinstance(node, list) else node


@pytest.mark.parametrize("kind", [FusionClassifier, FusionRegressor])
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_fusion_is_what_skops_makes_of_it(strategy, kind):
    archive = skops.io.dumps(fitted(strategy, kind))
    ours = construct_plain(archive)
    theirs = skops.io.loads(archive, trusted=trusted_names(mentioned_names(archive)))
    assert ours is not NOT_PLAIN
    assert without_ids(schema_of(skops.io.dumps(ours))) == without_ids(
        schema_of(skops.io.dumps(theirs))
    )
    method = "predict_proba" if kind is FusionClassifier else "predict"
    np.testing.assert_array_equal(getattr(ours, method)(CALLS), getattr(theirs, method)(CALLS))


def test_what_was_one_object_is_one_again():
    model = construct_plain(skops.io.dumps(fitted("voting"))).fusion_
    assert model.named_estimators_.text is model.estimators_[0]


def test_loading_a_plain_model_loads_no_skops(tmp_path):
    save(fitted("feature"), tmp_path / "model.skops")
    code = (
        "import sys, mmsenti\n"
        "mmsenti.load(sys.argv[1]).predict({'text': 'good day', 'pitch': 1.0})\n"
        "print(*({'skops', 'sklearn.ensemble', 'pytest', 'matplotlib'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "model.skops")]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == ""


@pytest.mark.parametrize(
    "model",
    [
        RandomForestClassifier(2),
        make_pipeline(StandardScaler(), DecisionTreeClassifier()),
        make_pipeline(FunctionTransformer(np.abs), LogisticRegression()),
    ],
    ids=lambda model: type(model).__name__,
)
def test_what_is_not_on_the_list_is_left_to_skops(model, tmp_path):
    model.fit([[0.0], [1.0]], [0, 1])
    archive = skops.io.dumps(model)
    assert construct_plain(archive) is NOT_PLAIN


def leaf(key=5, **changes):
    return {
        "__module__": "builtins",
        "__class__": "str",
        "__loader__": "JsonNode",
        "content": '"x"',
        "__id__": key,
        **changes,
    }


def listed(*nodes, **changes):
    changes = {"__loader__": "ListNode", "__class__": "list", **changes}
    return leaf(1, protocol=2, content=list(nodes), **changes)


def test_a_list_of_a_text_is_plain():
    assert construct_plain(archive_of(listed(leaf()))) == ["x"]


@pytest.mark.parametrize(
    "schema",
    [
        listed(leaf(__loader__="TypeNode", __class__="eval")),
        listed(leaf(__loader__="TypeNode", __module__="os", __class__="system")),
        listed(leaf(__loader__="FunctionNode", __class__="print")),
        listed(leaf(__loader__="ObjectNode", content=leaf(7))),
        listed(leaf(__loader__="ObjectNode", __module__="mmsenti._sample", __class__="Sample")),
        listed(leaf(__loader__="ObjectNode", __module__="sklearn.tree._tree", __class__="Tree")),
        listed(leaf(__loader__="MethodNode")),
        listed(leaf(__loader__="BytesNode", file="schema.json")),
        listed(leaf(__loader__="SliceNode", __class__="slice", content={"start": "0"})),
        listed(leaf(__loader__="DictNode", __class__="dict", content={"a": leaf(7)})),
        listed(leaf(__loader__="DictNode", __class__="OrderedDict", content={})),
        listed(leaf(__loader__="NdArrayNode", __module__="numpy", __class__="ndarray")),
        listed(
            leaf(
                __loader__="NdArrayNode",
                __module__="numpy",
                __class__="ndarray",
                type="numpy",
                file="schema.json",
            )
        ),
        listed(leaf(__loader__="DTypeNode", __module__="numpy", __class__="dtype")),
        listed(leaf(__loader__=None)),
        listed(leaf(__loader__=["ListNode"])),
        listed(leaf(content=7)),
        listed(leaf("5")),
        listed(leaf(), __class__="tuple"),
        listed(7),
        {**listed(leaf()), "protocol": 1},
        {**listed(leaf()), "protocol": True},
        {**listed(leaf()), "protocol": None},
        [],
    ],
)
def test_whatever_is_strange_is_left_to_skops(schema):
    assert construct_plain(archive_of(schema)) is NOT_PLAIN


def test_nothing_is_constructed_before_all_is_judged(monkeypatch):
    archive = skops.io.dumps([StandardScaler(), DecisionTreeClassifier()])
    monkeypatch.setattr(StandardScaler, "__setstate__", None)  # calling it would fail
    assert construct_plain(archive) is NOT_PLAIN


def test_an_array_of_objects_is_never_unpickled():
    import pickle

    buffer = io.BytesIO()
    np.save(buffer, np.array([pickle], dtype=object)[:0], allow_pickle=True)
    array = leaf(
        __loader__="NdArrayNode",
        __module__="numpy",
        __class__="ndarray",
        type="numpy",
        file="a.npy",
    )
    with pytest.raises(ValueError, match="allow_pickle=False"):
        construct_plain(archive_of(listed(array), a=buffer.getvalue()))


def test_a_model_loads_the_same_whichever_reads_it(tmp_path, monkeypatch):
    save(fitted("stacking"), tmp_path / "model.skops")
    ours = load(tmp_path / "model.skops")
    monkeypatch.setattr("mmsenti.persistence.construct_plain", lambda content: NOT_PLAIN)
    theirs = load(tmp_path / "model.skops")
    np.testing.assert_array_equal(ours.predict_proba(CALLS), theirs.predict_proba(CALLS))
