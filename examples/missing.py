"""Missing modalities: fit with holes, predict from whatever a row has, and see what holes cost.

python examples/missing.py
"""

import numpy as np

from mmsenti.datasets import make_posts
from mmsenti.evaluation import explain
from mmsenti.fusion import FusionClassifier


def main():
    posts = make_posts(300, missing_rate=0.3, random_state=0)
    new = make_posts(200, random_state=1)
    columns = ["text", "image", "audio"]
    print("share of cells that are missing at prediction:   0 %  30 %  60 %")
    for strategy in ("feature", "voting", "stacking", "hybrid"):
        model = FusionClassifier(strategy=strategy).fit(posts, posts["label"])
        scores, rng = [], np.random.default_rng(0)  # the same holes for each strategy
        for rate in (0.0, 0.3, 0.6):
            gone = rng.random((len(new), 3)) < rate
            gone[gone.all(axis=1), 0] = False  # keep something of each row
            table = new.assign(**{c: new[c].mask(gone[:, i]) for i, c in enumerate(columns)})
            scores.append(model.score(table, new["label"]))
        print(f"{strategy:<47}" + "".join(f"{score:>6.2f}" for score in scores))

    print("\nA post of which there is the text alone:\n")
    print(explain(model, {"text": "thank you all, what a WONDERFUL day :)"}))


if __name__ == "__main__":
    main()
