"""Where a frozen model predicts, nothing heavy is imported: importing it raises."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from mmsenti import freeze
from mmsenti.fusion import FusionClassifier, default_modalities

HEAVY = ["sklearn", "scipy", "pandas", "librosa", "skimage", "nltk", "numba", "joblib", "skops"]
HEAVY += ["vaderSentiment", "matplotlib"]
HEAVY += ["numpy.ma"]  # takes longer than all descriptors of a post, and some of numpy loads it
HEAVY += ["pathlib"]  # brings urllib.parse and ipaddress, a tenth of what a prediction takes
SCRIPT = """
import sys, json

class Raise:
    def find_spec(self, name, path=None, target=None):
        if {name, name.partition(".")[0]} & set(json.loads(sys.argv[1])):
            raise ImportError(f"{name} is not to be imported here")

sys.meta_path.insert(0, Raise())
sys.modules.pop("pathlib", None)  # which an installation in place has loaded
from mmsenti import load_frozen
frozen = load_frozen(sys.argv[2])
rows = json.loads(sys.argv[3])
print(json.dumps([frozen.predict(rows).tolist(), frozen.predict_proba(rows).tolist()]))
"""


def predict_alone(path, rows, absent):
    """Predict in a fresh interpreter in which importing some packages raises."""
    command = [sys.executable, "-c", SCRIPT, json.dumps(HEAVY + absent), str(path)]
    done = subprocess.run([*command, json.dumps(rows)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("columns", "absent"),
    [
        (["text"], ["PIL", "soundfile", "soxr"]),
        (["text", "image"], ["soundfile", "soxr"]),
        (["text", "image", "audio"], []),
    ],
)
@pytest.mark.parametrize("strategy", ["feature", "hybrid"])
def test_nothing_heavy_is_imported(posts, tmp_path, columns, absent, strategy):
    model = FusionClassifier(default_modalities(columns), strategy=strategy, cv=2)
    freeze(model.fit(posts, posts["label"]), tmp_path / "posts.frozen")
    rows = posts[columns].dropna().head(4).to_dict("records")
    rows += [{"text": "schön, 很好看 \U0001f600 :)"}]
    labels, probabilities = predict_alone(tmp_path / "posts.frozen", rows, absent)
    assert labels == model.predict(rows).tolist()
    assert np.abs(np.array(probabilities) - model.predict_proba(rows)).max() <= 1e-6


def test_every_rule_is_light(posts, tmp_path):
    X = posts[["text"]].assign(loud=np.arange(len(posts)) % 5.0)
    modalities = [*default_modalities(["text"]), ("voice", "passthrough", ["loud"])]
    for rule in ("product", "median", "majority", "weighted"):
        model = FusionClassifier(modalities, strategy="voting", rule=rule, cv=2)
        freeze(model.fit(X, posts["label"]), tmp_path / "posts.frozen")
        rows = [{"text": "so good"}, {"loud": 1.0}, {"text": "not good", "loud": 3.0}]
        labels, _ = predict_alone(tmp_path / "posts.frozen", rows, ["PIL", "soundfile", "soxr"])
        assert labels == model.predict(rows).tolist()


@pytest.mark.skipif(os.name != "posix", reason="a command of a shell")
def test_the_command_predicts_one_sample_as_lightly(posts, tmp_path):
    model = FusionClassifier(default_modalities(["text"])).fit(posts, posts["label"])
    freeze(model, tmp_path / "posts.frozen")
    script = SCRIPT.partition("from mmsenti")[0] + (
        "from mmsenti.cli import main\n"
        "main(['predict', sys.argv[2], '--text', 'so happy with this, thank you!'])"
    )
    command = [sys.executable, "-c", script, json.dumps([*HEAVY, "PIL", "soundfile"])]
    done = subprocess.run(
        [*command, str(tmp_path / "posts.frozen")], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["prediction"] == "positive"
