"""What workers share: there for as long as the first process lives, and gone with it."""

import os
import signal
import subprocess
import sys
import textwrap

import pytest

from mmsenti.store._processes import process_name

FIRST = """
import os, sys
import joblib
import numpy as np
from mmsenti.image import ColorMoments, make_image_features
from mmsenti.store._family import family_store
pictures = [np.full((4, 4, 3), i, np.uint8) for i in range(60)]
def describe():
    extractor = make_image_features(ColorMoments())
    features = extractor.transform(pictures)
    store = family_store()
    return features, os.getpid(), None if store is None else store.info()["rows"]
"""


def run(tmp_path, code, **options):
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    environment.pop("MMSENTI_FAMILY", None)
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", FIRST + textwrap.dedent(code)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=100,
        **options,
    )


def folders(tmp_path):
    return [name for name in os.listdir(tmp_path) if name.startswith("mmsenti-family-")]


def test_a_process_alone_makes_nothing(tmp_path):
    done = run(tmp_path, "assert describe()[2] is None; print(os.listdir(os.environ['TMPDIR']))")
    assert (done.stdout, done.stderr) == ("[]\n", "")


@pytest.mark.parametrize("backend", ["loky", "multiprocessing"])
def test_workers_and_the_first_process_share(tmp_path, backend):
    done = run(
        tmp_path,
        f"""
        with joblib.parallel_config(backend={backend!r}):
            results = joblib.Parallel(n_jobs=2)(joblib.delayed(describe)() for _ in range(4))
        results.append(describe())
        assert all(np.array_equal(features, results[0][0]) for features, _, _ in results)
        print([rows for _, _, rows in results])
        folder = os.path.dirname(family_store().path)
        print(oct(os.stat(folder).st_mode & 0o777))
        """,
    )
    assert done.stderr == ""
    rows, mode = done.stdout.splitlines()
    assert rows == "[60, 60, 60, 60, 60]"
    if os.name == "posix":
        assert mode == "0o700"
    assert folders(tmp_path) == []


def test_a_program_that_is_started_is_no_worker(tmp_path):
    done = run(
        tmp_path,
        """
        import subprocess
        joblib.Parallel(n_jobs=2)(joblib.delayed(describe)() for _ in range(2))
        code = "from mmsenti.store._family import family_store; print(family_store())"
        subprocess.run([sys.executable, "-c", code], check=True)
        print(family_store() is not None)
        """,
    )
    assert done.stdout == "None\nTrue\n"


@pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="needs times of processes")
def test_what_a_killed_process_left_is_removed_by_the_next(tmp_path):
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        killed = tmp_path / f"mmsenti-family-{process_name(process.pid)}-0"
        process.send_signal(signal.SIGKILL)
    living = tmp_path / f"mmsenti-family-{process_name(os.getpid())}-0"
    for folder in (killed, living, tmp_path / "mmsenti-else"):
        folder.mkdir()
        (folder / "features.db").write_bytes(b"something")
    work = "joblib.Parallel(n_jobs=2)(joblib.delayed(describe)() for _ in range(2))"
    assert run(tmp_path, work).stderr == ""
    assert folders(tmp_path) == [living.name]
    assert (tmp_path / "mmsenti-else").exists()


@pytest.mark.skipif(os.name != "posix", reason="needs rights of POSIX")
def test_where_no_folder_can_be_made_each_works_alone(tmp_path):
    done = run(
        tmp_path,
        """
        os.environ["MMSENTI_FAMILY"] = "/proc/nowhere/family"
        results = joblib.Parallel(n_jobs=2)(joblib.delayed(describe)() for _ in range(2))
        print([rows for _, _, rows in results])
        """,
    )
    assert (done.stdout, done.stderr) == ("[None, None]\n", "")
