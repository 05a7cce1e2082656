"""What a table of samples holds: classes, groups, holes, broken cells, duplicates."""

from collections import Counter
from typing import Any

import numpy as np

from mmsenti.evaluation._comparison import Study

__all__ = ["data_card"]

_N_REASONS = 8


def data_card(study: Study) -> dict[str, Any]:
    """Count what the table of a study holds.

    Parameters
    ----------
    study : Study

    Returns
    -------
    dict
        ``rows``, ``tested`` (rows that were predicted), ``folds``; ``classes`` (label, rows) or
        ``intensities`` (least, mean, greatest); ``groups`` (number, least and most rows);
        ``modalities`` (name, filled, missing, unreadable); ``reasons`` (modality, reason, cells);
        ``duplicates`` (modality, sets of equal cells, rows in them, sets that folds part).
    """
    card: dict[str, Any] = {
        "rows": len(study.y),
        "tested": sum(len(test) for _, test in study.folds),
        "folds": len(study.folds),
        "classes": [],
        "intensities": None,
        "groups": None,
    }
    if study.classes is None:
        card["intensities"] = (study.y.min(), study.y.mean(), study.y.max())
    else:
        counts = np.bincount(study.targets, minlength=len(study.classes))
        card["classes"] = list(zip(study.classes.tolist(), counts.tolist(), strict=True))
    if study.groups is not None:
        sizes = np.unique(study.groups, return_counts=True)[1]
        card["groups"] = (len(sizes), int(sizes.min()), int(sizes.max()))
    broken = Counter(name for _, name, _, _ in study.errors)
    card["modalities"] = [
        (name, int(there.sum()) - broken[name], int((~there).sum()), broken[name])
        for name, there in study.present.items()
    ]
    reasons = Counter((name, reason) for _, name, _, reason in study.errors)
    card["reasons"] = [(*what, n) for what, n in reasons.most_common(_N_REASONS)]
    card["duplicates"] = [
        (
            name,
            len(sets),
            sum(len(one["rows"]) for one in sets),
            sum(one["across_folds"] for one in sets),
        )
        for name in study.modalities
        if (sets := [one for one in study.duplicates if one["modality"] == name])
    ]
    return card
