"""HSV, Lab and luma of 8-bit RGB, equal to scikit-image's and Pillow's, in whole planes."""

from functools import cache

import numpy as np

__all__ = ["hsv_planes", "lab_planes", "luma_plane"]

# IEC 61966-2-1 (sRGB) to XYZ, and the white point D65 for the 2-degree observer.
_XYZ_FROM_RGB = np.array(
    [[0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169], [0.019334, 0.119193, 0.950227]]
)
_WHITE = np.array([0.95047, 1.0, 1.08883])
_LUMA = np.array([19595, 38470, 7471], dtype=np.float32)  # ITU-R BT.601, in parts of 65536
_LINEAR_BELOW = 0.008856
_LINEAR_SLOPE = 7.787
_TINY = np.float32(1e-20)


def hsv_planes(rgb: np.ndarray) -> np.ndarray:
    """Convert RGB to hue, saturation and value.

    Parameters
    ----------
    rgb : ndarray of uint8 of shape (3, height, width)

    Returns
    -------
    ndarray of float32 of shape (3, height, width)
        Hue in [0, 1) (0 red, 1/3 green, 2/3 blue; 0 for grays), saturation and value in [0, 1].

    Examples
    --------
    >>> yellow = np.array([255, 255, 0], dtype=np.uint8).reshape(3, 1, 1)
    >>> [round(value.item(), 3) for value in hsv_planes(yellow).ravel()]
    [0.167, 1.0, 1.0]
    """
    red, green, blue = rgb.astype(np.int16)
    above, below = np.maximum(green, blue), np.minimum(green, blue)
    value = np.maximum(red, above)
    delta = value - np.minimum(red, below)
    third_turn = delta + delta
    full_turn = third_turn * np.int16(3)
    # From red towards green, in sixths of delta; where blue is above green, the other way round.
    # By bits, as np.where is ten times slower on real pictures.
    sixths = np.minimum(red, above) - below
    _negate(sixths, red - above, third_turn)
    _negate(sixths, green - blue, full_turn)
    planes = np.empty(rgb.shape, dtype=np.float32)
    divisor = np.empty(value.shape, dtype=np.float32)
    for plane, dividend, by in zip(planes, (sixths, delta), (full_turn, value), strict=False):
        # Copied before, as a division that converts on its way takes twice as long.
        np.copyto(plane, dividend)
        np.copyto(divisor, by)
        divisor += _TINY  # where it is 0 the dividend is, too; a whole number stays what it is
        plane /= divisor
    np.copyto(planes[2], value)
    planes[2] /= np.float32(255)
    return planes


def _negate(angle: np.ndarray, sign: np.ndarray, turn: np.ndarray) -> None:
    """Replace angles by `turn` minus themselves where `sign` is negative; `sign` is used up."""
    sign >>= 15  # all bits are those of the sign now
    angle ^= sign
    angle -= sign
    angle += sign & turn


def luma_plane(rgb: np.ndarray) -> np.ndarray:
    """Weigh red, green and blue by ITU-R BT.601, exactly as Pillow's mode "L" does.

    Parameters
    ----------
    rgb : ndarray of uint8 of shape (3, height, width)

    Returns
    -------
    ndarray of uint8 of shape (height, width)

    Examples
    --------
    >>> luma_plane(np.array([255, 0, 0], dtype=np.uint8).reshape(3, 1, 1)).item()
    76
    """
    # All sums are whole numbers below 2 ** 24, which single precision holds exactly.
    luma = np.einsum("i,ijk->jk", _LUMA, rgb.astype(np.float32))
    luma += np.float32(32768)
    luma *= np.float32(1 / 65536)
    return luma.astype(np.uint8)


def lab_planes(rgb: np.ndarray) -> np.ndarray:
    """Convert sRGB to CIE L*a*b* under D65.

    Parameters
    ----------
    rgb : ndarray of uint8 of shape (3, height, width)

    Returns
    -------
    ndarray of float32 of shape (3, height, width)
        L in [0, 100]; a (green to red) and b (blue to yellow) within [-128, 128].

    Examples
    --------
    >>> white = np.full((3, 1, 1), 255, dtype=np.uint8)
    >>> bool(np.abs(lab_planes(white).ravel() - [100, 0, 0]).max() < 0.01)
    True
    """
    linear = np.empty(rgb.shape, dtype=np.float32)
    # Levels are never beyond the table, and with "clip" numpy writes where it is told to at once.
    _linear_table().take(rgb, out=linear, mode="clip")
    weights = (_XYZ_FROM_RGB / _WHITE[:, np.newaxis]).astype(np.float32)
    # Not a matrix product, whose last bit may depend on the number of BLAS threads.
    xyz = np.einsum("ij,jhw->ihw", weights, linear)
    x, y, z = _perceived(xyz)
    planes, share = linear, xyz[0]
    np.multiply(y, np.float32(116), out=planes[0])
    planes[0] -= np.float32(16)
    np.multiply(np.subtract(x, y, out=share), np.float32(500), out=planes[1])
    np.multiply(np.subtract(y, z, out=share), np.float32(200), out=planes[2])
    return planes


def _perceived(xyz: np.ndarray) -> np.ndarray:
    """Apply CIE's cube root with its straight start; `xyz` is used up."""
    # The start is the tangent at its end, so the two parts may be added instead of chosen from.
    # With two limits by vector instructions; with one, or as a maximum, in three times the time.
    root = np.clip(xyz, np.float32(_LINEAR_BELOW), np.inf)
    xyz -= root
    xyz *= np.float32(_LINEAR_SLOPE)
    # By numpy's vector instructions; its own cube root has none, and takes five times as long.
    np.log(root, out=root)
    root *= np.float32(1 / 3)
    np.exp(root, out=root)
    root += xyz
    return root


@cache
def _linear_table() -> np.ndarray:
    """Undo sRGB's gamma for each of the 256 levels."""
    level = np.arange(256) / 255
    linear = np.where(level > 0.04045, ((level + 0.055) / 1.055) ** 2.4, level / 12.92)
    return linear.astype(np.float32)
