"""The samples of a report: what they hold, made small, and why they are predicted as they are."""

import base64
import io
from pathlib import Path
from typing import Any

import numpy as np

from mmsenti._missing import is_missing
from mmsenti.evaluation._comparison import Study
from mmsenti.evaluation._fitted import kind_of
from mmsenti.evaluation._look import Look
from mmsenti.evaluation._page import script_json

__all__ = ["gallery", "sound_of", "thumbnail_of"]

_CHARACTERS = 600  # of a text that are shown
_PEAKS = 60  # of a waveform
_SECONDS = 15.0  # of a sound that are kept
_QUALITY = 55
_SIDES = ((800, 160), (2500, 112), (10**9, 88))  # up to so many rows, so many pixels


def gallery(study: Study, look: Look, max_bytes: int) -> list[dict[str, Any]]:
    """Describe each predicted row, the most surprising errors first.

    Parameters
    ----------
    study : Study
    look : Look
    max_bytes : int
        What all of it may take. Pictures are put in first, then sounds, in the order of rows, until
        there is no room left; the others are told by their names.

    Returns
    -------
    list of dict
        ``row``, ``id``, ``group``, ``truth``, ``said``, ``right``, ``p`` (of the predicted class),
        ``probabilities``, ``base``, ``parts`` (modality, contribution or None), ``text``,
        ``words`` (begin, end, effect), ``image`` and ``sound`` (data URLs), ``peaks``, ``seconds``,
        ``names`` (of files), ``error`` (of values).
    """
    cards = [_facts(study, look, int(place)) for place in _by_surprise(study, look)]
    left = max_bytes - len(script_json(cards))
    side = next(side for rows, side in _SIDES if len(cards) <= rows)
    for kind in ("image", "audio"):
        for name, (_, transformer, column) in study.modalities.items():
            if not isinstance(column, str) or kind_of(transformer) != kind:
                continue
            for card in cards:
                media = _media(study, name, column, kind, card, side) if left > 0 else {}
                size = len(script_json(media))
                if size <= left:
                    card |= media
                    left -= size
    return cards


def _by_surprise(study: Study, look: Look) -> np.ndarray:
    truth = study.targets[look.rows]
    if study.classes is None:
        return np.argsort(-np.abs(look.said - truth), kind="stable")
    if look.probabilities is None:
        return np.argsort(look.said == truth, kind="stable")
    own = look.probabilities[np.arange(len(truth)), truth]
    return np.lexsort((own, look.said == truth))


def _facts(study: Study, look: Look, place: int) -> dict[str, Any]:
    row = int(look.rows[place])
    card: dict[str, Any] = {"row": row, "base": _short(look.base[place])}
    if "id" in study.X:
        card["id"] = str(study.X["id"].iloc[row])
    if study.groups is not None:
        card["group"] = str(study.groups[row])
    if study.classes is None:
        card |= {"truth": _short(study.y[row]), "said": _short(look.said[place])}
        card["error"] = _short(abs(look.said[place] - study.y[row]))
    else:
        said = int(look.said[place])
        card |= {"truth": str(study.y[row]), "said": str(study.classes[said])}
        card["right"] = card["truth"] == card["said"]
        if look.probabilities is not None:
            card["probabilities"] = [_short(p) for p in look.probabilities[place]]
            card["p"] = card["probabilities"][said]
    card["parts"] = [
        [name, _short(look.contributions[i, place]) if study.present[name][row] else None]
        for i, name in enumerate(look.names)
    ]
    card["words"] = [[a, b, _short(e)] for a, b, e in look.words[place] if a < _CHARACTERS]
    _name_cells(study, row, card)
    return card


def _short(number: Any) -> float:
    return round(float(number), 3)


def _name_cells(study: Study, row: int, card: dict[str, Any]) -> None:
    """Put a row's text, and the names of its files, on its card."""
    names = {}
    for name, (_, transformer, column) in study.modalities.items():
        cell = study.X[column].iloc[row] if isinstance(column, str) else None
        if cell is None or is_missing(cell):
            continue
        kind = kind_of(transformer)
        if kind == "text":
            card["text"] = str(cell)[:_CHARACTERS]
        elif kind in ("image", "audio"):
            is_path = isinstance(cell, str | Path)
            names[name] = Path(cell).name if is_path else f"{name} of row {row}"
    card["names"] = names


def _media(
    study: Study, name: str, column: str, kind: str, card: dict[str, Any], side: int
) -> dict[str, Any]:
    """Return a row's picture or sound, made small; of one that cannot be read, the reason."""
    if name not in card["names"]:
        return {}
    cell = study.X[column].iloc[card["row"]]
    try:
        if kind == "image":
            return {"image": thumbnail_of(cell, side, quality=_QUALITY)}
        return sound_of(cell)
    except (ValueError, TypeError, OSError) as error:
        return {"names": card["names"] | {name: f"{card['names'][name]}: {error}"}}


def thumbnail_of(cell: Any, side: int, *, quality: int = 75) -> str:
    """Make a picture small enough for a page.

    Parameters
    ----------
    cell : path, bytes, array or PIL image
    side : int, in pixels
        The longer one.
    quality : int, default=75
        Of the JPEG.

    Returns
    -------
    str
        Data URL.
    """
    from PIL import Image

    from mmsenti.image._picture import Picture

    picture = Picture(cell, size=side, draft=True)
    scale = side / max(picture.width, picture.height)
    width, height = (max(1, round(scale * n)) for n in (picture.width, picture.height))
    file = io.BytesIO()
    Image.fromarray(picture.rgb).resize((width, height)).save(file, "JPEG", quality=quality)
    return _data_url("image/jpeg", file.getvalue())


def sound_of(cell: Any) -> dict[str, Any]:
    """Make a sound small enough for a page: mono at 16 kHz, its first seconds.

    Parameters
    ----------
    cell : path, bytes, array or (signal, sampling_rate)

    Returns
    -------
    dict
        ``peaks`` (of the waveform, 0 to 100), ``seconds``, and ``sound`` as a data URL.
    """
    import soundfile

    from mmsenti.audio._clip import Clip

    clip = Clip(cell)
    signal = clip.signal[: int(_SECONDS * clip.sampling_rate)]
    loudest = float(np.abs(signal).max()) or 1.0
    pieces = np.array_split(np.abs(signal), min(_PEAKS, len(signal)))
    kind = "MP3" if "MP3" in soundfile.available_formats() else "WAV"
    level = 0.9 if kind == "MP3" else None
    file = io.BytesIO()
    soundfile.write(file, signal, clip.sampling_rate, format=kind, compression_level=level)
    return {
        "peaks": [round(100 * float(piece.max()) / loudest) for piece in pieces],
        "seconds": _short(clip.duration),
        "sound": _data_url("audio/mpeg" if kind == "MP3" else "audio/wav", file.getvalue()),
    }


def _data_url(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"
