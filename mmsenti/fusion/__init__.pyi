from ._feature import make_feature_fusion
from ._modality import default_modalities
from ._project import BlockProjection
from ._scale import BlockScaler
from ._stacking import FusionStackingClassifier, FusionStackingRegressor
from ._strategy import FusionClassifier, FusionRegressor
from ._voting import FusionVotingClassifier, FusionVotingRegressor

__all__ = [
    "BlockProjection",
    "BlockScaler",
    "FusionClassifier",
    "FusionRegressor",
    "FusionStackingClassifier",
    "FusionStackingRegressor",
    "FusionVotingClassifier",
    "FusionVotingRegressor",
    "default_modalities",
    "make_feature_fusion",
]
