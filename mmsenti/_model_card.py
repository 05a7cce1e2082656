"""What a model file says of its model, for `load` to find that it has got the same one."""

import hashlib
from typing import Any

from mmsenti._nested import nested_extractors

__all__ = ["describe_model", "differences"]

_TOLD = "modalities", "classes", "features"


def describe_model(estimator: Any) -> dict[str, Any]:
    """Describe an estimator by what its predictions hang on and its numbers do not show.

    Parameters
    ----------
    estimator : object

    Returns
    -------
    dict
        Ready for JSON: the names of its "modalities" and its "classes" (None where it has none),
        and its "features": by class of extractor the digests of their feature names, which say
        which columns the weights belong to.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> describe_model(LogisticRegression().fit([[0.0], [1.0]], ["neg", "pos"]))
    {'modalities': None, 'classes': ["'neg'", "'pos'"], 'features': {}}
    """
    modalities = getattr(estimator, "modalities_", getattr(estimator, "modalities", None))
    classes = getattr(estimator, "classes_", None)
    features: dict[str, set[str]] = {}
    for extractor in nested_extractors(estimator):
        digest = _digest_names(extractor)
        if digest is not None:
            features.setdefault(type(extractor).__name__, set()).add(digest)
    return {
        "modalities": None if modalities is None else [str(name) for name, _, _ in modalities],
        "classes": None if classes is None else [repr(label) for label in classes.tolist()],
        "features": {name: sorted(digests) for name, digests in sorted(features.items())},
    }


def _digest_names(extractor: Any) -> str | None:
    try:
        names = extractor.get_feature_names_out()
    except (ValueError, TypeError):  # its parameters make no extractor, fitted or not
        return None
    return hashlib.sha256("\n".join(map(str, names)).encode()).hexdigest()


def differences(told: dict[str, Any], found: dict[str, Any]) -> list[str]:
    """Say in what a model differs from what its file says of it.

    Parameters
    ----------
    told : dict
        Read from the file; what it does not tell, as files of older versions may not, is no
        difference.
    found : dict
        From `describe_model`.

    Returns
    -------
    list of str

    Examples
    --------
    >>> differences({"classes": ["1", "2"]}, {"classes": ["1", "3"]})
    ["the classes ['1', '2'], which are ['1', '3'] here"]
    """
    wrong = []
    for key in _TOLD:
        if key not in told or told[key] == found.get(key):
            continue
        if key == "features" and isinstance(told[key], dict):
            names = sorted(
                name
                for name in {*told[key], *found[key]}
                if told[key].get(name) != found[key].get(name)
            )
            wrong.append(f"the feature names of {', '.join(names)}, which are others here")
        else:
            wrong.append(f"the {key} {told[key]}, which are {found.get(key)} here")
    return wrong
