"""Make a corpus whose answer is known: each modality tells a part of the truth."""

import csv
import os
from collections.abc import Sequence
from numbers import Integral, Real
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, overload

import numpy as np

from mmsenti._params import Interval, Options, validate_params
from mmsenti.datasets import _drawing, _sentences, _voices

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["make_posts"]

_MODALITIES = ("text", "image", "audio")
_CLASSES = {2: ("negative", "positive"), 3: ("negative", "neutral", "positive")}
_NEUTRAL_WIDTH = 0.15  # largest strength of a neutral cue
_LEAST_STRENGTH = 0.35  # smallest strength of an emotional one

_CONSTRAINTS: dict[str, list[Any]] = {
    "n_samples": [Interval(Integral, 1, None, closed="left")],
    "modalities": [list, tuple],
    "task": [Options({"classification", "regression"})],
    "n_classes": [Interval(Integral, 2, 3, closed="both")],
    "noise": [Interval(Real, 0, 0.5, closed="both")],
    "missing_rate": [Interval(Real, 0, 1, closed="left")],
    "n_groups": [Interval(Integral, 1, None, closed="left")],
    "folder": [str, os.PathLike, None],
    "random_state": ["random_state"],
    "return_cues": ["boolean"],
}


@overload
def make_posts(
    n_samples: int = 200,
    *,
    modalities: Sequence[str] = _MODALITIES,
    task: str = "classification",
    n_classes: int = 2,
    noise: float = 0.2,
    missing_rate: float = 0.0,
    n_groups: int = 20,
    folder: str | os.PathLike[str] | None = None,
    random_state: Any = None,
    return_cues: Literal[False] = False,
) -> "pd.DataFrame": ...


@overload
def make_posts(
    n_samples: int = 200,
    *,
    modalities: Sequence[str] = _MODALITIES,
    task: str = "classification",
    n_classes: int = 2,
    noise: float = 0.2,
    missing_rate: float = 0.0,
    n_groups: int = 20,
    folder: str | os.PathLike[str] | None = None,
    random_state: Any = None,
    return_cues: Literal[True],
) -> "tuple[pd.DataFrame, pd.DataFrame]": ...


def make_posts(
    n_samples: int = 200,
    *,
    modalities: Sequence[str] = _MODALITIES,
    task: str = "classification",
    n_classes: int = 2,
    noise: float = 0.2,
    missing_rate: float = 0.0,
    n_groups: int = 20,
    folder: str | os.PathLike[str] | None = None,
    random_state: Any = None,
    return_cues: bool = False,
) -> "pd.DataFrame | tuple[pd.DataFrame, pd.DataFrame]":
    """Make posts of text, image and audio of which no modality alone tells the whole truth.

    A post has a label, and each modality shows a cue. The cue is the label with probability
    ``1 - noise`` and misleads otherwise, in each modality by itself. So the best possible model of
    one modality reaches an accuracy of ``p = 1 - noise``, and of three with two classes that of
    the majority, ``p**3 + 3 * p**2 * (1 - p)``: with the default noise .80 and .896. With three
    classes ``p * (1 - p)**2 / 2`` is added, where all disagree and one must guess: .912. Two
    modalities that tell two classes apart equally well gain nothing in accuracy, as one cannot
    outvote the other; their gain shows in the probabilities.

    Authors have a style of their own, favourite words, the cast of a camera, the pitch of a
    voice, which says nothing about the label. Split by ``author``.

    Parameters
    ----------
    n_samples : int, default=200
        Number of posts.
    modalities : sequence of {"text", "image", "audio"}, default=("text", "image", "audio")
        A post's text is the same whether its picture is made or not.
    task : {"classification", "regression"}, default="classification"
        With "regression" the label is an intensity, uniform in [-1, 1], and a misleading cue is
        another one, drawn alike. Label and cue then correlate by ``1 - noise``.
    n_classes : {2, 3}, default=2
        "negative" and "positive", or "neutral" too; classes are of equal size. Ignored in
        regression.
    noise : float, default=0.2
        Probability in [0, 0.5] that a modality misleads: it then shows one of the other classes.
    missing_rate : float, default=0.0
        Probability in [0, 1) that a cell is missing. A post keeps at least one modality: where
        all would be missing, one is left.
    n_groups : int, default=20
        Number of authors, who share the posts evenly.
    folder : str or path-like, default=None
        Where to write ``images/0001.jpg`` (or ``.png``), ``audio/0001.wav`` and ``manifest.csv``,
        which `load_manifest` reads; existing files of these names are replaced. None: the cells
        hold the bytes of the same files.
    random_state : int, RandomState instance or None, default=None
        The same number makes the same bytes, with the same versions of the libraries.
    return_cues : bool, default=False
        Also return what each modality shows.

    Returns
    -------
    posts : DataFrame of n_samples rows
        Columns "id", those of `modalities`, "label" and "author". Pictures are RGB, 96 to 128
        pixels wide and high, one half JPEG, one half PNG; voices mono, 16 kHz, 16 bits, 0.6 to 1 s.
        A missing cell is None.
    cues : DataFrame of n_samples rows
        The label that each modality shows, also where its cell is missing. Only with
        ``return_cues=True``.

    Examples
    --------
    >>> posts = make_posts(4, random_state=0)
    >>> posts.columns.tolist()
    ['id', 'text', 'image', 'audio', 'label', 'author']
    >>> posts["label"].tolist()
    ['positive', 'positive', 'negative', 'negative']
    >>> posts["audio"][0][:4]
    b'RIFF'
    """
    import pandas as pd

    params = {name: value for name, value in locals().items() if name in _CONSTRAINTS}
    validate_params("make_posts", params, _CONSTRAINTS)
    chosen = _check_modalities(modalities)
    streams = _split_randomness(random_state)
    labels = _draw_labels(n_samples, task, n_classes, streams["labels"])
    cues = _draw_cues(labels, task, n_classes, noise, streams["cues"])
    authors = streams["authors"].permutation(np.arange(n_samples) % n_groups)
    missing = _draw_missing(n_samples, len(chosen), missing_rate, streams["missing"])

    columns: dict[str, list[Any]] = {"id": [f"{i + 1:04d}" for i in range(n_samples)]}
    for place, name in enumerate(chosen):
        shown = cues[:, _MODALITIES.index(name)]
        valences = _to_valences(shown, task, n_classes, streams[name])
        cells: list[Any] = _RENDERERS[name](valences, authors, streams[name])
        gone = missing[:, place]
        columns[name] = [None if gone[i] else cell for i, cell in enumerate(cells)]
    columns["label"] = _name_labels(labels, task, n_classes)
    columns["author"] = [f"author_{author + 1:02d}" for author in authors]
    media = [name for name in chosen if name != "text"]
    if folder is None:
        for name in media:
            columns[name] = [cell and cell.content for cell in columns[name]]
    else:
        _write_corpus(Path(folder).absolute(), columns, media)
    posts = _to_frame(columns)
    if not return_cues:
        return posts
    return posts, pd.DataFrame(
        {name: _name_labels(cues[:, _MODALITIES.index(name)], task, n_classes) for name in chosen}
    )


def _check_modalities(modalities: Sequence[str]) -> list[str]:
    unknown = [name for name in modalities if name not in _MODALITIES]
    if unknown or not modalities or len(set(modalities)) < len(modalities):
        raise ValueError(
            f"make_posts: modalities must be some of {list(_MODALITIES)}, each at most once and "
            f"at least one; got {list(modalities)!r}."
        )
    return list(modalities)


def _split_randomness(random_state: Any) -> dict[str, np.random.RandomState]:
    """Give each matter a stream of its own, so that no choice changes what another drew."""
    from sklearn.utils import check_random_state

    matters = ("labels", "cues", "authors", "missing", *_MODALITIES)
    seeds = check_random_state(random_state).randint(2**31 - 1, size=len(matters))
    return {
        matter: np.random.RandomState(seed) for matter, seed in zip(matters, seeds, strict=True)
    }


def _draw_labels(
    n_samples: int, task: str, n_classes: int, rng: np.random.RandomState
) -> np.ndarray:
    """Class indices in equal shares, or intensities."""
    if task == "regression":
        return rng.uniform(-1.0, 1.0, size=n_samples).round(3)
    return rng.permutation(np.arange(n_samples) % n_classes)


def _draw_cues(
    labels: np.ndarray, task: str, n_classes: int, noise: float, rng: np.random.RandomState
) -> np.ndarray:
    """Label that each modality shows, of shape (n_samples, 3)."""
    shape = (len(labels), len(_MODALITIES))
    misleads = rng.random_sample(shape) < noise
    others: np.ndarray
    if task == "regression":
        others = rng.uniform(-1.0, 1.0, size=shape).round(3)
    else:
        steps = rng.randint(1, n_classes, size=shape)
        others = (labels[:, np.newaxis] + steps) % n_classes
    return np.where(misleads, others, labels[:, np.newaxis])


def _draw_missing(
    n_samples: int, n_modalities: int, missing_rate: float, rng: np.random.RandomState
) -> np.ndarray:
    missing = rng.random_sample((n_samples, n_modalities)) < missing_rate
    spared = rng.randint(n_modalities, size=n_samples)
    empty = missing.all(axis=1)
    missing[empty, spared[empty]] = False
    return missing


def _to_valences(
    shown: np.ndarray, task: str, n_classes: int, rng: np.random.RandomState
) -> np.ndarray:
    """Sentiment in [-1, 1] to render for each cue; within a class, some show more than others."""
    if task == "regression":
        return shown
    signs = np.linspace(-1, 1, n_classes)[shown]
    strengths = rng.uniform(_LEAST_STRENGTH, 1.0, size=len(shown))
    neutral = rng.uniform(-_NEUTRAL_WIDTH, _NEUTRAL_WIDTH, size=len(shown))
    return np.where(signs == 0, neutral, signs * strengths)


def _name_labels(labels: np.ndarray, task: str, n_classes: int) -> list[Any]:
    if task == "regression":
        return labels.tolist()
    return [_CLASSES[n_classes][index] for index in labels]


class _File(NamedTuple):
    extension: str
    content: bytes


def _write_texts(
    valences: np.ndarray, authors: np.ndarray, rng: np.random.RandomState
) -> list[str]:
    habits = [_sentences.draw_habits(rng) for _ in range(authors.max() + 1)]
    return [
        _sentences.write_sentence(valence, habits[author], rng)
        for valence, author in zip(valences.tolist(), authors, strict=True)
    ]


def _draw_images(
    valences: np.ndarray, authors: np.ndarray, rng: np.random.RandomState
) -> list[_File]:
    cameras = [_drawing.draw_camera(rng) for _ in range(authors.max() + 1)]
    files = []
    for valence, author in zip(valences.tolist(), authors, strict=True):
        picture = _drawing.draw_picture(valence, cameras[author], rng)
        extension = ("jpg", "png")[rng.randint(2)]
        files.append(_File(extension, _drawing.encode_picture(picture, extension)))
    return files


def _record_voices(
    valences: np.ndarray, authors: np.ndarray, rng: np.random.RandomState
) -> list[_File]:
    throats = [_voices.draw_throat(rng) for _ in range(authors.max() + 1)]
    return [
        _File("wav", _voices.encode_wav(_voices.speak(valence, throats[author], rng)))
        for valence, author in zip(valences.tolist(), authors, strict=True)
    ]


_RENDERERS = {"text": _write_texts, "image": _draw_images, "audio": _record_voices}


def _write_corpus(folder: Path, columns: dict[str, list[Any]], media: Sequence[str]) -> None:
    """Write the files and the manifest, and put the files' paths in their columns."""
    relative = dict(columns)
    for name in media:
        place = {"image": "images", "audio": "audio"}[name]
        (folder / place).mkdir(parents=True, exist_ok=True)
        relative[name] = [
            cell and f"{place}/{key}.{cell.extension}"
            for key, cell in zip(columns["id"], columns[name], strict=True)
        ]
        for path, cell in zip(relative[name], columns[name], strict=True):
            if cell is not None:
                (folder / path).write_bytes(cell.content)
        columns[name] = [path and str(folder / path) for path in relative[name]]
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "manifest.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(relative)
        writer.writerows(zip(*relative.values(), strict=True))


def _to_frame(columns: dict[str, list[Any]]) -> "pd.DataFrame":
    import pandas as pd

    # Missing cells stay None, and texts the strings they are, in a column of objects.
    return pd.DataFrame(
        {
            name: cells if isinstance(cells[0], float) else pd.Series(cells, dtype=object)
            for name, cells in columns.items()
        }
    )
