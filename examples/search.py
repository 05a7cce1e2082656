"""Search over fusion strategies with the stock GridSearchCV, every file decoded once.

python examples/search.py [features.db]
"""

import sys
import time

import pandas as pd
import sklearn
from sklearn.model_selection import GridSearchCV, StratifiedGroupKFold

from mmsenti.datasets import make_posts
from mmsenti.fusion import FusionClassifier, default_modalities

GRID = [
    {"strategy": ["feature", "hybrid"], "estimator__C": [0.1, 1.0]},
    {"strategy": ["voting"], "rule": ["mean", "product"], "estimator__C": [0.1, 1.0]},
]


def main(store=None):
    posts = make_posts(120, missing_rate=0.1, random_state=0)
    model = FusionClassifier(default_modalities(posts), store=store)
    with sklearn.config_context(enable_metadata_routing=True):  # groups reach the inner folds too
        search = GridSearchCV(model, GRID, cv=StratifiedGroupKFold(3), scoring="neg_log_loss")
        started = time.perf_counter()
        search.fit(posts, posts["label"], groups=posts["author"])
    table = pd.DataFrame(search.cv_results_).sort_values("rank_test_score")
    columns = {f"param_{name}": name for name in ("strategy", "rule", "estimator__C")}
    table = table.rename(columns=columns)[[*columns.values(), "mean_test_score"]]
    print(table.round(3).fillna("").to_string(index=False))
    seconds = time.perf_counter() - started
    print(f"\n{len(table)} candidates x 3 folds in {seconds:.1f} s; each cell was read once.")


if __name__ == "__main__":
    main(*sys.argv[1:])
