"""Scores of one set of predictions under many weightings of its rows at once.

A bootstrap draws groups with replacement, since rows of one speaker or author are not independent.
How often each row was drawn is its weight: a thousand draws are a matrix, and each score a few
products with it.
"""

from collections.abc import Callable

import numpy as np
from scipy.stats import rankdata

__all__ = ["draw_weights", "score_classes", "score_values"]

_N_BINS = 15  # of the expected calibration error, as in `mmsenti.evaluation.metrics`
_ROWS_AT_ONCE = 2**24  # elements of a matrix of draws x rows that is worked on at once


def draw_weights(
    groups: np.ndarray | None, n_samples: int, n_resamples: int, seed: int = 0
) -> np.ndarray:
    """Draw groups (or rows) with replacement, and count how often each row is drawn.

    Parameters
    ----------
    groups : ndarray of shape (n_samples,) or None
    n_samples : int
    n_resamples : int
    seed : int, default=0

    Returns
    -------
    ndarray of float of shape (1 + n_resamples, n_samples)
        The first row is all ones: the rows as they are.

    Examples
    --------
    >>> draw_weights(np.array(["a", "a", "b"]), 3, 2, seed=3)
    array([[1., 1., 1.],
           [1., 1., 1.],
           [2., 2., 0.]])
    """
    codes = np.arange(n_samples) if groups is None else np.unique(groups, return_inverse=True)[1]
    n = int(codes.max()) + 1
    rng = np.random.default_rng(seed)
    draws = [np.bincount(rng.integers(0, n, n), minlength=n)[codes] for _ in range(n_resamples)]
    return np.array([np.ones(n_samples), *draws], dtype=np.float64)


def score_classes(
    y: np.ndarray,
    said: np.ndarray,
    probabilities: np.ndarray | None,
    weights: np.ndarray,
) -> dict[str, np.ndarray]:
    """Score predicted classes, and probabilities where there are any.

    Parameters
    ----------
    y, said : ndarray of int of shape (n_samples,)
        True and predicted class of each row, as numbers from 0.
    probabilities : ndarray of shape (n_samples, n_classes), or None
    weights : ndarray of shape (n_draws, n_samples)
        How often each row counts.

    Returns
    -------
    dict of str to ndarray of shape (n_draws,)
        Under the names of `mmsenti.evaluation.metrics.SCORERS`; the log loss and the calibration
        error are losses here, not negated ones. The AUC of a draw of one class is NaN.

    Examples
    --------
    >>> y, said = np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1])
    >>> scores = score_classes(y, said, None, np.ones((1, 4)))
    >>> {name: float(score[0].round(3)) for name, score in scores.items()}
    {'accuracy': 0.75, 'macro_f1': 0.733, 'weighted_f1': 0.733, 'uar': 0.75}
    """
    n = int(max(y.max(), said.max())) + 1 if probabilities is None else probabilities.shape[1]
    pairs = weights @ np.eye(n * n)[y * n + said]
    pairs = pairs.reshape(-1, n, n)
    true, named = pairs.sum(axis=2), pairs.sum(axis=1)
    hits = np.diagonal(pairs, axis1=1, axis2=2)
    total = true.sum(axis=1)
    f1 = _ratio(2 * hits, true + named)
    scores = {
        "accuracy": hits.sum(axis=1) / total,
        # A class that a draw has neither in truth nor in answers is no part of its means.
        "macro_f1": f1.sum(axis=1) / (true + named > 0).sum(axis=1),
        "weighted_f1": (f1 * true).sum(axis=1) / total,
        "uar": _ratio(hits, true).sum(axis=1) / (true > 0).sum(axis=1),
    }
    if probabilities is None:
        return scores
    own = np.clip(probabilities[np.arange(len(y)), y], np.finfo(np.float64).eps, 1.0)
    return {
        **scores,
        "macro_auc": _macro_auc(y, probabilities, weights),
        "log_loss": weights @ -np.log(own) / total,
        "ece": _calibration_error(y, probabilities, weights) / total,
    }


def _ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    return np.divide(above, below, out=np.zeros_like(above, dtype=float), where=below > 0)


def _macro_auc(y: np.ndarray, probabilities: np.ndarray, weights: np.ndarray) -> np.ndarray:
    classes = range(1, 2) if probabilities.shape[1] == 2 else range(probabilities.shape[1])
    aucs = np.stack([_auc(y == k, probabilities[:, k], weights) for k in classes])
    known = ~np.isnan(aucs)
    mean = _ratio(np.where(known, aucs, 0.0).sum(axis=0), known.sum(axis=0).astype(float))
    return np.where(known.any(axis=0), mean, np.nan)


def _auc(positive: np.ndarray, scores: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the share of (positive, negative) pairs in the right order; ties count half."""
    levels = rankdata(scores, method="dense") - 1
    order = np.argsort(levels, kind="stable")
    starts = np.flatnonzero(np.diff(levels[order], prepend=-1))
    positive = positive[order]

    def measure(part: np.ndarray) -> np.ndarray:
        part = part[:, order]
        up = np.add.reduceat(part * positive, starts, axis=1)
        down = np.add.reduceat(part * ~positive, starts, axis=1)
        below = np.cumsum(down, axis=1) - down / 2
        pairs = up.sum(axis=1) * down.sum(axis=1)
        right = (up * below).sum(axis=1)
        return np.divide(right, pairs, out=np.full(len(part), np.nan), where=pairs > 0)

    return _in_parts(measure, weights)


def _in_parts(measure: Callable[[np.ndarray], np.ndarray], weights: np.ndarray) -> np.ndarray:
    step = max(1, _ROWS_AT_ONCE // weights.shape[1])
    parts = [measure(weights[i : i + step]) for i in range(0, len(weights), step)]
    return np.concatenate(parts)


def _calibration_error(y: np.ndarray, probabilities: np.ndarray, weights: np.ndarray) -> np.ndarray:
    confidence = probabilities.max(axis=1)
    gap = confidence - (probabilities.argmax(axis=1) == y)
    bins = np.clip(np.ceil(confidence * _N_BINS).astype(int) - 1, 0, _N_BINS - 1)
    return np.abs(weights @ (np.eye(_N_BINS)[bins] * gap[:, None])).sum(axis=1)


def score_values(y: np.ndarray, values: np.ndarray, weights: np.ndarray) -> dict[str, np.ndarray]:
    """Score predicted intensities.

    Parameters
    ----------
    y, values : ndarray of shape (n_samples,)
    weights : ndarray of shape (n_draws, n_samples)
        How often each row counts.

    Returns
    -------
    dict of str to ndarray of shape (n_draws,)
        MAE, Pearson's r and CCC; with intensities of [-3, 3], negative ones among them, the
        accuracies of CMU-MOSI's papers too. See `mmsenti.evaluation.metrics`.

    Examples
    --------
    >>> scores = score_values(np.array([1.0, 2, 3]), np.array([2.0, 3, 4]), np.ones((1, 3)))
    >>> {name: float(score[0].round(3)) for name, score in scores.items()}
    {'mae': 1.0, 'pearson_r': 1.0, 'ccc': 0.571}
    """
    total = weights.sum(axis=1)

    def mean(x: np.ndarray) -> np.ndarray:
        return weights @ x / total

    level = y.mean()  # sums of squares around a number near the mean keep their digits
    a, b = y - level, values - level
    mean_a, mean_b = mean(a), mean(b)
    var_a, var_b = mean(a * a) - mean_a**2, mean(b * b) - mean_b**2
    covariance = mean(a * b) - mean_a * mean_b
    distance = var_a + var_b + (mean_a - mean_b) ** 2
    scores = {
        "mae": mean(np.abs(y - values)),
        "pearson_r": np.clip(_ratio(covariance, np.sqrt(np.maximum(var_a * var_b, 0))), -1, 1),
        "ccc": np.where(distance > 0, _ratio(2 * covariance, distance), 1.0),
    }
    if y.min() < 0 and np.abs(y).max() <= 3:
        kept = y != 0
        scores["acc_2"] = mean((y >= 0) == (values >= 0))
        signs = kept & ((y > 0) == (values > 0))
        scores["acc_2_without_zeros"] = _ratio(weights @ signs, weights @ kept.astype(float))
        for name, limit in (("acc_5", 2.0), ("acc_7", 3.0)):
            levels = [np.round(np.clip(x, -limit, limit)) for x in (y, values)]
            scores[name] = mean(levels[0] == levels[1])
    return scores
