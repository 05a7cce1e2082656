"""Freeze a fitted fusion: write what it has learnt as numbers."""

import os
from importlib.metadata import version
from typing import Any

from sklearn.utils.validation import check_is_fitted

from mmsenti import __version__
from mmsenti._atomic import write_atomically
from mmsenti._sample import describe_cell
from mmsenti.frozen._describe_fusion import describe
from mmsenti.frozen._file import pack
from mmsenti.frozen._load import read_frozen

__all__ = ["freeze"]


def freeze(model: Any, path: str | os.PathLike[str]) -> None:
    """Write a fitted fusion as numbers, to predict where there is no scikit-learn.

    What can be frozen: the extractors and `TextTfidf`, scalers, imputers, PCA and the like; linear
    models of scikit-learn, calibrated ones too; and all strategies and rules of fusion over them.

    Parameters
    ----------
    model : FusionClassifier, FusionRegressor, or a voting, stacking or feature-level fusion
        Fitted on a DataFrame or on dicts.
    path : str or path-like
        Where to; ``.frozen`` is the custom. An existing file is replaced only once the new one is
        safely on disk.

    Raises
    ------
    TypeError
        If a part of the model cannot be frozen, naming it and saying what can.
    OSError
        If the file cannot be written.

    See Also
    --------
    load_frozen : Load it, and predict.
    save : Save a model that can be fitted again.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from mmsenti import datasets, fusion, load_frozen
    >>> posts = datasets.make_posts(60, modalities=("text",), random_state=0)
    >>> model = fusion.FusionClassifier().fit(posts, posts["label"])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     freeze(model, pathlib.Path(folder, "posts.frozen"))
    ...     frozen = load_frozen(pathlib.Path(folder, "posts.frozen"))
    >>> bool(abs(frozen.predict_proba(posts) - model.predict_proba(posts)).max() < 1e-6)
    True
    """
    check_is_fitted(model)
    target = os.path.realpath(os.fspath(path))
    if os.path.exists(target) and not os.path.isfile(target):
        raise OSError(f"freeze, {describe_cell(path)}: not a regular file. Name another path.")
    versions = {package: version(package) for package in ("numpy", "pillow", "scikit-learn")}
    content = pack({"versions": {"mmsenti": __version__, **versions}, **describe(model)})
    read_frozen(content)  # a file that could not be loaded is not worth an older one
    try:
        write_atomically(target, content)
    except OSError as error:
        raise OSError(
            error.errno,
            f"freeze, {describe_cell(path)}: cannot be written ({error.strerror}). An older file "
            "of this name is untouched.",
        ) from error
