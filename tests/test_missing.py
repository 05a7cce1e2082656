"""What counts as a missing cell, by the one definition."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

from mmsenti._missing import is_missing, missing_mask


@pytest.mark.parametrize(
    "cell", [None, float("nan"), np.float32("nan"), pd.NA, pd.NaT, "", " ", "\t\n", "\u00a0\u3000"]
)
def test_missing(cell):
    assert is_missing(cell) is True


@pytest.mark.parametrize(
    "cell", ["a", "nan", "None", "NA", 0, 0.0, False, np.inf, b"", [], np.array([np.nan]), (1, 2)]
)
def test_there(cell):
    assert is_missing(cell) is False


def test_a_row_of_several_columns_is_missing_when_all_of_it_is():
    frame = pd.DataFrame({"a": [1.0, np.nan, np.nan], "b": ["x", "y", " "]})
    assert missing_mask(frame).tolist() == [False, False, True]
    assert missing_mask(pl.DataFrame({"a": [1, None], "b": ["", None]})).tolist() == [False, True]
    assert missing_mask(np.array([[np.nan, np.nan], [0.0, np.nan]])).tolist() == [True, False]
    assert missing_mask(np.array([["", None], ["", "x"]], dtype=object)).tolist() == [True, False]


@pytest.mark.parametrize("kind", [list, np.array, pd.Series, pl.Series])
def test_a_single_column_of_any_kind(kind):
    assert missing_mask(kind(["a", "", "b"])).tolist() == [False, True, False]


def test_columns_of_counts_are_never_missing():
    assert missing_mask(pd.DataFrame({"n": [0, 1], "yes": [False, True]})).tolist() == [False] * 2
    nullable = pd.DataFrame({"n": pd.array([None, 1], dtype="Int64")})
    assert missing_mask(nullable).tolist() == [True, False]
