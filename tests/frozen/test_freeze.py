"""What can be frozen is, what cannot be is refused at once, by its name and its place."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler, StandardScaler

from mmsenti import Descriptor, freeze
from mmsenti.fusion import (
    FusionClassifier,
    FusionStackingClassifier,
    FusionVotingClassifier,
    make_feature_fusion,
)
from mmsenti.text import Lexicon, TextFeatures, TextTfidf, make_text_features

X = pd.DataFrame(
    {"text": ["good film", "bad film", "good", "bad"] * 4, "loud": np.arange(16) % 5.0}
)
Y = ["pos", "neg"] * 8
FOREST = RandomForestClassifier(2, random_state=0)


class Shout(Descriptor):
    def get_names(self):
        return ["shout"]

    def compute(self, document):
        return [document.text.count("!")]


class LoudLexicon(Lexicon):
    pass


class Own(TransformerMixin, BaseEstimator):
    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return np.ones((len(X), 1))


def text(transformer, estimator=None, **params):
    return FusionClassifier([("words", transformer, "text")], estimator, **params)


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (text(TextTfidf(), FOREST), r"the model is .*RandomForestClassifier.*LogisticRegression"),
        (
            text(TextTfidf(), FOREST, strategy="voting"),
            r"the model of modality 'words' is .*RandomForest",
        ),
        (
            text(TextTfidf(), strategy="stacking", final_estimator=FOREST, cv=2),
            r"the final model is .*RandomForest",
        ),
        (
            text(TextTfidf(), CalibratedClassifierCV(FOREST, cv=2)),
            r"the model is .*RandomForest",
        ),
        (text(TextTfidf(), make_pipeline(Own(), LogisticRegression())), r"step 'own' is a .*Own"),
        (text(Own()), r"modality 'words' is a .*Own, which cannot be frozen.*TextTfidf"),
        (text(make_pipeline(TextFeatures(), Own())), r"modality 'words', step 'own'"),
        (text(make_pipeline(TextFeatures(), MinMaxScaler())), r"MinMaxScaler"),
        (text(make_text_features(Shout())), r"descriptor 'shout' is a .*Shout"),
        (text(make_text_features(LoudLexicon())), r"descriptor 'loudlexicon' is a .*LoudLexicon"),
        (text(TextTfidf(analyzer=str.split)), r"by a function of yours or by nltk"),
        (text(TextTfidf(stemmer="porter")), r"by a function of yours or by nltk"),
        (text(TextTfidf(tokenizer="treebank")), r"tokenizer=\"tweet\""),
        (text(TfidfVectorizer()), r"TfidfVectorizer"),
        (
            text(make_pipeline(TextFeatures(), SimpleImputer(add_indicator=True))),
            r"SimpleImputer with",
        ),
        (text(make_pipeline(TextTfidf(), FunctionTransformer(abs))), r"of a function"),
        (text(TextTfidf(), SGDClassifier(loss="modified_huber")), r"modified_huber"),
        (
            text(TextTfidf(), GridSearchCV(LogisticRegression(), {"C": [1]}, cv=2)),
            r"best_estimator_",
        ),
        (GridSearchCV(text(TextTfidf()), {"strategy": ["voting"]}, cv=2), r"best_estimator_"),
        (LogisticRegression(), r"the model is a .*LogisticRegression"),
        (
            Pipeline(
                [
                    ("c", ColumnTransformer([("t", TextTfidf(), "text")], remainder="passthrough")),
                    ("e", LogisticRegression()),
                ]
            ),
            r"remainder",
        ),
    ],
)
def test_refusals_name_the_part_and_what_can_be_frozen(model, message, tmp_path):
    data = X[["loud"]] if isinstance(model, LogisticRegression) else X
    model.fit(data, Y)
    with pytest.raises(TypeError, match=message) as caught:
        freeze(model, tmp_path / "model.frozen")
    assert str(caught.value).startswith("freeze: ")
    assert str(caught.value).count("\n") == 0
    assert not list(tmp_path.iterdir())


def test_what_is_not_fitted_is_refused(tmp_path):
    with pytest.raises(NotFittedError):
        freeze(text(TextTfidf()), tmp_path / "model.frozen")


@pytest.mark.parametrize(
    "model",
    [
        FusionVotingClassifier([("a", StandardScaler(), [0])]),
        FusionStackingClassifier([("a", StandardScaler(), [0])], cv=2),
        FusionClassifier([("a", StandardScaler(), [0])]),
        make_feature_fusion([("a", StandardScaler(), [0])], LogisticRegression()),
    ],
)
def test_columns_need_names(model, tmp_path):
    with pytest.raises(TypeError, match=r"columns without names.*DataFrame"):
        freeze(model.fit(np.arange(16.0).reshape(-1, 1), Y), tmp_path / "model.frozen")


def test_columns_by_number_have_the_names_of_the_frame(assert_equal):
    modalities = [("words", TextTfidf(), 0), ("voice", StandardScaler(), slice(1, 2))]
    for model in (
        make_feature_fusion(modalities, LogisticRegression()),
        FusionClassifier(modalities),
        FusionVotingClassifier(modalities),
    ):
        frozen = assert_equal(model.fit(X, Y), X)
        assert frozen.columns_ == {"words": "text", "voice": ["loud"]}


def test_dropped_and_passed_through_modalities(assert_equal):
    modalities = [
        ("words", TextTfidf(), "text"),
        ("none", "drop", ["loud"]),
        ("voice", "passthrough", ["loud"]),
    ]
    for model in (
        make_feature_fusion(modalities, LogisticRegression()),
        FusionClassifier(modalities, strategy="voting"),
        FusionClassifier(modalities, strategy="hybrid", cv=2),
    ):
        assert_equal(model.fit(X, Y), X)


def test_a_store_and_progress_are_no_matter(assert_equal, tmp_path, capsys):
    model = FusionClassifier(
        [("words", TextFeatures(), "text")], store=str(tmp_path / "store.db"), verbose=1
    )
    frozen = assert_equal(model.fit(X, Y), X)
    capsys.readouterr()
    frozen.predict(X)
    assert capsys.readouterr().err == ""
