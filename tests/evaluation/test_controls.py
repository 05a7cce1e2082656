"""Controls change what a modality says of a row, and nothing else."""

import numpy as np
import pandas as pd

from mmsenti.evaluation._controls import control_table

TABLE = pd.DataFrame(
    {
        "text": list("abcdef"),
        "image": ["1.png", None, "3.png", "4.png", None, "6.png"],
        "f0": [1.0, 2.0, np.nan, 4.0, 5.0, 6.0],
        "loud": [10.0, 20.0, 30.0, 40.0, 50.0, 60.0],
    }
)


def test_shuffled_modalities_move_together_and_the_others_stay():
    shuffled = control_table(TABLE, ["image", ["f0", "loud"]], "shuffled")
    assert shuffled["text"].tolist() == TABLE["text"].tolist()
    order = [TABLE["loud"].tolist().index(x) for x in shuffled["loud"]]
    assert order != list(range(6))
    assert sorted(order) == list(range(6))
    for column in ("image", "f0"):
        assert shuffled[column].isna().tolist() == TABLE[column].iloc[order].isna().tolist()
    known = shuffled["image"].notna().to_numpy()
    assert shuffled["image"][known].tolist() == TABLE["image"].iloc[order][known].tolist()


def test_prior_cells_are_all_the_same_where_there_was_one():
    prior = control_table(TABLE, ["image", ["f0"]], "prior")
    assert prior["image"].astype(object).where(prior["image"].notna(), None).tolist() == [
        "1.png",
        None,
        "1.png",
        "1.png",
        None,
        "1.png",
    ]
    # The mean of 1, 2, 4, 5 and 6.
    assert prior["f0"].fillna(-1).tolist() == [3.6, 3.6, -1, 3.6, 3.6, 3.6]
    assert prior["loud"].tolist() == TABLE["loud"].tolist()


def test_cells_may_be_arrays():
    cells = pd.Series([np.zeros(3), np.ones(3)], dtype=object)
    prior = control_table(pd.DataFrame({"audio": cells}), ["audio"], "prior")
    assert [cell.tolist() for cell in prior["audio"]] == [[0, 0, 0], [0, 0, 0]]


def test_the_table_itself_stays_what_it_was():
    before = TABLE.copy()
    control_table(TABLE, ["image"], "shuffled")
    control_table(TABLE, ["image"], "prior")
    pd.testing.assert_frame_equal(TABLE, before)
