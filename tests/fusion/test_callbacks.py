"""Fusions tell scikit-learn's callbacks of each fit inside, as its own estimators do."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.preprocessing import StandardScaler

from mmsenti.fusion import (
    FusionClassifier,
    FusionRegressor,
    FusionStackingClassifier,
    FusionVotingClassifier,
)

callback = pytest.importorskip("sklearn.callback", reason="needs scikit-learn 1.9")

MODALITIES = [("voice", StandardScaler(), ["f0"]), ("face", StandardScaler(), ["smile"])]


class Listener:
    """Counts the fits that begin and end, at any depth."""

    max_propagation_depth = None

    def __init__(self):
        self.began, self.ended, self.up = [], [], []

    def setup(self, estimator, context):
        self.up.append(type(estimator).__name__)

    def teardown(self, estimator, context):
        self.up.pop()

    def on_fit_task_begin(self, estimator, context):
        self.began.append((context.estimator_name, context.task_name))

    def on_fit_task_end(self, estimator, context):
        self.ended.append((context.estimator_name, context.task_name))


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    return pd.DataFrame({"f0": rng.normal(size=30), "smile": rng.normal(size=30)})


LABELS = ["sad", "glad", "mad"] * 10


def heard(model, X, y):
    listener = Listener()
    model.set_callbacks(listener).fit(X, y)
    assert sorted(listener.began) == sorted(listener.ended)
    assert listener.up == []
    return listener.began


def test_voting_tells_of_each_member(table):
    began = heard(FusionVotingClassifier(MODALITIES), table, LABELS)
    assert [task for _, task in began] == ["fit", "fit-member", "fit-member"]
    began = heard(FusionVotingClassifier(MODALITIES, rule="weighted", cv=3), table, LABELS)
    assert [task for _, task in began].count("fit-member-on-fold") == 6


def test_stacking_tells_of_each_member_on_each_fold(table):
    began = heard(FusionStackingClassifier(MODALITIES, cv=3), table, LABELS)
    tasks = [task for _, task in began]
    assert (tasks.count("fit-member-on-fold"), tasks.count("fit-member")) == (6, 2)


@pytest.mark.filterwarnings("ignore:The estimator .* does not support callbacks")
@pytest.mark.parametrize("strategy", ["feature", "voting", "stacking", "hybrid"])
@pytest.mark.parametrize("kind", [FusionClassifier, FusionRegressor])
def test_the_strategy_hands_callbacks_on(table, strategy, kind):
    y = LABELS if kind is FusionClassifier else np.arange(30.0)
    began = heard(kind(MODALITIES, strategy=strategy), table, y)
    assert began[0] == (kind.__name__, "fit")
    inner = type(kind(MODALITIES, strategy=strategy).fit(table, y).fusion_).__name__
    assert (inner, "fit") in began


def test_a_search_hands_callbacks_on(table):
    search = GridSearchCV(FusionClassifier(MODALITIES), {"strategy": ["voting", "stacking"]}, cv=2)
    began = heard(search, table, LABELS)
    assert began.count(("FusionClassifier", "fit")) == 5  # four fits, and that of the best
    assert began.count(("FusionVotingClassifier", "fit")) in (2, 3)
    assert not hasattr(search.best_estimator_, "_skl_callbacks")


def test_a_progress_bar_over_two_processes(table, capsys):
    pytest.importorskip("rich")
    bar = callback.ProgressBar(max_propagation_depth=3)
    model = FusionStackingClassifier(MODALITIES, cv=3, n_jobs=2).set_callbacks(bar)
    model.fit(table, LABELS)
    assert "100%" in capsys.readouterr().out


def test_who_does_not_listen_hears_nothing(table):
    model = FusionVotingClassifier(MODALITIES).fit(table, LABELS)
    assert not hasattr(model, "_callback_fit_ctx")
    copy = pickle.loads(pickle.dumps(clone(model).fit(table, LABELS)))
    np.testing.assert_array_equal(copy.predict_proba(table), model.predict_proba(table))
