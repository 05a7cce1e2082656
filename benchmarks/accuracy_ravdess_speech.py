"""Acted emotions in speech: RAVDESS, in six folds that keep speakers apart.

    python benchmarks/accuracy_ravdess_speech.py FOLDER

FOLDER holds ``manifest.csv`` with the columns text, audio, label and speaker. The two sentences are
the same for all emotions, so a gain by text would show a fault. Beside the fusions stand linear
models of the voice alone, also relative to each speaker (the statistics of a test speaker are taken
from his or her own rows, without their labels).
"""

import sys
from operator import itemgetter
from pathlib import Path

import sklearn
from bench_audio import egemaps_kinds
from protocol import Corpus, arguments, compare, format_table, predict_out_of_fold
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegressionCV
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from mmsenti.audio import AudioFeatures, GroupStandardScaler
from mmsenti.datasets import load_manifest
from mmsenti.fusion import default_modalities

GRID = {"strategy": ["feature", "voting"], "estimator__C": [0.25, 1.0, 4.0]}


def load(folder, store=None):
    table = load_manifest(Path(folder, "manifest.csv"), groups="speaker")
    y, groups = table["label"].to_numpy(str), table["speaker"].to_numpy(str)
    folds = list(GroupKFold(6).split(table, y, groups))
    text, audio = default_modalities(table, store=store)
    return Corpus(table, y, groups, folds, [audio, text])


def voice_models(store):
    """Models of the voice alone, without and with each speaker's own scale."""
    column = FunctionTransformer(itemgetter("audio"))
    everything, fewer = AudioFeatures(store=store), egemaps_kinds(store=store)
    with sklearn.config_context(enable_metadata_routing=True):
        by_speaker = GroupStandardScaler().set_fit_request(groups=True)
        by_speaker.set_transform_request(groups=True)
        chosen = LogisticRegressionCV(
            Cs=[0.003, 0.01, 0.03, 0.1],
            cv=GroupKFold(5),
            max_iter=2000,
            l1_ratios=(0,),
            scoring="neg_log_loss",
            use_legacy_attributes=False,
        ).set_fit_request(sample_weight=False)
    shrunk = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")
    models = {
        "audio, kinds of eGeMAPS, shrinkage LDA": (fewer, shrunk),
        "audio, shrinkage LDA": (everything, shrunk),
        "audio, LR, C inside": (everything, chosen),
    }
    for scale_name, scaler in (("", StandardScaler()), (", by speaker", by_speaker)):
        for name, (features, model) in models.items():
            steps = column, features, SimpleImputer(), scaler, model
            yield f"{name}{scale_name}", make_pipeline(*steps), bool(scale_name)


def main(argv=None):
    args = arguments(__doc__, argv)
    corpus = load(args.folder, args.store)
    results = compare(corpus, rows=args.rows, grid=GRID, n_jobs=args.n_jobs)
    for row, model, by_group in voice_models(args.store):
        results[row] = predict_out_of_fold(model, corpus, corpus.table, by_group=by_group)
    print(format_table(corpus, results, base="audio", n_resamples=args.resamples))
    return 0


if __name__ == "__main__":
    sys.exit(main())
