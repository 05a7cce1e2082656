"""Multimodal sentiment analysis for people who use scikit-learn.

One row is one sample, one column is one modality::

    row of a table     text: str      image: path, bytes, array    audio: path, bytes, array
                         |                     |                             |
    sample             Document             Picture                        Clip
                         |                     |                             |
    descriptors        Lexicon ...          HOG ...                        MFCC ...
                         |                     |                             |
    extractor          TextFeatures         ImageFeatures                  AudioFeatures
                         |                     |                             |
    scikit-learn       everything that learns: TF-IDF, imputing, scaling, models
                         |                     |                             |
    fusion             feature-level: one model | model-level: voting, stacking | hybrid
                                               |
    predict            labels or intensities, from whatever modalities a row has
                                               |
    evaluation         compare strategies beside controls, explain a prediction, report

Conventions
-----------
A missing cell is None, NaN or a blank string. Extractors learn nothing and give float32; a
missing cell is a row of NaN. Whatever learns is scikit-learn's own and is fitted inside the fold.
"""

import lazy_loader as _lazy

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=["audio", "datasets", "evaluation", "fusion", "image", "text"],
    submod_attrs={
        "_descriptor": ["Descriptor"],
        "frozen": ["freeze", "load_frozen"],
        "persistence": ["load", "save"],
        "store": ["FeatureStore"],
        "streaming": ["iter_features"],
    },
)
