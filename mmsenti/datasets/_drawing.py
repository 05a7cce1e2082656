"""Draw a small picture whose colours, light and curves carry a given sentiment."""

import io
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw

__all__ = ["Camera", "draw_camera", "draw_picture", "encode_picture"]

_SIZES = ((96, 96), (128, 96), (96, 128), (112, 112), (128, 128))  # (width, height) in pixels
_SCALE = 2  # drawn at twice the size and averaged down, so that edges are smooth

# Light and warm pleases, dark and cold does not: P. Valdez and A. Mehrabian, "Effects of Color on
# Emotions", Journal of Experimental Psychology: General 123(4), 1994.
_COLD, _GRAY, _WARM = np.array(
    [[58.0, 74.0, 118.0], [152.0, 156.0, 150.0], [248.0, 200.0, 96.0]]
)  # RGB
_INK = (40, 36, 44)

Colour = tuple[int, int, int]


class Camera(NamedTuple):
    """How an author's pictures look, whatever the sentiment.

    Attributes
    ----------
    cast : ndarray of shape (3,)
        Gain of red, green and blue.
    pen : int
        Width of drawn lines, in pixels of the finished picture.
    """

    cast: np.ndarray
    pen: int


def draw_camera(rng: np.random.RandomState) -> Camera:
    """Draw the look of one author's pictures.

    Parameters
    ----------
    rng : RandomState

    Returns
    -------
    Camera
    """
    return Camera(rng.uniform(0.92, 1.04, size=3), int(rng.randint(2, 5)))


def draw_picture(valence: float, camera: Camera, rng: np.random.RandomState) -> Image.Image:
    """Draw a face, a sky, a flower or a pattern.

    Parameters
    ----------
    valence : float
        Sentiment to show, in [-1, 1]: bright, warm and curved upwards, or dark, cold and
        curved downwards.
    camera : Camera
    rng : RandomState

    Returns
    -------
    PIL.Image.Image
        RGB, 96 to 128 pixels wide and high.
    """
    width, height = _SIZES[rng.randint(len(_SIZES))]
    colour = _mood_colour(valence) + rng.uniform(-14.0, 14.0, size=3)
    image = _background(colour, camera.cast, (width * _SCALE, height * _SCALE), rng)
    canvas = ImageDraw.Draw(image)
    _clutter(canvas, image.size, rng)
    scene = (_face, _sky, _flower, _pattern)[rng.randint(4)]
    scene(canvas, image.size, valence, camera.pen * _SCALE, rng)
    return image.reduce(_SCALE)


def encode_picture(image: Image.Image, extension: str) -> bytes:
    """Encode a picture.

    Parameters
    ----------
    image : PIL.Image.Image
    extension : {"jpg", "png"}

    Returns
    -------
    bytes

    Examples
    --------
    >>> encode_picture(Image.new("RGB", (8, 8)), "png")[1:4]
    b'PNG'
    """
    buffer = io.BytesIO()
    if extension == "jpg":
        image.save(buffer, "JPEG", quality=88)
    else:
        image.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def _mood_colour(valence: float) -> np.ndarray:
    end = _WARM if valence > 0 else _COLD
    return _GRAY + abs(valence) ** 0.7 * (end - _GRAY)


def _as_colour(values: np.ndarray) -> Colour:
    red, green, blue = np.clip(values, 0, 255).astype(int)
    return int(red), int(green), int(blue)


def _background(
    colour: np.ndarray, cast: np.ndarray, size: tuple[int, int], rng: np.random.RandomState
) -> Image.Image:
    """Shade from lighter at the top to darker at the bottom, or the other way round."""
    shade = np.linspace(1.12, 0.84, size[1])[:: rng.choice([-1, 1])]
    rows = np.clip(shade[:, np.newaxis] * colour * cast, 0, 255).astype(np.uint8)
    return Image.fromarray(np.repeat(rows[:, np.newaxis], size[0], axis=1))


def _clutter(
    canvas: ImageDraw.ImageDraw, size: tuple[int, int], rng: np.random.RandomState
) -> None:
    """Scatter small coloured things that mean nothing."""
    for _ in range(rng.randint(2, 7)):
        x, y = rng.rand(2) * size
        extent = rng.uniform(0.03, 0.08) * min(size)
        shape = canvas.ellipse if rng.rand() < 0.5 else canvas.rectangle
        shape((x, y, x + extent, y + extent), fill=_as_colour(rng.uniform(30, 230, size=3)))


def _arc(
    centre: tuple[float, float], half_width: float, bend: float, turn: float = 0.0
) -> list[tuple[float, float]]:
    """Points of a parabola; a positive `bend` lifts its ends, as in a smile."""
    along = np.linspace(-1.0, 1.0, 13)
    x, y = half_width * along, half_width * bend * (0.5 - along**2)
    cos, sin = np.cos(turn), np.sin(turn)
    return [
        (float(centre[0] + cos * a - sin * b), float(centre[1] + sin * a + cos * b))
        for a, b in zip(x, y, strict=True)
    ]


def _face(
    canvas: ImageDraw.ImageDraw,
    size: tuple[int, int],
    valence: float,
    pen: int,
    rng: np.random.RandomState,
) -> None:
    radius = rng.uniform(0.3, 0.42) * min(size)
    x, y = np.array(size) * rng.uniform(0.42, 0.58, size=2)
    skin = _as_colour(_mood_colour(valence) * rng.uniform(0.85, 1.15) + rng.uniform(-10, 25))
    canvas.ellipse(
        (x - radius, y - radius, x + radius, y + radius), fill=skin, outline=_INK, width=pen
    )
    for side in (-1, 1):
        eye = (x + side * 0.38 * radius, y - 0.25 * radius)
        dot = 0.1 * radius
        canvas.ellipse((eye[0] - dot, eye[1] - dot, eye[0] + dot, eye[1] + dot), fill=_INK)
        brow = _arc((eye[0], eye[1] - 0.3 * radius), 0.2 * radius, 0.0, side * 0.4 * valence)
        canvas.line(brow, fill=_INK, width=pen)
    mouth = _arc((x, y + 0.4 * radius), 0.48 * radius, 0.75 * valence)
    canvas.line(mouth, fill=_INK, width=pen, joint="curve")


def _sky(
    canvas: ImageDraw.ImageDraw,
    size: tuple[int, int],
    valence: float,
    pen: int,
    rng: np.random.RandomState,
) -> None:
    width, height = size
    x, y = width * rng.uniform(0.3, 0.7), height * rng.uniform(0.25, 0.4)
    radius = rng.uniform(0.14, 0.2) * min(size)
    if valence > 0.2:
        for angle in np.arange(0.0, 2 * np.pi, np.pi / 5) + rng.rand():
            ray = np.array([np.cos(angle), np.sin(angle)])
            ends = [(float(x + r * ray[0]), float(y + r * ray[1])) for r in (radius, 1.7 * radius)]
            canvas.line(ends, fill=(255, 226, 110), width=pen)
        canvas.ellipse((x - radius, y - radius, x + radius, y + radius), fill=(255, 214, 70))
    else:
        cloud = _as_colour(np.full(3, 205.0 + 110.0 * valence))
        for shift in (-1.0, -0.3, 0.5, 1.1):
            left, top = x + shift * radius, y + rng.uniform(-0.4, 0.2) * radius
            canvas.ellipse((left - radius, top - radius, left + radius, top + radius), fill=cloud)
        for _ in range(int(-24 * min(valence + 0.2, 0.0))):
            left, top = rng.uniform(0.1, 0.9) * width, rng.uniform(0.5, 0.85) * height
            drop = (left, top, left - 0.03 * width, top + 0.1 * height)
            canvas.line(drop, fill=(120, 140, 190), width=max(pen // 2, 2))
    ground = _arc((width / 2, height * 0.92), width * 0.6, -0.12)
    hill = _as_colour(_mood_colour(valence) * (0.55, 0.7, 0.5))
    canvas.polygon([*ground, (width, height), (0, height)], fill=hill)


def _flower(
    canvas: ImageDraw.ImageDraw,
    size: tuple[int, int],
    valence: float,
    pen: int,
    rng: np.random.RandomState,
) -> None:
    width, height = size
    side = rng.choice([-1.0, 1.0])
    foot = np.array([width * (0.5 - side * rng.uniform(0.0, 0.25)), height * 0.95])
    # A cheerful stem stands; a gloomy one bows until its head looks at the ground.
    bow = np.linspace(0.0, 1.0, 13) ** 1.5 * (0.25 + 1.15 * (1.0 - valence))
    step = 0.055 * height
    x = foot[0] + side * np.cumsum(step * np.sin(bow))
    y = foot[1] - np.cumsum(step * np.cos(bow))
    canvas.line(list(zip(x.tolist(), y.tolist(), strict=True)), fill=(60, 110, 60), width=pen)
    petal = rng.uniform(0.07, 0.1) * min(size)
    colour = _as_colour(_mood_colour(valence) * 0.8 + rng.uniform(0, 60, size=3))
    for angle in np.arange(0.0, 2 * np.pi, np.pi / 3) + rng.rand():
        left, top = x[-1] + petal * 1.2 * np.cos(angle), y[-1] + petal * 1.2 * np.sin(angle)
        canvas.ellipse((left - petal, top - petal, left + petal, top + petal), fill=colour)
    heart = 0.8 * petal
    canvas.ellipse((x[-1] - heart, y[-1] - heart, x[-1] + heart, y[-1] + heart), fill=_INK)


def _pattern(
    canvas: ImageDraw.ImageDraw,
    size: tuple[int, int],
    valence: float,
    pen: int,
    rng: np.random.RandomState,
) -> None:
    width, height = size
    n_rows = rng.randint(4, 7)
    half = width / rng.uniform(4.0, 7.0)
    colours = [_mood_colour(valence) * gain for gain in (0.55, 1.25)]
    for row in range(n_rows):
        shift = rng.uniform(0.0, half)
        for x in np.arange(shift, width + half, 2.4 * half):
            arc = _arc((float(x), height * (row + 0.5) / n_rows), half, 0.8 * valence)
            canvas.line(arc, fill=_as_colour(colours[row % 2]), width=pen, joint="curve")
