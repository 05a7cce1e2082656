"""The command line, as a user types it: results on stdout, one line on stderr, exit codes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

import mmsenti
from mmsenti import load, save
from mmsenti.cli import main
from mmsenti.datasets import make_posts


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("corpus")
    make_posts(60, missing_rate=0.1, folder=folder, random_state=0)
    return folder


@pytest.fixture(scope="module")
def model(corpus):
    path = corpus / "voting.skops"
    command = ["fit", corpus / "manifest.csv", "--label", "label", "--strategy", "voting"]
    assert main([*map(str, command), "-o", str(path)]) == 0
    return path


def run(*arguments):
    try:
        return main([str(a) for a in arguments])
    except SystemExit as stop:  # argparse's way to end
        return stop.code


def assert_one_line(capsys, *words):
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert captured.err.startswith("mmsenti")
    for word in words:
        assert word in captured.err


@pytest.mark.parametrize("strategy", ["feature", "stacking", "hybrid"])
def test_fit_says_what_it_read_and_saves_a_model(corpus, tmp_path, capsys, strategy):
    out = tmp_path / "model.skops"
    command = ["fit", corpus / "manifest.csv", "--label", "label", "--groups", "author"]
    assert run(*command, "--strategy", strategy, "-o", out) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    assert captured.out.splitlines()[0] == "60 rows"
    assert [line.split()[0] for line in captured.out.splitlines()[1:4]] == [
        "text",
        "image",
        "audio",
    ]
    fitted = load(out)
    assert fitted.strategy == strategy
    assert fitted.classes_.tolist() == ["negative", "positive"]
    assert os.listdir(tmp_path) == ["model.skops"]


def test_folds_print_a_table_that_lines_up(corpus, tmp_path, capsys):
    command = ["fit", corpus / "manifest.csv", "--label", "label", "--groups", "author"]
    assert run(*command, "--folds", 3, "-o", tmp_path / "m") == 0
    lines = capsys.readouterr().out.splitlines()
    header = next(line for line in lines if "accuracy" in line)
    scores = lines[lines.index(header) + 1]
    assert scores.startswith("feature, 3 folds")
    assert len(header) == len(scores)
    assert 0.5 < float(scores.split()[3]) <= 1


def test_a_frozen_model_predicts_as_the_full_one(model, corpus, tmp_path, capsys):
    frozen = tmp_path / "voting.frozen"
    assert run("freeze", model, "-o", frozen) == 0
    assert capsys.readouterr().out.startswith(f"Froze {model} to {frozen} (0.")
    answers = []
    for path in (model, frozen):
        assert run("predict", path, "--text", "so happy with this, thank you!") == 0
        assert run("predict", path, corpus / "manifest.csv", "--text", "text") == 0
        answers.append(capsys.readouterr().out)
    sample, *table = answers[1].splitlines()
    assert json.loads(sample) == json.loads(answers[0].splitlines()[0])
    expected = pd.DataFrame([line.split(",") for line in answers[0].splitlines()[2:]])
    found = pd.DataFrame([line.split(",") for line in table[1:]])
    assert found[[0, 1]].equals(expected[[0, 1]])
    difference = found.iloc[:, 2:].astype(float) - expected.iloc[:, 2:].astype(float)
    assert difference.abs().to_numpy().max() <= 1e-6
    assert run("predict", frozen, "--video", "x") == 2
    capsys.readouterr()


def test_freeze_needs_a_model_and_a_place(model, tmp_path, capsys):
    assert run("freeze", tmp_path / "nothing.skops", "-o", tmp_path / "f") == 2
    assert_one_line(capsys, "no such file")
    assert run("freeze", model, "-o", tmp_path / "nowhere" / "f") == 2
    assert_one_line(capsys, "no such folder")
    frozen = tmp_path / "frozen"
    assert run("freeze", model, "-o", frozen) == 0
    capsys.readouterr()
    frozen.write_bytes(frozen.read_bytes()[:-100])
    assert run("predict", frozen, "--text", "good") == 2
    assert_one_line(capsys)


def test_regression(tmp_path, capsys):
    make_posts(40, task="regression", modalities=("text",), folder=tmp_path, random_state=0)
    out = tmp_path / "m.skops"
    command = ["fit", tmp_path / "manifest.csv", "--label", "label", "--task", "regression"]
    assert run(*command, "--folds", 2, "-o", out) == 0
    assert "Pearson r" in capsys.readouterr().out
    assert run("predict", out, "--text", "wonderful") == 0
    assert set(json.loads(capsys.readouterr().out)) == {"prediction"}


def test_predict_writes_id_prediction_and_one_column_per_class(corpus, model, tmp_path, capsys):
    out = tmp_path / "out.csv"
    assert run("predict", model, corpus / "manifest.csv", "-o", out) == 0
    table = pd.read_csv(out, dtype={"id": str})
    manifest = pd.read_csv(corpus / "manifest.csv", dtype=str)
    names = ["id", "prediction", "probability_negative", "probability_positive"]
    assert list(table.columns) == names
    assert table["id"].tolist() == manifest["id"].tolist()
    probabilities = table[names[2:]].to_numpy()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    expected = np.array(["negative", "positive"])[probabilities.argmax(axis=1)]
    assert table["prediction"].tolist() == expected.tolist()
    assert (table["prediction"] == manifest["label"]).mean() > 0.8
    assert "60 predictions" in capsys.readouterr().out
    assert os.listdir(tmp_path) == ["out.csv"]
    # Without -o the same table goes to standard output.
    assert run("predict", model, corpus / "manifest.csv") == 0
    assert capsys.readouterr().out == out.read_text()


@pytest.mark.filterwarnings("default")
def test_predict_finds_renamed_and_does_without_absent_columns(corpus, model, tmp_path, capsys):
    table = pd.read_csv(corpus / "manifest.csv", dtype=str)
    table[["id", "text"]].rename(columns={"text": "tweet"}).to_csv(tmp_path / "t.csv", index=False)
    assert run("predict", model, tmp_path / "t.csv", "--text", "tweet") == 0
    captured = capsys.readouterr()
    assert len(captured.out.splitlines()) == 61
    assert "have no modality at all" in captured.err  # the rows without a text


def test_predict_one_sample_as_a_line_of_json(corpus, model, capsys):
    picture = next((corpus / "images").iterdir())
    assert run("predict", model, "--text", "what a lovely day", "--image", picture) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["prediction"] in ("negative", "positive")
    assert list(answer["probabilities"]) == ["negative", "positive"]
    assert sum(answer["probabilities"].values()) == pytest.approx(1, abs=2e-6)


def test_wrong_usage_is_one_line_and_exit_code_2(corpus, model, tmp_path, capsys):
    assert run() == 2
    assert_one_line(capsys, "COMMAND")
    assert run("fit", corpus / "manifest.csv", "-o", tmp_path / "m") == 2
    assert_one_line(capsys, "mmsenti fit", "--label")
    assert run("demo", "--rows", 3) == 2
    assert_one_line(capsys, "at least 60")
    assert run("predict", model) == 2
    assert_one_line(capsys, "mmsenti predict", "give a MANIFEST")
    assert run("predict", model, "--text", "x", "-o", tmp_path / "o") == 2
    assert_one_line(capsys, "needs a MANIFEST")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("id,text\n1,good\n", ["label", "text"]),
        ("id,text,label\n1,good,pos\n2,bad\n", ["line 3"]),
        ("id,text,label\n1,good,pos\n2,bad,pos\n", ["class"]),
        ("", ["empty"]),
    ],
)
def test_wrong_input_is_one_line_and_nothing_half_written(tmp_path, capsys, text, words):
    manifest = tmp_path / "m.csv"
    manifest.write_text(text)
    assert run("fit", manifest, "--label", "label", "-o", tmp_path / "model") == 2
    captured = capsys.readouterr()
    assert captured.err.count("\n") == 1
    for word in words:
        assert word in captured.err
    assert os.listdir(tmp_path) == ["m.csv"]


def test_a_bad_file_is_named_or_is_missing(corpus, tmp_path, capsys):
    (tmp_path / "0.jpg").write_text("no picture")
    for name in ("1.png", "2.png"):
        (tmp_path / name).write_bytes(next((corpus / "images").glob("*.png")).read_bytes())
    rows = "".join(f"{i},{i}.{'jpg' if i == 0 else 'png'},{'ab'[i % 2]}\n" for i in range(3))
    (tmp_path / "m.csv").write_text("id,image,label\n" + rows)
    command = ["fit", tmp_path / "m.csv", "--label", "label", "-o", tmp_path / "model"]
    assert run(*command) == 2
    captured = capsys.readouterr()
    assert "ImageFeatures, row 0, " in captured.err
    assert "0.jpg" in captured.err
    assert not (tmp_path / "model").exists()
    assert run(*command, "--on-error", "missing") == 0


def test_a_file_that_is_no_model(corpus, tmp_path, capsys):
    assert run("predict", corpus / "manifest.csv", "--text", "good") == 2
    assert_one_line(capsys, "manifest.csv")
    assert run("predict", tmp_path / "none.skops", "--text", "good") == 2
    assert_one_line(capsys, "none.skops")


def test_a_model_that_is_no_fusion(tmp_path, capsys):
    save(LogisticRegression().fit([[0.0], [1.0]], ["a", "b"]), tmp_path / "m.skops")
    assert run("predict", tmp_path / "m.skops", "--text", "good", "--on-error", "raise") == 2
    assert_one_line(capsys, "m.skops holds a LogisticRegression")


def test_output_is_checked_before_the_work(corpus, tmp_path, capsys):
    command = ["fit", corpus / "manifest.csv", "--label", "label"]
    assert run(*command, "-o", tmp_path / "no" / "model") == 2
    assert_one_line(capsys, "no such folder")
    assert run(*command, "-o", tmp_path) == 2
    assert_one_line(capsys, "is a folder")


def test_unknown_modality_and_columns(corpus, tmp_path, capsys):
    make_posts(20, modalities=("text",), folder=tmp_path, random_state=0)
    model = tmp_path / "m.skops"
    assert run("fit", tmp_path / "manifest.csv", "--label", "label", "-o", model) == 0
    capsys.readouterr()
    assert run("predict", model, "--audio", "x.wav") == 2
    assert_one_line(capsys, "no modality 'audio'", "text")
    (tmp_path / "other.csv").write_text("id,words\n1,good\n")
    assert run("predict", model, tmp_path / "other.csv") == 2
    assert_one_line(capsys, "words", "text")


def test_module_and_console_script_are_the_same_program():
    command = [sys.executable, "-m", "mmsenti", "--version"]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert out == f"mmsenti {mmsenti.__version__}\n"
    setup = (Path(__file__).resolve().parents[1] / "setup.cfg").read_text()
    assert "mmsenti = mmsenti.cli:main" in setup


@pytest.mark.filterwarnings("default")
def test_demo(tmp_path, capsys):
    folder = tmp_path / "demo"
    assert run("demo", "-o", folder, "--rows", 60) == 0
    out = capsys.readouterr().out
    lines = out.splitlines()
    header = next(line for line in lines if "AUC gain" in line)
    rows = {line.split("  ")[0]: line for line in lines if ", " in line and "[" in line}
    for name in ("text, alone", "image, alone", "audio, alone"):
        assert name in rows
    for strategy in ("feature", "voting, product", "stacking", "hybrid"):
        fused = rows[f"text + image + audio, {strategy}"]
        # Columns line up: the verdict begins where its header does.
        assert fused[header.index("verdict") - 2 :].strip() in (
            "gain",
            "within noise",
            "no gain beyond the prior",
            "loss",
        )
    assert load(folder / "model.skops").predict({"text": "so happy"}).shape == (1,)
    assert (folder / "manifest.csv").exists()
    report = folder / "report.html"
    assert f"{report} (opens in a browser)" in out
    assert report.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_demo_without_the_extra_says_what_to_install(tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert run("demo", "-o", tmp_path, "--rows", 60) == 0
    assert 'pip install "mmsenti[report]"' in capsys.readouterr().out
    assert not (tmp_path / "report.html").exists()


# compare and explain


def test_compare_prints_a_table_and_writes_numbers_and_a_report(corpus, tmp_path, capsys):
    numbers, report = tmp_path / "numbers.json", tmp_path / "report.html"
    command = ["compare", corpus / "manifest.csv", "--label", "label", "--groups", "author"]
    command += ["--strategies", "feature", "voting", "--folds", 2, "--quiet", "--n-jobs", 1]
    assert run(*command, "--json", numbers, "--report", report) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    lines = captured.out.splitlines()
    header = next(i for i, line in enumerate(lines) if "AUC gain" in line)
    table = lines[header + 1 : header + 12]
    assert [line.split("  ")[0] for line in table[:3]] == [
        "text, alone",
        "image, alone",
        "audio, alone",
    ]
    assert table[-1].startswith("text + image + audio, voting")
    found = json.loads(numbers.read_text(encoding="utf-8"))
    assert (found["metric"], found["rows"], found["folds"]) == ("macro_auc", 60, 2)
    assert len(found["table"]) == 3 + 2 * 4
    assert f"{found['table'][0]['macro_auc']:.3f} [" in table[0]
    assert report.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_compare_lists_what_it_cannot_read(corpus, tmp_path, capsys):
    manifest = tmp_path / "manifest.csv"
    table = pd.read_csv(corpus / "manifest.csv")
    table["image"] = [str(corpus / cell) if cell == cell else cell for cell in table["image"]]
    table.loc[4, "image"] = str(corpus / "gone.jpg")
    table[["id", "text", "image", "label"]].to_csv(manifest, index=False)
    command = ["compare", manifest, "--label", "label", "--strategies", "voting", "--folds", 2]
    command += ["--root", corpus, "--quiet", "--n-jobs", 1]
    assert run(*command) == 2
    assert_one_line_in(capsys.readouterr().err, "row 4", "gone.jpg")
    errors = tmp_path / "errors.csv"
    assert run(*command, "--errors", errors) == 0
    assert "1  image: no such file" in capsys.readouterr().out
    assert errors.read_text().splitlines()[1].startswith("4,image,")


def assert_one_line_in(text, *words):
    assert text.count("\n") == 1
    for word in words:
        assert word in text


def test_compare_of_values(corpus, tmp_path, capsys):
    manifest = tmp_path / "values.csv"
    rows = [f"{i},word{i % 5} day,{i % 5 - 2}" for i in range(40)]
    manifest.write_text("id,text,valence\n" + "\n".join(rows))
    command = ["compare", manifest, "--label", "valence", "--task", "regression", "--quiet"]
    assert run(*command, "--folds", 2, "--n-jobs", 1) == 0
    assert "Pearson r" in capsys.readouterr().out


def test_explain_says_why(corpus, model, capsys):
    table = pd.read_csv(corpus / "manifest.csv")
    row = int(table["text"].notna().argmax())
    assert run("explain", model, corpus / "manifest.csv", "--row", row) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"Row {row}\n  text: {table['text'][row][:20]}")
    assert "What each modality adds, in log-odds of" in out
    assert "Words of text" in out


def test_explain_another_class(corpus, model, capsys):
    command = ["explain", model, corpus / "manifest.csv", "--row", 0]
    assert run(*command, "--label", "negative") == 0
    assert "log-odds of negative" in capsys.readouterr().out
    assert run(*command, "--label", "happy") == 2
    assert_one_line(capsys, "label must be one of")


def test_explain_knows_its_limits(corpus, model, tmp_path, capsys):
    assert run("explain", model, corpus / "manifest.csv", "--row", 999) == 2
    assert_one_line(capsys, "row 999 is not in a table of 60 rows")
    frozen = tmp_path / "model.frozen"
    assert run("freeze", model, "-o", frozen) == 0
    capsys.readouterr()
    assert run("explain", frozen, corpus / "manifest.csv", "--row", 0) == 2
    assert_one_line(capsys, "frozen")
