"""Every benchmark runs once at its smallest size, so that none goes stale."""

import importlib
import itertools
import json
import re
import runpy
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from mmsenti.datasets import make_posts
from mmsenti.image import ColorMoments, make_image_features

FOLDER = Path(__file__).resolve().parents[1] / "benchmarks"


SCALED_PICTURES = Pipeline(
    [("extract", make_image_features(ColorMoments())), ("scale", StandardScaler())]
)


def run(name, *arguments):
    command = [sys.executable, str(FOLDER / name), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_benchmark_is_run_here():
    tested = {
        "accuracy_cmu_mosi.py",
        "accuracy_missing.py",
        "accuracy_mvsa_single.py",
        "accuracy_ravdess_speech.py",
        "accuracy_vader_groundtruth.py",
        "bench_audio.py",
        "bench_image.py",
        "bench_import.py",
        "bench_parallel.py",
        "bench_predict.py",
        "bench_search.py",
        "bench_store.py",
        "bench_text.py",
        "pairs.py",
        "protocol.py",
        "run.py",
    }
    assert {path.name for path in FOLDER.glob("*.py")} == tested


@pytest.fixture
def corpus(tmp_path):
    """Twelve speakers of five utterances, of which the voice tells a little."""
    rng = np.random.default_rng(0)
    sign = rng.choice([-1, 1], 60)
    table = pd.DataFrame(
        {
            "id": [f"u{i}" for i in range(60)],
            "text": np.where(sign > 0, "I LOVED IT", "IT WAS AWFUL"),
            "label": np.where(sign > 0, "positive", "negative"),
            "video": [f"v{i % 12}" for i in range(60)],
            "split": np.where(np.arange(60) % 12 < 8, "train", "test"),
            "feature_row": rng.permutation(60),
        }
    )
    audio = np.empty((60, 3))
    audio[table["feature_row"]] = rng.normal(size=(60, 3)) + sign[:, None]
    table.to_csv(tmp_path / "manifest.csv", index=False)
    np.save(tmp_path / "audio.npy", audio)
    return tmp_path


def read_table(text):
    """Return the first number of each cell by the names of row and column."""
    header, *lines = text.strip().splitlines()
    columns = re.split(r"\s{2,}", header.strip())
    table = {}
    for line in lines:
        row, *cells = re.split(r"\s{2,}", line.strip())
        numbers = [float(cell.partition(" ")[0]) for cell in cells]
        table[row] = dict(zip(columns, numbers, strict=False))
    return table


def test_accuracy_cmu_mosi(corpus):
    table = read_table(run("accuracy_cmu_mosi.py", corpus, "--resamples", 20))
    assert list(table["text"]) == ["accuracy", "macro-F1", "UAR", "AUC", "log loss"]
    assert table["text"]["accuracy"] == 1.0
    assert table["audio"]["accuracy"] > 0.7
    for strategy in ("feature", "voting, mean", "voting, oof weights", "stacking", "hybrid"):
        row = f"text + audio, {strategy}"
        assert {row, f"shuffled ({row})", f"prior ({row})"} <= set(table)
    # A text that tells all leaves no gain, and a constant has nothing to give.
    assert table["prior (text + audio, feature)"]["AUC gain"] == 0


def test_accuracy_mvsa_single(tmp_path):
    posts = make_posts(48, modalities=("text", "image"), folder=tmp_path, random_state=0)
    posts = posts.rename(columns={"author": "group"})
    posts["image"] = [None if p is None else Path(p).relative_to(tmp_path) for p in posts["image"]]
    posts.to_csv(tmp_path / "manifest.csv", index=False)
    rows = ["--rows", "feature", "tuned inside", "--resamples", 5]
    table = read_table(run("accuracy_mvsa_single.py", tmp_path, *rows))
    assert len(table) == 2 + 2 * 3
    assert table["text + image, feature"]["accuracy"] > 0.6


def test_accuracy_ravdess_speech(tmp_path):
    # Six speakers as high as their number; who is happy speaks higher than he or she usually does.
    rng = np.random.default_rng(0)
    time = np.arange(8000) / 16000
    rows = []
    for speaker, label, take in itertools.product(range(6), ("calm", "happy"), range(2)):
        f0 = (90 + 35 * speaker) * (1.15 if label == "happy" else 1) * rng.uniform(0.99, 1.01)
        name = f"{speaker}{label}{take}.wav"
        soundfile.write(tmp_path / name, 0.3 * np.sin(2 * np.pi * f0 * time), 16000)
        rows.append((name, "Dogs are sitting by the door.", name, label, f"s{speaker}"))
    table = pd.DataFrame(rows, columns=["id", "text", "audio", "label", "speaker"])
    table.to_csv(tmp_path / "manifest.csv", index=False)
    rows = ["--rows", "voting, mean", "--resamples", 5]
    table = read_table(run("accuracy_ravdess_speech.py", tmp_path, *rows))
    assert table["text"]["AUC"] == 0.5  # the same words for all
    assert table["audio, shrinkage LDA, by speaker"]["UAR"] == 1.0
    assert table["audio, LR, C inside, by speaker"]["UAR"] == 1.0


def test_accuracy_vader_groundtruth(tmp_path):
    rng = np.random.default_rng(0)
    valence = rng.uniform(-3, 3, 60).round(2)
    words = np.where(valence > 1, "great", np.where(valence < -1, "awful", "rainy"))
    table = pd.DataFrame(
        {
            "id": [f"t{i}" for i in range(60)],
            "text": [f"a {word} day number {i % 7}" for i, word in enumerate(words)],
            "label": np.where(valence > 0, "positive", "negative"),
            "valence": valence,
            "group": [f"g{i % 20}" for i in range(60)],
            "domain": np.repeat(["tweets", "movie"], 30),
        }
    )
    table.to_csv(tmp_path / "manifest.csv", index=False)
    out = run("accuracy_vader_groundtruth.py", tmp_path, "--resamples", 5)
    assert out.count("tweets, valence, 30 texts") == out.count("movie, sign, 30 texts") == 1
    assert out.count("VADER alone") == 2
    assert out.count("NBWeighting of binary") == 2


def test_accuracy_missing(tmp_path):
    header, *lines = run("accuracy_missing.py", "--small").splitlines()
    assert [line.split()[0] for line in lines] == ["0%", "50%"]
    assert header.count("voting") == 3
    # Without a hole there is nothing to fill with zeros: the two are one model.
    assert lines[0].split()[2:4] == [lines[0].split()[1], "(+0.0)"]
    module = runpy.run_path(str(FOLDER / "accuracy_missing.py"))
    table = pd.DataFrame({"text": list("abcdef"), "image": ["i"] * 5 + [None]})
    some = module["with_holes"](table, ["text", "image"], 0.4, seed=0)
    most = module["with_holes"](table, ["text", "image"], 0.99, seed=0)
    assert most.notna().any(axis=1).all()
    assert most["text"][5] == "f"  # its last cell stays
    assert some[most.notna()].equals(table[most.notna()])  # and holes only become more
    assert most.isna().sum().sum() == 6
    (_, zeros, _), *_ = module["zero_filled"]([("image", SCALED_PICTURES, "image")])
    features = zeros[:2].fit_transform([np.zeros((4, 4, 3), dtype=np.uint8) + 9, None])
    assert features[0].any()
    assert not features[1].any()
    score = partial(module["score"], make_posts(60, folder=tmp_path, random_state=0), "author")
    how = {"seed": 0, "strategies": ["voting, mean"], "cv": 2}
    whole = score([0.0, 0.6], **how, complete_training=True)
    assert whole.shape == (2, 2)  # rates by models, of whom zero-filling is the first
    # Models that are fitted on whole rows are the same for each rate, and fitted once for all.
    np.testing.assert_array_equal(whole[1:], score([0.6], **how, complete_training=True))
    holed = score([0.0, 0.6], **how)
    np.testing.assert_array_equal(holed[0], whole[0])
    assert holed[1].tolist() != whole[1].tolist()


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_bench_predict():
    lines = [line.split() for line in run("bench_predict.py", "--small").splitlines()]
    assert [line[1:3] for line in lines] == [
        *[["fresh", kind] for kind in ("bare", "reader", "frozen", "plain", "lean", "naive")],
        *[["warm", kind] for kind in ("extract", "frozen", "full")],
        *[["batch", kind] for kind in ("full", "frozen")],
        *[["file", kind] for kind in ("frozen", "full")],
    ]
    megabytes = {line[2]: float(line[line.index("MB") - 1]) for line in lines[:6]}
    assert megabytes["frozen"] <= 60 < megabytes["lean"]


def test_bench_store():
    assert "100" in run("bench_store.py", "--small")


@pytest.mark.filterwarnings("ignore:.*is deprecated")  # what librosa imports
def test_bench_search(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    lines = run("bench_search.py", "--small").splitlines()
    assert [line.split()[:2] for line in lines[1:]] == [["feature", "30"], ["stacking", "30"]]
    module = runpy.run_path(str(FOLDER / "bench_search.py"))
    post = make_posts(1, folder=tmp_path, random_state=0).iloc[0]
    widths = {name: len(describe(post[name])) for name, describe in module["NAIVE"].items()}
    assert widths == {"text": 4, "image": 3 * 16 + 6 + 15 * 15 * 36 + 10, "audio": 4 * (60 + 14)}


@pytest.mark.parametrize(
    ("name", "size", "works", "peers"),
    [
        ("image", 2, 4, {"scikit-image"}),  # the size 1 has a photo of 12 megapixels too
        ("audio", 1, 6, {"librosa", "librosa, shared", "librosa yin"}),
        ("text", 1, 3, {"vaderSentiment", "nltk"}),
        ("import", 1, 2, {"bare interpreter", "numpy", "scikit-learn alone"}),
    ],
)
def test_speed_beside_peers(tmp_path, name, size, works, peers):
    # Equality with the peers is asserted by the benchmark itself, before it times anything.
    printed = run("run.py", name, "--sizes", size, "--seconds", 0, "--json", tmp_path / "rows.json")
    rows = json.loads((tmp_path / "rows.json").read_text())
    assert len(rows) == works
    assert peers <= {peer for row in rows for peer in row["ratios"]}
    assert all(row["microseconds"] > 0 and row["n"] == size for row in rows)
    assert len(printed.splitlines()) == 1 + works


def test_bench_parallel():
    lines = run("bench_parallel.py", "--rows", 30, "--memory-rows", 30).splitlines()
    assert [line.split()[:2] for line in lines[:6]] == [["pictures", "30"]] * 3 + [
        ["voices", "30"]
    ] * 3
    assert "above the result" in lines[6]


def test_an_unknown_benchmark_is_named():
    command = [sys.executable, str(FOLDER / "run.py"), "video"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 2
    assert "no benchmark is named video" in done.stderr


def test_ratios_are_taken_within_a_round(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    pairs = importlib.import_module("pairs")
    clock = iter([0, 1, 1, 4, 10, 12, 12, 20])  # rounds of 1 and 3 s, then of 2 and 8 s
    monkeypatch.setattr(pairs, "processor_time", lambda: float(next(clock)))
    wall = iter([0.0, 0.5, 2.0])
    monkeypatch.setattr(pairs.time, "perf_counter", lambda: next(wall))
    case = pairs.Case("work", lambda: None, {"peer": lambda: None}, n=5000)
    row = pairs.measure(case, seconds=1.0)
    assert row.ratios == {"peer": 3.5}  # of 3 and 4
    assert row.microseconds == 1e6 * 1.5 / 5000
