"""The same script on a cluster: extraction and a search over two worker processes of Dask."""

import joblib
import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV

import mmsenti._base
from mmsenti.datasets import make_posts
from mmsenti.fusion import FusionClassifier
from mmsenti.image import ColorMoments, make_image_features

distributed = pytest.importorskip("distributed", reason="needs the extra dask")


@pytest.fixture(scope="module")
def client():
    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    )
    with cluster, distributed.Client(cluster) as client:
        yield client


@pytest.mark.filterwarnings("ignore")
def test_extraction(client):
    posts = make_posts(60, modalities=("image",), random_state=0)
    extractor = make_image_features(ColorMoments(), n_jobs=2)
    mmsenti._base._memory.clear()
    here = extractor.transform(posts["image"])
    mmsenti._base._memory.clear()
    with joblib.parallel_config(backend="dask"):
        there = extractor.transform(posts["image"])
    np.testing.assert_array_equal(here, there)


@pytest.mark.filterwarnings("ignore")
def test_search(client, tmp_path):
    posts = make_posts(40, modalities=("text", "image"), random_state=0)
    grid = {"strategy": ["feature", "voting"], "estimator__C": [0.1, 1.0]}
    scores = []
    for backend in ("loky", "dask"):
        model = FusionClassifier(store=str(tmp_path / f"{backend}.db"))
        with joblib.parallel_config(backend=backend, n_jobs=2):
            search = GridSearchCV(model, grid, cv=2).fit(posts, posts["label"])
        scores.append(search.cv_results_["mean_test_score"].tolist())
    assert scores[0] == scores[1]
    assert (tmp_path / "dask.db").exists()
