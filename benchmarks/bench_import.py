"""What a fresh process pays: importing the package, and loading a model and predicting once.

    python benchmarks/run.py import

Each work is a process of its own. The peers of the import are a bare interpreter and one that
imports numpy; those of the model are what any scikit-learn process pays, ``import
sklearn.linear_model, sklearn.compose``, and one that imports librosa and scikit-image too.
"""

import subprocess
import sys
import tempfile
from functools import cache, partial
from pathlib import Path

from pairs import Case

_PREDICT = """
import sys
from mmsenti import load
model = load(sys.argv[1])
model.predict({"text": "so happy, thank you!", "image": sys.argv[2], "audio": sys.argv[3]})
"""
_LEAN = "import sklearn.linear_model, sklearn.compose"
_NAIVE = _LEAN + "\nimport skimage.feature, skimage.transform, librosa, nltk\nlibrosa.feature.mfcc"


def process(code, *arguments):
    subprocess.run([sys.executable, "-c", code, *arguments], check=True)


@cache
def fitted():
    """Fit and save a model, and return its path and those of a picture and a sound."""
    from mmsenti import save
    from mmsenti.datasets import make_posts
    from mmsenti.fusion import FusionClassifier

    folder = tempfile.mkdtemp()
    posts = make_posts(60, folder=folder, random_state=0)
    path = str(Path(folder, "model.skops"))
    save(FusionClassifier().fit(posts, posts["label"]), path)
    return path, str(posts["image"][0]), str(posts["audio"][0])


def cases(size):
    """Yield the cases, once."""
    if size > 1:
        return
    peers = {
        "bare interpreter": partial(process, "pass"),
        "numpy": partial(process, "import numpy"),
    }
    yield Case("import mmsenti", partial(process, "import mmsenti"), peers)
    peers = {
        "scikit-learn alone": partial(process, _LEAN),
        "with librosa and scikit-image": partial(process, _NAIVE),
    }
    yield Case("load, predict one sample", partial(process, _PREDICT, *fitted()), peers)
