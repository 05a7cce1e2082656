"""Every case of the corpus of bad and odd inputs, each in a process with limits of its own.

The table next to the corpus says what is right. Where an answer differs from it by design, the case
is named in `DIFFERENT`, under its reason and with what is right instead; what the table asks of it
besides is judged all the same.
"""

import contextlib
import csv
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import warnings

import numpy as np
import pytest

resource = pytest.importorskip("resource")

GENERATOR = pathlib.Path(__file__).resolve().parents[2] / "shared" / "badinput" / "gen.py"
N_CASES = 254
MAX_SECONDS = 2.0
MAX_BYTES = 1 << 30
NOBODY = 65534

DIFFERENT = {
    # A row may lack any modality, at fit and at predict, so a cell that holds nothing is no error
    # to be asked about. With on_error="missing" it is the row of NaN that the table wants.
    "hole": """
        text/none text/nan text/np_nan text/pd_na text/C_pd_string ABS: PY:None PY:nan
    """.split(),
    # A manifest cannot tell "" from no text at all, nor can fillna(""). As the table wants, the
    # descriptors of a blank text are finite and neutral, and a vectorizer's row is zeros.
    "blank": ["text/empty", "text/whitespace", "text/nbsp"],
    # What ColumnTransformer hands over for ["text"]. As the table wants, no column name is ever
    # read as a text, and a table of more columns is an error.
    "column": ["text/C_df"],
}
# Its note allows for "documented max_duration error", which it is unless the limit is raised.
LIMITED = {"audio/hour_8k.flac": "max_duration"}


# What an answer is


def extractors(row):
    """Return the classes that a case is for."""
    from mmsenti.audio import AudioFeatures
    from mmsenti.image import ImageFeatures
    from mmsenti.text import TextFeatures, TextTfidf

    file, modality = row["file"], row["modality"]
    if modality == "text":
        return [TextFeatures, TextTfidf]
    image = modality == "image" or file.endswith(".png") or file.startswith(("PY:a", "PY:path"))
    audio = modality == "audio" or file.endswith(".wav")
    if image or audio:
        return [ImageFeatures] * image + [AudioFeatures] * audio
    return [ImageFeatures, AudioFeatures]


def column_of(row, folder):
    """Return the column that holds a case, in row 1 where it is a cell."""
    file = row["file"]
    if row["modality"] == "text":
        literals = dict(json.loads((folder / "text" / "cases.json").read_text()))
        literal = literals[file.removeprefix("text/")]
        return eval(literal[4:]) if literal.startswith("RAW:") else ["fine", eval(literal)]
    if file.startswith("ABS:"):
        return [None, file.removeprefix("ABS:")]
    if not file.startswith("PY:"):
        return [None, str(folder / file).replace("\\0", "\0")]
    rng = np.random.default_rng(0)
    good = folder / "image" / "good.png"
    return [
        None,
        {
            "PY:None": None,
            "PY:nan": float("nan"),
            "PY:123": 123,
            "PY:bytes": os.fsencode(good),  # bytes are a file's content: a clear error
            "PY:pathlib": good,
            "PY:array": rng.integers(0, 256, (40, 30, 3), dtype=np.uint8),
            "PY:array_nan": np.full((9, 9, 3), np.nan),
            "PY:array_bad": np.zeros(50, dtype=np.uint8),
            "PY:array_float255": rng.random((20, 20, 3)) * 255,
        }[file],
    ]


def answer(make, column):
    """Return the features of a column, or the error; and the warnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        start = time.process_time()  # of this process: others may keep the machine busy
        try:
            values = make().fit_transform(column)
        except (ValueError, TypeError, OSError) as error:
            values = error
        seconds = time.process_time() - start
    assert seconds < MAX_SECONDS, f"took {seconds:.1f} s"
    from mmsenti._sample import SampleWarning

    assert all(issubclass(w.category, SampleWarning) for w in caught), caught
    if not isinstance(values, Exception):
        values = values.toarray() if hasattr(values, "toarray") else np.asarray(values)
    return values, len(caught)


def assert_clear(error, *places):
    """An error says where, in one line without control characters."""
    assert isinstance(error, Exception), f"accepted: {error!r}"
    text = str(error)
    assert text.isprintable(), text
    for place in places:
        assert place in text, f"{place!r} is not in {text!r}"


# What is right


def judge_cell(row, folder, expect):
    column = column_of(row, folder)
    whole = isinstance(column, list) and len(column) == 2
    for kind in extractors(row):
        tfidf = kind.__name__ == "TextTfidf"
        settings = {"analyzer": "char_wb"} if tfidf else {}

        def make(kind=kind, settings=settings, **more):
            return kind(**settings, **more)

        values, n_warnings = answer(make, column)
        place = (kind.__name__, "row 1, ") if whole else (kind.__name__,)
        if row["file"] == "text/C_none_all" and not tfidf:
            judge_no_sample(column)  # is for what learns: one column of holes has features, NaN
        elif expect == "error" or (expect == "missing" and isinstance(values, Exception)):
            assert_clear(values, *place)
            if not tfidf:
                judge_missing(answer(lambda m=make: m(on_error="missing"), column), expect, place)
        elif expect in DIFFERENT:
            judge_different(expect, make, column, values)
        elif row["file"] in LIMITED:
            assert_clear(values, *place, LIMITED[row["file"]])
            judge_missing(answer(lambda m=make: m(on_error="missing"), column), "missing", place)
        elif isinstance(values, Exception):
            assert expect == "ok_any" or row["file"] == "PY:bytes", f"refused: {values}"
            assert_clear(values, *place)
        else:
            assert expect != "missing", "accepted"
            rows = values[1:] if whole else values
            assert np.isfinite(rows).all(), "not finite"
            assert n_warnings == (expect == "ok_warn") or expect == "ok_any", n_warnings
            if row["same_as"]:
                judge_same(
                    row, rows, answer(make, column_of({**row, "file": row["same_as"]}, folder))
                )


def judge_different(how, make, column, values):
    """What is right instead, and what holds of the table's word all the same."""
    cells = column.iloc[:, 0].tolist() if how == "column" else list(column)
    tfidf = type(make()).__name__ == "TextTfidf"
    filled, holes = (np.isfinite(values) if tfidf else ~np.isnan(values)), [1]
    if how == "column":
        np.testing.assert_array_equal(values, answer(make, cells)[0])
        assert len(values) == len(column)
        assert_clear(answer(make, column.assign(more="x"))[0], type(make()).__name__)
        return
    assert filled.all(axis=1).tolist() == [
        tfidf or (i not in holes and cells[i] is not None) for i in range(len(cells))
    ]
    if tfidf:
        assert not values[1].any()  # n-grams of nothing: none
        return
    tolerant, n_warnings = answer(lambda: make(on_error="missing"), column)
    np.testing.assert_array_equal(tolerant, values)
    assert not n_warnings
    if how == "blank":
        from mmsenti.text._document import Document

        for name, descriptor in make()._named_descriptors:
            numbers = np.asarray(descriptor.compute(Document(cells[1])))
            assert np.isfinite(numbers).all()
            assert name != "lexicon" or not numbers.any()


def judge_missing(answered, expect, place):
    """With on_error="missing", what is unreadable is a NaN row and what is wrong is an error."""
    values, n_warnings = answered
    if expect == "error":
        assert_clear(values, *place)
    else:
        assert np.isnan(values[1]).all(), "not a missing row"
        assert not n_warnings


def judge_same(row, values, answered):
    """The features are those of the same content in another file."""
    other = answered[0][1:]
    if row["modality"] == "text":
        np.testing.assert_array_equal(values, other)
    else:
        least = 0.999 if row["modality"] == "image" else 0.97
        near = np.corrcoef(values[0], other[0])[0, 1]
        assert near > least, f"far from {row['same_as']}: r = {near:.4f}"


def judge_no_sample(column):
    from mmsenti.fusion import FusionClassifier

    with pytest.raises(ValueError, match="every cell of text is missing"):
        FusionClassifier().fit({"text": column[0]}, ["a"])


def judge_manifest(row, folder, expect):
    from mmsenti.audio import AudioFeatures
    from mmsenti.datasets import load_manifest
    from mmsenti.fusion import FusionClassifier
    from mmsenti.image import ImageFeatures

    path = folder / row["file"]
    roles = {name: name for name in ("id", "text", "image", "audio", "label")}
    start = time.process_time()
    table = error = None
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            table = load_manifest(path, **roles, root=folder)
            if row["file"] == "manifest/one_class.csv":
                FusionClassifier().fit(table, table["label"])
        except (ValueError, TypeError, OSError) as raised:
            error = raised
    assert time.process_time() - start < MAX_SECONDS
    if expect == "error":
        assert_clear(error, *([path.name] if table is None else ["class"]))
        return
    assert error is None, f"refused: {error}"
    assert len(caught) == (expect == "ok_warn"), caught
    assert table.shape == (2, 5)
    for kind, column in ((ImageFeatures, "image"), (AudioFeatures, "audio")):
        values, _ = answer(kind, table[column])
        if expect == "missing" and column == "image":
            assert_clear(values, "ImageFeatures, row 0, ")
            values, _ = answer(lambda k=kind: k(on_error="missing"), table[column])
            assert np.isnan(values[0]).all()
            with pytest.raises(OSError, match=path.name) as raised:
                load_manifest(path, **roles, root=folder, check_files=True)
            assert "line 2" in str(raised.value)
        else:
            assert np.isfinite(values).all()


def judge(row, folder):
    """Raise an AssertionError that says what is wrong with the answer to a case."""
    different = [how for how, files in DIFFERENT.items() if row["file"] in files]
    expect = different[0] if different else row["expect"]
    if row["modality"] == "manifest":
        judge_manifest(row, folder, expect)
    else:
        judge_cell(row, folder, expect)


# One process for each case


def in_child(row, folder):
    """Judge a case in a fork that may neither last nor grow; return what is wrong, if anything."""
    reader, writer = os.pipe()
    pid = os.fork()
    if not pid:
        if row["kind"] == "permission" and os.geteuid() == 0:
            os.setuid(NOBODY)
        with open("/proc/self/statm") as file:
            size = int(file.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (size + MAX_BYTES, size + MAX_BYTES))
        verdict = ""
        try:
            judge(row, folder)
        except BaseException as error:  # also MemoryError, and whatever pytest raises
            verdict = f"{type(error).__name__}: {error}"
        os.write(writer, verdict[:2000].encode("utf-8", "backslashreplace"))
        os._exit(0)
    os.close(writer)
    verdict = wait_for(pid, seconds=8 * MAX_SECONDS)  # a case may take several calls
    with open(reader, encoding="utf-8") as file:
        return verdict or file.read()


def wait_for(pid, seconds):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return "" if not status else f"died with status {status}"
        time.sleep(0.002)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return "hangs"


def warm_up(folder):
    """Load what every case needs, so that the limits measure the case."""
    from mmsenti.fusion import FusionClassifier

    image, audio = (str(folder / name) for name in ("image/good.png", "audio/ok.flac"))
    rows = [{"text": "good", "image": image, "audio": audio}, {"text": "bad"}]
    FusionClassifier().fit(rows, ["a", "b"])


def judge_all(folder):
    """Print what is wrong, one JSON list [case, verdict] a line, and the number of cases."""
    warm_up(folder)
    with open(folder / "expected.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        verdict = in_child(row, folder)
        if verdict:
            print(json.dumps([row["file"], verdict]))
    print(len(rows))


@pytest.fixture
def folder():
    if not GENERATOR.is_file():
        pytest.skip("the generator of bad inputs is not here")
    if not os.path.exists("/proc/self/statm"):
        pytest.skip("no /proc to read the size of a process from")
    with tempfile.TemporaryDirectory() as place:
        os.chmod(place, 0o755)  # also the user nobody looks for the file that nobody may read
        corpus = os.path.join(place, "corpus")
        subprocess.run([sys.executable, GENERATOR, corpus], check=True, capture_output=True)
        yield corpus
        with contextlib.suppress(FileNotFoundError):
            os.chmod(os.path.join(corpus, "path", "noperm.png"), 0o644)


def test_every_case_is_answered_as_the_table_says(folder):
    command = [sys.executable, __file__, folder]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    *wrong, count = done.stdout.splitlines()
    assert wrong == []
    assert int(count) == N_CASES


if __name__ == "__main__":
    judge_all(pathlib.Path(sys.argv[1]))
