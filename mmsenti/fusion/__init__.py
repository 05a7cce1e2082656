"""Fusion: what several modalities say of one sample, made one prediction.

Feature-level fusion joins the features of all modalities in front of one model. Model-level
fusion fits a model per modality and combines them, by voting or by stacking; hybrid fusion is a
stacking whose final model sees the features too.

Conventions
-----------
A modality is a triple ``(name, transformer, column)``, as in ColumnTransformer. A table is a
DataFrame, an array, one dict or a list of dicts; a row may lack any modality, at fit and at
predict. A row that has none is given the training prior, with one warning. ``groups`` name the
speaker, author or clip that must not be split, and reach every inner fold.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submod_attrs={
        "_feature": ["make_feature_fusion"],
        "_modality": ["default_modalities"],
        "_project": ["BlockProjection"],
        "_scale": ["BlockScaler"],
        "_stacking": ["FusionStackingClassifier", "FusionStackingRegressor"],
        "_strategy": ["FusionClassifier", "FusionRegressor"],
        "_voting": ["FusionVotingClassifier", "FusionVotingRegressor"],
    },
)
