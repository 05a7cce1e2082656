"""Every case of the collection of bad and odd inputs that is a text."""

import csv
import json
import subprocess
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pytest

from mmsenti.text import Document, Emoji, Lexicon, Surface, TextFeatures, TextTfidf

GENERATOR = Path(__file__).resolve().parents[3] / "shared" / "badinput" / "gen.py"
DESCRIPTORS = [Lexicon(), Surface(), Emoji()]
# A blank text is a missing cell by our own rule, so these are NaN rows and not zeros.
BLANK = {"text/empty", "text/whitespace", "text/nbsp"}
# Unlike the collection's idea of a vectorizer ours take a table of one column, which is what
# ColumnTransformer hands over, and read its cells, not its names.
ONE_COLUMN_TABLE = "text/C_df"
# A whole column may lack a modality; only what learns needs a text to learn from.
ALL_MISSING = "text/C_none_all"


@pytest.fixture(scope="module")
def cases(tmp_path_factory):
    if not GENERATOR.exists():
        pytest.skip("the collection of bad inputs is not here")
    folder = tmp_path_factory.mktemp("badinput")
    made = subprocess.run([sys.executable, str(GENERATOR), str(folder)], capture_output=True)
    assert made.returncode == 0, made.stderr
    literals = json.loads((folder / "text" / "cases.json").read_text())
    with open(folder / "expected.csv", newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["file"].startswith("text/")]
    return dict(literals), rows


def column(literal):
    if literal.startswith("RAW:"):
        return eval(literal[4:])
    return ["fine", eval(literal)]


def run(transformer, X):
    start = time.perf_counter()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            values = transformer.fit_transform(X)
        return np.asarray(values.todense() if hasattr(values, "todense") else values)
    except (ValueError, TypeError, OSError) as error:
        return error
    finally:
        assert time.perf_counter() - start < 2


def test_every_case(cases):
    literals, rows = cases
    assert len(rows) == len(literals) >= 51
    for row in rows:
        name, expect = row["file"], row["expect"]
        literal = literals[name.removeprefix("text/")]
        features = run(TextFeatures(), column(literal))
        tfidf = run(TextTfidf(analyzer="char_wb"), column(literal))
        if name == ALL_MISSING:
            assert np.isnan(features).all()
            assert isinstance(tfidf, ValueError), name
        elif name == ONE_COLUMN_TABLE:
            assert features.shape[0] == tfidf.shape[0] == 3
        elif expect == "error":
            for error in (features, tfidf):
                assert isinstance(error, Exception), name
                assert str(error).isprintable(), name
                assert ", row 1, " in str(error) or literal.startswith("RAW:"), (name, error)
        elif expect == "missing" or name in BLANK:
            holes = np.isnan(features).all(axis=1)
            assert holes[1], name
            assert not np.isnan(features[~holes]).any()
            assert not tfidf[holes].any()
        else:
            assert np.isfinite(features).all(), (name, features)
            assert np.isfinite(tfidf).all(), (name, tfidf)
        if row["same_as"]:
            same = literals[row["same_as"].removeprefix("text/")]
            np.testing.assert_array_equal(features, run(TextFeatures(), column(same)))
            np.testing.assert_array_equal(tfidf, run(TextTfidf(analyzer="char_wb"), column(same)))


def test_blank_documents_have_defined_zeros(cases):
    literals, _ = cases
    for name in BLANK:
        document = Document(eval(literals[name.removeprefix("text/")]))
        for descriptor in DESCRIPTORS:
            values = dict(zip(descriptor.get_names(), descriptor.compute(document), strict=True))
            values.pop("surface_characters", None)
            assert set(values.values()) == {0.0}, name
