"""The rules by which members with an opinion of each class agree on one.

Everything here is a pure function of arrays. A member that has nothing to say of a sample, since
the sample lacks its modality, is a row of NaN, and is passed over: what is left is renormalised,
so that the result equals the one of an ensemble of the present members alone.
"""

import numpy as np

__all__ = [
    "CLASSIFIER_RULES",
    "REGRESSOR_RULES",
    "WEIGHTED_RULES",
    "break_ties",
    "combine",
    "combine_values",
]

CLASSIFIER_RULES = ("mean", "product", "max", "min", "median", "majority", "weighted")
REGRESSOR_RULES = ("mean", "max", "min", "median", "weighted")
WEIGHTED_RULES = ("mean", "majority", "weighted")


def combine(
    probabilities: np.ndarray, rule: str = "mean", weights: np.ndarray | None = None
) -> np.ndarray:
    """Combine the class probabilities of several members.

    Parameters
    ----------
    probabilities : ndarray of shape (n_members, n_samples, n_classes)
        A row of NaN where a member has no opinion.
    rule : {"mean", "product", "max", "min", "median", "majority", "weighted"}, default="mean"
        Kittler's rules at equal priors. "majority" counts the members' votes, "weighted" is the
        mean with weights. Where members rule out every class, "product" takes the limit of
        probabilities near zero (the class with the fewest vetoes), the others the mean.
    weights : ndarray of shape (n_members,), default=None
        Non-negative; used by "mean", "weighted" and "majority". None weighs members equally.

    Returns
    -------
    ndarray of shape (n_samples, n_classes)
        Rows sum to 1; for "majority" they are the shares of votes. A sample of which no member
        has an opinion is a row of NaN.

    References
    ----------
    .. [1] J. Kittler, M. Hatef, R. P. W. Duin and J. Matas, "On Combining Classifiers", IEEE
       Transactions on Pattern Analysis and Machine Intelligence 20 (3), 1998.

    Examples
    --------
    >>> text, image = [[0.9, 0.1]], [[0.4, 0.6]]
    >>> combine(np.array([text, image]), "product").round(3)
    array([[0.857, 0.143]])
    """
    probabilities = np.asarray(probabilities, dtype=np.float64)
    present = ~np.isnan(probabilities).any(axis=2)
    shares = _shares(present, weights)
    known = np.where(present[:, :, None], probabilities, 0.0)
    mean = np.einsum("mn,mnk->nk", shares, known)
    if rule in ("mean", "weighted"):
        scores = mean
    elif rule == "majority":
        n_classes = probabilities.shape[2]
        votes = np.eye(n_classes)[known.argmax(axis=2)]
        scores = np.einsum("mn,mnk->nk", shares, votes)
    elif rule == "product":
        # A veto is the smallest number, not zero, so that there is always a class left.
        logs = np.log(np.clip(known, np.finfo(np.float64).tiny, None))
        joint = np.where(present[:, :, None], logs, 0.0).sum(axis=0)
        scores = np.exp(joint - joint.max(axis=1, keepdims=True))
    else:
        scores = _order_statistic(probabilities, present, rule)
    # Minima and medians may all be zero, which leaves nothing to normalise: the mean decides.
    total = scores.sum(axis=1, keepdims=True)
    scores = np.where(total > 0, scores, mean)
    with np.errstate(invalid="ignore"):
        scores = scores / scores.sum(axis=1, keepdims=True)
    scores[shares.sum(axis=0) == 0] = np.nan
    return scores


def combine_values(
    values: np.ndarray, rule: str = "mean", weights: np.ndarray | None = None
) -> np.ndarray:
    """Combine the values that several members predict.

    Parameters
    ----------
    values : ndarray of shape (n_members, n_samples)
        NaN where a member has no opinion.
    rule : {"mean", "max", "min", "median", "weighted"}, default="mean"
    weights : ndarray of shape (n_members,), default=None
        Non-negative; used by "mean" and "weighted". None weighs members equally.

    Returns
    -------
    ndarray of shape (n_samples,)
        NaN for a sample of which no member has an opinion.

    Examples
    --------
    >>> combine_values(np.array([[1.0, 2.0], [3.0, np.nan]]), "mean")
    array([2., 2.])
    """
    values = np.asarray(values, dtype=np.float64)
    present = ~np.isnan(values)
    shares = _shares(present, weights)
    if rule in ("mean", "weighted"):
        combined = (shares * np.where(present, values, 0.0)).sum(axis=0)
    else:
        combined = _order_statistic(values[:, :, None], present, rule)[:, 0]
    return np.where(shares.sum(axis=0) > 0, combined, np.nan)


def _shares(present: np.ndarray, weights: np.ndarray | None) -> np.ndarray:
    """Weigh the present members of each sample so that their weights sum to 1, or are all 0."""
    shares = present * (1.0 if weights is None else np.asarray(weights, dtype=float)[:, None])
    total = np.asarray(shares.sum(axis=0))
    return np.divide(shares, total, out=np.zeros_like(shares, dtype=float), where=total > 0)


def _order_statistic(probabilities: np.ndarray, present: np.ndarray, rule: str) -> np.ndarray:
    # A row without members would only raise a warning; its result is overwritten anyway.
    safe = np.where(present.any(axis=0)[None, :, None], probabilities, 0.0)
    if rule == "median":
        return _median(safe, np.maximum(present.sum(axis=0), 1))
    return {"max": np.nanmax, "min": np.nanmin}[rule](safe, axis=0)


def _median(values: np.ndarray, n_present: np.ndarray) -> np.ndarray:
    """Return the median of the present ones, as np.nanmedian, which loads all of numpy.ma."""
    ordered = np.sort(values, axis=0)  # NaN comes last
    low, high = (
        np.take_along_axis(ordered, middle[None, :, None], axis=0)[0]
        for middle in ((n_present - 1) // 2, n_present // 2)
    )
    return (low + high) / 2


def break_ties(shares: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Choose the class with the most votes, the more probable one where votes are equal.

    Parameters
    ----------
    shares : ndarray of shape (n_samples, n_classes)
        Shares of votes.
    mean : ndarray of shape (n_samples, n_classes)
        Mean probabilities.

    Returns
    -------
    ndarray of int of shape (n_samples,)

    Examples
    --------
    >>> break_ties(np.array([[0.5, 0.5]]), np.array([[0.3, 0.7]]))
    array([1])
    """
    tied = np.isclose(shares, shares.max(axis=1, keepdims=True), rtol=0, atol=1e-9)
    return np.where(tied, mean, -1.0).argmax(axis=1)
