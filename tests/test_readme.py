"""The README's examples run, in order, as a reader would run them."""

import configparser
import re
import shlex
import shutil
from pathlib import Path

import pytest
from sklearn import config_context

from mmsenti.cli import main
from mmsenti.datasets import make_posts

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


def test_python_examples(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    names = {}
    with config_context():  # an example switches metadata routing
        for number, code in enumerate(blocks("python")):
            exec(compile(code, f"README example {number + 1}", "exec"), names)
    printed = capsys.readouterr().out
    assert "accuracy" in printed
    assert "['happy' 'angry']" in printed
    assert "question_marks" in printed
    assert "What each modality adds" in printed
    assert (tmp_path / "posts.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_first_screen_holds_the_two_commands():
    first = README[:1000]
    assert 'pip install ".[report]" && mmsenti demo' in first
    assert 'pip install -e ".[test]" && pytest' in first


def test_command_line_examples(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    make_posts(60, folder=".", random_state=0)
    Path("manifest.csv").rename("posts.csv")
    Path("new.csv").write_bytes(Path("posts.csv").read_bytes())
    shutil.copy(next(Path("images").glob("*.jpg")), "sun.jpg")
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    commands = [shlex.split(line)[1:] for line in lines if line.startswith("mmsenti ")]
    assert len(commands) == 9
    for command in commands:
        assert main(command) == 0, capsys.readouterr().err
    assert Path("predictions.csv").read_text().startswith("id,prediction,probability_negative")


def test_extras_that_the_readme_names_exist():
    setup = configparser.ConfigParser(interpolation=None)
    setup.read(ROOT / "setup.cfg")
    named = set(re.findall(r"\[([a-z]+)\]\"", README))
    assert named <= set(setup["options.extras_require"])
    if not named:
        pytest.fail("the README names no extra at all")
