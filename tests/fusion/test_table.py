import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from scipy import sparse
from sklearn.compose import make_column_selector

from mmsenti.fusion._table import (
    as_table,
    column_names,
    named_columns,
    present_rows,
    resolve_column,
    select,
    with_columns,
)

FRAME = pd.DataFrame({"text": ["good", None, " "], "f0": [1.0, np.nan, 3.0], "f1": [np.nan] * 3})
FRAMES = [FRAME, pl.from_pandas(FRAME)]
both_frames = pytest.mark.parametrize("X", FRAMES, ids=["pandas", "polars"])


# Dicts


def test_a_dict_is_one_row():
    X = as_table({"text": "good", "f0": 1})
    assert X.shape == (1, 2)
    assert X["text"].tolist() == ["good"]


def test_dicts_may_lack_keys():
    X = as_table([{"text": "good"}, {"f0": 2, "text": None}, {}])
    assert column_names(X) == ["text", "f0"]
    assert present_rows(X, "text").tolist() == [True, False, False]
    assert present_rows(X, ["f0"]).tolist() == [False, True, False]
    assert X["f0"].dtype == float


@pytest.mark.parametrize("X", [{}, [{}]])
def test_a_dict_without_keys_is_a_row_with_nothing(X):
    assert len(as_table(X)) == 1


@pytest.mark.parametrize("cell", [np.zeros((4, 4, 3)), (np.zeros(9), 16000), b"\x89PNG", [1, 2]])
def test_a_sample_in_a_dict_stays_what_it_is(cell):
    assert as_table({"image": cell})["image"][0] is cell
    assert as_table([{"image": cell}, {"image": None}])["image"][0] is cell


@pytest.mark.parametrize("X", [*FRAMES, np.zeros((2, 2)), [[1, 2], [3, 4]], []])
def test_other_tables_are_left_alone(X):
    assert as_table(X) is X


def test_a_sparse_array_that_is_a_mapping_is_no_sample():
    X = sparse.dok_array((3, 2))
    assert as_table(X) is X


def test_an_arrow_table_becomes_a_frame():
    X = as_table(pa.table({"text": ["good", None], "f0": [1.0, 2.0]}))
    assert column_names(X) == ["text", "f0"]
    assert present_rows(X, "text").tolist() == [True, False]


# Columns


@both_frames
def test_absent_columns_are_added_empty(X):
    wider = with_columns(X, ["f0", "image"])
    assert column_names(wider) == ["text", "f0", "f1", "image"]
    assert not present_rows(wider, "image").any()
    assert with_columns(X, ["f0"]) is X


def test_an_array_has_no_names_to_add():
    X = np.zeros((2, 2))
    assert with_columns(X, ["f0"]) is X
    assert column_names(X) is None


@pytest.mark.parametrize(
    ("column", "names"),
    [
        ("f0", ["f0"]),
        (["f0", "f1"], ["f0", "f1"]),
        (np.array(["f0", "f1"]), ["f0", "f1"]),
        (pd.Index(["f0"]), ["f0"]),
        (slice("f0", None), ["f0"]),
        (slice(0, 2), []),
        ([0, 1], []),
        ([True, False], []),
        (3, []),
        (len, []),
    ],
)
def test_names_that_a_selection_asks_for(column, names):
    assert named_columns(column) == names


@both_frames
@pytest.mark.parametrize(
    ("column", "resolved"),
    [
        ("f0", "f0"),
        (1, "f0"),
        (-1, "f1"),
        (np.int64(1), "f0"),
        ([2, 1], ["f1", "f0"]),
        (slice(1, None), ["f0", "f1"]),
        ([False, True, True], ["f0", "f1"]),
        (["f1", "f0"], ["f1", "f0"]),
        (lambda X: ["f1"], ["f1"]),
        (lambda X: "f1", "f1"),
        ([], []),
    ],
)
def test_selections_of_a_frame_become_names(X, column, resolved):
    assert resolve_column(X, column) == resolved


def test_slices_of_names_hold_their_end():
    assert resolve_column(FRAME, slice("f0", "f1")) == ["f0", "f1"]
    assert resolve_column(FRAME, slice(None, "f0")) == ["text", "f0"]


def test_column_selectors_resolve():
    assert resolve_column(FRAME, make_column_selector(dtype_include=float)) == ["f0", "f1"]


def test_selections_of_an_array_stay():
    X = np.zeros((2, 3))
    assert resolve_column(X, slice(1, None)) == slice(1, None)
    assert resolve_column(X, lambda X: [X.shape[1] - 1]) == [2]


@both_frames
def test_one_name_has_one_dimension_and_a_list_two(X):
    assert len(select(X, "text").shape) == 1
    assert select(X, ["text"]).shape == (3, 1)
    assert select(X, ["f1", "text"]).shape == (3, 2)


@both_frames
@pytest.mark.parametrize("column", ["image", ["image"], ["image", "x"], []])
def test_what_is_absent_altogether_is_none(X, column):
    assert select(X, column) is None
    assert not present_rows(X, column).any()


@both_frames
def test_what_is_absent_in_part_is_filled_up(X):
    part = select(X, ["image", "f0"])
    assert list(part.columns) == ["image", "f0"]
    assert present_rows(X, ["image", "f0"]).tolist() == [True, False, True]


@pytest.mark.parametrize("column", [slice(0, 0), [], [False, False], slice(5, None)])
def test_selections_of_nothing(column):
    assert select(np.zeros((2, 2)), column) is None


@both_frames
def test_a_row_has_a_modality_when_one_cell_is_filled(X):
    assert present_rows(X, "text").tolist() == [True, False, False]
    assert present_rows(X, ["f0", "f1"]).tolist() == [True, False, True]
    assert present_rows(X, ["f1"]).tolist() == [False, False, False]
    assert present_rows(X, ["text", "f0"]).tolist() == [True, False, True]
