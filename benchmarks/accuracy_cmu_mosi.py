"""Transcripts and ready-made audio features of CMU-MOSI, on its official split.

    python benchmarks/accuracy_cmu_mosi.py FOLDER

FOLDER holds ``manifest.csv`` (columns text, label, video, split, feature_row) and ``audio.npy`` of
shape (n_rows, n_features). The table shows each modality alone, each strategy with its controls,
and a row whose strategy and regularisation are chosen inside the training rows.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from protocol import Corpus, arguments, compare, format_table

from mmsenti.datasets import load_manifest
from mmsenti.fusion import BlockScaler, default_modalities

GRID = {"strategy": ["feature", "voting"], "estimator__C": [0.25, 1.0]}


def load(folder):
    """Read the corpus; the audio features become the columns audio_00, audio_01, ..."""
    table = load_manifest(Path(folder, "manifest.csv"), groups="video")
    audio = np.load(Path(folder, "audio.npy"), allow_pickle=False)[table["feature_row"].astype(int)]
    names = [f"audio_{i:02d}" for i in range(audio.shape[1])]
    table = pd.concat([table, pd.DataFrame(audio, columns=names)], axis=1)
    train = (table["split"] == "train").to_numpy()
    folds = [(np.flatnonzero(train), np.flatnonzero(~train))]
    modalities = [*default_modalities({"text": "text"}), ("audio", BlockScaler(), names)]
    y, groups = table["label"].to_numpy(str), table["video"].to_numpy(str)
    return Corpus(table, y, groups, folds, modalities)


def main(argv=None):
    args = arguments(__doc__, argv)
    corpus = load(args.folder)
    results = compare(corpus, rows=args.rows, grid=GRID, n_jobs=args.n_jobs)
    print(format_table(corpus, results, base="text", n_resamples=args.resamples))
    return 0


if __name__ == "__main__":
    sys.exit(main())
