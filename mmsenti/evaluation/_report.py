"""The report of a comparison: one page that opens from disk and needs nothing else."""

import os
from typing import Any

import numpy as np

import mmsenti
from mmsenti._atomic import write_atomically
from mmsenti._optional import import_optional
from mmsenti.evaluation import _plots
from mmsenti.evaluation._bootstrap import draw_weights
from mmsenti.evaluation._comparison import LOSSES, METRIC_NAMES, Comparison, best_row
from mmsenti.evaluation._data_card import data_card
from mmsenti.evaluation._gallery import gallery
from mmsenti.evaluation._look import Look, take_a_look
from mmsenti.evaluation._page import render, script_json

__all__ = ["Report"]

_MOST_RESAMPLES = 200  # for bars and curves, whose ends nobody reads to the third digit
_SAMPLES = 'id="samples-data">'  # quotes of data are escaped, so that no other place reads so


class Report:
    """One self-contained HTML page about a comparison and its best fusion.

    It holds the table with its verdicts, the confusion matrix, ROC and calibration (of values, a
    scatter), what each modality is worth, curves over missing cells and training rows, what is
    in the data, and every sample with its text, picture, sound and the modalities' contributions.
    It asks nothing of the network, and what comes from data is text in it, never markup.

    Parameters
    ----------
    comparison : Comparison
        As `compare` returns it.
    title : str, default="Which modalities carry the sentiment?"
    row : int, default=None
        Row of the table that is looked into; None is the fusion with the best metric (of a table
        without fusions, the best row).
    max_bytes : int, default=20_000_000
        Size that the page is kept to: where it would be larger, the samples that come last have no
        sound, and then no picture.
    n_jobs : int, default=None
        Folds at once.

    Attributes
    ----------
    comparison : Comparison
    row : int
        The row that is looked into.

    Raises
    ------
    TypeError
        Of a table that `compare` has not made.
    ImportError
        Without the extra ``report``.

    Examples
    --------
    >>> from mmsenti.datasets import make_posts
    >>> from mmsenti.evaluation import compare
    >>> from mmsenti.fusion import FusionClassifier
    >>> posts = make_posts(40, modalities=("text", "image"), random_state=0)
    >>> table = compare(
    ...     FusionClassifier(), posts, posts["label"], cv=2, strategies=["voting"], n_resamples=20
    ... )
    >>> Report(table).to_html().startswith("<!doctype html>")
    True
    """

    def __init__(
        self,
        comparison: Comparison,
        *,
        title: str = "Which modalities carry the sentiment?",
        row: int | None = None,
        max_bytes: int = 20_000_000,
        n_jobs: int | None = None,
    ):
        import_optional("matplotlib", "report", "The report")
        import_optional("jinja2", "report", "The report")
        if not hasattr(comparison, "study_"):
            raise TypeError(
                "comparison must be the table that compare() returns, whole; got "
                f"{type(comparison).__name__}."
            )
        self.comparison = comparison
        self.title = title
        self.row = best_row(comparison) if row is None else range(len(comparison))[row]
        self.max_bytes = max_bytes
        self.n_jobs = n_jobs

    def to_html(self) -> str:
        """Fit the chosen row once more in each fold, look into it, and write the page.

        Returns
        -------
        str
        """
        table, study = self.comparison, self.comparison.study_
        chosen = table.iloc[self.row]
        rows = study.predictions[self.row].rows
        groups = None if study.groups is None else study.groups[rows]
        weights = draw_weights(groups, len(rows), min(study.n_resamples, _MOST_RESAMPLES))
        look = take_a_look(
            study,
            table.estimator(self.row),
            study.predictions[self.row].models,
            weights,
            self.n_jobs,
        )
        classes = None if study.classes is None else [str(label) for label in study.classes]
        metric = METRIC_NAMES[study.metric]
        frame = render(
            "report.html.jinja",
            title=self.title,
            version=mmsenti.__version__,
            card=data_card(study),
            lead=_lead(table, self.row, metric),
            metrics=[METRIC_NAMES[name] for name in _shown_metrics(table)],
            metric=metric,
            rows=_rows(table, self.row),
            chosen={"modalities": chosen["modalities"], "strategy": chosen["strategy"]},
            n_resamples=study.n_resamples,
            classes=classes,
            modalities=look.names,
            matrix=_matrix(study, look),
            plots=_draw(table, study, look, self.row, metric),
            unit="log-odds of the predicted class" if classes else "units of the values",
        )
        cards = gallery(study, look, self.max_bytes - len(frame.encode()))
        samples = script_json({"classes": classes, "samples": cards})
        return frame.replace(_SAMPLES, _SAMPLES + samples, 1)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the page to a file, whole or not at all.

        Parameters
        ----------
        path : str or path-like
        """
        write_atomically(os.fspath(path), self.to_html().encode("utf-8", "replace"))


def _lead(table: Comparison, row: int, metric: str) -> list[dict[str, Any]]:
    """Say the most important in a sentence or two."""
    study, best = table.study_, table.iloc[row]
    alone = table[table["strategy"] == "alone"]
    order = alone[study.metric].to_numpy() * (-1 if study.metric in LOSSES else 1)
    single = alone.iloc[int(order.argmax())]
    text = (
        f"The best single modality is {single['modalities']}, with {metric} "
        f"{single[study.metric]:.3f}."
    )
    if best["strategy"] != "alone":
        ends = f"{best['gain_low']:+.3f} to {best['gain_high']:+.3f}"
        text += (
            f" The best fusion, {best['modalities']} by {best['strategy']}, reaches "
            f"{best[study.metric]:.3f} ({ends} over the best of its modalities): "
            f"{best['verdict']}."
        )
    lead = [{"text": text, "warn": False}]
    across = sum(one["across_folds"] for one in study.duplicates)
    if across:
        what = "set of equal cells is" if across == 1 else "sets of equal cells are"
        lead.append(
            {"text": f"{across} {what} parted by folds; scores may be too good.", "warn": True}
        )
    if study.errors:
        lead.append({"text": f"{len(study.errors)} cells could not be read.", "warn": True})
    return lead


def _shown_metrics(table: Comparison) -> list[str]:
    """List the measures of the table, the one that verdicts go by first."""
    names = [name for name in METRIC_NAMES if name in table]
    return sorted(names, key=lambda name: name != table.study_.metric)


def _cell(row: Any, name: str, sign: str = "") -> dict[str, str] | None:
    if np.isnan(row[name]):
        return None
    ends = {"value": name, "low": f"{name}_low", "high": f"{name}_high"}
    return {end: f"{row[key]:{sign}.3f}" for end, key in ends.items()}


def _rows(table: Comparison, chosen: int) -> list[dict[str, Any]]:
    gains = [f"{kind}gain" for kind in ("", "shuffled_", "prior_") if "gain" in table]
    main, *others = _shown_metrics(table)
    return [
        {
            "modalities": row["modalities"],
            "strategy": row["strategy"],
            "cells": [
                _cell(row, main),
                *([_cell(row, name, "+") for name in gains] or [None] * 3),
                *(_cell(row, name) for name in others),
            ],
            "verdict": row["verdict"],
            "fit_ms": f"{row['fit_ms']:.2f}",
            "predict_ms": f"{row['predict_ms']:.2f}",
            "chosen": place == chosen,
        }
        for place, (_, row) in enumerate(table.iterrows())
    ]


def _matrix(study: Any, look: Look) -> list[dict[str, Any]]:
    if study.classes is None:
        return []
    n = len(study.classes)
    truth = study.targets[look.rows]
    counts = np.bincount(truth * n + look.said, minlength=n * n).reshape(n, n)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return [
        {
            "label": str(study.classes[i]),
            "cells": [
                {"n": int(counts[i, j]), "shade": f"{0.65 * shares[i, j]:.2f}"} for j in range(n)
            ],
            "recall": f"{shares[i, i]:.2f}",
        }
        for i in range(n)
    ]


def _draw(table: Comparison, study: Any, look: Look, row: int, metric: str) -> dict[str, str]:
    points = [
        (
            f"{one['modalities']}, {one['strategy']}",
            *(one[f"{study.metric}{end}"] for end in ("", "_low", "_high")),
            1 if one["strategy"] == "alone" else 0,
        )
        for _, one in table.iterrows()
    ]
    plots = {
        "forest": _plots.forest(points, metric),
        "bars": _plots.bars(look.left_out, look.permuted, metric),
        "missing": _plots.curve(look.missing, "missing", "cells that are missing", metric),
        "learning": _plots.curve(look.learning, "learning", "of the training rows", metric),
        "roc": "",
        "calibration": "",
        "scatter": "",
    }
    truth = study.targets[look.rows]
    if study.classes is None:
        plots["scatter"] = _plots.scatter(truth, look.said)
    elif look.probabilities is not None:
        labels = [str(label) for label in study.classes]
        plots["roc"] = _plots.roc(truth, look.probabilities, labels)
        plots["calibration"] = _plots.calibration(truth, look.probabilities)
    return plots
