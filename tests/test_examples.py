"""The scripts in examples/ run, and are what the README shows."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from mmsenti import freeze
from mmsenti.datasets import make_posts
from mmsenti.fusion import FusionClassifier

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "examples"


# What each must print, besides ending well.
PRINTED = {
    "fit.py": ["posts of new authors: accuracy", "permutation", "audio"],
    "search.py": ["voting", "product", "8 candidates x 3 folds"],
    "own_descriptor.py": ["pauses_share", "pauses_count", "log-odds"],
    "missing.py": ["stacking", "missing", "Words of text"],
}


def test_every_example_is_run_here():
    assert {path.name for path in EXAMPLES.glob("*.py")} == {*PRINTED, "predict.py"}


@pytest.mark.parametrize("name", PRINTED)
def test_scripts_run_and_show_something(name, tmp_path):
    done = subprocess.run(
        [sys.executable, "-W", "error", str(EXAMPLES / name)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    for part in PRINTED[name]:
        assert part in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_predict_answers_lines_of_json(tmp_path):
    posts = make_posts(60, modalities=("text", "image"), random_state=0)
    model = FusionClassifier(strategy="voting").fit(posts, posts["label"])
    freeze(model, tmp_path / "posts.frozen")
    rows = [{"text": "so happy with this, thank you!"}, {"text": "not good at all"}]
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / "predict.py")],
        input="\n".join(map(json.dumps, rows)),
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    expected = model.predict_proba(rows).round(4).tolist()
    assert [list(row.values()) for row in json.loads(done.stdout)] == expected
    assert [list(row) for row in json.loads(done.stdout)] == [["negative", "positive"]] * 2


def test_the_readme_shows_the_example():
    code = (EXAMPLES / "predict.py").read_text(encoding="utf-8")
    assert f"```python\n{code}```" in (ROOT / "README.md").read_text(encoding="utf-8")
    lines = [line for line in code.splitlines() if line.strip()]
    assert len(lines) <= 13  # twelve and a docstring
