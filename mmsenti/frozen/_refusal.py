"""What cannot be frozen is refused at once, by its name and its place."""

from typing import Any

__all__ = ["refusal"]


def refusal(place: str, found: Any, can: str) -> TypeError:
    """Return the error that refuses a part of a model.

    Parameters
    ----------
    place : str
        Where in the model it is, as in ``modality 'text'``.
    found : object
        The part, or a sentence about it.
    can : str
        What can be frozen in its place.

    Returns
    -------
    TypeError

    Examples
    --------
    >>> print(refusal("the model", {}, "Linear ones can."))
    freeze: the model is a builtins.dict, which cannot be frozen. Linear ones can.
    """
    if isinstance(found, str):
        return TypeError(f"freeze: {place} {found}, which cannot be frozen. {can}")
    kind = type(found)
    name = f"{kind.__module__}.{kind.__qualname__}"
    article = "an" if name[0] in "aeiou" else "a"
    return TypeError(f"freeze: {place} is {article} {name}, which cannot be frozen. {can}")
