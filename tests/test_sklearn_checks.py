"""scikit-learn's own checks of every extractor.

The checks feed numbers, which are no texts, pictures or voices; with honest tags nearly all of
them would pass an extractor by. An adapter, which exists only here, turns each numeric row into a
sample and hands the samples to the extractor, so that the checks see what it does.
"""

import numpy as np
import pytest
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.utils import estimator_checks
from sklearn.utils.estimator_checks import estimator_checks_generator, parametrize_with_checks
from sklearn.utils.validation import check_is_fitted, validate_data

from mmsenti.audio import MFCC, AudioFeatures, Prosody
from mmsenti.image import HOG, LBP, ColorMoments, ImageFeatures
from mmsenti.text import TextFeatures, TextTfidf


def to_text(row):
    return " ".join(f"{'good' if value > 0 else 'bad'}{round(value)}!" for value in row)


def to_picture(row):
    return np.frombuffer(row.tobytes(), dtype=np.uint8).reshape(len(row), -1)


def to_voice(row):
    return np.sin(np.outer(row, np.arange(1, 101))).ravel()


# By name, so that a test is called the same in every process.
SAMPLES = {"text": to_text, "picture": to_picture, "voice": to_voice}


class Adapter(TransformerMixin, BaseEstimator):
    def __init__(self, extractor=None, to_sample="text"):
        self.extractor = extractor
        self.to_sample = to_sample

    def samples(self, X, *, reset):
        X = validate_data(self, X, dtype=np.float64, reset=reset)
        return list(map(SAMPLES[self.to_sample], X))

    def fit(self, X, y=None):
        self.extractor_ = clone(self.extractor).fit(self.samples(X, reset=True))
        return self

    def transform(self, X):
        check_is_fitted(self)
        return self.extractor_.transform(self.samples(X, reset=False))

    def get_feature_names_out(self, input_features=None):
        check_is_fitted(self)
        return self.extractor_.get_feature_names_out()

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = []
        return tags


ADAPTERS = [
    Adapter(TextFeatures()),
    Adapter(TextTfidf(token_pattern=r"\S+")),
    Adapter(ImageFeatures([("colour", ColorMoments()), ("hog", HOG()), ("lbp", LBP())]), "picture"),
    Adapter(AudioFeatures([("mfcc", MFCC()), ("prosody", Prosody())]), "voice"),
]


@parametrize_with_checks(ADAPTERS)
@pytest.mark.filterwarnings("ignore::mmsenti._sample.SampleWarning")  # their rows are short clips
def test_adapted_extractor(estimator, check):
    check(estimator)


@pytest.mark.parametrize("adapter", ADAPTERS, ids=lambda a: type(a.extractor).__name__)
def test_the_adapter_lets_the_checks_run(adapter):
    assert sum(1 for _ in estimator_checks_generator(adapter)) >= 40


# What scikit-learn asks of any estimator, whatever its input.
DIRECT = [
    "check_estimator_cloneable",
    "check_estimator_tags_renamed",
    "check_valid_tag_types",
    "check_estimator_repr",
    "check_no_attributes_set_in_init",
    "check_get_params_invariance",
    "check_set_params",
    "check_parameters_default_constructible",
    "check_mixin_order",
    "check_do_not_raise_errors_in_init_or_set_params",
]


@pytest.mark.parametrize("name", DIRECT)
@pytest.mark.parametrize("cls", [TextFeatures, TextTfidf, ImageFeatures, AudioFeatures])
def test_extractor_itself(cls, name):
    getattr(estimator_checks, name)(cls.__name__, cls())
