"""The one loop over a column, with a sample and descriptors made up here."""

import numpy as np
import pytest

from mmsenti import Descriptor
from mmsenti._rows import extract_rows
from mmsenti._sample import Sample


class Number(Sample):
    def __init__(self, cell):
        super().__init__()
        if not isinstance(cell, int):
            raise TypeError("expected an int.")
        if cell < 0:
            raise ValueError("a negative number. Take its absolute value.")
        if cell == 404:
            raise FileNotFoundError("no such number.")
        if cell == 7:
            self.remarks.append("seven is odd.")
        self.value = cell


class Powers(Descriptor):
    def get_names(self):
        return ["first", "second"]

    def compute(self, number):
        return [number.value, number.value**2]


def extract(cells, **options):
    return extract_rows(cells, Number, [("powers", Powers())], [2], owner="Owner", **options)


class Together(Powers):
    """Computes many numbers together, and not one alone."""

    def compute(self, number):
        raise AssertionError

    def _take(self, number):
        return number.value

    def _compute_many(self, values):
        self.sizes = [*getattr(self, "sizes", []), len(values)]
        return np.array([[value, np.nan if value == 13 else value**2] for value in values])


def test_rows_are_float32_and_missing_ones_nan():
    rows = extract([2, None, 3])
    assert rows.values.dtype == np.float32
    np.testing.assert_array_equal(rows.values, [[2, 4], [np.nan, np.nan], [3, 9]])
    assert rows.remarks == []


def test_remarks_come_with_the_number_of_their_row():
    assert extract([1, 7], row_numbers=[10, 20]).remarks == [(20, "seven is odd.")]


@pytest.mark.parametrize(
    ("cell", "kind", "message"),
    [
        (
            -1,
            ValueError,
            "Owner, row 5, -1: a negative number. Take its absolute value, or pass "
            'on_error="missing" to treat it as a missing modality.',
        ),
        (
            404,
            OSError,
            'Owner, row 5, 404: no such number. Pass on_error="missing" to treat it as a missing '
            "modality.",
        ),
        ("x", TypeError, "Owner, row 5, 'x': expected an int."),
    ],
)
def test_errors_say_where_what_and_what_to_do(cell, kind, message):
    with pytest.raises(kind) as caught:
        extract([1, cell], row_numbers=[4, 5])
    assert str(caught.value) == message


def test_what_cannot_be_read_may_be_missing_but_a_wrong_type_may_not():
    rows = extract([-1, 404, 1], on_error="missing").values
    assert np.isnan(rows).all(axis=1).tolist() == [True, True, False]
    with pytest.raises(TypeError, match="row 0"):
        extract(["x"], on_error="missing")


def test_a_descriptor_may_compute_many_together():
    together = Together()
    descriptors = [("powers", Powers()), ("together", together)]
    cells = [*[2, 3, 5] * 233, None, 3]
    rows = extract_rows(cells, Number, descriptors, [2, 2], owner="Owner")
    np.testing.assert_array_equal(rows.values[:, :2], rows.values[:, 2:])
    assert np.isnan(rows.values[699]).all()
    assert rows.values[700].tolist() == [3, 9, 3, 9]
    assert sum(together.sizes) == 700
    assert min(together.sizes) > 1


def test_of_many_together_the_one_that_is_wrong_is_named():
    descriptors = [("powers", Powers()), ("together", Together())]
    with pytest.raises(ValueError, match=r"row 32, 13: descriptor 'together' computed a number"):
        extract_rows(
            [1, 2, 13, 4], Number, descriptors, [2, 2], owner="O", row_numbers=[30, 31, 32, 33]
        )


def test_a_derived_class_computes_one_by_one():
    class Derived(Together):
        def compute(self, number):
            return [number.value, 0]

    rows = extract_rows([1, 2], Number, [("derived", Derived())], [2], owner="Owner")
    np.testing.assert_array_equal(rows.values, [[1, 0], [2, 0]])
