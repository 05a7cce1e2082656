"""What stands for what a row lacks: a modality, a class that never came with it, or everything.

Pure functions of arrays, as the voting rules are, so that a model predicts by the very code that
it was fitted with, scikit-learn there or not.
"""

import warnings
from typing import Any

import numpy as np

__all__ = ["fill_empty", "lay_side_by_side", "spread_classes", "sum_to_one"]


def fill_empty(
    owner: str, predictions: np.ndarray, empty: np.ndarray, prior: Any, *, stacklevel: int = 4
) -> np.ndarray:
    """Give rows without any modality the training prior, and warn once.

    Parameters
    ----------
    owner : str
        Name that the warning begins with.
    predictions : ndarray of shape (n_samples, ...)
        Changed in place.
    empty : ndarray of bool of shape (n_samples,)
    prior : scalar or ndarray
    stacklevel : int, default=4
        Of the warning; 4 is the caller of the public method that called.

    Returns
    -------
    ndarray
        `predictions`.
    """
    if empty.any():
        warnings.warn(
            f"{owner}: {int(empty.sum())} of {len(empty)} rows have no modality at all; they get "
            "the training prior.",
            UserWarning,
            stacklevel=stacklevel,
        )
        predictions[empty] = prior
    return predictions


def spread_classes(response: np.ndarray, known: np.ndarray, prior: np.ndarray) -> np.ndarray:
    """Make probabilities of some classes those of all classes.

    A class that never came with a modality keeps its prior: no evidence, no veto.

    Parameters
    ----------
    response : ndarray of shape (n_samples, n_known)
    known : ndarray of int of shape (n_known,)
        Which classes these are.
    prior : ndarray of shape (n_classes,)

    Returns
    -------
    ndarray of shape (n_samples, n_classes)

    Examples
    --------
    >>> spread_classes(np.array([[0.25, 0.75]]), np.array([0, 2]), np.array([0.4, 0.2, 0.4]))
    array([[0.2, 0.2, 0.6]])
    """
    if len(known) == len(prior):
        return response
    spread = np.tile(prior, (len(response), 1))
    spread[:, known] = response * prior[known].sum()
    return spread


def lay_side_by_side(predictions: np.ndarray) -> np.ndarray:
    """Make the members' predictions the columns that a final model is given.

    Parameters
    ----------
    predictions : ndarray of shape (n_members, n_samples) or (n_members, n_samples, n_classes)

    Returns
    -------
    ndarray of shape (n_samples, n_columns)

    Examples
    --------
    >>> lay_side_by_side(np.array([[[0.25, 0.75]], [[0.5, 0.5]]]))
    array([[0.75, 0.5 ]])
    """
    if predictions.ndim == 2:
        return predictions.T
    if predictions.shape[2] == 2:  # the other class's probability says the same again
        predictions = predictions[:, :, 1:]
    return np.hstack(list(predictions))


def sum_to_one(probabilities: np.ndarray) -> np.ndarray:
    """Divide rows by their sum, unless it is 1 but for the rounding of double precision.

    Parameters
    ----------
    probabilities : ndarray of shape (n_samples, n_classes)
        A model of float32 features gives float32, whose rounding scorers complain of.

    Returns
    -------
    ndarray of float64 of shape (n_samples, n_classes)

    Examples
    --------
    >>> sum_to_one(np.array([[0.5, 0.6]])).round(3)
    array([[0.455, 0.545]])
    """
    probabilities = probabilities.astype(np.float64, copy=False)
    totals = probabilities.sum(axis=1, keepdims=True)
    return np.where(np.abs(totals - 1) < 1e-12, probabilities, probabilities / totals)
