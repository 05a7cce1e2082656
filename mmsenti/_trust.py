"""Decide by their names which types of a model file may be constructed."""

import importlib
import io
import json
import re
import zipfile
from collections.abc import Collection, Iterable
from typing import Any

from mmsenti._descriptor import Descriptor

__all__ = ["is_own", "mentioned_names", "strange_names", "trusted_names"]

# Parts of scikit-learn's models that skops leaves to others to judge: plain Python that holds
# parameters, and functions that compute and do nothing else. Trees, neighbour indices and losses
# written in C are not among them, as scikit-learn follows their stored indices unchecked.
_HARMLESS = frozenset(
    [
        "numpy.dtype",
        "sklearn.calibration._CalibratedClassifier",
        "sklearn.calibration._SigmoidCalibration",
        "sklearn.compose._column_transformer.make_column_selector",
        "sklearn.metrics._scorer._PassthroughScorer",
        "sklearn.metrics._scorer._Scorer",
        "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
        "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
        "sklearn.utils._bunch.Bunch",
    ]
    + [
        f"sklearn.feature_selection._univariate_selection.{function}"
        for function in ("chi2", "f_classif", "f_regression")
    ]
    + [
        f"sklearn.metrics._classification.{function}"
        for function in (
            "accuracy_score",
            "balanced_accuracy_score",
            "f1_score",
            "log_loss",
            "precision_score",
            "recall_score",
        )
    ]
    + [
        f"sklearn.metrics._regression.{function}"
        for function in ("mean_absolute_error", "mean_squared_error", "r2_score")
    ]
    + ["sklearn.metrics._ranking.average_precision_score", "sklearn.metrics._ranking.roc_auc_score"]
    + [
        f"sklearn.model_selection._split.{splitter}"
        for splitter in (
            "GroupKFold",
            "GroupShuffleSplit",
            "KFold",
            "LeaveOneGroupOut",
            "PredefinedSplit",
            "RepeatedKFold",
            "RepeatedStratifiedKFold",
            "ShuffleSplit",
            "StratifiedGroupKFold",
            "StratifiedKFold",
            "StratifiedShuffleSplit",
        )
    ]
)
# A module of this package that may be imported: not __main__, which would run the program.
_OWN_MODULE = re.compile(r"mmsenti(\.(?!__)\w+)+", re.ASCII)


def mentioned_names(archive: bytes) -> set[str]:
    """Collect the dotted names of all types and functions that an archive mentions.

    Parameters
    ----------
    archive : bytes
        As skops writes it.

    Returns
    -------
    set of str
    """
    names = set()

    def collect(node: dict[str, Any]) -> None:
        names.add(f"{node.get('__module__')}.{node.get('__class__')}")

    with zipfile.ZipFile(io.BytesIO(archive)) as zip_file:
        json.loads(zip_file.read("schema.json"), object_hook=collect)
    return names


def trusted_names(mentioned: Iterable[str], vouched: Iterable[str] = ()) -> list[str]:
    """List what may be constructed beside what skops trusts by itself.

    Parameters
    ----------
    mentioned : iterable of str
        Names in the file; only those of this package's own classes are taken.
    vouched : iterable of str, default=()
        Names that the user vouches for.

    Returns
    -------
    list of str
    """
    return [*_HARMLESS, *vouched, *filter(is_own, mentioned)]


def strange_names(
    archive: bytes, mentioned: Iterable[str], vouched: Collection[str] = ()
) -> list[str]:
    """List the names that nobody trusts.

    Parameters
    ----------
    archive : bytes
    mentioned : iterable of str
    vouched : collection of str, default=()

    Returns
    -------
    list of str
    """
    from skops import io as skops_io

    untrusted = skops_io.get_untrusted_types(data=archive)
    return sorted(set(untrusted) - set(trusted_names(mentioned, vouched)))


def is_own(name: str) -> bool:
    """Tell whether a name is that of an estimator or descriptor defined in this package.

    Other classes are left out with care: constructing one of them may open files.
    """
    from sklearn.base import BaseEstimator

    module_name, _, class_name = name.rpartition(".")
    if not _OWN_MODULE.fullmatch(module_name):
        return False
    try:
        found = getattr(importlib.import_module(module_name), class_name, None)
    except ImportError:
        return False
    return (
        isinstance(found, type)
        and found.__module__ == module_name
        and issubclass(found, BaseEstimator | Descriptor)
    )
