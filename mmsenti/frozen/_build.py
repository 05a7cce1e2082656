"""Make of a description the parts that it describes."""

from typing import Any

from mmsenti.frozen._calibrated import Calibrated
from mmsenti.frozen._columns import Chain, Choose, Impute, Project, Ratios, Scale, SideBySide
from mmsenti.frozen._joint import Joint
from mmsenti.frozen._linear import Behind, LinearClassifier, LinearRegressor
from mmsenti.frozen._member import Member
from mmsenti.frozen._stacking import Stacking
from mmsenti.frozen._voting import Voting

__all__ = ["build"]

_SINGLE: dict[str, Any] = {
    "choose": Choose,
    "impute": Impute,
    "linear classifier": LinearClassifier,
    "linear regressor": LinearRegressor,
    "project": Project,
    "ratios": Ratios,
    "scale": Scale,
}
_COMPOSED: dict[str, Any] = {
    "behind": Behind,
    "calibrated": Calibrated,
    "chain": Chain,
    "joint": Joint,
    "member": Member,
    "side by side": SideBySide,
    "stacking": Stacking,
    "voting": Voting,
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
        return _SINGLE[kind](**params)
    if kind in _COMPOSED:
        return _COMPOSED[kind](**params, build=build)
    # A model without texts need not load what reads them.
    if kind == "tfidf":
        from mmsenti.frozen._tfidf import FrozenTfidf

        return FrozenTfidf(**params)
    if kind == "extractor":
        from mmsenti.frozen._extractor import FrozenExtractor

        return FrozenExtractor(**params)
    raise ValueError(f"holds a part {kind!a:.80}, which this mmsenti does not know.")
