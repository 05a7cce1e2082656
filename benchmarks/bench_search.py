"""What a grid search costs when every file is decoded once, beside the naive pipeline.

    python benchmarks/bench_search.py [FOLDER] [--rows 100 1000] [--naive-rows 100] [--small]

FOLDER holds ``manifest.csv`` with the columns text, image and/or audio, and label; without it posts
are made. For a feature-level search (4 values of C, 5 folds) and one over a stacking (2 values of
C, 3 folds) each line gives seconds of the processor for

extract   one extraction of every cell
fits      the same search over columns that hold the features already: what nobody can avoid
cold      our search in a process and a store that know nothing
warm      the same search again, from memory
disk      the same search in a process that knows nothing, from the store on disk
naive     the same search where each transform reads its files with scikit-image (colour
          histogram, HOG, LBP) and librosa (MFCC with deltas, spectral features, yin) and scores
          its texts with vaderSentiment, as a pipeline of functions does

and the ratios cold / (extract + fits), warm / fits, disk / fits, naive / cold and naive / warm. The
scores of the first four searches are compared before a line is printed.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np
from pairs import processor_time
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold

import mmsenti._base
from mmsenti import FeatureStore
from mmsenti._missing import is_missing
from mmsenti.datasets import load_manifest, make_posts
from mmsenti.fusion import FusionClassifier, default_modalities

SEARCHES = {
    "feature": ("feature", {"estimator__C": [0.03, 0.1, 0.3, 1.0]}, 5),
    "stacking": ("stacking", {"estimator__C": [0.1, 1.0]}, 3),
}


class Naive(TransformerMixin, BaseEstimator):
    """A function over the cells of a column, computed in each transform."""

    def __init__(self, function):
        self.function = function

    def fit(self, X, y=None):
        """Learn nothing."""
        return self

    def transform(self, X):
        """Decode every file again."""
        rows = [None if is_missing(cell) else self.function(cell) for cell in X]
        width = next((len(row) for row in rows if row is not None), 1)
        return np.array([np.full(width, np.nan) if row is None else row for row in rows])

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        return tags


def describe_text(text):
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    if "vader" not in _loaded:
        _loaded["vader"] = SentimentIntensityAnalyzer()
    return list(_loaded["vader"].polarity_scores(text).values())


def describe_image(path):
    from skimage import color, feature, io, transform

    image = io.imread(path)
    image = color.gray2rgb(image) if image.ndim == 2 else image[..., :3]
    image = transform.resize(image, (128, 128), anti_aliasing=True)
    gray = color.rgb2gray(image)
    hsv = color.rgb2hsv(image).reshape(-1, 3)
    colours = [np.histogram(plane, 16, (0, 1))[0] / len(plane) for plane in hsv.T]
    moments = [hsv.mean(axis=0), hsv.std(axis=0)]
    hog = feature.hog(gray, 9, (8, 8), (2, 2))
    codes = feature.local_binary_pattern((255 * gray).astype(np.uint8), 8, 1, "uniform")
    lbp = np.histogram(codes, 10, (0, 10))[0] / codes.size
    return np.concatenate([*colours, *moments, hog, lbp])


def describe_audio(path):
    import librosa

    signal, rate = librosa.load(path, sr=16000)
    frames = {"n_fft": 512, "hop_length": 160}
    mfcc = librosa.feature.mfcc(y=signal, sr=rate, n_mfcc=20, **frames)
    tracks = [
        mfcc,
        librosa.feature.delta(mfcc),
        librosa.feature.delta(mfcc, order=2),
        librosa.feature.rms(y=signal, frame_length=512, hop_length=160),
        librosa.feature.zero_crossing_rate(signal, frame_length=512, hop_length=160),
        librosa.feature.spectral_centroid(y=signal, sr=rate, **frames),
        librosa.feature.spectral_bandwidth(y=signal, sr=rate, **frames),
        librosa.feature.spectral_rolloff(y=signal, sr=rate, **frames),
        librosa.feature.spectral_flatness(y=signal, **frames),
        librosa.feature.spectral_contrast(y=signal, sr=rate, **frames),
        librosa.yin(signal, fmin=75, fmax=500, sr=rate, hop_length=160)[None],
    ]
    return np.concatenate([f(t, axis=1) for t in tracks for f in (np.mean, np.std, np.min, np.max)])


NAIVE = {"text": describe_text, "image": describe_image, "audio": describe_audio}
_loaded = {}


class Ready(TransformerMixin, BaseEstimator):
    """Look features up that were computed beforehand."""

    def __init__(self, table):
        self.table = table

    def fit(self, X, y=None):
        """Learn nothing."""
        return self

    def transform(self, X):
        """Take rows by their index."""
        return self.table[np.asarray(X.index)]

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        return tags

    def __sklearn_clone__(self):
        return self  # a look-up table is not worth a copy for each fit


def replace_extractors(modalities, make):
    """Put something else where the default modalities have their extractors."""
    for name, transformer, column in modalities:
        for part in transformer.get_params().values():
            if type(part).__name__ == "Pipeline" and "extract" in part.named_steps:
                part.set_params(extract=make(part.named_steps["extract"], column))
        if "extract" in getattr(transformer, "named_steps", {}):
            transformer.set_params(extract=make(transformer.named_steps["extract"], column))
        assert name
    return modalities


def search(kind, modalities, store=None):
    strategy, grid, folds = SEARCHES[kind]
    model = FusionClassifier(
        modalities, LogisticRegression(max_iter=1000), strategy=strategy, cv=3, store=store
    )
    return GridSearchCV(model, grid, cv=StratifiedKFold(folds), scoring="accuracy")


def timed(work):
    begin = processor_time()
    result = work()
    return processor_time() - begin, result


def measure(kind, posts, folder, naive):
    """Return seconds by name."""
    columns = [name for name in ("text", "image", "audio") if name in posts.columns]
    posts, y = posts[columns].reset_index(drop=True), posts["label"].to_numpy()
    features = {}

    def extract():
        mmsenti._base._memory.clear()
        replace_extractors(
            default_modalities(columns),
            lambda extractor, column: features.setdefault(
                column, Ready(extractor.transform(posts[column]))
            ),
        )

    seconds = {"extract": timed(extract)[0]}
    ready = replace_extractors(
        default_modalities(columns), lambda extractor, column: features[column]
    )
    runs = {"fits": lambda: search(kind, ready).fit(posts, y)}
    path = str(Path(folder, f"{kind}-{len(posts)}.db"))
    ours = search(kind, default_modalities(columns), FeatureStore(path))
    runs |= dict.fromkeys(("cold", "warm", "disk"), lambda: ours.fit(posts, y))
    if naive:
        plain = default_modalities(columns)
        replace_extractors(plain, lambda _, column: Naive(NAIVE[column]))
        runs["naive"] = lambda: search(kind, plain).fit(posts, y)
    scores = {}
    for name, run in runs.items():
        if name != "warm":
            mmsenti._base._memory.clear()
        seconds[name], fitted = timed(run)
        scores[name] = fitted.cv_results_["mean_test_score"]
        if name != "naive":
            np.testing.assert_allclose(scores[name], scores["fits"], atol=1e-9)
    return seconds


def run(posts, sizes, naive_sizes, folder):
    """Print the table and return the figures by search and size."""
    names = ("extract", "fits", "cold", "warm", "disk", "naive")
    ratios = ("cold", "warm", "disk", "naive/cold", "naive/warm")
    print(f"{'search':<9}{'rows':>7}" + "".join(f"{n + ' s':>11}" for n in names), end="")
    print("".join(f"{'x ' + n:>13}" for n in ratios))
    results = {}
    for kind in SEARCHES:
        for size in sizes:
            s = measure(kind, posts.iloc[:size], folder, size in naive_sizes)
            naive = s.get("naive", np.nan)
            figures = [
                s["cold"] / (s["extract"] + s["fits"]),
                s["warm"] / s["fits"],
                s["disk"] / s["fits"],
                naive / s["cold"],
                naive / s["warm"],
            ]
            results[kind, size] = s | dict(zip(ratios, figures, strict=True))
            cells = "".join(f"{s.get(name, np.nan):>11.2f}" for name in names)
            print(f"{kind:<9}{size:>7}{cells}" + "".join(f"{f:>13.2f}" for f in figures))
    return results


def load_posts(folder, n_rows, temporary):
    """Read a corpus, shuffled so that any part of it has all classes, or make one."""
    if folder is None:
        return make_posts(n_rows, folder=temporary, random_state=0)
    posts = load_manifest(Path(folder, "manifest.csv"))
    return posts.sample(min(n_rows, len(posts)), random_state=0)


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", nargs="?", help="a corpus; default is one that is made")
    parser.add_argument("--rows", type=int, nargs="+", default=[100, 1000])
    parser.add_argument("--naive-rows", type=int, nargs="*", default=[100])
    parser.add_argument("--small", action="store_true", help="30 rows alone, none of them naively")
    arguments = parser.parse_args(argv)
    sizes = [30] if arguments.small else arguments.rows
    naive_sizes = [] if arguments.small else arguments.naive_rows
    with tempfile.TemporaryDirectory() as folder:
        posts = load_posts(arguments.folder, max(sizes), folder)
        run(posts, sizes, naive_sizes, folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
