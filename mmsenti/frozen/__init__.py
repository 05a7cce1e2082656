"""Frozen models: a fitted fusion as plain numbers, which predicts without scikit-learn.

`freeze` writes what a fitted model has learnt into one file of arrays and JSON; `load_frozen` gives
an object that predicts from it with numpy, and with Pillow or soundfile where there are pictures
or compressed sounds. Nothing in such a file is ever run.

Conventions
-----------
Decoding, descriptors, tokens, voting rules and what stands for missing modalities are the very code
that training uses. Scalers and imputers are applied in the precision of the fit, so that a frozen
model's probabilities are those of the full one to the last digits. The order of classes, ties,
limits, ``on_error`` and errors are the full model's.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submod_attrs={
        "_freeze": ["freeze"],
        "_load": ["load_frozen"],
        "_model": ["FrozenClassifier", "FrozenRegressor"],
    },
)
