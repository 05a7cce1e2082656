"""Equal settings, equal fingerprint, in every process; another code or number is another one."""

import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest

from mmsenti import Descriptor
from mmsenti.image import HOG
from mmsenti.store import fingerprint


class Mine(Descriptor):
    feature_version = 1

    def __init__(self, *, size=3):
        self.size = size

    def compute(self, sample):
        return [self.size]


class Silent(Descriptor):
    pass


def test_equal_settings_are_one_setting():
    assert fingerprint({"a": 1, "b": (2, 3)}) == fingerprint({"b": (2, 3), "a": 1})
    assert fingerprint({1, 2, "x"}) == fingerprint({"x", 2, 1})
    assert fingerprint(np.int64(8), np.float64(0.5), np.str_("a")) == fingerprint(8, 0.5, "a")
    assert fingerprint(HOG(orientations=9)) == fingerprint(HOG(orientations=np.int8(9)))
    assert fingerprint(float("nan")) == fingerprint(-float("nan"))


def test_different_settings_are_different():
    settings = [
        *[(), (None,), (True,), (1,), (1.0,), ("1",), (b"1",), (1, 1), ((1, 1),), ([1, 1],)],
        *[("a", "b"), ("ab",), ("a", ("b",)), ({"a": "b"},), ([],), ({},), (set(),), (0.1,)],
        *[(float(np.float32(0.1)),), (np.zeros(2),), (np.zeros((2, 1)),), (np.zeros(2, int),)],
        *[(HOG(),), (HOG(orientations=6),), (Mine(),), (Mine(size=4),), ("HOG",), (1j,), (-1,)],
    ]
    assert len({fingerprint(*setting) for setting in settings}) == len(settings)


def test_a_setting_is_the_same_in_every_process():
    expected = fingerprint("HOG", {"b": {"x", "y"}, "a": 0.1}, HOG()).hex()
    code = (
        "from mmsenti.store import fingerprint\nfrom mmsenti.image import HOG\n"
        "print(fingerprint('HOG', {'a': 0.1, 'b': {'y', 'x'}}, HOG()).hex())"
    )
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        out = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True
        )
        assert out.stdout.split() == [expected], out.stderr


def test_changed_code_is_another_setting(monkeypatch):
    before = fingerprint(Mine())
    monkeypatch.setattr(Mine, "feature_version", 2)
    second = fingerprint(Mine())
    monkeypatch.setattr(Mine, "compute", lambda self, sample: [self.size + 1])
    assert len({before, second, fingerprint(Mine())}) == 3


def test_an_object_may_tell_more_than_its_parameters(monkeypatch):
    before = fingerprint(Mine())
    monkeypatch.setattr(Mine, "fingerprint_parts", lambda self: ("content",), raising=False)
    assert fingerprint(Mine()) != before


@pytest.mark.parametrize(
    "part", [lambda: 1, object(), pathlib.Path("a"), Silent(), HOG, np.array([None]), len]
)
def test_what_has_no_fingerprint(part):
    with pytest.raises(TypeError):
        fingerprint("x", [part])


def test_what_holds_itself_has_no_fingerprint():
    loop = []
    loop.append(loop)
    with pytest.raises(TypeError, match="itself"):
        fingerprint(loop)


def test_in_one_process_a_class_is_what_it_is():
    def function():
        return 1

    class Silent(Descriptor):
        pass

    here = {
        fingerprint(part, process_only=True) for part in (Silent(), function, globals()["Silent"]())
    }
    assert len(here) == 3
    assert fingerprint(function, process_only=True) in here
