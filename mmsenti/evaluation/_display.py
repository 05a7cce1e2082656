"""Importance of modalities as a picture, in scikit-learn's convention for displays."""

from typing import Any, Self

import numpy as np
import pandas as pd

from mmsenti._optional import import_optional
from mmsenti.evaluation._ablation import ablation

__all__ = ["ModalityImportanceDisplay"]


class ModalityImportanceDisplay:
    """Bars of what a model loses without each modality, and with each permuted.

    It is recommended to use `from_estimator` to make one. All parameters are stored as attributes.

    Parameters
    ----------
    importances : DataFrame
        As `ablation` returns it.
    metric : str
        What is lost.

    Attributes
    ----------
    ax_ : matplotlib Axes
    figure_ : matplotlib Figure
    bars_ : list of BarContainer
        Of ablation and of permutation.

    Examples
    --------
    >>> table = pd.DataFrame({"ablation": [0.2], "permutation": [0.3], "permutation_std": [0.0]})
    >>> ModalityImportanceDisplay(importances=table, metric="uar").metric
    'uar'
    """

    def __init__(self, *, importances: pd.DataFrame, metric: str):
        self.importances = importances
        self.metric = metric

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: Any,
        *,
        metric: str | None = None,
        n_repeats: int = 5,
        random_state: int = 0,
        ax: Any = None,
    ) -> Self:
        """Measure the importance of the modalities of a fitted fusion, and plot it.

        Parameters
        ----------
        estimator : fitted fusion
        X : DataFrame of shape (n_samples, n_columns)
            Rows that the model has not seen.
        y : array-like of shape (n_samples,)
        metric, n_repeats, random_state : optional
            See `ablation`.
        ax : matplotlib Axes, default=None
            None makes a figure.

        Returns
        -------
        ModalityImportanceDisplay

        Raises
        ------
        ImportError
            Without matplotlib.
        """
        import_optional("matplotlib", "report", "ModalityImportanceDisplay")
        table = ablation(
            estimator, X, y, metric=metric, n_repeats=n_repeats, random_state=random_state
        )
        return cls(importances=table, metric=table.attrs["metric"]).plot(ax=ax)

    def plot(self, ax: Any = None) -> Self:
        """Draw the bars.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            None makes a figure.

        Returns
        -------
        ModalityImportanceDisplay
        """
        import_optional("matplotlib", "report", "ModalityImportanceDisplay")
        import matplotlib.pyplot as plt

        if ax is None:
            _, ax = plt.subplots()
        places = np.arange(len(self.importances))
        error = self.importances["permutation_std"]
        self.bars_ = [
            ax.barh(places - 0.2, self.importances["ablation"], 0.4, label="left out"),
            ax.barh(
                places + 0.2, self.importances["permutation"], 0.4, xerr=error, label="permuted"
            ),
        ]
        ax.set_yticks(places, self.importances.index)
        ax.invert_yaxis()
        ax.axvline(0, color="gray", linewidth=0.8)
        ax.set_xlabel(f"loss of {self.metric.replace('_', ' ')}")
        ax.legend()
        self.ax_, self.figure_ = ax, ax.figure
        return self
