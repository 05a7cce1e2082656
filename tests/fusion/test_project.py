"""Projection of a block onto what goes together with the target."""

import numpy as np
import pytest
from sklearn.cross_decomposition import CCA, PLSRegression
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from mmsenti.fusion import BlockProjection, BlockScaler, FusionClassifier


@parametrize_with_checks([BlockProjection(1)])
def test_scikit_learns_checks(estimator, check):
    check(estimator)


@pytest.fixture
def block():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, 90)
    X = rng.normal(size=(90, 8))
    X[:, 2] += 2 * y
    return X, y


@pytest.mark.parametrize(("method", "kind"), [("pls", PLSRegression), ("cca", CCA)])
def test_it_is_scikit_learns_projection_of_indicators(block, method, kind):
    X, y = block
    indicators = np.eye(3)[y]
    expected = kind(n_components=2).fit(X, indicators).transform(X)
    projection = BlockProjection(2, method)
    np.testing.assert_allclose(projection.fit(X, y).transform(X), expected)
    labels = np.array(["low", "middle", "top"])[y]
    np.testing.assert_allclose(projection.fit(X, labels).transform(X), expected)
    assert projection.get_feature_names_out().tolist() == [
        "blockprojection0",
        "blockprojection1",
    ]


def test_values_are_a_target_too(block):
    X, _ = block
    values = X[:, 0] + 0.1
    expected = PLSRegression(n_components=1).fit(X, values).transform(X)
    np.testing.assert_allclose(BlockProjection(1).fit_transform(X, values), expected)
    assert abs(np.corrcoef(expected[:, 0], values)[0, 1]) > 0.9


def test_a_modality_may_be_projected_before_it_is_joined(block):
    import pandas as pd

    X, y = block
    table = pd.DataFrame(X, columns=[f"c{i}" for i in range(8)])
    projected = make_pipeline(BlockProjection(1), BlockScaler())
    modalities = [("block", projected, list(table)), ("other", "passthrough", ["c5"])]
    for strategy in ("feature", "voting", "stacking"):
        model = FusionClassifier(modalities, strategy=strategy).fit(table, y)
        assert model.score(table, y) > 0.7
