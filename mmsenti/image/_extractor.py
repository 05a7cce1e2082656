"""ImageFeatures: the scikit-learn transformer of the image modality."""

from numbers import Integral
from typing import Any

from mmsenti._base import Extractor, name_descriptors
from mmsenti._descriptor import Descriptor
from mmsenti._params import Interval
from mmsenti.image._affect import Affect
from mmsenti.image._color import ColorHistogram, ColorMoments
from mmsenti.image._composition import Composition
from mmsenti.image._cooccurrence import GLCM
from mmsenti.image._gradient import HOG
from mmsenti.image._picture import Picture
from mmsenti.image._texture import LBP

__all__ = ["ImageFeatures", "make_image_features"]


class ImageFeatures(Extractor):
    """Turn a column of pictures into features of colour, gradients and texture.

    Parameters
    ----------
    descriptors : list of (str, Descriptor), default=None
        What to compute; "drop" in place of a descriptor leaves it out. None is the standard list
        ``colorhistogram``, ``colormoments``, ``affect``, ``hog`` (over the thirds of a picture),
        ``lbp``, ``glcm`` and ``composition``: 287 features.
    size : int, in pixels, default=128
        Side of the square that each picture is resized to. `HOG` has a size of its own, which
        decides its number of features.
    draft : bool, default=False
        Decode a JPEG at the smallest of 1/2, 1/4 and 1/8 of its size that still covers `size`:
        several times faster on large photos, numbers that differ a little.
    on_error : {"raise", "missing"}, default="raise"
        Whether a picture that cannot be read is an error or a row of NaN, as a missing one is.
    max_pixels : int, default=50_000_000
        Largest width x height of a picture, judged before it is decoded.
    n_jobs : int, default=None
        Number of joblib workers; None is one unless a `joblib.parallel_config` says otherwise.
    store : str, path-like or FeatureStore, default=None
        File in which features are kept for other processes and later runs; see `FeatureStore`.
        None remembers them for the length of the process.
    verbose : int, default=0
        1 shows progress on stderr.

    Attributes
    ----------
    errors_ : list of (int, str, str)
        With ``on_error="missing"``: row, path (or what else the cell is) and reason of each cell
        of the last `transform` that could not be read.

    See Also
    --------
    Picture : What a cell may hold, and how it is decoded.

    Examples
    --------
    >>> import numpy as np
    >>> pictures = [np.zeros((48, 64, 3), dtype=np.uint8), None]
    >>> features = ImageFeatures().set_params(hog="drop").fit_transform(pictures)
    >>> features.shape, bool(np.isnan(features[1]).all())
    ((2, 206), True)
    """

    _parameter_constraints = {
        **Extractor._parameter_constraints,
        "size": [Interval(Integral, 1, None, closed="left")],
        "draft": ["boolean"],
        "max_pixels": [Interval(Integral, 1, None, closed="left")],
    }

    def __init__(
        self,
        descriptors: list[tuple[str, Descriptor]] | None = None,
        *,
        size: int = 128,
        draft: bool = False,
        on_error: str = "raise",
        max_pixels: int = 50_000_000,
        n_jobs: int | None = None,
        store: Any = None,
        verbose: int = 0,
    ) -> None:
        self.descriptors = descriptors
        self.size = size
        self.draft = draft
        self.on_error = on_error
        self.max_pixels = max_pixels
        self.n_jobs = n_jobs
        self.store = store
        self.verbose = verbose

    @staticmethod
    def _standard_descriptors() -> list[Descriptor]:
        # Gradients of thirds: finer cells have many columns, of which a few thousand rows learn
        # little.
        return [
            ColorHistogram(),
            ColorMoments(),
            Affect(),
            HOG(pixels_per_cell=42, cells_per_block=3),
            LBP(n_points=16, radius=2),
            GLCM(),
            Composition(),
        ]

    def _make_sample(self, cell: Any) -> Picture:
        return Picture(cell, size=self.size, max_pixels=self.max_pixels, draft=self.draft)


def make_image_features(*descriptors: Descriptor, **params: Any) -> ImageFeatures:
    """Build an `ImageFeatures` whose descriptors are named after their classes.

    Parameters
    ----------
    *descriptors : Descriptor
    **params : dict
        The other parameters of `ImageFeatures`.

    Returns
    -------
    ImageFeatures

    Examples
    --------
    >>> make_image_features(HOG(), LBP(), size=64).get_params(deep=False)["descriptors"]
    [('hog', HOG()), ('lbp', LBP())]
    """
    return ImageFeatures(name_descriptors(descriptors), **params)
