"""TinyImage: the gist of a picture, as a thumbnail."""

from numbers import Integral

import numpy as np
from PIL import Image

from mmsenti._descriptor import Descriptor
from mmsenti._params import Interval
from mmsenti.image._colorspace import lab_planes
from mmsenti.image._names import numbered
from mmsenti.image._picture import Picture

__all__ = ["TinyImage"]


class TinyImage(Descriptor):
    """The picture itself in a few pixels, in Lab.

    What is left of a scene at 32 pixels and less is its layout: sky above, a face before a wall,
    a thing on white. People still name it [1]_, and so, to a degree, does a linear model.

    Parameters
    ----------
    side : int, in pixels, default=8
        Of the thumbnail, at most 64.

    Notes
    -----
    ``tiny_l_0_3`` is the lightness, in [0, 100], of row 0 and column 3, ``tiny_a_...`` and
    ``tiny_b_...`` are the colours (green to red, blue to yellow). Made of the working square with
    Pillow's bilinear filter. A plain picture has one colour in all places.

    References
    ----------
    .. [1] A. Torralba, R. Fergus and W. T. Freeman, "80 Million Tiny Images", IEEE Transactions on
       Pattern Analysis and Machine Intelligence 30(11), 2008.
    .. [2] A. Oliva and A. Torralba, "Modeling the Shape of the Scene", International Journal of
       Computer Vision 42(3), 2001.

    Examples
    --------
    >>> from mmsenti.image import Picture
    >>> white = Picture(np.full((9, 9), 255, dtype=np.uint8))
    >>> TinyImage(side=1).compute(white).round(1).tolist()
    [100.0, -0.0, 0.0]
    """

    _parameter_constraints = {"side": [Interval(Integral, 1, 64, closed="both")]}

    def __init__(self, *, side: int = 8) -> None:
        self.side = side

    def get_names(self) -> list[str]:
        """Name the pixels, plane by plane and row by row.

        Returns
        -------
        list of str of length 3 * side ** 2
        """
        places = numbered(self.side)
        return [f"tiny_{plane}_{y}_{x}" for plane in "lab" for y in places for x in places]

    def compute(self, picture: Picture) -> np.ndarray:
        """Make the thumbnail of one picture.

        Parameters
        ----------
        picture : Picture

        Returns
        -------
        ndarray of float32 of shape (3 * side ** 2,)
        """
        side = (self.side, self.side)
        pixels = np.asarray(Image.fromarray(picture.rgb).resize(side, Image.Resampling.BILINEAR))
        return lab_planes(pixels.transpose(2, 0, 1)).ravel()
