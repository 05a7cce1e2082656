"""Load a corpus of your own from the table that lists it."""

import os
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from mmsenti._missing import is_missing
from mmsenti._sample import describe_cell
from mmsenti.datasets import _integrity
from mmsenti.datasets._media_paths import resolve_paths
from mmsenti.datasets._roles import find_roles
from mmsenti.datasets._tabular import Table, read_table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["load_manifest"]

_MEDIA = ("image", "audio")
_LARGEST_EXACT = 2**53  # a larger integer is a code, which a float would blur


def load_manifest(
    path: str | os.PathLike[str],
    *,
    text: str | Literal[False] | None = None,
    image: str | Literal[False] | None = None,
    audio: str | Literal[False] | None = None,
    label: str | Literal[False] | None = None,
    id: str | Literal[False] | None = None,
    groups: str | None = None,
    labels: Sequence[str] | None = None,
    numeric_label: bool = False,
    root: str | os.PathLike[str] | None = None,
    allow_outside: bool = False,
    check_files: bool = False,
    delimiter: str | None = None,
) -> "pd.DataFrame":
    r"""Load a table of posts from CSV, TSV, JSON lines or Parquet.

    Parameters
    ----------
    path : str or path-like
        UTF-8 where it is text. The format goes by the end of the name: .csv, .tsv, .tab, .jsonl,
        .ndjson or .parquet.
    text, image, audio : str, False or None, default=None
        Column of each modality. None: the column of that very name, if there is one. False: none,
        whatever the columns are called. An image or audio cell is a path relative to the folder of
        the manifest.
    label : str, False or None, default=None
        Column of the label, found likewise; every row must have one. Pass False to read rows that
        are not labelled yet.
    id : str, False or None, default=None
        Column that names the rows, found likewise; every row must have one of its own.
    groups : str, default=None
        Column of the speaker, author or clip that a split must keep together; kept as strings.
    labels : sequence of str, default=None
        The labels there are; another one is an error.
    numeric_label : bool, default=False
        Whether the label is a number, such as an intensity. If not, "1" stays the string "1".
    root : str or path-like, default=None
        Folder that the files must lie in, symbolic links followed; None is the manifest's own.
        Paths remain relative to the manifest. A link to a file must lead into the manifest's
        folder or stay in its own, however wide `root` is.
    allow_outside : bool, default=False
        Let paths lead anywhere, absolute ones too. For manifests that you trust.
    check_files : bool, default=False
        Make sure that every file is there, and list all that are not. If not, an extractor says so
        when it comes to the file, or takes it for missing with ``on_error="missing"``.
    delimiter : str, default=None
        Character between the fields of a CSV or TSV file; None is a comma, a tab in a .tsv.

    Returns
    -------
    DataFrame
        The columns of the file, under their names and in their order. Modalities, ids, groups and
        labels are strings, blank cells None; "NA" and "null" are words. Media paths are absolute.
        Any other column of a CSV or TSV file is numeric if all of its cells are numbers, a blank
        one NaN; codes such as "007" and integers above 2**53 remain strings.

    Raises
    ------
    ValueError, OSError
        Naming the file, the line (Parquet: the row, from 0) and what to do.

    Warns
    -----
    UserWarning
        Once, if rows with the same content have different labels.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "posts.csv")
    ...     _ = path.write_text("id,text,label\n01,NA means no answer,neutral\n02,,negative\n")
    ...     posts = load_manifest(path)
    >>> posts.to_dict("records")
    [{'id': '01', 'text': 'NA means no answer', 'label': 'neutral'},
     {'id': '02', 'text': None, 'label': 'negative'}]
    """
    asked = {"text": text, "image": image, "audio": audio, "label": label, "id": id}
    try:
        table = read_table(path, delimiter)
        roles = find_roles(list(table.columns), {**asked, "groups": groups})
        columns = _check_columns(table, roles, labels, numeric_label)
        media = [roles[role] for role in _MEDIA if role in roles]
        folder = os.path.dirname(os.path.abspath(path))
        fence = None if allow_outside else folder if root is None else os.path.abspath(root)
        for column in media:
            places = [f"{place}, column {column!r}" for place in table.places]
            columns[column] = resolve_paths(columns[column], places, folder=folder, fence=fence)
        if check_files:
            _integrity.check_files(columns, media, table.places)
    except (ValueError, OSError) as error:
        raise _located(error, path) from error
    if "label" in roles and not numeric_label:
        contents = [columns[roles[role]] for role in ("text", *_MEDIA) if role in roles]
        conflicts = _integrity.describe_conflicts(columns[roles["label"]], contents, table.places)
        if conflicts:
            warnings.warn(f"load_manifest, {describe_cell(path)}: {conflicts}.", stacklevel=2)
    return _to_frame(columns, set(roles.values()), table.typed)


def _located(error: ValueError | OSError, path: Any) -> ValueError | OSError:
    kinds = (FileNotFoundError, OSError, ValueError)
    kind = next(kind for kind in kinds if isinstance(error, kind))
    return kind(f"load_manifest, {describe_cell(path)}: {error}")


def _check_columns(
    table: Table, roles: dict[str, str], labels: Sequence[str] | None, numeric_label: bool
) -> dict[str, Any]:
    """Bring the columns that play a role into their form, and check labels and ids."""
    columns = dict(table.columns)
    for column in roles.values():
        columns[column] = _as_strings(table.columns[column])
    if "id" in roles:
        _integrity.check_ids(columns[roles["id"]], table.places, roles["id"])
    if "label" in roles:
        name = roles["label"]
        _integrity.check_labels(
            columns[name], table.places, name, None if numeric_label else labels
        )
        if numeric_label:
            columns[name] = _as_intensities(columns[name], table.places, name)
    return columns


def _as_strings(cells: Any) -> list[str | None]:
    if isinstance(cells, np.ndarray):
        cells = cells.tolist()
    return [None if is_missing(cell) else str(cell) for cell in cells]


def _as_intensities(cells: Sequence[str], places: Sequence[str], column: str) -> np.ndarray:
    values = np.empty(len(cells))
    for row, (cell, place) in enumerate(zip(cells, places, strict=True)):
        try:
            values[row] = float(cell)
        except ValueError:
            values[row] = np.nan
        if not np.isfinite(values[row]):
            raise ValueError(
                f"{place}: the label {describe_cell(cell)} in column {column!r} is not a finite "
                "number, which numeric_label=True expects. Mend it, or pass numeric_label=False."
            )
    return values


def _to_frame(columns: dict[str, Any], roles: set[str], typed: bool) -> "pd.DataFrame":
    import pandas as pd

    series = {}
    for name, cells in columns.items():
        values = cells
        if name not in roles and isinstance(cells, list):
            values = _typed_numbers(cells) if typed else _parsed_numbers(cells)
            values = cells if values is None else values
        is_array = isinstance(values, np.ndarray)
        series[name] = pd.Series(values, dtype=None if is_array else object)
    return pd.DataFrame(series)


def _parsed_numbers(cells: Sequence[str | None]) -> np.ndarray | None:
    """Read strings as numbers if all of them are; None if they are not."""
    if all(cell is None for cell in cells) or any(_is_code(cell) for cell in cells if cell):
        return None
    try:
        return _typed_numbers([None if cell is None else int(cell) for cell in cells])
    except ValueError:
        pass
    try:
        return np.array([np.nan if cell is None else float(cell) for cell in cells])
    except ValueError:
        return None


def _is_code(cell: str) -> bool:
    """Tell whether Python reads as a number what people write as a code, as in 007 or 1_000."""
    digits = cell.strip().lstrip("+-")
    return "_" in cell or (digits[:1] == "0" and digits[1:2].isdigit())


def _typed_numbers(cells: Sequence[Any]) -> np.ndarray | None:
    """Make an array of cells that are numbers or missing; None if others are among them."""
    there = [cell for cell in cells if cell is not None]
    kinds = {type(cell) for cell in there}
    if not kinds or not kinds <= {int, float}:
        return None
    if int in kinds and max(abs(cell) for cell in there if type(cell) is int) > _LARGEST_EXACT:
        return None
    if kinds == {int} and len(there) == len(cells):
        return np.array(cells, dtype=np.int64)
    return np.array([np.nan if cell is None else cell for cell in cells], dtype=np.float64)
