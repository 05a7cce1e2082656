"""Import a package or name the extra to install."""

import importlib
from types import ModuleType

__all__ = ["import_optional"]


def import_optional(name: str, extra: str, purpose: str) -> ModuleType:
    """Import an optional package where it is used.

    Parameters
    ----------
    name : str
        Module to import.
    extra : str
        The extra of mmsenti that brings it.
    purpose : str
        What needs it, as the subject of the error's sentence.

    Returns
    -------
    module

    Raises
    ------
    ImportError
        If the package is not installed; the message says what to install.

    Examples
    --------
    >>> import_optional("json", "report", "The report").__name__
    'json'
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        root = name.partition(".")[0]
        raise ImportError(
            f'{purpose} needs the package {root}. Install it with: pip install "mmsenti[{extra}]"'
        ) from error
