"""What could not be read is counted by reason and listed in a file, by every command that reads."""

import csv
import os
import shutil

import pandas as pd
import pytest

from mmsenti import load
from mmsenti._error_report import count_by_reason, write_errors
from mmsenti.cli import main
from mmsenti.datasets import make_posts

BROKEN = {3: "", 10: "no picture", 21: None, 40: "no picture"}  # row: content, or no file at all
NO_TEXT = [0, 1, 5, 30]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """Posts of text and picture; rows without either, and rows whose picture is broken."""
    folder = tmp_path_factory.mktemp("corpus")
    make_posts(50, modalities=("text", "image"), folder=folder, random_state=0)
    table = pd.read_csv(folder / "manifest.csv", dtype=str)
    for row, content in BROKEN.items():
        path = folder / table["image"][row]
        path.unlink()
        if content is not None:
            path.write_text(content)
    table.loc[NO_TEXT, "text"] = None
    table.loc[[7, 8], "image"] = None
    table.to_csv(folder / "manifest.csv", index=False)
    return folder


def run(*arguments):
    try:
        return main([str(a) for a in arguments])
    except SystemExit as stop:
        return stop.code


def listed(path):
    with open(path, newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    assert header == ["row", "modality", "path", "reason"]
    return rows


def assert_all_are_listed(path, corpus):
    rows = listed(path)
    manifest = pd.read_csv(corpus / "manifest.csv", dtype=str)
    assert [int(row) for row, *_ in rows] == list(BROKEN)
    assert {modality for _, modality, *_ in rows} == {"image"}
    assert [path for *_, path, _ in rows] == [
        str(corpus / manifest["image"][row]) for row in BROKEN
    ]
    assert ["empty file" in rows[0][3], "no such file" in rows[2][3]] == [True, True]
    assert rows[1][3] == rows[3][3]


def assert_counted(text):
    lines = text.splitlines()
    start = lines.index("4 cells could not be read and count as missing:")
    assert lines[start + 1].startswith("        2  image: format not supported")
    assert [line.split()[:2] for line in lines[start + 2 : start + 4]] == [["1", "image:"]] * 2


@pytest.mark.parametrize("strategy", ["feature", "voting", "stacking"])
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_fit_and_predict(strategy, n_jobs, corpus, tmp_path, capsys):
    model, errors = tmp_path / "model", tmp_path / "errors.csv"
    fit = ["fit", corpus / "manifest.csv", "--label", "label", "--strategy", strategy, "-o", model]
    assert run(*fit, "--n-jobs", n_jobs, "--errors", errors, "--quiet") == 0
    assert_counted(capsys.readouterr().out)
    assert_all_are_listed(errors, corpus)
    errors.unlink()
    predict = ["predict", model, corpus / "manifest.csv", "-o", tmp_path / "out.csv"]
    assert run(*predict, "--errors", errors) == 0
    captured = capsys.readouterr()
    assert captured.out.startswith("Wrote 50 predictions")
    assert_counted(captured.err)
    assert_all_are_listed(errors, corpus)
    assert sorted(os.listdir(tmp_path)) == ["errors.csv", "model", "out.csv"]


def test_extract(corpus, tmp_path, capsys):
    errors = tmp_path / "errors.csv"
    extract = ["extract", corpus / "manifest.csv", "--quiet", "-o", tmp_path / "f.npz"]
    assert run(*extract, "--errors", errors) == 0
    assert "2  image: format not supported" in capsys.readouterr().out
    assert_all_are_listed(errors, corpus)


def test_extract_names_rows_of_the_table_in_later_chunks(corpus, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("mmsenti._extract._CHUNK_ROWS", 8)
    errors = tmp_path / "errors.csv"
    extract = ["extract", corpus / "manifest.csv", "--quiet", "-o", tmp_path / "f.npz"]
    assert run(*extract, "--errors", errors) == 0
    assert_all_are_listed(errors, corpus)
    table = pd.read_csv(corpus / "manifest.csv", dtype=str).drop(index=3)
    table.to_csv(corpus / "later.csv", index=False)
    assert run("extract", corpus / "later.csv", "--on-error", "raise", *extract[2:]) == 2
    assert "ImageFeatures, row 9, " in capsys.readouterr().err


def test_an_end_at_the_first_error_unless_missing_is_asked_for(corpus, tmp_path, capsys):
    model, errors = tmp_path / "model", tmp_path / "errors.csv"
    fit = ["fit", corpus / "manifest.csv", "--label", "label", "--quiet", "-o", model]
    assert run(*fit) == 2
    assert run(*fit, "--errors", errors, "--on-error", "raise") == 2
    assert os.listdir(tmp_path) == []
    assert run(*fit, "--on-error", "missing") == 0
    assert_counted(capsys.readouterr().out)
    # As it was fitted, unless something else is asked for.
    predict = ["predict", model, corpus / "manifest.csv"]
    assert run(*predict) == 0
    assert_counted(capsys.readouterr().err)
    assert run(*predict, "--on-error", "raise") == 2
    said = capsys.readouterr().err
    assert any(f"mmsenti predict: ImageFeatures, row {row}, " in said for row in BROKEN)


def test_nothing_wrong_is_an_empty_list_and_no_word(corpus, tmp_path, capsys):
    make_posts(20, modalities=("text",), folder=tmp_path, random_state=0)
    model, errors = tmp_path / "model", tmp_path / "errors.csv"
    errors.write_text("of an older run")
    fit = ["fit", tmp_path / "manifest.csv", "--label", "label", "-o", model]
    assert run(*fit, "--errors", errors) == 0
    assert listed(errors) == []
    assert "could not be read" not in capsys.readouterr().out


def test_errors_have_a_place_before_the_work(corpus, tmp_path, capsys):
    fit = ["fit", corpus / "manifest.csv", "--label", "label", "-o", tmp_path / "model"]
    assert run(*fit, "--errors", tmp_path / "none" / "errors.csv") == 2
    assert "no such folder" in capsys.readouterr().err
    assert run("predict", tmp_path / "model", "--text", "x", "--errors", tmp_path / "e") == 2
    assert "--errors needs a MANIFEST" in capsys.readouterr().err


def test_files_outside_the_folder_need_a_root(corpus, tmp_path, capsys):
    table = pd.read_csv(corpus / "manifest.csv", dtype=str).drop(index=list(BROKEN))
    table["image"] = "../corpus/" + table["image"]
    shutil.copytree(corpus, tmp_path / "corpus")
    (tmp_path / "lists").mkdir()
    manifest, model = tmp_path / "lists" / "m.csv", tmp_path / "model"
    table.to_csv(manifest, index=False)
    wide = ["--root", tmp_path]
    fit = ["fit", manifest, "--label", "label", "--quiet", "-o", model]
    commands = [fit, ["predict", model, manifest], ["extract", manifest, "-o", tmp_path / "f.npz"]]
    for command in commands:
        if command is not fit:
            assert run(*command) == 2
            assert "leads out of the folder" in capsys.readouterr().err
        assert run(*command, *wide) == 0
    assert load(model).predict({"text": "fine"}).shape == (1,)


def test_names_that_are_no_utf8_and_reasons_beyond_the_first_five(tmp_path):
    path = tmp_path / "errors.csv"
    name = os.fsdecode(b"caf\xe9,\n.png")
    write_errors(str(path), [(1, "image", name, 'not "this"')])
    assert path.read_bytes().endswith(b'1,image,"caf\xe9,\n.png","not ""this"""\r\n')
    lines = list(count_by_reason([(n, "image", "x", f"reason {n}") for n in range(7)]))
    assert lines[5:] == ["  and 2 more reasons"]


def test_a_full_disk_leaves_the_older_list(tmp_path, monkeypatch):
    path = tmp_path / "errors.csv"
    path.write_text("older")

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space"):
        write_errors(str(path), [(1, "image", "a.png", "broken")])
    assert path.read_text() == "older"
    assert os.listdir(tmp_path) == ["errors.csv"]
