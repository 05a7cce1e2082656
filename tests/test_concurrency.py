"""Threads that share a model, a user who stops a run, a worker that dies."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import numpy as np
import pytest

import mmsenti._base
from mmsenti import Descriptor, FeatureStore
from mmsenti.cli import main
from mmsenti.datasets import make_posts
from mmsenti.fusion import FusionClassifier, default_modalities
from mmsenti.image import make_image_features

N_THREADS = 8
SECONDS_TO_STOP = 2.0


# Threads


@pytest.mark.parametrize("stored", [False, True])
@pytest.mark.parametrize("strategy", ["feature", "voting", "stacking", "hybrid"])
def test_threads_that_share_a_model_get_the_same_bits(strategy, stored, tmp_path):
    posts = make_posts(48, folder=tmp_path, missing_rate=0.2, random_state=0)
    Path(posts["image"].dropna().iloc[-1]).write_bytes(b"broken")
    store = FeatureStore(tmp_path / "features.db") if stored else None
    modalities = default_modalities(posts, on_error="missing", store=store)
    model = FusionClassifier(modalities, strategy=strategy, cv=2).fit(posts, posts["label"])
    # Rows that no one has seen yet, each thread's own part and some that all share.
    fresh = make_posts(48, folder=tmp_path / "fresh", missing_rate=0.2, random_state=1)
    parts = [fresh.iloc[[*range(start, 48, 5), 0, 1, 2]] for start in range(N_THREADS)]
    barrier = threading.Barrier(N_THREADS)
    answers = [[] for _ in parts]

    def work(number):
        barrier.wait()
        for _ in range(3):
            answers[number].append(model.predict_proba(parts[number]).tobytes())

    threads = [threading.Thread(target=work, args=(number,)) for number in range(N_THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    alone = [model.predict_proba(part).tobytes() for part in parts]
    assert answers == [[bits] * 3 for bits in alone]


# A run that is stopped

SLOW = """
    import os, sys, time
    from mmsenti import Descriptor
    from mmsenti.cli import main
    from mmsenti.image import ImageFeatures

    class Slow(Descriptor):
        feature_version = 1

        def get_names(self):
            return ["slow"]

        def compute(self, picture):
            open(os.path.join(os.environ["STARTED"], str(os.getpid())), "w").close()
            time.sleep(0.1)
            return [0.0]

    if __name__ == "__main__":
        ImageFeatures._standard_descriptors = staticmethod(lambda: [Slow()])
        sys.exit(main(sys.argv[1:]))
"""


def processes_of(session):
    """List the processes of a session that still run."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        if int(fields[3]) == session and fields[0] != "Z":
            found.append(stat.parent.name)
    return found


@pytest.mark.parametrize("whole_group", [True, False], ids=["ctrl-c", "kill -INT"])
def test_a_stopped_extraction_leaves_no_worker_and_no_temporary_file(whole_group, tmp_path):
    if not os.path.exists("/proc/self/stat"):
        pytest.skip("no /proc to find the processes of a session in")
    corpus, started, scratch = (tmp_path / name for name in ("corpus", "started", "scratch"))
    for folder in (corpus, started, scratch):
        folder.mkdir()
    make_posts(200, modalities=("image",), folder=corpus, random_state=0)
    (tmp_path / "slow.py").write_text(textwrap.dedent(SLOW))
    places = {"STARTED": started, "TMPDIR": scratch, "JOBLIB_TEMP_FOLDER": scratch}
    command = ["extract", corpus / "manifest.csv", "-o", tmp_path / "f.npz", "--n-jobs", "2"]
    run = subprocess.Popen(
        [sys.executable, tmp_path / "slow.py", *map(str, command), "--quiet"],
        env={**os.environ, **{name: str(place) for name, place in places.items()}},
        start_new_session=True,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        deadline = time.monotonic() + 60
        while len(os.listdir(started)) < 2:
            assert time.monotonic() < deadline, "no worker has begun"
            time.sleep(0.02)
        stopped = time.monotonic()
        (os.killpg if whole_group else os.kill)(run.pid, signal.SIGINT)
        assert run.wait(timeout=30) == 130
        while processes_of(run.pid) or os.listdir(scratch):
            assert time.monotonic() - stopped < SECONDS_TO_STOP, processes_of(run.pid)
            time.sleep(0.02)
        assert time.monotonic() - stopped < SECONDS_TO_STOP
    finally:
        for pid in processes_of(run.pid):
            os.kill(int(pid), signal.SIGKILL)
        said = run.communicate()[1]
    assert said == "mmsenti extract: interrupted\n"
    # What is kept is what the next run goes on with.
    kept = {name.partition(".partial")[0] for name in os.listdir(tmp_path) if "f.npz" in name}
    assert kept == {"f.npz"}
    assert not (tmp_path / "f.npz").exists()
    assert not [name for name in os.listdir(tmp_path) if name.endswith(".tmp")]


# A worker that dies


class Deadly(Descriptor):
    """Ends its process at a white picture, as a crash or the kernel would."""

    def get_names(self):
        return ["deadly"]

    def compute(self, picture):
        if picture.rgb.min() == 255:
            os.kill(os.getpid(), signal.SIGKILL)
        return [picture.rgb.mean()]


@pytest.fixture
def pictures():
    mmsenti._base._memory.clear()  # what is known is not shared out
    cells = list(np.random.default_rng(0).integers(0, 255, (60, 4, 4, 3), dtype=np.uint8))
    cells[31] = np.full((4, 4, 3), 255, dtype=np.uint8)
    return cells


def test_a_worker_that_dies_is_one_clear_error(pictures):
    extractor = make_image_features(Deadly(), n_jobs=2)
    with pytest.raises(OSError, match=r"ImageFeatures: a worker process died .* rows 0 to 59: "):
        extractor.transform(pictures)
    # And the next call has workers again.
    pictures[31] = pictures[30]
    assert np.isfinite(extractor.transform(pictures)).all()


def test_a_worker_that_dies_in_a_fit_is_one_line(tmp_path, capsys, monkeypatch):
    make_posts(20, modalities=("text",), folder=tmp_path, random_state=0)

    def fit(*_, **__):
        raise BrokenProcessPool("A worker process managed by the executor was ...")

    monkeypatch.setattr(FusionClassifier, "fit", fit)
    command = ["fit", tmp_path / "manifest.csv", "--label", "label", "-o", tmp_path / "m"]
    assert main([str(part) for part in command]) == 2
    assert capsys.readouterr().err.splitlines() == [
        "mmsenti fit: a worker process died; perhaps the memory was full. Use fewer --n-jobs."
    ]
