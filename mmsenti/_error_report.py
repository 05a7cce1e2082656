"""What could not be read: counted by reason for people, listed row by row in a file."""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from mmsenti._atomic import write_atomically

__all__ = ["Unread", "count_by_reason", "errors_of", "read_on", "write_errors"]

_SHOWN_REASONS = 5

Unread = tuple[int, str, str, str]  # row, modality, path, reason


def errors_of(model: Any) -> list[Unread]:
    """List what a fitted fusion could not read the last time.

    Parameters
    ----------
    model : FusionClassifier or FusionRegressor, full or frozen

    Returns
    -------
    list of (int, str, str, str)
        Row, modality, path and reason, in the order of rows.
    """
    if hasattr(model, "errors_"):  # frozen: it is asked without scikit-learn
        return model.errors_
    from sklearn.pipeline import Pipeline

    from mmsenti._nested import nested_errors

    if isinstance(model.fusion_, Pipeline):
        by_name = {name: nested_errors(part) for name, part, _ in model.fusion_[0].transformers_}
    else:
        members = model.fusion_.named_estimators_
        by_name = {name: getattr(part, "errors_", []) for name, part in members.items()}
    place = {name: number for number, (name, _, _) in enumerate(model.modalities_)}
    found = [(row, name, *rest) for name, errors in by_name.items() for row, *rest in errors]
    return sorted(found, key=lambda error: (error[0], place[error[1]]))


def read_on(model: Any, on_error: str) -> None:
    """Let a fitted fusion raise at what it cannot read, or list it and go on.

    Parameters
    ----------
    model : FusionClassifier or FusionRegressor, full or frozen
    on_error : {"raise", "missing"}
    """
    if hasattr(model, "read_on"):
        model.read_on(on_error)
        return
    from sklearn.compose import ColumnTransformer
    from sklearn.pipeline import FeatureUnion

    from mmsenti._nested import nested_extractors, nested_parts

    for extractor in nested_extractors(model):
        extractor.on_error = on_error
    for part in nested_parts(model, (ColumnTransformer, FeatureUnion)):
        part.n_jobs = None  # what other processes could not read, they would keep to themselves


def count_by_reason(errors: Sequence[Unread]) -> Iterator[str]:
    """Yield a line for each of the most frequent reasons.

    Parameters
    ----------
    errors : sequence of (int, str, str, str)

    Yields
    ------
    str

    Examples
    --------
    >>> gone = [(row, "image", f"{row}.png", "no such file.") for row in (0, 7)]
    >>> list(count_by_reason(gone))
    ['        2  image: no such file.']
    """
    reasons = Counter((name, reason) for _, name, _, reason in errors)
    for (name, reason), n in reasons.most_common(_SHOWN_REASONS):
        yield f"  {n:>7,}  {name}: {reason}"
    if len(reasons) > _SHOWN_REASONS:
        yield f"  and {len(reasons) - _SHOWN_REASONS} more reasons"


def write_errors(path: str, errors: Sequence[Unread]) -> None:
    """Write all errors to a CSV file, with the header row,modality,path,reason.

    Parameters
    ----------
    path : str
        Replaced whole or not at all, and written also if there are none.
    errors : sequence of (int, str, str, str)
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["row", "modality", "path", "reason"])
    writer.writerows(errors)
    write_atomically(path, text.getvalue().encode("utf-8", "surrogateescape"))
