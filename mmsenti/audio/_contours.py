"""Functionals of a contour: percentiles, rises and falls, over the frames where it is defined."""

import numpy as np

from mmsenti.audio._functionals import mean_and_std, quantiles

__all__ = ["CONTOUR_FUNCTIONALS", "contour_functionals", "runs", "slopes"]

CONTOUR_FUNCTIONALS = (
    *("mean", "std", "p20", "p50", "p80", "span"),
    *("rise_mean", "rise_std", "fall_mean", "fall_std"),
)


def contour_functionals(values: np.ndarray, chosen: np.ndarray, hop: float) -> list[float]:
    """Describe a contour by the functionals of eGeMAPS.

    Parameters
    ----------
    values : ndarray of shape (n_frames,)
    chosen : ndarray of bool of shape (n_frames,)
        Frames where the contour is defined, as f0 is in voiced ones.
    hop : float, in seconds
        Distance of frames.

    Returns
    -------
    list of float
        In the order of ``CONTOUR_FUNCTIONALS``: mean, standard deviation, the 20th, 50th and
        80th percentile, the distance of the outer two, then mean and standard deviation of the
        slopes of rising and of falling stretches, per second (both positive). 0.0 where there is
        nothing to describe.

    References
    ----------
    .. [1] F. Eyben et al., "The Geneva Minimalistic Acoustic Parameter Set (GeMAPS) for Voice
       Research and Affective Computing", IEEE Transactions on Affective Computing 7(2), 2016.

    Examples
    --------
    >>> rising = np.arange(5.0)
    >>> found = contour_functionals(rising, np.ones(5, dtype=bool), 0.1)
    >>> dict(zip(CONTOUR_FUNCTIONALS, found))["rise_mean"]
    10.0
    """
    if not chosen.any():
        return [0.0] * len(CONTOUR_FUNCTIONALS)
    defined = values[chosen].astype(np.float64)
    low, middle, high = map(float, quantiles(defined, (0.2, 0.5, 0.8)))
    rises, falls = slopes(values, chosen, hop)
    return [
        *map(float, mean_and_std(defined)),
        *(low, middle, high, high - low),
        *map(float, (*mean_and_std(rises), *mean_and_std(falls))),
    ]


def slopes(values: np.ndarray, chosen: np.ndarray, hop: float) -> tuple[np.ndarray, np.ndarray]:
    """Measure how steeply a contour rises and falls from one turning point to the next.

    Parameters
    ----------
    values : ndarray of shape (n_frames,)
    chosen : ndarray of bool of shape (n_frames,)
        No stretch crosses a frame that is not chosen.
    hop : float, in seconds

    Returns
    -------
    rises, falls : ndarray of shape (n_rises,) and (n_falls,)
        Height over duration of each stretch, positive.

    Examples
    --------
    >>> rises, falls = slopes(np.array([0.0, 1.0, 2.0, 0.0]), np.ones(4, dtype=bool), 0.5)
    >>> rises.tolist(), falls.tolist()
    ([2.0], [4.0])
    """
    steps = np.diff(values.astype(np.float64))
    direction = np.sign(steps)
    direction[~(chosen[1:] & chosen[:-1])] = 0
    starts = np.flatnonzero(np.diff(direction, prepend=0) != 0)
    if not starts.size:
        return np.zeros(0), np.zeros(0)
    heights = np.add.reduceat(steps, starts)
    lengths = np.diff(np.append(starts, len(steps)))
    pace = heights / (lengths * hop)
    return pace[direction[starts] > 0], -pace[direction[starts] < 0]


def runs(flags: np.ndarray) -> np.ndarray:
    """Measure the stretches of true.

    Parameters
    ----------
    flags : ndarray of bool of shape (n_frames,)

    Returns
    -------
    ndarray of int of shape (n_runs,), in frames

    Examples
    --------
    >>> runs(np.array([True, True, False, True])).tolist()
    [2, 1]
    """
    edges = np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8))
    return np.flatnonzero(edges < 0) - np.flatnonzero(edges > 0)
