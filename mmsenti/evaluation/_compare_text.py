"""A comparison as lines for a terminal."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mmsenti.evaluation._comparison import METRIC_NAMES, Comparison

__all__ = ["align", "format_comparison", "format_scores"]

_MOST_METRICS = 3
_CLASSES = ("accuracy", "macro_f1", "macro_auc", "log_loss")
_VALUES = ("mae", "pearson_r", "ccc", "acc_2")


def format_comparison(table: Comparison) -> str:
    """Lay out a comparison, with what its duplicates and unread cells mean below.

    Parameters
    ----------
    table : Comparison

    Returns
    -------
    str
    """
    study = table.study_
    metric = study.metric
    wanted = _VALUES if study.classes is None else _CLASSES
    others = [name for name in wanted if name in table and name != metric]
    names = [metric, *others[:_MOST_METRICS]]
    gains = [name for name in ("gain", "shuffled_gain", "prior_gain") if name in table]
    header = ["", *(METRIC_NAMES[name] for name in names)]
    header += [f"{METRIC_NAMES[metric]} {name.replace('_gain', '')}" for name in gains]
    lines = [[*header, "verdict"]]
    for _, row in table.iterrows():
        cells = [f"{row['modalities']}, {row['strategy']}", _with_ends(row, metric)]
        cells += [f"{row[name]:.3f}" for name in names[1:]]
        cells += [_with_ends(row, name, "+") for name in gains[:1]]
        cells += ["" if np.isnan(row[name]) else f"{row[name]:+.3f}" for name in gains[1:]]
        lines.append([*cells, row["verdict"]])
    text = align(lines)
    across = [one for one in study.duplicates if one["across_folds"]]
    if across:
        rows = ", ".join(map(str, across[0]["rows"][:4]))
        text += (
            f"\n\nNote: {len(across)} sets of equal cells are parted by folds (the first: "
            f"{across[0]['modality']} of rows {rows}); give such rows one group."
        )
    return text


def format_scores(rows: Mapping[str, Mapping[str, float]]) -> str:
    """Lay out scores, one named row each.

    Parameters
    ----------
    rows : mapping of str to mapping of str to float
        Measures by the names of `mmsenti.evaluation.metrics.SCORERS`.

    Returns
    -------
    str

    Examples
    --------
    >>> print(format_scores({"text": {"accuracy": 0.8}, "fused": {"accuracy": 0.875}}))
           accuracy
    text      0.800
    fused     0.875
    """
    known = next(iter(rows.values()))
    names = [name for name in (*_CLASSES, *_VALUES) if name in known]
    header = ["", *(METRIC_NAMES[name] for name in names)]
    lines = [[name, *(f"{scores[one]:.3f}" for one in names)] for name, scores in rows.items()]
    return align([header, *lines], left=1)


def _with_ends(row: Any, name: str, sign: str = "") -> str:
    if np.isnan(row[name]):
        return ""
    value, low, high = (f"{row[name + end]:{sign}.3f}" for end in ("", "_low", "_high"))
    return f"{value} [{low}, {high}]"


def align(lines: Sequence[Sequence[str]], *, left: int = 2) -> str:
    """Set the cells of lines into columns, the first and last of them to the left.

    Parameters
    ----------
    lines : sequence of sequence of str
        All of one length.
    left : {1, 2}, default=2
        1 sets only the first column to the left.

    Returns
    -------
    str

    Examples
    --------
    >>> print(align([["", "AUC", "verdict"], ["text", "0.800", ""], ["both", "0.9", "gain"]]))
            AUC  verdict
    text  0.800
    both    0.9  gain
    """
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    last = len(widths) - 1

    def place(cell: str, column: int) -> str:
        width = widths[column]
        to_left = column == 0 or (left == 2 and column == last)
        return cell.ljust(width) if to_left else cell.rjust(width)

    return "\n".join("  ".join(map(place, line, range(last + 1))).rstrip() for line in lines)
