"""What every public extractor, descriptor and fusion class promises, over `__all__`."""

import inspect
import io
import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
from PIL import Image
from sklearn.base import clone, is_classifier
from sklearn.exceptions import NotFittedError
from sklearn.preprocessing import StandardScaler
from sklearn.utils.validation import check_is_fitted

import mmsenti.audio
import mmsenti.fusion
import mmsenti.image
import mmsenti.text
from mmsenti import Descriptor
from mmsenti._base import Extractor

ROOMS = {"text": mmsenti.text, "image": mmsenti.image, "audio": mmsenti.audio}


def public(room, base):
    objects = [getattr(room, name) for name in room.__all__]
    return [o for o in objects if inspect.isclass(o) and issubclass(o, base) and o is not base]


EXTRACTORS = [(m, cls) for m, room in ROOMS.items() for cls in public(room, Extractor)]
DESCRIPTORS = [(m, cls) for m, room in ROOMS.items() for cls in public(room, Descriptor)]
MAKERS = {m: getattr(room, f"make_{m}_features") for m, room in ROOMS.items()}
FUSIONS = [getattr(mmsenti.fusion, n) for n in mmsenti.fusion.__all__ if n.startswith("Fusion")]
each_extractor = pytest.mark.parametrize(("modality", "cls"), EXTRACTORS)
each_descriptor = pytest.mark.parametrize(("modality", "cls"), DESCRIPTORS)
each_fusion = pytest.mark.parametrize("cls", FUSIONS)


def png(pixels):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def samples(modality, n=6):
    rng = np.random.default_rng(0)
    if modality == "text":
        words = "good bad :) NOT sooooo fine! http://x.org @you #fun 😀 day, really?".split()
        return [" ".join(rng.choice(words, rng.integers(1, 9))) for _ in range(n)]
    if modality == "image":
        return [png(rng.integers(0, 256, (20 + i, 31, 3), dtype=np.uint8)) for i in range(n)]
    time = np.arange(8000) / 16000
    tones = [np.sin(2 * np.pi * (110 + 40 * i) * time) for i in range(n)]
    return [tone * 0.3 + rng.normal(0, 0.01, len(time)) for tone in tones]


def test_there_is_something_to_check():
    assert len(EXTRACTORS) == 3
    assert len(DESCRIPTORS) >= 10
    assert len(FUSIONS) == 6


# Descriptors


@each_descriptor
def test_descriptor_names_are_unique_snake_case_and_as_many_as_numbers(modality, cls):
    extractor = MAKERS[modality](cls())
    names = cls().get_names()
    assert len(set(names)) == len(names)
    assert all(name == name.lower() and name.isidentifier() for name in names)
    assert extractor.transform(samples(modality)).shape == (6, len(names))
    assert extractor.get_feature_names_out().tolist() == list(names)


@each_descriptor
def test_descriptor_parameters_are_declared_stored_and_cloned(modality, cls):
    descriptor = cls()
    parameters = inspect.signature(cls.__init__).parameters
    names = {n for n, p in parameters.items() if n != "self" and p.kind is not p.VAR_KEYWORD}
    if cls.__init__ is object.__init__:
        names = set()
    names -= {"args", "kwargs"} if not names - {"args", "kwargs"} else set()
    assert set(descriptor.get_params()) == names == set(cls._parameter_constraints)
    again = clone(descriptor)
    assert again is not descriptor
    assert repr(again) == repr(descriptor)
    for name in names:
        assert getattr(descriptor, name) is parameters[name].default


@each_descriptor
def test_descriptor_refuses_what_is_no_parameter(modality, cls):
    with pytest.raises(ValueError, match="Invalid parameter 'no_such'"):
        cls().set_params(no_such=1)


@each_descriptor
def test_descriptor_refuses_a_value_out_of_range(modality, cls):
    for name in cls._parameter_constraints:
        extractor = MAKERS[modality](cls().set_params(**{name: object()}))
        with pytest.raises(ValueError, match=f"The {name!r} parameter of {cls.__name__}"):
            extractor.transform(samples(modality))


# Extractors


@each_extractor
def test_features_are_finite_float32_with_unique_names(modality, cls):
    features = cls().fit_transform(samples(modality))
    names = cls().get_feature_names_out()
    assert features.dtype == np.float32
    assert features.shape == (6, len(names))
    assert len(set(names)) == len(names)
    assert np.isfinite(features).all()
    assert (features.std(axis=0) > 0).any()


@each_extractor
def test_rows_do_not_know_each_other(modality, cls):
    cells = samples(modality)
    whole = cls().transform(cells)
    order = [3, 0, 5, 1, 4, 2]
    np.testing.assert_array_equal(cls().transform([cells[i] for i in order]), whole[order])
    for i, cell in enumerate(cells):
        np.testing.assert_array_equal(cls().transform([cell]), whole[[i]])


@each_extractor
@pytest.mark.parametrize("missing", [None, np.nan, pd.NA, "", " \n"])
def test_a_missing_cell_is_a_row_of_nan(modality, cls, missing):
    cells = samples(modality, 2)
    features = cls().transform([cells[0], missing, cells[1]])
    assert np.isnan(features[1]).all()
    np.testing.assert_array_equal(features[[0, 2]], cls().transform(cells))


@each_extractor
def test_every_kind_of_column_is_the_same_column(modality, cls):
    cells = [*samples(modality, 3), None]
    column = np.fromiter(cells, dtype=object, count=4)
    expected = cls().transform(cells)
    series = pd.Series(column, index=[7, 7, 0, 1])
    forms = [column, column[:, None], [[c] for c in cells], tuple(cells), series]
    forms += [series.to_frame("x")]
    if modality != "audio":  # an array in a cell is no value that polars knows
        forms += [pl.Series("x", cells), pl.DataFrame({"x": cells})]
    for form in forms:
        np.testing.assert_array_equal(cls().transform(form), expected)


@each_extractor
def test_what_is_no_column_is_refused(modality, cls):
    cell = samples(modality, 1)[0]
    table = pd.DataFrame({"a": [1], "b": [2]})
    wrong = [{"x": [cell]}, {1, 2}, iter([cell]), table, np.zeros((2, 2), dtype=object), [], 3]
    for X in [*wrong, [[cell, cell]], "text"]:
        with pytest.raises((ValueError, TypeError), match=cls.__name__):
            cls().fit(X)
        with pytest.raises((ValueError, TypeError), match=cls.__name__):
            cls().transform(X)


@each_extractor
def test_an_error_names_class_row_and_cell_and_what_to_do(modality, cls):
    if modality == "text":
        with pytest.raises(TypeError, match=r"^TextFeatures, row 1, 3\.5: .*str"):
            cls().transform(["fine", 3.5])
        return
    cells = [samples(modality, 1)[0], "no/such/file"]
    with pytest.raises(OSError, match=rf"^{cls.__name__}, row 1, 'no/such/file': no such file"):
        cls().transform(cells)
    with pytest.raises(OSError, match='Pass on_error="missing"'):
        cls(n_jobs=2).transform(cells * 20)
    features = cls(on_error="missing").transform(cells)
    assert np.isnan(features[1]).all()
    assert np.isfinite(features[0]).all()


@each_extractor
def test_n_jobs_changes_nothing(modality, cls):
    cells = samples(modality, 60)
    np.testing.assert_array_equal(cls(n_jobs=2).transform(cells), cls().transform(cells))


@each_extractor
def test_clone_pickle_and_parameters(modality, cls):
    extractor = cls()
    descriptors = dict(extractor._named_descriptors)
    nested = extractor.get_params()
    for name, descriptor in descriptors.items():
        for parameter in descriptor.get_params():
            assert f"{name}__{parameter}" in nested
    assert set(clone(extractor).get_params()) == set(nested)
    cells = samples(modality)
    expected = extractor.transform(cells)
    np.testing.assert_array_equal(clone(extractor).transform(cells), expected)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(extractor)).transform(cells), expected)


@each_extractor
def test_a_dropped_descriptor_takes_its_features_along(modality, cls):
    extractor = cls()
    (first, descriptor), *others = extractor._named_descriptors
    dropped = clone(extractor).set_params(**{first: "drop"})
    names = extractor.get_feature_names_out().tolist()
    width = len(descriptor.get_names())
    assert dropped.get_feature_names_out().tolist() == names[width:]
    cells = samples(modality)
    np.testing.assert_array_equal(dropped.transform(cells), extractor.transform(cells)[:, width:])
    nothing = {name: "drop" for name, _ in others}
    with pytest.raises(ValueError, match="every descriptor is dropped"):
        dropped.set_params(**nothing).fit(cells)
    # The standard list of the class is not the list of the object.
    assert cls().get_feature_names_out().tolist() == names


@each_extractor
def test_two_descriptors_of_a_kind_are_told_apart(modality, cls):
    descriptor = cls()._named_descriptors[0][1]
    extractor = MAKERS[modality](clone(descriptor), clone(descriptor))
    names = extractor.get_feature_names_out()
    assert len(set(names)) == len(names) == 2 * len(descriptor.get_names())


@each_extractor
@pytest.mark.parametrize(("library", "frame"), [("pandas", pd.DataFrame), ("polars", pl.DataFrame)])
def test_set_output(modality, cls, library, frame):
    extractor = cls().set_output(transform=library)
    table = extractor.fit_transform(samples(modality))
    assert isinstance(table, frame)
    assert list(table.columns) == extractor.get_feature_names_out().tolist()
    series = pd.Series(samples(modality), index=list("abcdef"))
    if library == "pandas":
        assert extractor.transform(series).index.tolist() == list("abcdef")


@each_extractor
def test_nothing_is_learnt(modality, cls):
    cells = samples(modality)
    extractor = cls()
    before = extractor.transform(cells)
    check_is_fitted(extractor)
    np.testing.assert_array_equal(extractor.fit(cells[:1]).transform(cells), before)
    tags = extractor.__sklearn_tags__()
    assert not tags.requires_fit
    assert tags.input_tags.allow_nan
    assert not tags.input_tags.two_d_array
    assert tags.input_tags.string == (modality == "text")


@each_extractor
def test_a_wrong_parameter_is_refused(modality, cls):
    cells = samples(modality, 1)
    with pytest.raises(ValueError, match="'on_error' parameter"):
        cls(on_error="ignore").fit(cells)
    with pytest.raises(ValueError, match="Names provided are not unique"):
        cls([("a", cls()._named_descriptors[0][1])] * 2).fit(cells)
    with pytest.raises(TypeError, match="must be an instance of a Descriptor"):
        cls([("a", StandardScaler())]).fit(cells)
    with pytest.raises(TypeError, match="list of \\(name, descriptor\\)"):
        cls(["hog"]).fit(cells)


class Wrong(Descriptor):
    """A descriptor of a user, with a mistake."""

    def __init__(self, values):
        self.values = values

    def get_names(self):
        return ["one", "two"]

    def compute(self, sample):
        return self.values


@each_extractor
@pytest.mark.parametrize(
    ("values", "problem"),
    [([1.0], "shape"), ([1.0, np.nan], "not finite"), ([1.0, 1e39], "not finite")],
)
def test_a_descriptor_that_breaks_its_promise_is_named(modality, cls, values, problem):
    with pytest.raises(ValueError, match=rf"row 0, .*: descriptor 'wrong' .*{problem}"):
        MAKERS[modality](Wrong(values)).transform(samples(modality, 1))


# Fusion


def numeric_table(n=40):
    rng = np.random.default_rng(0)
    codes = np.arange(n) % 2
    table = pd.DataFrame(rng.normal(size=(n, 4)) + codes[:, None], columns=list("abcd"))
    table.loc[::5, ["a", "b"]] = np.nan
    return table, codes


def make_fusion(cls):
    modalities = [("left", StandardScaler(), ["a", "b"]), ("right", StandardScaler(), ["c", "d"])]
    return cls(modalities)


def target(cls, codes):
    return np.where(codes, "positive", "negative") if is_classifier(cls([])) else codes * 1.5


@each_fusion
def test_fusion_clone_pickle_and_parameters(cls):
    X, codes = numeric_table()
    fusion = make_fusion(cls)
    assert "left__with_mean" in fusion.get_params()
    assert list(inspect.signature(cls.__init__).parameters)[1:3] == ["modalities", "estimator"]
    fitted = clone(fusion).fit(X, target(cls, codes))
    again = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(again.predict(X), fitted.predict(X))
    assert not hasattr(clone(fitted), "n_features_in_")


@each_fusion
def test_fusion_rows_do_not_know_each_other(cls):
    X, codes = numeric_table()
    fusion = make_fusion(cls).fit(X, target(cls, codes))
    whole = fusion.predict(X)
    for i in (0, 1, 7):
        assert (
            fusion.predict(X.iloc[[i]])[0] == pytest.approx(whole[i])
            or whole[i] == (fusion.predict(X.iloc[[i]])[0])
        )
    np.testing.assert_array_equal(fusion.predict(X.iloc[::-1])[::-1], whole)


@each_fusion
def test_fusion_unfitted_and_wrong_parameters(cls):
    X, codes = numeric_table()
    with pytest.raises(NotFittedError):
        make_fusion(cls).predict(X)
    with pytest.raises(ValueError, match="'estimator' parameter"):
        make_fusion(cls).set_params(estimator=3).fit(X, target(cls, codes))
    with pytest.raises(ValueError, match="Invalid parameter"):
        make_fusion(cls).set_params(no_such=3)


@each_fusion
def test_fusion_says_what_it_takes(cls):
    tags = make_fusion(cls).__sklearn_tags__()
    assert tags.input_tags.allow_nan
    assert tags.input_tags.string
    assert not tags.input_tags.sparse
