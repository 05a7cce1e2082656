"""Save a fitted model to a file, and load it without trusting the file.

A pickle runs whatever its author wrote. A model file here is a zip archive of numbers and names as
skops writes it: `load` reads the names first, and constructs nothing unless all of them are
estimators of this package or of scikit-learn, or plain numpy and scipy data.

Conventions
-----------
A model that is loaded predicts as it did when saved, to the bit, or is not loaded at all.
"""

import os
import warnings
import zipfile
from collections.abc import Collection
from platform import python_version
from typing import Any

from mmsenti._archive import open_archive, seal_archive
from mmsenti._atomic import write_atomically
from mmsenti._plain_archive import NOT_PLAIN, construct_plain
from mmsenti._sample import describe_cell, regular_file
from mmsenti._trust import mentioned_names, strange_names, trusted_names
from mmsenti.store._parameter import without_stores

__all__ = ["load", "save"]


def save(estimator: Any, path: str | os.PathLike[str]) -> None:
    """Save a fitted model.

    Parameters
    ----------
    estimator : object
        An estimator of this package or of scikit-learn, or a pipeline of them. A feature store
        that it uses is not saved along.
    path : str or path-like
        Where to; ``.skops`` is the custom. An existing model is replaced only once the new one is
        safely on disk, and stays whole otherwise.

    Raises
    ------
    ValueError
        If the model holds something that has no name to be found by, such as a lambda.
    TypeError
        If the model holds something that cannot be saved.
    OSError
        If the file cannot be written.

    Warns
    -----
    UserWarning
        If `load` will want to be told ``trusted=[...]``, which the warning spells out.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from sklearn.linear_model import LogisticRegression
    >>> model = LogisticRegression().fit([[0.0], [1.0]], ["negative", "positive"])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save(model, pathlib.Path(folder, "model.skops"))
    ...     load(pathlib.Path(folder, "model.skops")).predict([[2.0]]).tolist()
    ['positive']
    """
    from skops import io as skops_io

    from mmsenti._model_card import describe_model

    target = _file_target(path)
    with without_stores():
        archive = skops_io.dumps(estimator, compression=zipfile.ZIP_DEFLATED, compresslevel=1)
    try:
        sealed = seal_archive(archive, _versions(), describe_model(estimator))
    except ValueError:
        # Numbers that hardly differ compress as well as a zip bomb: then not at all.
        with without_stores():
            archive = skops_io.dumps(estimator)
        sealed = seal_archive(archive, _versions(), describe_model(estimator))
    strangers = strange_names(archive, mentioned_names(archive))
    nameless = [name for name in strangers if "<" in name]
    if nameless:
        raise ValueError(
            f"save, {describe_cell(path)}: the model holds {nameless}, which has no name to be "
            "found by again. Use a function defined in a module instead."
        )
    try:
        write_atomically(target, sealed)
    except OSError as error:
        raise OSError(
            error.errno,
            f"save, {describe_cell(path)}: cannot be written ({error.strerror}). An older file of "
            "this name is untouched.",
        ) from error
    if strangers:
        warnings.warn(
            f"save, {describe_cell(path)}: to load this model, vouch for its own types: "
            f"mmsenti.load(path, trusted={strangers}).",
            stacklevel=2,
        )


def load(path: str | os.PathLike[str], *, trusted: Collection[str] = ()) -> Any:
    """Load a model saved by `save`; nothing is unpickled.

    Parameters
    ----------
    path : str or path-like
    trusted : list, tuple or set of str, default=()
        Names of further types that you vouch for, as in ``["my_module.MyFeatures"]``. Loading
        imports their modules and may run their code.

    Returns
    -------
    object
        The estimator.

    Raises
    ------
    ValueError
        If the file is no model, damaged, newer than this package, or holds types that are
        neither this package's, scikit-learn's, numpy's or scipy's nor in `trusted`: nothing is
        constructed then. Or if the model has other modalities, classes or names of features than
        when it was saved, as when a version of this package has changed its features.
    OSError
        If there is no regular file or it cannot be read.

    Warns
    -----
    UserWarning
        If the model was saved with another version of this package or of scikit-learn, which may
        predict otherwise.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "model.skops")
    ...     _ = path.write_bytes(b"not a model")
    ...     load(path)
    Traceback (most recent call last):
        ...
    ValueError: load, '...model.skops': not a model saved by mmsenti.save.
    """
    if not isinstance(trusted, list | tuple | set | frozenset) or not all(
        isinstance(name, str) for name in trusted
    ):
        raise TypeError(f"load: trusted must be a list of type names, got {trusted!r}.")
    try:
        with open(regular_file(path), "rb") as file:
            content = file.read()
        description = open_archive(content)
        model = _construct(content, trusted)
        _check_model(model, description)
    except (ValueError, OSError) as error:
        kinds = (FileNotFoundError, OSError, ValueError)
        kind = next(kind for kind in kinds if isinstance(error, kind))
        raise kind(f"load, {describe_cell(path)}: {error}") from error
    _warn_of_version(path, description["versions"])
    return model


def _construct(content: bytes, trusted: Collection[str]) -> Any:
    from sklearn.exceptions import InconsistentVersionWarning

    try:
        with warnings.catch_warnings():
            # One warning for the whole model is ours to give.
            warnings.simplefilter("ignore", InconsistentVersionWarning)
            model = construct_plain(content)
            if model is not NOT_PLAIN:
                return model
            model, strangers = _construct_by_skops(content, trusted)
            if not strangers:
                return model
    except Exception as error:
        # What a crafted archive stumbles over on its way is its own affair: it is no model.
        raise ValueError(f"not a model that can be loaded ({_reason(error)}).") from error
    raise ValueError(
        f"holds the types {strangers}, which are not this package's, scikit-learn's, numpy's or "
        f"scipy's own. If you made the file yourself, or trust who did, pass trusted={strangers}."
    )


def _construct_by_skops(content: bytes, trusted: Collection[str]) -> tuple[Any, list[str]]:
    """Return the model, or the names that nobody trusts, and nothing was constructed."""
    from skops import io as skops_io
    from skops.io.exceptions import UntrustedTypesFoundException

    names = mentioned_names(content)
    try:
        return skops_io.loads(content, trusted=trusted_names(names, trusted)), []
    except UntrustedTypesFoundException:  # of which skops tells before it constructs anything
        return None, strange_names(content, names, trusted)


def _check_model(model: Any, description: dict[str, Any]) -> None:
    from mmsenti import __version__
    from mmsenti._model_card import describe_model, differences

    wrong = differences(description.get("model", {}), describe_model(model))
    if wrong:
        raise ValueError(
            f"is not the model that was saved: the file tells {'; '.join(wrong)}. It was saved "
            f"with mmsenti {description['versions'].get('mmsenti')}, this is {__version__}. Fit "
            "the model again, or load it with the version that saved it."
        )


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error)[:200]}"


def _versions() -> dict[str, str]:
    from importlib.metadata import version

    from mmsenti import __version__

    packages = ("numpy", "scikit-learn", "skops")
    return {
        "mmsenti": __version__,
        "python": python_version(),
        **{package: version(package) for package in packages},
    }


def _warn_of_version(path: Any, versions: dict[str, str]) -> None:
    here = _versions()
    other = [
        f"{package} {versions.get(package)}, this is {here[package]}"
        for package in ("mmsenti", "scikit-learn")
        if versions.get(package) != here[package]
    ]
    if other:
        warnings.warn(
            f"load, {describe_cell(path)}: saved with {' and with '.join(other)}; predictions may "
            "differ. Fit the model again to be sure.",
            stacklevel=3,
        )


def _file_target(path: str | os.PathLike[str]) -> str:
    """Follow symbolic links to the file to replace, which must be one or not be there."""
    target = os.path.realpath(os.fspath(path))
    if os.path.exists(target) and not os.path.isfile(target):
        raise OSError(f"save, {describe_cell(path)}: not a regular file. Name another path.")
    return target
