"""Bring the pixels of any mode or dtype to 8 bits, and to an RGB square of the working size."""

from collections.abc import Callable

import numpy as np
from PIL import Image

from mmsenti.image._decode import PillowErrors, Upright

__all__ = ["image_of_array", "working_rgb"]

_ROWS_AT_ONCE = 256  # keeps the temporaries of a large picture small
_FILTER = Image.Resampling.BILINEAR


def working_rgb(picture: Upright, size: int) -> np.ndarray:
    """Make the working square: 8-bit RGB, on white, resized, upright.

    Parameters
    ----------
    picture : Upright
    size : int, in pixels

    Returns
    -------
    ndarray of uint8 of shape (size, size, 3)

    Raises
    ------
    ValueError
        For pixels whose range is not known.
    """
    image = _eight_bit(picture.image)
    with PillowErrors(image.format):
        image, side = _blendable(image), (size, size)
        # Whole steps of the reduction by plain means first, three times as fast as the filter;
        # the triangle filter is as wide as what is left of it: no pixel is skipped.
        image = image.resize(side, _FILTER, reducing_gap=1.0)
        if picture.turn is not None:
            image = image.transpose(picture.turn)
        if image.mode == "L":
            image = image.convert("RGB")
        pixels = np.asarray(image)
    return _on_white(pixels) if image.mode == "RGBa" else pixels


def image_of_array(array: np.ndarray) -> Image.Image:
    """Make a Pillow image of an array.

    Parameters
    ----------
    array : ndarray of shape (height, width), or (height, width, 1), (..., 3) or (..., 4)
        uint8 in 0..255, uint16 in 0..65535, bool, or float in [0, 1]; gray, RGB or RGBA.

    Returns
    -------
    PIL.Image.Image

    Raises
    ------
    ValueError
        For another shape, another dtype, and for floats outside [0, 1].
    """
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (1, 3, 4)):
        raise ValueError(
            "expected an array of shape (height, width) or (height, width, 1, 3 or 4), "
            f"got {array.shape}."
        )
    if array.size == 0:
        raise ValueError(f"a picture without pixels (array of shape {array.shape}).")
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    return Image.fromarray(np.ascontiguousarray(_bytes_of(array)))


def _eight_bit(image: Image.Image) -> Image.Image:
    """Scale the modes that hold more than 8 bits a channel; Pillow would cut them off."""
    if image.mode.startswith("I;16"):
        return Image.fromarray(_bytes_of(np.asarray(image)))
    if image.mode == "F":
        return Image.fromarray(_bytes_of(np.asarray(image)))
    if image.mode == "I":
        low, high = image.getextrema()
        if low < 0 or high > 255:
            raise ValueError(
                f"32-bit whole numbers from {low} to {high}, whose range is not known. "
                "Save the picture with 8 or 16 bits a channel."
            )
        return Image.fromarray(np.asarray(image).astype(np.uint8))
    return image


def _bytes_of(array: np.ndarray) -> np.ndarray:
    if array.dtype == np.uint8:
        return array
    if array.dtype == bool:
        return array.astype(np.uint8) * 255
    if array.dtype.kind == "u" and array.dtype.itemsize == 2:
        return _by_rows(array, _scale_uint16)
    if array.dtype.kind == "f":
        _check_unit_range(array)
        return _by_rows(array, _scale_float)
    raise ValueError(
        f"expected an array of uint8, uint16, bool or float, got {array.dtype}. "
        "Pass array.astype(np.uint8) if its values are in 0..255."
    )


def _check_unit_range(array: np.ndarray) -> None:
    low, high = array.min(), array.max()
    if not (np.isfinite(low) and np.isfinite(high)):
        raise ValueError("expected floats in [0, 1], got NaN or infinity.")
    if low < 0 or high > 1:
        raise ValueError(
            f"expected floats in [0, 1], got {low:.6g} to {high:.6g}, whose scale would be a "
            "guess. Scale them, or pass uint8 in 0..255."
        )


def _by_rows(array: np.ndarray, scale: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    scaled = np.empty(array.shape, dtype=np.uint8)
    for start in range(0, len(array), _ROWS_AT_ONCE):
        rows = slice(start, start + _ROWS_AT_ONCE)
        scaled[rows] = scale(array[rows])
    return scaled


def _scale_uint16(values: np.ndarray) -> np.ndarray:
    # The nearest of v * 255 / 65535, in whole numbers.
    return (values.astype(np.uint32) + 128) // 257


def _scale_float(values: np.ndarray) -> np.ndarray:
    return values.astype(np.float64) * 255 + 0.5


def _blendable(image: Image.Image) -> Image.Image:
    """Convert to a mode in which a mean of pixels is a mean of colours: L, RGB or RGBa."""
    if image.has_transparency_data:
        # Premultiplied, so that the unseen colour of a clear pixel does not bleed.
        return image.convert("RGBA").convert("RGBa")
    if image.mode in ("L", "RGB"):
        return image
    return image.convert("L" if image.mode == "1" else "RGB")


def _on_white(pixels: np.ndarray) -> np.ndarray:
    # Premultiplied colour never exceeds alpha, so this sum stays within 255.
    return pixels[:, :, :3] + (255 - pixels[:, :, 3:])
