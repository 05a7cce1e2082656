"""Transcripts and ready-made audio features of CMU-MOSI, on its official split.

    python benchmarks/accuracy_cmu_mosi.py FOLDER

FOLDER holds ``manifest.csv`` (columns text, label, video, split, feature_row) and ``audio.npy`` of
shape (n_rows, n_features). The table shows each modality alone, each strategy, and beside each
strategy two controls: *shuffled*, the audio features permuted over rows, and *prior*, the audio
features replaced by a constant, which leaves a model of them nothing but the class prior. A gain
that a control shows too is no gain.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from mmsenti._scores import format_scores, score_predictions
from mmsenti.datasets import load_manifest
from mmsenti.fusion import FusionClassifier, default_modalities

STRATEGIES = {
    "feature": {"strategy": "feature"},
    "voting, mean": {"strategy": "voting"},
    "voting, product": {"strategy": "voting", "rule": "product"},
    "voting, weighted": {"strategy": "voting", "rule": "weighted"},
    "stacking": {"strategy": "stacking"},
    "hybrid": {"strategy": "hybrid"},
}


def load(folder):
    """Read the corpus; the audio features become the columns audio_00, audio_01, ..."""
    table = load_manifest(Path(folder, "manifest.csv"), groups="video")
    audio = np.load(Path(folder, "audio.npy"), allow_pickle=False)[table["feature_row"].astype(int)]
    names = [f"audio_{i:02d}" for i in range(audio.shape[1])]
    return pd.concat([table, pd.DataFrame(audio, columns=names)], axis=1), names


def score(model, train, test):
    model.fit(train, train["label"].to_numpy(), groups=train["video"].to_numpy())
    y = test["label"].to_numpy()
    return score_predictions(y, model.predict(test), model.predict_proba(test))


def run(folder, n_jobs=None):
    """Return the table of scores, a mapping of row name to scores."""
    table, names = load(folder)
    text = default_modalities({"text": "text"})[0]
    audio = ("audio", StandardScaler(), names)
    controls = {"": table, "  shuffled": table.copy(), "  prior": table.copy()}
    order = np.random.default_rng(0).permutation(len(table))
    controls["  shuffled"][names] = table[names].to_numpy()[order]
    controls["  prior"][names] = 0.0
    estimator = LogisticRegression(max_iter=2000)
    models = {"text alone": FusionClassifier([text], estimator)}
    models["audio alone"] = FusionClassifier([audio], estimator)
    rows = {name: score(model, *split(table)) for name, model in models.items()}
    for strategy, params in STRATEGIES.items():
        model = FusionClassifier([text, audio], estimator, n_jobs=n_jobs, **params)
        for control, data in controls.items():
            rows[control or strategy] = score(model, *split(data))
            if control:
                rows[f"{control} ({strategy})"] = rows.pop(control)
    return rows


def split(table):
    train = table["split"] == "train"
    return table[train].reset_index(drop=True), table[~train].reset_index(drop=True)


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", metavar="FOLDER")
    parser.add_argument("--n-jobs", type=int, default=None)
    arguments = parser.parse_args(argv)
    print(format_scores(run(arguments.folder, arguments.n_jobs)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
