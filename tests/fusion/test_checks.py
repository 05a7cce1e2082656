"""scikit-learn's own checks of every fusion, on numbers.

The modalities pass their columns through, since a StandardScaler takes no sample weights and so
would fail the checks of these by itself.
"""

import pytest
from sklearn.utils.estimator_checks import estimator_checks_generator, parametrize_with_checks

from mmsenti.fusion import (
    FusionClassifier,
    FusionRegressor,
    FusionStackingClassifier,
    FusionStackingRegressor,
    FusionVotingClassifier,
    FusionVotingRegressor,
)

MODALITIES = [("left", "passthrough", slice(0, 1)), ("right", "passthrough", slice(1, None))]
STRATEGIES = ("feature", "voting", "stacking", "hybrid")
ESTIMATORS = [
    FusionVotingClassifier(MODALITIES),
    FusionVotingRegressor(MODALITIES),
    FusionStackingClassifier(MODALITIES, cv=3),
    FusionStackingRegressor(MODALITIES, cv=3),
    *(FusionClassifier(MODALITIES, strategy=strategy, cv=3) for strategy in STRATEGIES),
    *(FusionRegressor(MODALITIES, strategy=strategy, cv=3) for strategy in STRATEGIES),
]


@parametrize_with_checks(ESTIMATORS)  # none is excused
def test_scikit_learn(estimator, check):
    check(estimator)


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda e: type(e).__name__)
def test_the_checks_run(estimator):
    assert sum(1 for _ in estimator_checks_generator(estimator)) >= 40
