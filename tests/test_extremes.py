"""Plain pictures have the values that definitions give, and what is extreme but legal is finite."""

import warnings

import numpy as np
import pytest

import mmsenti.audio
import mmsenti.image
import mmsenti.text
from mmsenti._descriptor import Descriptor
from mmsenti._sample import SampleWarning
from mmsenti.audio import AudioFeatures
from mmsenti.image import GLCM, Affect, ColorMoments, Composition, ImageFeatures, Picture, TinyImage
from mmsenti.text import TextFeatures

NOISE = np.random.default_rng(0).uniform(-1, 1, 8000).astype(np.float32)
CHECKERS = (np.indices((64, 64)).sum(axis=0) % 2 * 255).astype(np.uint8)
# CIE L of the grays 0, 128 and 255.
LIGHTNESS = {0: 0.0, 128: 53.585, 255: 100.0}


def families(room):
    """Make every public descriptor of a modality, the standard ones and the others."""
    public = [getattr(room, name) for name in room.__all__]
    kinds = [kind for kind in public if isinstance(kind, type) and issubclass(kind, Descriptor)]
    assert kinds
    return [(kind.__name__, kind()) for kind in kinds]


def values_of(descriptor, level):
    picture = Picture(np.full((40, 40), level, dtype=np.uint8))
    return dict(zip(descriptor.get_names(), map(float, descriptor.compute(picture)), strict=True))


# Plain pictures


@pytest.mark.parametrize("level", LIGHTNESS)
def test_affect_of_a_plain_gray(level):
    values = values_of(Affect(), level)
    brightness = level / 255
    for name, weight in (("pleasure", 0.69), ("arousal", -0.31), ("dominance", -0.76)):
        assert values.pop(f"affect_{name}") == pytest.approx(weight * brightness, abs=1e-6)
    name = {0: "black", 128: "gray", 255: "white"}[level]
    assert values.pop(f"affect_name_{name}") == 1.0
    assert set(values.values()) == {0.0}


@pytest.mark.parametrize("level", LIGHTNESS)
def test_composition_of_a_plain_square(level):
    values = values_of(Composition(), level)
    expected = {
        **dict.fromkeys(("symmetry_x", "symmetry_y", "blur"), 1.0),
        **dict.fromkeys(("edge_x", "edge_y", "edge_slant"), 0.5),
        **{"thirds": 1 / 9, "depth_of_field": 1 / 4},
        **{"white_share": float(level > 245), "black_share": float(level < 10)},
    }
    for name in ("aspect", "edge_density", "edge_spread", "sharpness", "text", "margin_std"):
        expected[name] = 0.0
    expected["entropy"] = 0.0
    for name, value in expected.items():
        assert values[f"composition_{name}"] == pytest.approx(value, abs=1e-6), name
    for name, value in values.items():
        if name.endswith("_l_mean"):
            assert value == pytest.approx(LIGHTNESS[level], abs=0.01)
        elif name.endswith("_l_std"):
            assert value == pytest.approx(0.0, abs=1e-5), name


@pytest.mark.parametrize("level", LIGHTNESS)
def test_co_occurrence_of_a_plain_picture(level):
    for name, value in values_of(GLCM(), level).items():
        one = name.endswith(("homogeneity", "energy", "correlation"))
        assert value == (1.0 if one else 0.0), name


@pytest.mark.parametrize("level", LIGHTNESS)
def test_colours_of_a_plain_picture(level):
    for name, value in values_of(TinyImage(), level).items():
        expected = LIGHTNESS[level] if name.startswith("tiny_l_") else 0.0
        assert value == pytest.approx(expected, abs=0.01), name
    for name, value in values_of(ColorMoments(), level).items():
        if "hue" not in name and not name.endswith("_mean"):
            assert value == pytest.approx(0.0, abs=1e-6), name


# Extreme and legal


def assert_finite(extractor, cell):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SampleWarning)
        features = extractor.transform([cell])
    assert features.dtype == np.float32
    assert np.isfinite(features).all()


@pytest.mark.parametrize("scale", [1e-38, 1e-20, 1.0, 1e6])
@pytest.mark.parametrize("kind", ["noise", "tone"])
def test_sounds_of_every_level(kind, scale):
    signal = NOISE if kind == "noise" else np.sin(np.arange(8000) / 10).astype(np.float32)
    assert_finite(AudioFeatures(families(mmsenti.audio)), np.float32(scale) * signal)


@pytest.mark.parametrize(
    "samples",
    [
        np.ones(1, dtype=np.float32),
        np.ones(511, dtype=np.float32),
        np.ones(513, dtype=np.float32),
        np.zeros(8000, dtype=np.float32),
        np.full(8000, -(2**15), dtype=np.int16),
        np.tile(np.array([-(2**15), 2**15 - 1], dtype=np.int16), 4000),
    ],
    ids=["one sample", "no frame", "one more", "silence", "lowest", "half the rate"],
)
def test_scraps_silence_and_full_scale(samples):
    assert_finite(AudioFeatures(families(mmsenti.audio)), samples)


@pytest.mark.parametrize("level", [0, 255])
@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 30_000, 3), (30_000, 1, 3)])
def test_pixels_and_lines(shape, level):
    extractor = ImageFeatures(families(mmsenti.image))
    assert_finite(extractor, np.full(shape, level, dtype=np.uint8))


def test_the_finest_checkers():
    assert_finite(ImageFeatures(families(mmsenti.image)), CHECKERS)


@pytest.mark.parametrize(
    "text",
    [
        *("!!!", "@a http://x.yz #b", "<br>", "\ufeff", "\u200b\u200b", "\u0301" * 50),
        *("\U0010ffff", "a" * 9999, "!" * 9999, "9" * 400, "1e308 " * 99, "\U0001f600" * 500),
    ],
    ids=ascii,
)
def test_texts_without_words_and_of_one_kind_alone(text):
    assert_finite(TextFeatures(families(mmsenti.text)), text)
