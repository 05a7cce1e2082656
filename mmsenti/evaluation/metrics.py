"""Measures of sentiment: of classes, of probabilities, of intensities; each a scorer by name.

`SCORERS` holds a scikit-learn scorer for each name, to hand to a search or a cross-validation as
``scoring=SCORERS["uar"]``, or several as ``scoring={name: SCORERS[name] for name in ...}``.
"""

from typing import Any

import numpy as np
from sklearn.metrics import balanced_accuracy_score, get_scorer, make_scorer
from sklearn.utils.multiclass import unique_labels
from sklearn.utils.validation import check_array, check_consistent_length, column_or_1d

__all__ = [
    "SCORERS",
    "accuracy_2",
    "accuracy_5",
    "accuracy_7",
    "concordance",
    "expected_calibration_error",
    "pearson_r",
    "unweighted_average_recall",
]


def _checked(y_true: Any, y_pred: Any) -> tuple[np.ndarray, np.ndarray]:
    true = column_or_1d(y_true, dtype=np.float64)
    predicted = column_or_1d(y_pred, dtype=np.float64)
    check_consistent_length(true, predicted)
    if not (np.isfinite(true).all() and np.isfinite(predicted).all()):
        raise ValueError("intensities must be finite numbers; got NaN or infinity.")
    return true, predicted


def unweighted_average_recall(y_true: Any, y_pred: Any) -> float:
    """Average the recall of each class, however many rows it has.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_samples,)

    Returns
    -------
    float
        In [0, 1]; 1 / n_classes by chance. The balanced accuracy of scikit-learn, under the name
        that emotion recognition from speech knows it by.

    References
    ----------
    .. [1] B. Schuller, S. Steidl and A. Batliner, "The INTERSPEECH 2009 Emotion Challenge",
       Interspeech 2009.

    Examples
    --------
    >>> unweighted_average_recall(["sad", "sad", "sad", "glad"], ["sad", "sad", "glad", "glad"])
    0.8333333333333333
    """
    return float(balanced_accuracy_score(y_true, y_pred))


def expected_calibration_error(y_true: Any, y_proba: Any, n_bins: int = 15) -> float:
    """Measure how far the probability of the predicted class is from how often it is right.

    Rows are put into bins of equal width by their highest probability; the distances of the bins'
    mean probability and accuracy are averaged, weighted by their rows.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
    y_proba : array-like of shape (n_samples, n_classes)
        Classes in the order of the sorted labels of `y_true`. For two classes also of shape
        (n_samples,), that of the second.
    n_bins : int, default=15

    Returns
    -------
    float
        In [0, 1]; 0 is perfect.

    Raises
    ------
    ValueError
        If columns and labels do not match.

    References
    ----------
    .. [1] C. Guo, G. Pleiss, Y. Sun and K. Weinberger, "On Calibration of Modern Neural Networks",
       ICML 2017.

    Examples
    --------
    >>> round(expected_calibration_error([0, 1], [[0.9, 0.1], [0.7, 0.3]]), 3)
    0.4
    """
    labels = unique_labels(y_true)
    probabilities = check_array(y_proba, ensure_2d=False, dtype=np.float64)
    if probabilities.ndim == 1:
        probabilities = np.stack([1 - probabilities, probabilities], axis=1)
    check_consistent_length(y_true, probabilities)
    if probabilities.shape[1] != len(labels):
        raise ValueError(
            f"y_proba has {probabilities.shape[1]} columns, but y_true has {len(labels)} labels."
        )
    confidence = probabilities.max(axis=1)
    right = labels[probabilities.argmax(axis=1)] == np.asarray(y_true)
    # Bins are open below and closed above, as in the paper.
    bins = np.clip(np.ceil(confidence * n_bins).astype(int) - 1, 0, n_bins - 1)
    gaps = np.bincount(bins, confidence - right, n_bins)
    return float(np.abs(gaps).sum() / len(confidence))


def pearson_r(y_true: Any, y_pred: Any) -> float:
    """Correlate predicted with true intensities.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_samples,)

    Returns
    -------
    float
        In [-1, 1]; 0.0 where either does not vary.

    References
    ----------
    .. [1] A. Zadeh, R. Zellers, E. Pincus and L.-P. Morency, "MOSI: Multimodal Corpus of Sentiment
       Intensity and Subjectivity Analysis in Online Opinion Videos", arXiv:1606.06259, 2016.

    Examples
    --------
    >>> pearson_r([1, 2, 3], [2, 4, 6.0])
    1.0
    """
    true, predicted = _checked(y_true, y_pred)
    a, b = true - true.mean(), predicted - predicted.mean()
    scale = float(np.sqrt((a @ a) * (b @ b)))
    return float(np.clip(a @ b / scale, -1.0, 1.0)) if scale else 0.0


def concordance(y_true: Any, y_pred: Any) -> float:
    """Compute Lin's concordance correlation coefficient (CCC).

    Twice the covariance over the sum of both variances and the squared distance of the means: a
    correlation that a wrong scale and a wrong level cost.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_samples,)

    Returns
    -------
    float
        In [-1, 1]; 1.0 for equal values, 0.0 for unequal ones of which either does not vary.

    References
    ----------
    .. [1] L. I.-K. Lin, "A concordance correlation coefficient to evaluate reproducibility",
       Biometrics 45 (1), 1989.

    Examples
    --------
    >>> round(concordance([1, 2, 3], [2, 3, 4]), 4)
    0.5714
    """
    true, predicted = _checked(y_true, y_pred)
    a, b = true - true.mean(), predicted - predicted.mean()
    distance = (a @ a + b @ b) / len(a) + (true.mean() - predicted.mean()) ** 2
    return float(2 * (a @ b) / len(a) / distance) if distance else 1.0


def accuracy_2(y_true: Any, y_pred: Any, *, zeros: str = "positive") -> float:
    """Compare the signs of predicted and true intensities: Acc-2 of CMU-MOSI's papers.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_samples,)
    zeros : {"positive", "left_out"}, default="positive"
        Papers differ: "positive" tells negative from non-negative, 0 included [1]_; "left_out"
        tells negative from positive, on rows whose true intensity is not 0 [2]_. A predicted 0 is
        not negative in the former and not positive in the latter.

    Returns
    -------
    float
        In [0, 1].

    Raises
    ------
    ValueError
        If zeros are left out and nothing is left.

    References
    ----------
    .. [1] A. Zadeh et al., "Tensor Fusion Network for Multimodal Sentiment Analysis", EMNLP 2017.
    .. [2] Y.-H. H. Tsai et al., "Multimodal Transformer for Unaligned Multimodal Language
       Sequences", ACL 2019.

    Examples
    --------
    >>> accuracy_2([-1, 0, 2], [-0.5, -0.1, 1])
    0.6666666666666666
    >>> accuracy_2([-1, 0, 2], [-0.5, -0.1, 1], zeros="left_out")
    1.0
    """
    true, predicted = _checked(y_true, y_pred)
    if zeros == "positive":
        return float(np.mean((true >= 0) == (predicted >= 0)))
    if zeros != "left_out":
        raise ValueError(f"zeros must be 'positive' or 'left_out', got {zeros!r}.")
    kept = true != 0
    if not kept.any():
        raise ValueError("every true intensity is 0; with zeros='left_out' nothing is left.")
    return float(np.mean((true[kept] > 0) == (predicted[kept] > 0)))


def accuracy_5(y_true: Any, y_pred: Any) -> float:
    """Compare intensities cut to [-2, 2] and rounded: Acc-5 of CMU-MOSI's papers.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_samples,)

    Returns
    -------
    float
        In [0, 1]. Halves are rounded to even, as numpy does and these papers' code with it.

    References
    ----------
    .. [1] W. Yu et al., "Learning Modality-Specific Representations with Self-Supervised Multi-Task
       Learning for Multimodal Sentiment Analysis", AAAI 2021.

    Examples
    --------
    >>> accuracy_5([3, 0.4], [1.6, -0.6])
    0.5
    """
    return _rounded_accuracy(y_true, y_pred, 2.0)


def accuracy_7(y_true: Any, y_pred: Any) -> float:
    """Compare intensities cut to [-3, 3] and rounded: Acc-7 of CMU-MOSI's papers.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_samples,)

    Returns
    -------
    float
        In [0, 1]. Halves are rounded to even, as numpy does and these papers' code with it.

    References
    ----------
    .. [1] Y.-H. H. Tsai et al., "Multimodal Transformer for Unaligned Multimodal Language
       Sequences", ACL 2019.

    Examples
    --------
    >>> accuracy_7([3, 0.4], [2.6, 0.2])
    1.0
    """
    return _rounded_accuracy(y_true, y_pred, 3.0)


def _rounded_accuracy(y_true: Any, y_pred: Any, limit: float) -> float:
    true, predicted = _checked(y_true, y_pred)
    levels = [np.round(np.clip(values, -limit, limit)) for values in (true, predicted)]
    return float(np.mean(levels[0] == levels[1]))


SCORERS: dict[str, Any] = {
    "accuracy": get_scorer("accuracy"),
    "macro_f1": get_scorer("f1_macro"),
    "weighted_f1": get_scorer("f1_weighted"),
    "uar": make_scorer(unweighted_average_recall),
    "macro_auc": get_scorer("roc_auc_ovr"),
    "log_loss": get_scorer("neg_log_loss"),
    "ece": make_scorer(
        expected_calibration_error, response_method="predict_proba", greater_is_better=False
    ),
    "mae": get_scorer("neg_mean_absolute_error"),
    "pearson_r": make_scorer(pearson_r),
    "ccc": make_scorer(concordance),
    "acc_2": make_scorer(accuracy_2),
    "acc_2_without_zeros": make_scorer(accuracy_2, zeros="left_out"),
    "acc_5": make_scorer(accuracy_5),
    "acc_7": make_scorer(accuracy_7),
}
