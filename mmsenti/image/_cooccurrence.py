"""Co-occurrence: how gray levels stand beside each other."""

from numbers import Integral

import numpy as np

from mmsenti._descriptor import Descriptor
from mmsenti._params import Interval
from mmsenti.image._picture import Picture

__all__ = ["GLCM", "cooccurrence"]

_PROPERTIES = ("contrast", "dissimilarity", "homogeneity", "energy", "correlation", "entropy")


class GLCM(Descriptor):
    """Statistics of the gray-level co-occurrence matrix.

    Pairs of pixels at some distance in the directions 0, 45, 90 and 135 degrees are counted by
    their gray levels, in both orders; the matrices equal those of
    ``skimage.feature.graycomatrix(..., symmetric=True, normed=True)``, the statistics those of
    ``graycoprops``, averaged over the four directions.

    Parameters
    ----------
    levels : int, default=16
        Number of gray levels after coarsening, at most 256.
    distances : tuple of int, in pixels, default=(1, 4)

    Notes
    -----
    For each distance: ``glcm_1_contrast`` (mean squared difference of levels), ``dissimilarity``
    (mean absolute one), ``homogeneity`` in (0, 1], ``energy`` in (0, 1], ``correlation`` in [-1, 1]
    and ``entropy`` in bits. Of a plain picture homogeneity, energy and correlation are 1, the
    others 0; so they are where a picture is not larger than the distance.

    References
    ----------
    .. [1] R. M. Haralick, K. Shanmugam and I. Dinstein, "Textural Features for Image
       Classification", IEEE Transactions on Systems, Man, and Cybernetics 3(6), 1973.

    Examples
    --------
    >>> from mmsenti.image import Picture
    >>> glcm = GLCM(distances=(1,))
    >>> plain = Picture(np.zeros((8, 8), dtype=np.uint8), size=8)
    >>> glcm.compute(plain).tolist()
    [0.0, 0.0, 1.0, 1.0, 1.0, 0.0]
    """

    _parameter_constraints = {
        "levels": [Interval(Integral, 2, 256, closed="both")],
        "distances": [tuple, list],
    }

    def __init__(self, *, levels: int = 16, distances: tuple[int, ...] = (1, 4)) -> None:
        self.levels = levels
        self.distances = distances

    def get_names(self) -> list[str]:
        """Name the statistics, distance by distance.

        Returns
        -------
        list of str
        """
        for distance in self.distances:
            if not isinstance(distance, Integral) or distance < 1:
                raise ValueError(f"distances must be whole numbers from 1 on; got {distance!r}.")
        return [f"glcm_{distance}_{name}" for distance in self.distances for name in _PROPERTIES]

    def compute(self, picture: Picture) -> np.ndarray:
        """Compute the statistics of one picture.

        Parameters
        ----------
        picture : Picture

        Returns
        -------
        ndarray of float64 of shape (6 * n_distances,)
        """
        level_of = np.arange(256) * self.levels // 256
        levels = level_of.astype(np.min_scalar_type(self.levels - 1)).take(picture.gray)
        matrices = [cooccurrence(levels, self.levels, d) for d in self.distances]
        statistics = _statistics(np.concatenate(matrices))
        return statistics.reshape(len(self.distances), -1, len(_PROPERTIES)).mean(axis=1).ravel()


def cooccurrence(gray: np.ndarray, n_levels: int, distance: int = 1) -> list[np.ndarray]:
    """Count pairs of gray levels at a distance, in four directions.

    Parameters
    ----------
    gray : ndarray of int of shape (height, width)
        Below `n_levels`.
    n_levels : int
    distance : int, in pixels, default=1
        Diagonal steps go as far along lines and columns as round(distance * sqrt(1/2)).

    Returns
    -------
    list of ndarray of shape (n_levels, n_levels)
        Symmetric, each with sum 1, at 0, 45, 90 and 135 degrees. The picture's own levels where
        it has no such pairs.

    Examples
    --------
    >>> cooccurrence(np.array([[0, 0], [0, 1]]), 2)[0].tolist()
    [[0.5, 0.25], [0.25, 0.0]]
    """
    height, width = gray.shape
    slant = round(distance * 0.5**0.5)
    # Numbers of pairs in as few bytes as they fit into: most steps below are bound by memory.
    gray = gray.astype(np.min_scalar_type(n_levels**2 - 1), copy=False)
    codes = gray * gray.dtype.type(n_levels)
    matrices = []
    for down, right in ((0, distance), (-slant, slant), (distance, 0), (slant, slant)):
        if abs(down) >= height or right >= width:
            matrices.append(np.diag(np.bincount(gray.ravel(), minlength=n_levels) / gray.size))
            continue
        top, bottom = max(0, -down), height - max(0, down)
        first = codes[top:bottom, : width - right]
        pairs = first + gray[top + down : bottom + down, right:]
        counts = np.bincount(pairs.ravel(), minlength=n_levels**2).reshape(n_levels, n_levels)
        matrices.append((counts + counts.T) / (2 * pairs.size))
    return matrices


def _statistics(matrices: np.ndarray) -> np.ndarray:
    """Compute the properties of symmetric matrices one behind the other: (n_matrices, 6)."""
    flat = matrices.reshape(len(matrices), -1)
    level = np.arange(matrices.shape[1])
    apart = (level[:, np.newaxis] - level).ravel()
    share = matrices.sum(axis=1)  # symmetric: both margins are the same
    centred = level - (share @ level)[:, np.newaxis]
    variance = np.einsum("ij,ij->i", share, centred**2)
    covariance = np.einsum("ij,ijk,ik->i", centred, matrices, centred)
    plain = variance <= 1e-15
    filled = np.where(flat > 0, flat, 1.0)
    return np.stack(
        [
            flat @ apart**2,
            flat @ np.abs(apart),
            flat @ (1 / (1 + apart**2)),
            np.sqrt(np.einsum("ij,ij->i", flat, flat)),
            np.where(plain, 1.0, covariance / np.where(plain, 1.0, variance)),
            # Adding zero turns the -0.0 of a plain picture into 0.0.
            0.0 - np.einsum("ij,ij->i", filled, np.log2(filled)),
        ],
        axis=1,
    )
