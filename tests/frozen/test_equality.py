"""A frozen model answers as the full one: strategy x rule x head x what rows lack."""

import warnings
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.feature_selection import SelectKBest, VarianceThreshold, chi2
from sklearn.impute import SimpleImputer
from sklearn.linear_model import (
    Lasso,
    LinearRegression,
    LogisticRegression,
    Ridge,
    RidgeClassifier,
    SGDClassifier,
)
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC, LinearSVR

from mmsenti.audio import AudioFeatures
from mmsenti.fusion import (
    FusionClassifier,
    FusionRegressor,
    FusionStackingClassifier,
    FusionStackingRegressor,
    FusionVotingClassifier,
    FusionVotingRegressor,
    make_feature_fusion,
)
from mmsenti.image import ImageFeatures
from mmsenti.text import TextFeatures, TextTfidf

MODALITIES = ["text", "image", "audio"]
SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
HEADS = {
    "logistic": LogisticRegression(max_iter=1000),
    "linear SVM, sigmoid": CalibratedClassifierCV(LinearSVC(C=0.1), cv=2),
    "linear SVM, isotonic": CalibratedClassifierCV(LinearSVC(C=0.1), method="isotonic", cv=2),
    "ridge, calibrated": CalibratedClassifierCV(RidgeClassifier(), cv=2, ensemble=False),
    "SGD": SGDClassifier(loss="log_loss", random_state=0),
    "scaled": make_pipeline(StandardScaler(with_mean=False), LogisticRegression(max_iter=1000)),
}
STRATEGIES = [
    ("feature", {}),
    ("feature", {"weights": {"text": 2.0, "image": 0.5, "audio": 1.0}}),
    ("voting", {"rule": "weighted"}),
    ("stacking", {}),
    ("hybrid", {}),
]
RULES = ["mean", "product", "max", "min", "median", "majority", "weighted"]


def as_dicts(table):
    """Turn a DataFrame into a list of dicts that leaves missing cells out."""
    return [
        {name: cell for name, cell in row.items() if not (cell is None or cell is pd.NA)}
        for row in table.astype(object).where(table.notna(), None).to_dict("records")
    ]


@pytest.mark.parametrize("head", list(HEADS))
@pytest.mark.parametrize(("strategy", "params"), STRATEGIES)
def test_classifiers(posts, subsets, small_modalities, assert_equal, strategy, params, head):
    model = FusionClassifier(small_modalities, HEADS[head], strategy=strategy, cv=2, **params)
    assert_equal(model.fit(posts, posts["label"]), subsets)


@pytest.mark.parametrize("head", list(HEADS))
def test_every_rule_over_every_head(posts, subsets, small_modalities, assert_equal, head):
    model = FusionVotingClassifier(small_modalities, HEADS[head]).fit(posts, posts["label"])
    for weights in ([1 / 3, 1 / 3, 1 / 3], [3 / 7, 2 / 7, 2 / 7]):
        for rule in RULES:
            # What a rule combines, it has no part in fitting.
            model.set_params(rule=rule).weights_ = np.array(weights)
            assert_equal(model, subsets[::2])


@pytest.mark.parametrize("head", [Ridge(), LinearSVR(max_iter=20_000), Lasso(0.01)])
@pytest.mark.parametrize(
    ("strategy", "rule"),
    [
        ("feature", "mean"),
        *[("voting", rule) for rule in ("mean", "max", "min", "median", "weighted")],
        ("stacking", "mean"),
        ("hybrid", "mean"),
    ],
)
def test_regressors(posts, subsets, small_modalities, assert_equal, strategy, rule, head):
    y = np.where(posts["label"] == "positive", 1.0, -1.0) + np.arange(len(posts)) / 100
    model = FusionRegressor(small_modalities, head, strategy=strategy, rule=rule, cv=2)
    assert_equal(model.fit(posts, y), subsets)


def test_what_the_makers_and_ensembles_return(posts, subsets, small_modalities, assert_equal):
    values = np.linspace(-1, 1, len(posts))
    for model, y in (
        (make_feature_fusion(small_modalities, LogisticRegression(max_iter=1000)), posts["label"]),
        (make_feature_fusion(small_modalities, LinearRegression()), values),
        (FusionVotingClassifier(small_modalities), posts["label"]),
        (FusionVotingRegressor(small_modalities), values),
        (FusionStackingClassifier(small_modalities, cv=2), posts["label"]),
        (FusionStackingRegressor(small_modalities, cv=2), values),
    ):
        assert_equal(model.fit(posts, y), subsets)


@pytest.mark.parametrize("strategy", ["feature", "voting", "stacking", "hybrid"])
def test_the_standard_pipelines(posts, subsets, assert_equal, strategy):
    assert_equal(FusionClassifier(strategy=strategy, cv=2).fit(posts, posts["label"]), subsets)


def test_one_row_is_answered_as_in_a_table(posts, small_modalities, frozen_of):
    model = FusionClassifier(small_modalities).fit(posts, posts["label"])
    frozen = frozen_of(model)
    rows = as_dicts(posts[MODALITIES].head(12))
    together = frozen.predict_proba(rows)
    for row, expected in zip(rows, together, strict=True):
        np.testing.assert_allclose(frozen.predict_proba(row)[0], expected, rtol=0, atol=1e-12)
        np.testing.assert_allclose(model.predict_proba(row)[0], expected, rtol=0, atol=1e-6)


def test_tables_of_every_kind(posts, subsets, small_modalities, frozen_of):
    frozen = frozen_of(FusionClassifier(small_modalities).fit(posts, posts["label"]))
    rows = subsets[MODALITIES].iloc[:12]
    rows = rows.astype(object).where(rows.notna(), None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = frozen.predict_proba(rows)
        for table in (
            as_dicts(rows),
            rows.to_dict("records"),
            rows[["audio", "text", "image"]],
            pl.from_pandas(rows),
            pa.Table.from_pandas(rows),
        ):
            np.testing.assert_array_equal(frozen.predict_proba(table), expected)


@pytest.mark.parametrize("absent", [["image"], ["image", "audio"], ["text"], MODALITIES])
@pytest.mark.parametrize("strategy", ["feature", "voting", "stacking", "hybrid"])
def test_absent_columns(posts, small_modalities, assert_equal, strategy, absent):
    model = FusionClassifier(small_modalities, strategy=strategy, cv=2)
    assert_equal(model.fit(posts, posts["label"]), posts.drop(columns=absent))


@pytest.mark.parametrize(
    ("labels", "kind"),
    [([2, 0, 1], None), ([True, False], None), (["b", "ä", "c"], None), (["b", "a"], object)],
)
@pytest.mark.parametrize("strategy", ["feature", "voting", "stacking"])
def test_labels_of_every_type_in_their_order(assert_equal, labels, kind, strategy):
    texts = [f"{word} film" for word in ("good", "bad", "odd")[: len(labels)]] * 6
    y = np.array(labels * 6, dtype=kind)
    model = FusionClassifier([("text", TextTfidf(), "words")], strategy=strategy, cv=2)
    X = pd.DataFrame({"words": texts})
    assert_equal(model.fit(X, y), pd.DataFrame({"words": ["good", "bad", "odd", "film", None]}))


def test_ties_are_broken_as_in_the_full_model(assert_equal):
    # Two members that say the opposite of each other, equally sure: votes and means are tied.
    X = pd.DataFrame({"a": [1.0, -1.0] * 10, "b": [-1.0, 1.0] * 10})
    modalities = [("a", "passthrough", ["a"]), ("b", "passthrough", ["b"])]
    rows = pd.DataFrame({"a": [1.0, -1.0, 0.0, 2.0], "b": [1.0, -1.0, 0.0, 1.0]})
    for rule in ("majority", "mean", "product", "max", "min", "median"):
        model = FusionVotingClassifier(modalities, rule=rule)
        assert_equal(model.fit(X, ["no", "yes"] * 10), rows)


def test_a_class_that_never_came_with_a_modality(assert_equal):
    X = pd.DataFrame({"words": ["good", "bad", None] * 6, "loud": [1.0, 2.0, 3.0] * 6})
    y = ["pos", "neg", "odd"] * 6
    modalities = [("text", TextTfidf(), "words"), ("voice", StandardScaler(), ["loud"])]
    rows = [{"words": "good"}, {"loud": 2.5}, {"words": "bad", "loud": 3.0}]
    for strategy in ("voting", "stacking", "hybrid"):
        model = FusionClassifier(modalities, strategy=strategy, cv=2)
        assert_equal(model.fit(X, y), pd.DataFrame(rows))


def test_a_modality_without_rows_stays_silent(assert_equal):
    X = pd.DataFrame({"words": ["good", "bad"] * 6, "loud": [np.nan] * 12})
    modalities = [("text", TextTfidf(), "words"), ("voice", StandardScaler(), ["loud"])]
    for model in (
        FusionVotingClassifier(modalities),
        FusionStackingClassifier(modalities, cv=2),
        FusionStackingClassifier(modalities, cv=2, passthrough=True),
    ):
        rows = pd.DataFrame({"words": ["good", None], "loud": [1.0, 2.0]})
        assert_equal(model.fit(X, ["pos", "neg"] * 6), rows)


WORDS = TextTfidf(sublinear_tf=True)
TRANSFORMERS = {
    "svd": make_pipeline(WORDS, TruncatedSVD(3, random_state=0)),
    "best": make_pipeline(WORDS, SelectKBest(chi2, k=4)),
    "varied": FeatureUnion(
        [("words", WORDS), ("scores", make_pipeline(TextFeatures(), VarianceThreshold()))],
        transformer_weights={"scores": 0.5},
    ),
    "scaled": make_pipeline(WORDS, StandardScaler(with_mean=False)),
    "dense": make_pipeline(TextFeatures(), StandardScaler(), PCA(3, whiten=True)),
    "centred": make_pipeline(TextFeatures(), StandardScaler(with_std=False), PCA(2)),
    "imputed": make_pipeline(TextFeatures(), SimpleImputer(strategy="median")),
    "single": TextTfidf(dtype=np.float32, norm="l1", binary=True),
    "counted": TextTfidf(norm=None, use_idf=False),
    "union": FeatureUnion([("a", WORDS), ("b", TextTfidf(analyzer="char")), ("c", "drop")]),
}


@pytest.mark.parametrize("name", list(TRANSFORMERS))
@pytest.mark.parametrize("strategy", ["feature", "hybrid"])
def test_transformers(posts, assert_equal, name, strategy):
    X = posts[["text"]].fillna("nothing to say").assign(loud=np.arange(len(posts)) % 7.0)
    X.loc[X.index[::5], "loud"] = np.nan
    modalities = [("text", TRANSFORMERS[name], "text"), ("loud", StandardScaler(), ["loud"])]
    model = FusionClassifier(modalities, strategy=strategy, cv=2).fit(X, posts["label"])
    if name not in ("dense", "centred"):  # what knows no missing cell
        X.loc[X.index[::3], "text"] = None
    assert_equal(model, X)


@pytest.mark.parametrize("labels", [["pos", "neg"], ["pos", "neg", "odd"]])
@pytest.mark.parametrize("strategy", ["feature", "voting"])
def test_naive_bayes_weights(assert_equal, labels, strategy):
    weighting = pytest.importorskip("mmsenti.text._nb", reason="NBWeighting").NBWeighting()
    words = make_pipeline(TextTfidf(binary=True, use_idf=False, norm=None), weighting)
    X = pd.DataFrame({"text": ["good film", "bad film", "odd day"][: len(labels)] * 6})
    model = FusionClassifier([("text", words, "text")], strategy=strategy)
    assert_equal(model.fit(X, labels * 6), pd.DataFrame({"text": ["good day", "film", None]}))


def test_numbers_keep_their_precision(assert_equal):
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(1e4, 1, (60, 3)), columns=list("abc")).astype(np.float32)
    model = FusionClassifier([("numbers", StandardScaler(), ["a", "b", "c"])])
    model.fit(X, X["a"] > 1e4)
    assert_equal(model, X)
    assert_equal(model, X.astype(np.float64))
    assert_equal(model, X.assign(a=None))


ODD_TEXTS = {
    "chinese": "這部電影很好看,我很喜歡!這部電影很好看",
    "emoji": "so good \U0001f600\U0001f44d\U0001f3fd \U0001f468\u200d\U0001f469\u200d\U0001f467",
    "mojibake": "I donâ€™t like it, itâ€™s bad ðŸ˜¢ Ã©mouvant",
    "accents": "caf\u00e9 cafe\u0301 \u1e9e \u0130stanbul \ufb01lm",
    "half an emoji": "good \ud83d bad \ude00",
    "control": "good\x00bad\x1b[31m \u2028 \u00a0film",
    "long": "what a good, bad and LOUD film \U0001f600! " * 3000,
    "punctuation": "?!" * 4000,
    "digits": "1234567890 " * 900,
    "one letter": "a",
}


@pytest.mark.parametrize("strategy", ["feature", "voting", "hybrid"])
def test_odd_texts(posts, assert_equal, strategy):
    texts = posts["text"].fillna("nothing").tolist() + list(ODD_TEXTS.values())
    X = pd.DataFrame({"text": texts}, dtype=object)
    y = posts["label"].tolist() + ["positive", "negative"] * 5
    model = FusionClassifier(strategy=strategy).fit(X, y)
    assert max(map(len, ODD_TEXTS.values())) > 100_000
    assert_equal(model, pd.DataFrame({"text": [*ODD_TEXTS.values(), "good"]}, dtype=object))


def corpus(name, columns):
    path = SHARED / name / "manifest.csv"
    if not path.exists():
        pytest.skip("the corpora are not here")
    table = pd.read_csv(path, keep_default_na=False).iloc[:220]
    for column in columns[1:]:
        table[column] = [str(path.parent / cell) for cell in table[column]]
    return table.replace("", None)


def with_every_subset(table, columns):
    """Take 200 rows or more, with every subset of the modalities, the empty one included."""
    rows = pd.concat([table] * -(-200 // len(table)), ignore_index=True).astype(object)
    subsets = list(product([True, False], repeat=len(columns)))
    for i, kept in enumerate(subsets):
        for name, keep in zip(columns, kept, strict=True):
            if not keep:
                rows.loc[rows.index[i :: len(subsets)], name] = None
    return rows


@pytest.mark.parametrize("head", ["logistic", "linear SVM, sigmoid", "ridge, calibrated"])
@pytest.mark.parametrize(
    ("name", "columns"), [("mvsa_single", ["text", "image"]), ("ravdess_av52", MODALITIES)]
)
def test_on_tweets_and_spoken_sentences(assert_equal, small_modalities, name, columns, head):
    table = corpus(name, columns)
    rows = with_every_subset(table, columns)
    assert len(rows) >= 200
    learned = table.iloc[:110]
    modalities = small_modalities[: len(columns)]
    for strategy in ("feature", "stacking", "hybrid"):
        model = FusionClassifier(modalities, HEADS[head], strategy=strategy, cv=2)
        assert_equal(model.fit(learned, learned["label"]), rows)
    model = FusionVotingClassifier(modalities, HEADS[head], cv=2, weights="oof")
    model.fit(learned, learned["label"])
    for rule in RULES:  # what a rule combines, it has no part in fitting
        assert_equal(model.set_params(rule=rule), rows)


def test_extractors_with_parameters_of_their_own(posts, assert_equal, tmp_path):
    lexicon = tmp_path / "words.tsv"
    lexicon.write_text("fun\t2.5\nlate\t-1\n", encoding="utf-8")
    text = TextFeatures(max_characters=5000).set_params(lexicon__lexicon=str(lexicon))
    image = ImageFeatures(size=48, draft=True).set_params(hog="drop", lbp__radius=2)
    audio = AudioFeatures(sampling_rate=8000, hop_length=80).set_params(mfcc__n_mfcc=7)
    modalities = [
        (name, make_pipeline(extractor, StandardScaler()), name)
        for name, extractor in zip(MODALITIES, (text, image, audio), strict=True)
    ]
    for strategy in ("feature", "voting"):
        model = FusionClassifier(modalities, strategy=strategy)
        frozen = assert_equal(model.fit(posts, posts["label"]), posts)
        lexicon.unlink(missing_ok=True)  # the words are in the file
        assert_equal(model, posts, frozen)
        lexicon.write_text("fun\t2.5\nlate\t-1\n", encoding="utf-8")


def test_only_linear_svms_with_a_calibration_give_probabilities(posts, frozen_of, assert_equal):
    X = posts[["text"]].dropna()
    y = posts["label"][X.index]
    model = FusionClassifier(estimator=LinearSVC()).fit(X, y)
    frozen = assert_equal(model, X)
    assert not hasattr(frozen, "predict_proba")
    with pytest.raises(AttributeError, match="CalibratedClassifierCV"):
        _ = frozen.predict_proba
    with pytest.raises(TypeError, match=r"sklearn\.svm\._classes\.SVC"):
        frozen_of(FusionClassifier(estimator=SVC(kernel="linear")).fit(X, y))


@pytest.mark.parametrize("strategy", ["feature", "voting", "stacking"])
def test_prior_correction(posts, subsets, small_modalities, frozen_of, strategy):
    # Made so that the correction matters: most rows are of one class.
    rows = posts[(posts["label"] == "positive") | (np.arange(len(posts)) % 4 == 0)]
    model = FusionClassifier(small_modalities, strategy=strategy, prior_correction=1.0)
    model.fit(rows, rows["label"])
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".* have no modality at all")
        frozen, expected = frozen_of(model).predict(subsets), model.predict(subsets)
        plain = model.set_params(prior_correction=0.0).predict(subsets)
    assert frozen.tolist() == expected.tolist() != plain.tolist()
