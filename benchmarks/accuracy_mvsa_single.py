"""Tweets with a picture: MVSA-Single, in five folds that keep near-duplicates together.

    python benchmarks/accuracy_mvsa_single.py FOLDER

FOLDER holds ``manifest.csv`` with the columns text, image, label and group. The table shows each
modality, each strategy with its controls, and one row whose strategy and regularisation are chosen
inside the training folds.
"""

import sys
from pathlib import Path

from protocol import Corpus, arguments, compare, format_table
from sklearn.model_selection import StratifiedGroupKFold

from mmsenti.datasets import load_manifest
from mmsenti.fusion import default_modalities

GRID = {"strategy": ["feature", "hybrid"], "estimator__C": [0.5, 1.0]}


def load(folder, store=None):
    table = load_manifest(Path(folder, "manifest.csv"), groups="group")
    y, groups = table["label"].to_numpy(str), table["group"].to_numpy(str)
    folds = StratifiedGroupKFold(5, shuffle=True, random_state=0).split(table, y, groups)
    return Corpus(table, y, groups, list(folds), default_modalities(table, store=store))


def main(argv=None):
    args = arguments(__doc__, argv)
    corpus = load(args.folder, args.store)
    results = compare(corpus, rows=args.rows, grid=GRID, n_jobs=args.n_jobs)
    print(format_table(corpus, results, base="text", n_resamples=args.resamples))
    return 0


if __name__ == "__main__":
    sys.exit(main())
