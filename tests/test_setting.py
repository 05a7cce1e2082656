"""A setting is worked out once, and another one is never taken for it."""

import pytest

from mmsenti import Descriptor
from mmsenti._setting import descriptor_width, setting_digest
from mmsenti.audio import MFCC
from mmsenti.image import HOG
from mmsenti.text import Lexicon


class Scaled(Descriptor):
    """As many numbers as asked for."""

    feature_version = 1

    def __init__(self, factor=1):
        self.factor = factor

    def get_names(self):
        Scaled.asked += 1
        return [f"scaled_{i}" for i in range(int(self.factor))]

    def compute(self, sample):
        return [0.0] * int(self.factor)


def digest(*descriptors, **params):
    return setting_digest("TextFeatures", params, descriptors)


def test_names_are_asked_for_once_a_setting():
    Scaled.asked = 0
    for _ in range(3):
        assert descriptor_width(Scaled(2)) == 2
        assert descriptor_width(Scaled(3)) == 3
    assert Scaled.asked == 2
    assert descriptor_width(HOG()) == 7 * 7 * 4 * 9
    assert descriptor_width(MFCC(functionals=["mean"])) == 60
    assert descriptor_width(MFCC(functionals=["mean", "std"])) == 120


def test_settings_that_differ_in_anything_differ():
    settings = [
        digest(Scaled(1)),
        digest(Scaled(1.0)),
        digest(Scaled(True)),
        digest(Scaled(1), size=1),
        digest(Scaled(1), size=1.0),
        digest(Scaled(1), Scaled(1)),
        digest(Lexicon()),
        digest(Lexicon({"good": 1.0})),
        digest(Lexicon({"good": 2.0})),
        digest(MFCC(functionals=["mean", "max"])),
        digest(MFCC(functionals=["max", "mean"])),
        setting_digest("ImageFeatures", {}, [Scaled(1)]),
    ]
    assert len(set(settings)) == len(settings)
    assert settings[0] == digest(Scaled(1))


def test_another_version_is_another_setting(monkeypatch):
    before = digest(Scaled(1))
    monkeypatch.setattr(Scaled, "feature_version", 2)
    assert digest(Scaled(1)) != before


def test_a_lexicon_file_counts_by_its_words(tmp_path):
    path = tmp_path / "lexicon.tsv"
    path.write_text("good\t1\n", encoding="utf-8")
    before = digest(Lexicon(str(path)))
    path.write_text("good\t2\n", encoding="utf-8")
    assert digest(Lexicon(str(path))) != before


def test_what_has_no_digest_says_so_each_time():
    for _ in range(2):
        with pytest.raises(TypeError, match="no fingerprint"):
            digest(Scaled(lambda: 1))
