"""Fit a fusion in a script: folds that split no author, and what each modality is worth.

python examples/fit.py
"""

from sklearn.model_selection import StratifiedGroupKFold

from mmsenti.datasets import make_posts
from mmsenti.evaluation import ablation
from mmsenti.fusion import FusionClassifier


def main():
    posts = make_posts(200, missing_rate=0.1, random_state=0)
    folds = StratifiedGroupKFold(4, shuffle=True, random_state=0)
    train, test = next(folds.split(posts, posts["label"], posts["author"]))
    learnt, new = posts.iloc[train], posts.iloc[test]
    model = FusionClassifier(strategy="stacking").fit(
        learnt, learnt["label"], groups=learnt["author"]
    )
    print(f"{len(new)} posts of new authors: accuracy {model.score(new, new['label']):.2f}\n")
    worth = ablation(model, new, new["label"])
    print(worth[["without", "ablation", "permutation"]].round(3).to_string())


if __name__ == "__main__":
    main()
