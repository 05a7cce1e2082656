"""The diagram in notebooks names modalities, whether they are given, defaults, or fitted."""

import re

import pytest
from sklearn.ensemble import RandomForestClassifier

from mmsenti.fusion import FusionClassifier, FusionVotingClassifier


def words(estimator):
    html = re.sub(r"<(style|script).*?</\1>", "", estimator._repr_html_(), flags=re.DOTALL)
    return re.sub(r"<[^>]*>", " ", html).split()


@pytest.mark.parametrize("strategy", ["feature", "voting", "stacking", "hybrid"])
def test_a_fitted_fusion_shows_its_modalities_and_models(table, labels, modalities, strategy):
    model = FusionClassifier(modalities, RandomForestClassifier(3), strategy=strategy)
    fitted = words(model.fit(table, labels))
    for name in ("FusionClassifier", "left", "right", "StandardScaler", "RandomForestClassifier"):
        assert name in fitted


def test_an_unfitted_fusion_shows_what_it_is_given(modalities):
    shown = words(FusionClassifier(modalities))
    for name in ("left", "right", "StandardScaler", "LogisticRegression"):
        assert name in shown


def test_modalities_that_are_not_known_yet_are_not_made_up():
    assert "FusionClassifier" in words(FusionClassifier())


def test_members_stand_behind_their_transformers(modalities):
    html = FusionVotingClassifier(modalities, RandomForestClassifier())._repr_html_()
    assert html.index("StandardScaler</div>") < html.index("RandomForestClassifier</div>")
