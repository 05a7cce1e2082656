"""Pictures to handcrafted features: colour, gradients and texture.

Conventions
-----------
A sample is a `Picture`: decoded once, turned upright, laid on white where it is transparent, and
resized to a square of `size` x `size` pixels, whatever its shape. Views are (height, width, 3)
uint8 RGB in 0..255, (height, width) uint8 gray in 0..255, HSV in [0, 1], and Lab with L in
[0, 100]. Pixels are counted from the top left, rows (y) before columns (x). A picture of one
colour has no gradient, no spread and no skewness: those features are 0.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submod_attrs={
        "_affect": ["Affect"],
        "_color": ["ColorHistogram", "ColorMoments"],
        "_composition": ["Composition"],
        "_cooccurrence": ["GLCM"],
        "_extractor": ["ImageFeatures", "make_image_features"],
        "_gradient": ["HOG"],
        "_picture": ["Picture"],
        "_texture": ["LBP"],
        "_tiny": ["TinyImage"],
    },
)
