from ._color import ColorHistogram, ColorMoments
from ._extractor import ImageFeatures, make_image_features
from ._gradient import HOG
from ._picture import Picture
from ._texture import LBP

__all__ = [
    "HOG",
    "LBP",
    "ColorHistogram",
    "ColorMoments",
    "ImageFeatures",
    "Picture",
    "make_image_features",
]
