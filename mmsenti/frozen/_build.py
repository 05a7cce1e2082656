"""Make of a description the parts that it describes."""

from importlib import import_module
from typing import Any

__all__ = ["build"]

# Where each kind is; what a model has no use for is not even imported.
_SINGLE = {
    "choose": ("_columns", "Choose"),
    "extractor": ("_extractor", "FrozenExtractor"),
    "impute": ("_columns", "Impute"),
    "linear classifier": ("_linear", "LinearClassifier"),
    "linear regressor": ("_linear", "LinearRegressor"),
    "project": ("_columns", "Project"),
    "ratios": ("_columns", "Ratios"),
    "scale": ("_columns", "Scale"),
    "tfidf": ("_tfidf", "FrozenTfidf"),
}
# Those that are made of others.
_COMPOSED = {
    "behind": ("_linear", "Behind"),
    "calibrated": ("_calibrated", "Calibrated"),
    "chain": ("_columns", "Chain"),
    "joint": ("_joint", "Joint"),
    "member": ("_member", "Member"),
    "side by side": ("_columns", "SideBySide"),
    "stacking": ("_stacking", "Stacking"),
    "voting": ("_voting", "Voting"),
}


def build(node: dict[str, Any]) -> Any:
    """Build a part and all parts inside of it.

    Parameters
    ----------
    node : dict
        "kind", and the parameters of that kind.

    Returns
    -------
    object

    Raises
    ------
    ValueError
        For a kind that this mmsenti does not know.
    """
    params = dict(node)
    kind = params.pop("kind")
    if kind in _SINGLE:
        return _class(*_SINGLE[kind])(**params)
    if kind in _COMPOSED:
        return _class(*_COMPOSED[kind])(**params, build=build)
    raise ValueError(f"holds a part {kind!a:.80}, which this mmsenti does not know.")


def _class(module: str, name: str) -> Any:
    return getattr(import_module(f"mmsenti.frozen.{module}"), name)
