"""Feature-level fusion: the features of all modalities side by side into one model."""

from collections.abc import Mapping
from typing import Any

from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline

from mmsenti.fusion._impute import MeanImputer
from mmsenti.fusion._modality import Modality, check_modalities

__all__ = ["make_feature_fusion"]


def make_feature_fusion(
    modalities: list[Modality],
    estimator: Any,
    *,
    weights: Mapping[str, float] | None = None,
    n_jobs: int | None = None,
) -> Pipeline:
    """Join the features of all modalities in front of one model.

    Parameters
    ----------
    modalities : list of (str, transformer, column)
        As `default_modalities` makes them, or your own. Ready numeric columns are a modality
        too: ``("voice", StandardScaler(), ["f0", "energy"])``.
    estimator : estimator
        The model of the joined features.
    weights : dict of str to float, default=None
        Factor of each modality's block of features; tune it as
        ``features__transformer_weights``.
    n_jobs : int, default=None
        Modalities transformed at once.

    Returns
    -------
    Pipeline
        Steps ``features`` (a ColumnTransformer), ``impute`` (the rows that lack a modality get
        the training mean of its features) and ``estimator``.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn.linear_model import LogisticRegression
    >>> from mmsenti.text import TextTfidf
    >>> X = pd.DataFrame({"text": ["good day", "bad day", "good", "bad"], "loud": [3, 1, 4, 1.5]})
    >>> fusion = make_feature_fusion(
    ...     [("text", TextTfidf(), "text"), ("voice", "passthrough", ["loud"])],
    ...     LogisticRegression(),
    ... )
    >>> fusion.fit(X, ["pos", "neg", "pos", "neg"]).predict(X[:2]).tolist()
    ['pos', 'neg']
    """
    check_modalities(modalities, "make_feature_fusion")
    features = ColumnTransformer(
        list(modalities),
        transformer_weights=None if weights is None else dict(weights),
        n_jobs=n_jobs,
    )
    impute = MeanImputer(keep_empty_features=True)
    return Pipeline([("features", features), ("impute", impute), ("estimator", estimator)])
