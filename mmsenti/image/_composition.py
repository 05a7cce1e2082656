"""Composition: where in a picture there is something to see, and how sharp it is."""

import numpy as np

from mmsenti._descriptor import Descriptor
from mmsenti.image._picture import Picture
from mmsenti.image._tiles import tile_means

__all__ = ["Composition", "blur", "symmetry"]

_STRONG = 40  # gray levels over two pixels from which a step is an edge
_BLOCK = 8  # pixels; about a line of writing in a picture of 128
_CELLS = [
    *("top_left", "top", "top_right"),
    *("left", "middle", "right"),
    *("bottom_left", "bottom", "bottom_right"),
]
_LAYOUT = ("l_mean", "a_mean", "b_mean", "saturation_mean", "l_std")


class Composition(Descriptor):
    """Aspect, rule of thirds, symmetry, edges, sharpness, writing, margins and a 3 x 3 layout.

    Parameters
    ----------
    None

    Notes
    -----
    Each name below begins with ``composition_``. Edges are gray-level differences of the two
    neighbours along a line or column; all is measured in the square of working size, whose sides
    are taken as 0 to 1.

    - ``aspect``: log(width / height) of the original, 0 for a square, negative for portraits.
    - ``symmetry_x``, ``symmetry_y``: Pearson's correlation of the gray levels with their mirror
      image, left to right and top to bottom, in [-1, 1]; 1 for a plain picture.
    - ``edge_density``: share of pixels with an edge of 40 gray levels and more.
    - ``edge_x``, ``edge_y``, ``edge_spread``: centre of the edges' energy, and the root of its mean
      squared distance from there [2]_; the middle and 0 for a plain picture.
    - ``edge_slant``: horizontal over all edges' energy, in [0, 1]; 0.5 for a plain picture.
    - ``thirds``: share of the edges' energy around the four crossings of the lines of thirds,
      within a twelfth of the sides [1]_; 1/9 where it is spread evenly, or is none.
    - ``blur``: 1 minus what remains of differences when blurred once more [3]_, in [0, 1]; 1 for
      a plain picture.
    - ``sharpness``: log(1 + variance of the Laplacian) [4]_; 0 for a plain picture.
    - ``depth_of_field``: share of the Laplacian's energy in the inner four of sixteen tiles [1]_;
      above 1/4 where the middle is sharper than the rest; 1/4 for a plain picture.
    - ``text``: share of blocks of 8 pixels that are crossed by many edges up as well as down, as
      writing is.
    - ``white_share``, ``black_share``: pixels above 245 and below 10 gray levels.
    - ``margin_std``: standard deviation of the outermost pixels in gray levels, low for products
      on white and for posters.
    - ``entropy``: Shannon entropy of the 256 gray levels, in bits.
    - ``top_left_l_mean`` to ``bottom_right_l_std``: the mean of L, a, b (Lab) and saturation and
      the standard deviation of L in the nine cells between the lines of thirds.

    References
    ----------
    .. [1] R. Datta, D. Joshi, J. Li and J. Z. Wang, "Studying Aesthetics in Photographic Images
       Using a Computational Approach", ECCV 2006.
    .. [2] Y. Ke, X. Tang and F. Jing, "The Design of High-Level Features for Photo Quality
       Assessment", CVPR 2006.
    .. [3] F. Crete, T. Dolmiere, P. Ladret and M. Nicolas, "The Blur Effect: Perception and
       Estimation with a New No-Reference Perceptual Blur Metric", Human Vision and Electronic
       Imaging XII, 2007.
    .. [4] J. L. Pech-Pacheco et al., "Diatom Autofocusing in Brightfield Microscopy: a Comparative
       Study", ICPR 2000.

    Examples
    --------
    >>> from mmsenti.image import Picture
    >>> composition = Composition()
    >>> picture = Picture(np.zeros((50, 100, 3), dtype=np.uint8))
    >>> named = dict(zip(composition.get_names(), composition.compute(picture).round(2).tolist()))
    >>> named["composition_aspect"], named["composition_black_share"]
    (0.69, 1.0)
    """

    feature_version = 1

    def get_names(self) -> list[str]:
        """Name the features.

        Returns
        -------
        list of str of length 62
        """
        single = [
            *("aspect", "symmetry_x", "symmetry_y"),
            *("edge_density", "edge_x", "edge_y", "edge_spread", "edge_slant", "thirds"),
            *("blur", "sharpness", "depth_of_field", "text"),
            *("white_share", "black_share", "margin_std", "entropy"),
        ]
        layout = [f"{cell}_{name}" for cell in _CELLS for name in _LAYOUT]
        return [f"composition_{name}" for name in single + layout]

    def compute(self, picture: Picture) -> np.ndarray:
        """Measure a picture.

        Parameters
        ----------
        picture : Picture

        Returns
        -------
        ndarray of float64 of shape (62,)
        """
        gray = picture.gray.astype(np.float32)
        levels = np.bincount(picture.gray.ravel(), minlength=256) / gray.size
        margin = np.concatenate([gray[0], gray[-1], gray[1:-1, 0], gray[1:-1, -1]])
        filled = levels[levels > 0]
        return np.array(
            [
                np.log(picture.width / picture.height),
                *symmetry(gray),
                *_edges(gray),
                blur(gray),
                *_sharpness(gray),
                _writing(picture.gray),
                levels[246:].sum(),
                levels[:10].sum(),
                margin.std(dtype=np.float64),
                -float(filled @ np.log2(filled)),
                *_layout(picture),
            ]
        )


def symmetry(gray: np.ndarray) -> tuple[float, float]:
    """Correlate a picture with its mirror images.

    Parameters
    ----------
    gray : ndarray of float of shape (height, width)

    Returns
    -------
    (float, float)
        Left to right and top to bottom, in [-1, 1]; 1.0 for a plain picture.

    Examples
    --------
    >>> symmetry(np.array([[0.0, 1.0], [0.0, 1.0]]))
    (-1.0, 1.0)
    """
    centred = gray - gray.mean(dtype=np.float64)
    energy = float((centred * centred).sum())
    if energy < 1e-9 * gray.size:
        return 1.0, 1.0
    mirrored = (centred[:, ::-1], centred[::-1])
    x, y = (float((centred * mirror).sum()) / energy for mirror in mirrored)
    return x, y


def blur(gray: np.ndarray, width: int = 9) -> float:
    """Measure how little a picture changes when it is blurred once more.

    Parameters
    ----------
    gray : ndarray of float32 of shape (height, width)
    width : int, in pixels, default=9
        Length of the mean that blurs, odd.

    Returns
    -------
    float
        In [0, 1], the larger of both directions; 1.0 for a plain picture, and for one that is
        smaller than the mean is long.

    Examples
    --------
    >>> blur(np.zeros((20, 20))), round(blur(np.tile([0.0, 9.0], (20, 10))), 2)
    (1.0, 0.11)
    """
    directions = (gray, gray.T)
    # A picture that is plain along one direction tells nothing of its sharpness there.
    found = [value for value in (_blur_along(g, width) for g in directions) if value is not None]
    return max(found, default=1.0)


def _blur_along(gray: np.ndarray, width: int) -> float | None:
    half = width // 2
    if len(gray) < width + 1:
        return None
    # A mean over `width` pixels changes by the difference of the two ends over their number.
    soft = np.abs(gray[width:] - gray[:-width]) / width
    sharp = np.abs(np.diff(gray[half : len(gray) - half], axis=0))
    total = float(sharp.sum(dtype=np.float64))
    return 1 - float(np.maximum(sharp - soft, 0).sum()) / total if total > 0 else None


def _steps(gray: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Differences of the neighbours of each inner pixel, along lines and along columns."""
    return gray[1:-1, 2:] - gray[1:-1, :-2], gray[2:, 1:-1] - gray[:-2, 1:-1]


def _edges(gray: np.ndarray) -> list[float]:
    if min(gray.shape) < 3:
        return [0.0, 0.5, 0.5, 0.0, 0.5, 1 / 9]
    across, along = _steps(gray)
    across *= across
    along *= along
    energy = across + along
    total = float(energy.sum(dtype=np.float64))
    density = float((energy >= _STRONG**2).mean())
    if total == 0:
        return [density, 0.5, 0.5, 0.0, 0.5, 1 / 9]
    height, width = energy.shape
    x, y = (np.arange(width) + 0.5) / width, (np.arange(height) + 0.5) / height
    of_x, of_y = (energy.sum(axis=i, dtype=np.float64) / total for i in (0, 1))
    center_x, center_y = float(of_x @ x), float(of_y @ y)
    spread = np.sqrt(of_x @ (x - center_x) ** 2 + of_y @ (y - center_y) ** 2)
    rows, columns = (np.abs(np.abs(c - 0.5) - 1 / 6) <= 1 / 12 for c in (y, x))
    thirds = float(rows @ energy @ columns) / total
    slant = float(across.sum(dtype=np.float64)) / total
    return [density, center_x, center_y, float(spread), slant, thirds]


def _sharpness(gray: np.ndarray) -> tuple[float, float]:
    """Log variance of the Laplacian, and the share of its energy in the middle."""
    if min(gray.shape) < 6:
        return 0.0, 0.25
    middle = gray[1:-1, 1:-1]
    laplacian = gray[1:-1, 2:] + gray[1:-1, :-2] + gray[2:, 1:-1] + gray[:-2, 1:-1] - 4 * middle
    energy = laplacian * laplacian
    total = float(energy.sum(dtype=np.float64))
    if total == 0:
        return 0.0, 0.25
    height, width = energy.shape
    inner = energy[height // 4 : height - height // 4, width // 4 : width - width // 4]
    variance = total / energy.size - float(laplacian.mean(dtype=np.float64)) ** 2
    return float(np.log1p(max(variance, 0.0))), float(inner.sum(dtype=np.float64)) / total


def _writing(gray: np.ndarray) -> float:
    """Share of blocks that strong edges cross often, upwards and downwards."""
    steps = np.diff(gray.astype(np.int16), axis=1)
    height, width = len(steps) // _BLOCK * _BLOCK, steps.shape[1] // _BLOCK * _BLOCK
    if not height or not width:
        return 0.0
    steps = steps[:height, :width]
    ups, downs = (
        # Lines first, whole ones, and in bytes: no block has more than 64 edges.
        flags.reshape(-1, _BLOCK, width).sum(axis=1, dtype=np.uint8).reshape(-1, _BLOCK).sum(axis=1)
        for flags in (steps >= _STRONG, steps <= -_STRONG)
    )
    return float((np.minimum(ups, downs) >= _BLOCK // 2).mean())


def _layout(picture: Picture) -> np.ndarray:
    """Mean colour and spread of lightness in nine cells, cell by cell."""
    lab = picture.lab.transpose(2, 0, 1)
    # In single precision the squares of a flat bright cell would leave a spread of rounding.
    planes = [lab, picture.hsv[np.newaxis, :, :, 1], np.square(lab[:1], dtype=np.float64)]
    size = picture.size
    if size < 3:  # every cell needs a pixel
        planes = [plane.repeat(3, axis=1).repeat(3, axis=2) for plane in planes]
        size *= 3
    edges = (0, size // 3, size - size // 3, size)
    means = np.concatenate([tile_means(plane, edges) for plane in planes])
    means[4] = np.sqrt(np.maximum(means[4] - means[0] ** 2, 0.0))
    return means.T.ravel()
