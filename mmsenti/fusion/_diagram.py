"""The diagram that notebooks show of a fusion: a box a modality, under its name."""

from typing import Any

from sklearn.utils._repr_html.estimator import _VisualBlock

__all__ = ["fusion_block", "member_block"]


def fusion_block(fusion: Any) -> _VisualBlock:
    """Describe a fusion for scikit-learn's HTML diagram.

    Parameters
    ----------
    fusion : FusionClassifier or FusionRegressor
        Fitted, it shows what it has fitted; else its modalities, as far as they are known, and
        its model.

    Returns
    -------
    _VisualBlock
    """
    if hasattr(fusion, "fusion_"):
        return _VisualBlock("serial", [fusion.fusion_], names=[fusion.strategy], dash_wrapped=False)
    if not fusion.modalities:
        name = type(fusion).__name__
        return _VisualBlock("single", fusion, names=name, name_details=str(fusion))
    names, transformers, _ = zip(*fusion.modalities, strict=True)
    beside = _VisualBlock("parallel", list(transformers), names=list(names), dash_wrapped=False)
    model = fusion._default_models()["estimator"] if fusion.estimator is None else fusion.estimator
    return _VisualBlock("serial", [beside, model], dash_wrapped=False)


def member_block(member: Any) -> _VisualBlock:
    """Describe a member of voting or stacking: its transformer, and behind it its model.

    Parameters
    ----------
    member : ModalityClassifier or ModalityRegressor

    Returns
    -------
    _VisualBlock
    """
    return _VisualBlock("serial", [member.transformer, member.estimator], dash_wrapped=False)
