"""Load a frozen model, having trusted nothing in its file."""

import gc
import os
from typing import Any

from mmsenti import __version__
from mmsenti._sample import describe_cell, regular_file
from mmsenti.frozen._file import read_sealed, unpack
from mmsenti.frozen._model import FrozenClassifier, FrozenRegressor, restore

__all__ = ["load_frozen", "read_frozen"]


def load_frozen(path: str | os.PathLike[str]) -> FrozenClassifier | FrozenRegressor:
    """Load a model that `freeze` wrote, to predict without scikit-learn.

    Parameters
    ----------
    path : str or path-like

    Returns
    -------
    FrozenClassifier or FrozenRegressor

    Raises
    ------
    ValueError
        If the file is no frozen model, damaged, of another format, or written by another version
        of mmsenti whose features were other ones.
    OSError
        If there is no regular file or it cannot be read.

    See Also
    --------
    load : Load a model saved by `save`, which can be fitted again.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "model.frozen")
    ...     _ = path.write_bytes(b"not a model")
    ...     load_frozen(path)
    Traceback (most recent call last):
        ...
    ValueError: load_frozen, '...model.frozen': not a frozen model. Write one with ...
    """
    collects = gc.isenabled()
    gc.disable()  # what loading makes stays: to look for garbage meanwhile finds nothing
    try:
        with open(regular_file(path), "rb") as file:
            content = read_sealed(file)
        return read_frozen(content)
    except (ValueError, OSError) as error:
        kinds = (FileNotFoundError, OSError, ValueError)
        kind = next(kind for kind in kinds if isinstance(error, kind))
        raise kind(f"load_frozen, {describe_cell(path)}: {error}") from error
    finally:
        if collects:
            gc.enable()


def read_frozen(content: bytes) -> FrozenClassifier | FrozenRegressor:
    """Make a model of the content of a file.

    Raises
    ------
    ValueError
    """
    description = unpack(content)
    try:
        saved = description["versions"]["mmsenti"]
        model = restore(description)
        if saved != __version__:
            _check_features(model, saved)
        return model
    except (LookupError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise ValueError(
            f"not a frozen model that can be loaded ({type(error).__name__}: {error})."
        ) from error


def _check_features(model: FrozenClassifier | FrozenRegressor, saved: Any) -> None:
    """Refuse the model of a version of mmsenti that computed other features than this one."""
    try:
        model.check_features()
    except ValueError as error:
        raise ValueError(
            f"frozen by mmsenti {saved!a:.40}, {error}. This is mmsenti {__version__}: freeze the "
            "model again with it, or install that one."
        ) from error
