"""The commands extract and store, as a user types them."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest

import mmsenti._base
from mmsenti import FeatureStore
from mmsenti.cli import main
from mmsenti.datasets import make_posts


@pytest.fixture
def corpus(tmp_path):
    folder = tmp_path / "corpus"
    make_posts(40, missing_rate=0.1, folder=folder, random_state=0)
    mmsenti._base._memory.clear()
    return folder


def run(*arguments):
    try:
        return main([str(a) for a in arguments])
    except SystemExit as stop:
        return stop.code


@pytest.mark.parametrize("ending", ["parquet", "csv", "npz"])
def test_extract_writes_all_rows_and_says_what_it_read(corpus, capsys, ending):
    out = corpus / f"features.{ending}"
    assert run("extract", corpus / "manifest.csv", "-o", out) == 0
    said = capsys.readouterr().out
    assert said.startswith("Wrote 40 rows")
    posts = pd.read_csv(corpus / "manifest.csv")
    for line in said.splitlines()[2:5]:
        name, n_read, missing, broken = line.split()
        assert int(missing) == posts[name].isna().sum()
        assert (int(n_read), int(broken)) == (40 - int(missing), 0)
    assert not list(corpus.glob("*.partial*"))


def test_broken_files_are_counted_by_reason(corpus, capsys):
    posts = pd.read_csv(corpus / "manifest.csv")
    broken = posts["image"].dropna().iloc[:3]
    for path in broken:
        (corpus / path).write_bytes(b"no picture")
    assert run("extract", corpus / "manifest.csv", "-o", corpus / "features.npz") == 0
    said = capsys.readouterr().out
    image = next(line for line in said.splitlines() if line.startswith("image"))
    assert image.split()[-1] == "3"
    assert "image: " in said.splitlines()[-1]
    with np.load(corpus / "features.npz") as arrays:
        columns = np.char.startswith(arrays["names"], "image__")
        empty = np.isnan(arrays["features"][:, columns]).all(axis=1)
    assert set(posts.index[posts["image"].isna() | posts["image"].isin(broken)]) == set(
        np.flatnonzero(empty)
    )
    assert (
        run("extract", corpus / "manifest.csv", "--on-error", "raise", "-o", corpus / "x.npz") == 2
    )


def test_a_stopped_run_goes_on_where_it_was(corpus, capsys):
    make_posts(400, modalities=("image", "audio"), folder=corpus, random_state=1)
    out, partial = corpus / "features.npz", corpus / "features.npz.partial"
    command = [sys.executable, "-m", "mmsenti", "extract", "manifest.csv", "-o", "features.npz"]
    process = subprocess.Popen(command, cwd=corpus, stdout=subprocess.DEVNULL)
    rows, deadline = 0, time.monotonic() + 60
    while rows < 100 and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
        if partial.exists():
            with FeatureStore(partial) as store:
                rows = store.info()["rows"]
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert rows >= 100, "it was over before it could be stopped"
    assert not out.exists()
    computed = []
    original = mmsenti._base.extract_rows

    def counted(cells, *arguments, **options):
        computed.extend(cells)
        return original(cells, *arguments, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mmsenti._base, "extract_rows", counted)
        assert run("extract", corpus / "manifest.csv", "-o", out) == 0
    assert "Goes on" in capsys.readouterr().out
    assert len(computed) <= 800 - rows
    assert sorted(path.name for path in corpus.glob("features*")) == ["features.npz"]
    plain = corpus / "plain.npz"
    mmsenti._base._memory.clear()
    assert run("extract", corpus / "manifest.csv", "-o", plain) == 0
    with np.load(out) as resumed, np.load(plain) as once:
        np.testing.assert_array_equal(resumed["features"], once["features"])


def test_a_store_of_the_user_is_kept_and_serves_fit(corpus, capsys):
    store = corpus / "features.db"
    for command in (
        ["extract", corpus / "manifest.csv", "-o", corpus / "features.csv"],
        ["fit", corpus / "manifest.csv", "--label", "label", "-o", corpus / "model.skops"],
    ):
        assert run(*command, "--store", store) == 0
    filled = pd.read_csv(corpus / "manifest.csv")[["text", "image", "audio"]].nunique().sum()
    with FeatureStore(store) as one:
        assert one.info()["rows"] == filled
    capsys.readouterr()
    assert run("store", "info", store) == 0
    assert capsys.readouterr().out.startswith(f"{store}: {filled} rows")
    assert run("store", "prune", store, "--max-bytes", 300_000) == 0
    assert "dropped" in capsys.readouterr().out
    assert run("store", "clear", store) == 0
    assert run("store", "info", store) == 0
    assert f"{store}: 0 rows" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["store", "info", "nothing.db"], "no such store"),
        (["store", "prune", "nothing.db"], "--max-bytes"),
        (["store", "clear", "nothing.db", "--max-bytes", "300000"], "--max-bytes"),
        (["store", "shrink", "nothing.db"], "invalid choice"),
        (["extract", "manifest.csv", "-o", "features.pkl"], ".parquet, .csv, .npz"),
        (["extract", "nothing.csv", "-o", "features.npz"], "nothing.csv"),
    ],
)
def test_wrong_usage_is_one_line(corpus, monkeypatch, capsys, arguments, said):
    monkeypatch.chdir(corpus)
    before = sorted(os.listdir())
    assert run(*arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert said in captured.err
    assert sorted(os.listdir()) == before


def test_a_file_that_is_no_store_is_left_as_it_is(corpus, capsys):
    manifest = corpus / "manifest.csv"
    before = manifest.read_bytes()
    for action in (["info"], ["clear"], ["prune", "--max-bytes", "300000"]):
        assert run("store", action[0], manifest, *action[1:]) == 2
    assert manifest.read_bytes() == before
