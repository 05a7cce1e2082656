"""The command `mmsenti explain`: why a model predicts what it predicts of one row."""

from typing import Any

from mmsenti._atomic import write_atomically
from mmsenti.evaluation import explain

__all__ = ["explain_row"]


def explain_row(model: Any, table: Any, row: int, label: str | None, html: str | None) -> None:
    """Explain a row of a table in the terminal, or on a page.

    Parameters
    ----------
    model : FusionClassifier or FusionRegressor
    table : DataFrame of shape (n_samples, n_columns)
    row : int
        Place in the table, from 0 as in errors.
    label : str or None
        Class to explain; None is the predicted one.
    html : str or None
        Where the page is written.
    """
    known = {str(one): one for one in getattr(model, "classes_", [])}
    why = explain(model, table, row=row, label=known.get(label, label))
    if html is not None:
        write_atomically(html, why.to_html().encode("utf-8", "replace"))
        print(f"Wrote the explanation to {html}; it opens in a browser.")
        return
    print(f"Row {row}")
    for name, cell in why.cells.items():
        print(f"  {name}: {'missing' if cell is None else _shown(cell)}")
    print(f"\n{why}")


def _shown(cell: Any) -> str:
    text = " ".join(str(cell).split())
    return text if len(text) <= 200 else text[:199] + "\u2026"
