from ._affect import Affect
from ._color import ColorHistogram, ColorMoments
from ._composition import Composition
from ._cooccurrence import GLCM
from ._extractor import ImageFeatures, make_image_features
from ._gradient import HOG
from ._picture import Picture
from ._texture import LBP
from ._tiny import TinyImage

__all__ = [
    "GLCM",
    "HOG",
    "LBP",
    "Affect",
    "ColorHistogram",
    "ColorMoments",
    "Composition",
    "ImageFeatures",
    "Picture",
    "TinyImage",
    "make_image_features",
]
