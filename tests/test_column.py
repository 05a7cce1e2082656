"""A column, in whatever a user holds it, is a list of cells."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from scipy import sparse

from mmsenti._column import as_cells


@pytest.mark.parametrize(
    "column",
    [
        ["a", "b"],
        ("a", "b"),
        [["a"], ["b"]],
        np.array(["a", "b"]),
        np.array([["a"], ["b"]], dtype=object),
        pd.Series(["a", "b"], index=[3, 3]),
        pd.Series(["a", "b"], dtype="category"),
        pd.Series(["a", "b"], dtype="string").array,
        pd.DataFrame({"x": ["a", "b"]}),
        pl.Series(["a", "b"]),
        pl.DataFrame({"x": ["a", "b"]}),
        pa.chunked_array([["a"], ["b"]]),
    ],
    ids=lambda column: type(column).__module__ + "." + type(column).__name__,
)
def test_cells(column):
    assert as_cells(column, "Owner") == ["a", "b"]


def test_an_array_in_a_cell_stays_one_cell():
    pictures = [np.zeros((2, 3, 3)), np.ones((2, 3, 3))]
    assert as_cells(pictures, "Owner")[1] is pictures[1]
    voice = (np.zeros(4), 16000)
    assert as_cells([voice], "Owner") == [voice]


@pytest.mark.parametrize(
    ("column", "kind", "words"),
    [
        ("text", TypeError, "a single str. Put it in a list"),
        (b"data", TypeError, "a single bytes"),
        ({"a": [1]}, TypeError, r"Pass the column itself: X\['text'\]"),
        ({"a"}, TypeError, "whose order is fixed"),
        (iter("ab"), TypeError, "an iterator"),
        (3, TypeError, "a int. Reshape your data"),
        (np.array("a"), TypeError, "scalar array"),
        (sparse.csr_array((2, 1)), TypeError, "sparse matrix holds no samples"),
        (np.zeros((2, 2)), ValueError, r"shape \(2, 2\)"),
        (np.zeros((2, 8, 8, 3)), ValueError, r"pass list\(X\)"),
        (pd.DataFrame({"a": ["x"], "b": ["y"]}), ValueError, r"2 columns \(a, b\)"),
        ([["a", "b"], ["c"]], ValueError, "rows of 1 to 2 cells"),
        ([], ValueError, r"0 sample\(s\)"),
    ],
)
def test_refused(column, kind, words):
    with pytest.raises(kind, match=f"^Owner: .*{words}"):
        as_cells(column, "Owner")
