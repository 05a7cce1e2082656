"""Choose classes so that rare ones are not passed over, and probabilities stay what they are."""

import numpy as np

__all__ = ["choose_classes"]


def choose_classes(
    probabilities: np.ndarray, prior: np.ndarray, correction: float = 0.0
) -> np.ndarray:
    """Choose the class of each row by its probability over a power of its prior.

    Parameters
    ----------
    probabilities : ndarray of shape (n_samples, n_classes)
    prior : ndarray of shape (n_classes,)
        Shares of the training rows.
    correction : float, default=0.0
        The power: 0 chooses the most probable class, which makes the fewest errors; 1 the class
        whose probability rose the most, which treats all classes alike, as mean recall does.

    Returns
    -------
    ndarray of int of shape (n_samples,)

    References
    ----------
    .. [1] C. Elkan, "The Foundations of Cost-Sensitive Learning", IJCAI 2001.

    Examples
    --------
    >>> said, prior = np.array([[0.6, 0.4]]), np.array([0.8, 0.2])
    >>> choose_classes(said, prior), choose_classes(said, prior, 0.5)
    (array([0]), array([1]))
    """
    if not correction:
        return probabilities.argmax(axis=1)
    return (probabilities / np.maximum(prior, np.finfo(np.float64).tiny) ** correction).argmax(
        axis=1
    )
