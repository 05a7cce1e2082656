"""Functionals: statistics of a track over the frames of a clip."""

from collections.abc import Callable, Sequence

import numpy as np

__all__ = [
    "FUNCTIONALS",
    "apply_functionals",
    "mean_and_std",
    "median",
    "name_functionals",
    "quantile_span",
    "quantiles",
    "slope",
]


_ROUNDING = 1e-6  # of a track's level: what single precision leaves of a constant


def _moment(tracks: np.ndarray, order: int) -> np.ndarray:
    """Compute a standardized central moment; 0.0 for a track that does not vary."""
    centred = tracks - tracks.mean(axis=1, keepdims=True)
    deviation = np.sqrt(np.einsum("ij,ij->i", centred, centred) / tracks.shape[1])
    flat = deviation <= _ROUNDING * np.abs(tracks).max(axis=1)
    standardized = centred / np.where(flat, 1.0, deviation)[:, np.newaxis]
    return np.where(flat, 0.0, (standardized**order).mean(axis=1))


def mean_and_std(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Compute mean and standard deviation along the first axis.

    Parameters
    ----------
    values : ndarray of shape (n, ...)

    Returns
    -------
    mean, std : ndarray of shape (...)
        To the bit those of numpy's methods, which take several times as long for a few hundred
        values; 0.0 for none.

    Examples
    --------
    >>> [float(x) for x in mean_and_std(np.array([1.0, 3.0]))]
    [2.0, 1.0]
    """
    n = max(len(values), 1)
    mean = np.add.reduce(values, axis=0) / n
    centred = values - mean
    return mean, np.sqrt(np.add.reduce(centred * centred, axis=0) / n)


def quantiles(values: np.ndarray, shares: Sequence[float]) -> list[np.ndarray]:
    """Compute quantiles along the first axis.

    Parameters
    ----------
    values : ndarray of shape (n, ...)
        At least one.
    shares : sequence of float, in [0, 1]

    Returns
    -------
    list of ndarray of shape (...)
        With linear interpolation, equal to those of `numpy.quantile`, which is slower.

    Examples
    --------
    >>> [float(x) for x in quantiles(np.array([0.0, 4.0, 1.0, 2.0, 3.0]), (0.125, 0.75))]
    [0.5, 3.0]
    """
    ordered = np.sort(values, axis=0)

    def at(share: float) -> np.ndarray:
        position = share * (len(ordered) - 1)
        index = int(position)
        following = ordered[min(index + 1, len(ordered) - 1)]
        return ordered[index] + (position - index) * (following - ordered[index])

    return [at(share) for share in shares]


def quantile_span(values: np.ndarray, lower: float, upper: float) -> np.ndarray:
    """Measure the distance of two quantiles along the first axis.

    Parameters
    ----------
    values : ndarray of shape (n, ...)
        At least one.
    lower, upper : float, in [0, 1]

    Returns
    -------
    ndarray of shape (...)

    Examples
    --------
    >>> float(quantile_span(np.array([0.0, 4.0, 1.0, 2.0, 3.0]), 0.125, 0.75))
    2.5
    """
    low, high = quantiles(values, (lower, upper))
    return high - low


def median(values: np.ndarray) -> np.ndarray:
    """Return the median along the first axis.

    Equal to `numpy.median`, which loads all of `numpy.ma` when it is first called.

    Parameters
    ----------
    values : ndarray of shape (n, ...)
        At least one.

    Examples
    --------
    >>> float(median(np.array([4.0, 1.0, 2.0, 9.0])))
    3.0
    """
    n = len(values)
    return np.sort(values, axis=0)[(n - 1) // 2 : n // 2 + 1].mean(axis=0)


def _kurtosis(tracks: np.ndarray) -> np.ndarray:
    fourth = _moment(tracks, 4)
    return np.where(fourth > 0, fourth - 3.0, 0.0)


# Of tracks one behind the other, so that the values of each lie side by side.
FUNCTIONALS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "mean": lambda tracks: tracks.mean(axis=1),
    "std": lambda tracks: tracks.std(axis=1),
    "min": lambda tracks: tracks.min(axis=1),
    "max": lambda tracks: tracks.max(axis=1),
    "range": lambda tracks: tracks.max(axis=1) - tracks.min(axis=1),
    "median": lambda tracks: median(tracks.T),
    "iqr": lambda tracks: quantile_span(tracks.T, 0.25, 0.75),
    "skewness": lambda tracks: _moment(tracks, 3),
    "kurtosis": _kurtosis,
}


def name_functionals(tracks: Sequence[str], functionals: Sequence[str]) -> list[str]:
    """Name the functionals of named tracks, track by track.

    Raises
    ------
    ValueError
        For a functional that there is not.

    Examples
    --------
    >>> name_functionals(["zcr"], ["mean", "max"])
    ['zcr_mean', 'zcr_max']
    """
    unknown = [repr(name) for name in functionals if name not in FUNCTIONALS]
    if unknown:
        raise ValueError(
            f"functionals are among {', '.join(FUNCTIONALS)}; got {', '.join(unknown)}."
        )
    return [f"{track}_{functional}" for track in tracks for functional in functionals]


def apply_functionals(tracks: np.ndarray, functionals: Sequence[str]) -> np.ndarray:
    """Compute functionals of tracks, in the order of `name_functionals`.

    Parameters
    ----------
    tracks : ndarray of shape (n_frames, n_tracks)
        At least one frame.
    functionals : sequence of str
        Of mean, std (population), min, max, range, median, iqr (interquartile range), skewness
        and kurtosis (excess; both 0.0 for a track that does not vary).

    Returns
    -------
    ndarray of float64 of shape (n_tracks * n_functionals,)

    Examples
    --------
    >>> apply_functionals(np.array([[1.0, 5.0], [3.0, 5.0]]), ["mean", "std"]).tolist()
    [2.0, 1.0, 5.0, 0.0]
    """
    # Ten minutes are 60,000 frames, over which a sum in float32 loses digits.
    tracks = tracks.T.astype(np.float64, order="C")
    return np.stack([FUNCTIONALS[name](tracks) for name in functionals], axis=1).ravel()


def slope(times: np.ndarray, values: np.ndarray) -> float:
    """Fit a line by least squares and return its slope.

    Parameters
    ----------
    times, values : ndarray of shape (n,)

    Returns
    -------
    float
        Change of value per unit of time; 0.0 for fewer than two points.

    Examples
    --------
    >>> slope(np.array([0.0, 1.0, 2.0]), np.array([1.0, 3.0, 5.0]))
    2.0
    """
    if len(times) < 2:
        return 0.0
    centred = np.asarray(times, dtype=np.float64) - np.mean(times)
    values = np.asarray(values, dtype=np.float64)
    return float(centred @ (values - values.mean()) / (centred @ centred))
