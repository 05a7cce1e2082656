"""Affect against the printed formulas, on pictures whose values are worked out by hand."""

import colorsys

import numpy as np
import pytest

from mmsenti.image import Affect, Picture


def measure(pixels):
    pixels = np.asarray(pixels, dtype=np.uint8)
    affect = Affect()
    values = affect.compute(Picture(pixels, size=len(pixels)))
    names = [name.removeprefix("affect_") for name in affect.get_names()]
    return dict(zip(names, values.tolist(), strict=True))


def plain(colour, size=8):
    return np.broadcast_to(np.array(colour, dtype=np.uint8), (size, size, 3)).copy()


def halves(left, right, size=8):
    pixels = plain(left, size)
    pixels[:, size // 2 :] = right
    return pixels


@pytest.mark.parametrize(
    ("colour", "b", "s"),
    [((0, 0, 0), 0, 0), ((255, 255, 255), 1, 0), ((255, 0, 0), 1, 1), ((51, 0, 0), 0.2, 1)],
)
def test_pad_of_valdez_and_mehrabian(colour, b, s):
    # "Pleasure = .69B + .22S, Arousal = -.31B + .60S, Dominance = -.76B + .32S" (the abstract).
    values = measure(plain(colour))
    assert values["pleasure"] == pytest.approx(0.69 * b + 0.22 * s, abs=1e-6)
    assert values["arousal"] == pytest.approx(-0.31 * b + 0.60 * s, abs=1e-6)
    assert values["dominance"] == pytest.approx(-0.76 * b + 0.32 * s, abs=1e-6)


def test_dark_colours_dominate():
    assert measure(plain((30, 30, 30)))["dominance"] > measure(plain((220,) * 3))["dominance"]


def test_colorfulness_of_hasler_and_suesstrunk():
    # Half red, half blue: rg is 255 or 0, yb is 127.5 or -255. Spreads are half the distances.
    rg, yb = (127.5, 127.5), ((127.5 - 255) / 2, (127.5 + 255) / 2)
    expected = np.hypot(rg[1], yb[1]) + 0.3 * np.hypot(rg[0], yb[0])
    assert measure(halves((255, 0, 0), (0, 0, 255)))["colorfulness"] == pytest.approx(expected)
    assert measure(plain((90, 90, 90)))["colorfulness"] == 0


def test_contrasts_by_hand():
    # Left columns of tiles are black, right ones white: values 0 and 1 have the deviation 1/2.
    values = measure(halves((0, 0, 0), (255, 255, 255)))
    assert values["contrast_light"] == pytest.approx(0.5)
    assert values["contrast_saturation"] == 0
    assert values["contrast_hue"] == 0
    # Red and cyan are opposite: hues cancel, 2 * 2 * 0.5 * 0.5 = 1; warm 1, cold -1: deviation 1.
    values = measure(halves((255, 0, 0), (0, 255, 255)))
    assert values["contrast_hue"] == pytest.approx(1, abs=1e-6)
    assert values["contrast_complementary"] == pytest.approx(1)
    assert values["contrast_warm"] == pytest.approx(1)
    assert (values["warm_share"], values["cold_share"]) == (0.5, 0.5)
    # Red and blue are 120 degrees apart: a mean vector of half length, and no opposites.
    values = measure(halves((255, 0, 0), (0, 0, 255)))
    assert values["contrast_hue"] == pytest.approx(0.5, abs=1e-6)
    assert values["contrast_complementary"] == 0


def test_colours_by_the_names_that_people_give_them():
    # The prototypes are CSS's colours of these names.
    css = {
        "black": (0, 0, 0),
        "gray": (128, 128, 128),
        "white": (255, 255, 255),
        "red": (255, 0, 0),
        "orange": (255, 165, 0),
        "yellow": (255, 255, 0),
        "green": (0, 128, 0),
        "blue": (0, 0, 255),
        "purple": (128, 0, 128),
        "pink": (255, 192, 203),
        "brown": (139, 69, 19),
    }
    for name, colour in css.items():
        values = measure(plain(colour))
        assert values[f"name_{name}"] == 1, name
        assert sum(values[f"name_{other}"] for other in css) == pytest.approx(1)


def test_names_are_shares_of_all_pixels():
    pixels = plain((0, 0, 255), 4)
    pixels[0, :2] = (255, 255, 255)
    values = measure(pixels)
    assert (values["name_blue"], values["name_white"]) == (14 / 16, 2 / 16)


@pytest.mark.parametrize("seed", range(3))
def test_warm_and_cold_by_the_standard_library(seed):
    pixels = np.random.default_rng(seed).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    hsv = np.array([colorsys.rgb_to_hsv(*pixel) for pixel in pixels.reshape(-1, 3) / 255])
    degrees = hsv[:, 0] * 360
    colored = (hsv[:, 1] >= 0.2) & (hsv[:, 2] >= 0.2)
    values = measure(pixels)
    assert values["warm_share"] == (colored & ((degrees < 75) | (degrees >= 330))).mean()
    assert values["cold_share"] == (colored & (degrees >= 165) & (degrees < 270)).mean()


def test_skin_by_the_rule_of_kovac_peer_and_solina():
    assert measure(plain((224, 172, 105)))["skin_share"] == 1
    assert measure(plain((120, 120, 120)))["skin_share"] == 0
    assert measure(plain((105, 172, 224)))["skin_share"] == 0
    assert measure(plain((96, 79, 60)))["skin_share"] == 1  # each inequality holds by one
    assert measure(plain((95, 79, 60)))["skin_share"] == 0


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_small_pictures_have_defined_values(size):
    values = measure(plain((200, 30, 60), size))
    assert np.isfinite(list(values.values())).all()
    assert values["contrast_light"] == pytest.approx(0, abs=1e-9)
