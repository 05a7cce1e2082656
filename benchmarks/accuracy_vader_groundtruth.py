"""Valence of texts in four domains, beside VADER; and NBWeighting beside plain TF-IDF.

    python benchmarks/accuracy_vader_groundtruth.py FOLDER

FOLDER holds ``manifest.csv`` with the columns text, label, valence, group and domain. Five folds
keep the sentences of a review together. For each domain there is a table of the valence, by VADER's
compound score alone and by the default regressor, and one of its sign, by words alone.
"""

import sys
from pathlib import Path

import numpy as np
from protocol import Corpus, Predictions, arguments, format_table, predict_out_of_fold
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, StratifiedGroupKFold
from sklearn.pipeline import Pipeline

from mmsenti.datasets import load_manifest
from mmsenti.fusion import FusionClassifier, FusionRegressor, default_modalities
from mmsenti.text import Lexicon, NBWeighting, TextTfidf, make_text_features


def valence(table, store):
    """Return the corpus of one domain, and the predictions of its valence."""
    y, groups = table["valence"].to_numpy(float), table["group"].to_numpy(str)
    folds = list(GroupKFold(5, shuffle=True, random_state=0).split(table, y, groups))
    modalities = default_modalities({"text": "text"}, store=store)
    corpus = Corpus(table, y, groups, folds, modalities)
    compound = make_text_features(Lexicon()).fit_transform(table["text"])[:, 3]
    compound = np.nan_to_num(compound.astype(np.float64))
    results = {"VADER alone": Predictions(np.arange(len(y)), compound)}
    results["defaults"] = predict_out_of_fold(FusionRegressor(modalities), corpus, table)
    return corpus, results


def sign(table):
    """Return the corpus of one domain, and the predictions of its sign by words alone."""
    y, groups = table["label"].to_numpy(str), table["group"].to_numpy(str)
    folds = list(StratifiedGroupKFold(5, shuffle=True, random_state=0).split(table, y, groups))
    words = TextTfidf(ngram_range=(1, 2), sublinear_tf=True)
    binary = TextTfidf(ngram_range=(1, 2), binary=True, use_idf=False)
    pipelines = {
        "TF-IDF": words,
        "binary": binary,
        "NBWeighting of TF-IDF": Pipeline([("tfidf", words), ("nb", NBWeighting())]),
        "NBWeighting of binary": Pipeline([("tfidf", binary), ("nb", NBWeighting())]),
    }
    corpus = Corpus(table, y, groups, folds, [])
    results = {}
    for name, pipeline in pipelines.items():
        model = FusionClassifier(
            [("text", pipeline, "text")], LogisticRegression(C=1.0, max_iter=1000)
        )
        results[name] = predict_out_of_fold(model, corpus, table)
    return corpus, results


def main(argv=None):
    args = arguments(__doc__, argv)
    table = load_manifest(Path(args.folder, "manifest.csv"), groups="group")
    for domain in table["domain"].unique():
        rows = table[table["domain"] == domain].reset_index(drop=True)
        for task, base, (corpus, results) in (
            ("valence", "VADER alone", valence(rows, args.store)),
            ("sign", "TF-IDF", sign(rows)),
        ):
            print(f"{domain}, {task}, {len(rows)} texts")
            print(format_table(corpus, results, base=base, n_resamples=args.resamples), "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
