"""An explanation as one self-contained page."""

from typing import Any

import numpy as np

from mmsenti._optional import import_optional
from mmsenti.evaluation._gallery import sound_of, thumbnail_of
from mmsenti.evaluation._page import render

__all__ = ["render_explanation"]

_N_FEATURES = 10
_PICTURE = 288


def render_explanation(why: Any) -> str:
    """Write the page of an explanation.

    Parameters
    ----------
    why : Explanation

    Returns
    -------
    str
    """
    import_optional("jinja2", "report", "The page")
    bars = [("without any", why.base, True)]
    bars += [(name, value, why.present[name]) for name, value in why.contributions.items()]
    scale = max([abs(value) for _, value, _ in bars] + [0.5])
    prediction = why.prediction if why.label is not None else f"{float(why.prediction):.3g}"
    return render(
        "explanation.html.jinja",
        prediction=prediction,
        probabilities=list((why.probabilities or {}).items()),
        unit=why.unit,
        bars=[_bar(name, value, scale, there) for name, value, there in bars],
        parts=[_part(why, name) for name in why.contributions],
    )


def _bar(name: str, value: float, scale: float, there: bool) -> dict[str, Any]:
    width = 50 * abs(value) / scale
    return {
        "name": name,
        "number": f"{value:+.2f}" if there else "missing",
        "width": f"{width:.1f}" if there else None,
        "left": f"{50 - width if value < 0 else 50:.1f}",
        "against": value < 0,
    }


def _part(why: Any, name: str) -> dict[str, Any]:
    cell = why.cells[name]
    features = why.features[why.features["modality"] == name].head(_N_FEATURES)
    part: dict[str, Any] = {
        "name": name,
        "missing": not why.present[name],
        "words": _coloured(cell, why.words[name]) if name in why.words else [],
        "image": "",
        "regions": [],
        "sound": "",
        "features": [
            {name: cell if isinstance(cell, str) else _number(cell) for name, cell in one.items()}
            for one in features[["feature", "value", "average", "effect"]].to_dict("records")
        ],
    }
    if name in why.regions:
        effects = why.regions[name].ravel()
        most = max(np.abs(effects).max(), 0.1)
        part["image"] = thumbnail_of(cell, _PICTURE)
        part["regions"] = [
            {"effect": float(e), "shade": f"{0.65 * abs(e) / most:.2f}"} for e in effects
        ]
    if why.kinds[name] == "audio" and part["missing"] is False:
        part["sound"] = sound_of(cell)["sound"]
    return part


def _number(value: float) -> str:
    return f"{value:.3g}" if abs(value) >= 5e-4 else "0"


def _coloured(text: str, words: list[tuple[str, int, int, float]]) -> list[dict[str, Any]]:
    """Cut a text into words with their colours, and what is between them."""
    most = max([abs(effect) for *_, effect in words] + [0.3])
    pieces: list[dict[str, Any]] = []
    end = 0
    for word, start, stop, effect in words:
        pieces.append({"text": text[end:start], "effect": None})
        shade = f"{0.6 * abs(effect) / most:.2f}"
        pieces.append({"text": word, "effect": effect, "shade": shade})
        end = stop
    return [*pieces, {"text": text[end:], "effect": None}]
