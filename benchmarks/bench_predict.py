"""What a prediction costs: frozen beside the full model and beside the usual stack.

    python benchmarks/bench_predict.py [--rounds 15] [--rows 1000] [--small]

Posts with text, with text and a picture, and with a voice too are made, and a feature-level model
is fitted on each. Then:

fresh    a process that starts, loads its model and predicts one post: milliseconds by the clock and
         by the processor, and megabytes at the peak. *bare* imports numpy and Pillow and does
         nothing, *reader* imports Pillow's reader of PNG as well, *frozen* is `load_frozen` as
         examples/predict.py has it, *plain* the same without `gc.freeze`, which spares the end of
         the process two looks at all objects, numpy's and Pillow's too; *lean* is `mmsenti.load`
         with scikit-learn, *naive* a joblib file of scikit-learn's models whose features come from
         scikit-image, librosa and vaderSentiment.
warm     one more post in a process that has everything, in microseconds of the processor: *extract*
         is what makes features of it and nothing behind. Each time the full model has forgotten.
batch    the same of many posts, in milliseconds a post.
file     kilobytes of the frozen and of the full model.

Ratios are medians of those within one round. The probabilities of the frozen and of the full model
are compared before anything is timed. Measure an installation: one in place (``pip install -e``)
loads pathlib and urllib into the bare process, too.
"""

import argparse
import inspect
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import joblib
import numpy as np
from bench_search import NAIVE
from pairs import forget
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from mmsenti import freeze, load_frozen, save
from mmsenti.datasets import make_posts
from mmsenti.frozen._table import Table
from mmsenti.fusion import FusionClassifier, default_modalities

# Not of the resource module, which counts what a process was before it began.
PEAK = "\nprint([l.split()[1] for l in open('/proc/self/status') if l.startswith('VmHWM')][0])"
COLUMNS = {"text": ["text"], "two": ["text", "image"], "three": ["text", "image", "audio"]}
BARE = "import numpy, PIL.Image"
READER = BARE + ", PIL.PngImagePlugin"
FROZEN = (
    "import gc, sys, json, mmsenti\n"
    "model = mmsenti.load_frozen(sys.argv[1])\n"
    "gc.freeze()\n"
    "model.predict_proba(json.loads(sys.argv[2]))"
)
PLAIN = FROZEN.replace("gc.freeze()\n", "")
LEAN = PLAIN.replace("load_frozen", "load")
NAIVE_CODE = (
    "import sys, json, joblib, numpy as np, pandas as pd\n_loaded = {}\n"
    + "\n".join(inspect.getsource(function) for function in NAIVE.values())
    + "\nwords, scaler, model = joblib.load(sys.argv[1])\n"
    "row = json.loads(sys.argv[2])\n"
    "told = [globals()[f'describe_{name}'](cell) for name, cell in row.items()]\n"
    "terms = words.transform([row['text']]).toarray()\n"
    "scaled = scaler.transform(np.concatenate(told)[None])\n"
    "model.predict_proba(np.hstack([terms, scaled]))"
)


def fit_naive(posts, columns, path):
    """Fit what the usual stack would, and dump it."""
    posts = posts.iloc[:20]
    told = [np.concatenate([NAIVE[name](row[name]) for name in columns]) for row in rows_of(posts)]
    words = TfidfVectorizer(ngram_range=(1, 2)).fit(posts["text"])
    scaler = StandardScaler().fit(told)
    features = np.hstack([words.transform(posts["text"]).toarray(), scaler.transform(told)])
    joblib.dump((words, scaler, LogisticRegression().fit(features, posts["label"])), path)


def rows_of(posts):
    return [dict(row) for _, row in posts.iterrows()]


def fresh(code, arguments, environment):
    """Return seconds by the clock and by the processor, and megabytes, of a process of its own."""
    command = [sys.executable, "-c", code + PEAK, *arguments]
    begin = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE)
    peak = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    if process.returncode:
        raise RuntimeError(f"a process failed: {code[:80]}")
    return seconds, usage.ru_utime + usage.ru_stime, int(peak) / 1024


def measure_fresh(folder, row, rounds):
    """Return medians of milliseconds, megabytes and ratios to the bare process, by name."""
    works = {
        "bare": (BARE, ""),
        "reader": (READER, ""),
        "frozen": (FROZEN, folder / "model.frozen"),
        "plain": (PLAIN, folder / "model.frozen"),
        "lean": (LEAN, folder / "model.skops"),
        "naive": (NAIVE_CODE, folder / "model.joblib"),
    }
    environment = dict(os.environ)
    if rounds > 1:  # compiled modules, as an installation has them, and none of them left behind
        environment["PYTHONPYCACHEPREFIX"] = str(folder / "compiled")
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
    seen = {name: [] for name in works}
    for _ in range(rounds + (rounds > 1)):
        for name, (code, path) in works.items():
            seen[name].append(fresh(code, [str(path), json.dumps(row)], environment))
    first = 1 if rounds > 1 else 0  # which compiles
    bare = np.array(seen["bare"][first:])
    figures = {}
    for name, measured in seen.items():
        measured = np.array(measured[first:])
        clock, processor, megabytes = np.median(measured, axis=0)
        ratios = np.median(measured / bare, axis=0)
        figures[name] = 1e3 * clock, 1e3 * processor, megabytes, ratios[0], ratios[1]
    return figures


def extract_only(frozen, X):
    """Make features of cells: what descriptors compute, and the weights of terms."""
    table = Table(X, "bench")
    for name, transformer in frozen._fusion.transformers.items():
        selection = table.select(name)
        for part in leaves(transformer):
            part.transform(selection)


def leaves(part):
    """Yield the parts of a transformer that see cells."""
    if hasattr(part, "parts"):
        for inner in part.parts:
            yield from leaves(inner)
    elif hasattr(part, "steps"):
        yield from leaves(part.steps[0])
    else:
        yield part


def in_turns(works, rounds):
    """Return the median seconds of each work, and its median ratio to the first."""
    times = {name: [] for name in works}
    for name in works:
        works[name]()
    for _ in range(rounds):
        for name, work in works.items():
            forget()
            begin = time.process_time()
            work()
            times[name].append(time.process_time() - begin)
    first = times[next(iter(works))]
    return {
        name: (median(own), median(a / b for a, b in zip(own, first, strict=True)))
        for name, own in times.items()
    }


def measure(posts, name, folder, rounds):
    """Fit, check and time a model of some modalities; return the lines to print."""
    folder.mkdir()
    columns = COLUMNS[name]
    X = posts[columns]
    fitted = X.iloc[:200], posts["label"].iloc[:200]
    model = FusionClassifier(default_modalities(columns)).fit(*fitted)
    freeze(model, folder / "model.frozen")
    save(model, folder / "model.skops")
    fit_naive(posts[[*columns, "label"]], columns, folder / "model.joblib")
    frozen = load_frozen(folder / "model.frozen")
    some = X.iloc[:50]
    if np.abs(frozen.predict_proba(some) - model.predict_proba(some)).max() > 1e-6:
        raise AssertionError("the frozen model predicts otherwise")
    row = dict(X.iloc[0])
    lines = []
    for kind, figures in measure_fresh(folder, row, rounds).items():
        line = "{:8.0f} ms{:8.0f} ms cpu{:6.0f} MB{:8.2f}x{:6.2f}x cpu bare".format(*figures)
        lines.append(f"{name:6} fresh  {kind:8} {line}")
    works = {
        "extract": lambda: extract_only(frozen, row),
        "frozen": lambda: frozen.predict_proba(row),
        "full": lambda: model.predict_proba(row),
    }
    for kind, (seconds, ratio) in in_turns(works, 20 * rounds).items():
        lines.append(f"{name:6} warm   {kind:8} {1e6 * seconds:8.0f} us {ratio:17.2f}x extract")
    works = {
        "full": lambda: model.predict_proba(X),
        "frozen": lambda: frozen.predict_proba(X),
    }
    for kind, (seconds, ratio) in in_turns(works, min(rounds, 5)).items():
        each = 1e3 * seconds / len(X)
        lines.append(f"{name:6} batch  {kind:8} {each:8.3f} ms {ratio:17.2f}x full")
    for kind, file in (("frozen", "model.frozen"), ("full", "model.skops")):
        lines.append(f"{name:6} file   {kind:8} {(folder / file).stat().st_size / 1e3:8.0f} kB")
    return lines


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--rows", type=int, default=1000, help="posts of the batch")
    parser.add_argument("--small", action="store_true", help="texts alone, 40 of them, one round")
    arguments = parser.parse_args(argv)
    rounds = 1 if arguments.small else arguments.rounds
    with tempfile.TemporaryDirectory() as folder:
        n_rows = 40 if arguments.small else arguments.rows
        posts = make_posts(n_rows, folder=Path(folder, "posts"), random_state=0)
        for name in ["text"] if arguments.small else COLUMNS:
            print(*measure(posts, name, Path(folder, name), rounds), sep="\n", flush=True)


if __name__ == "__main__":
    main()
