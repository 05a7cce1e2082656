"""Handcrafted features of a column, by the samples, descriptors and the loop of training."""

import zlib
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

import numpy as np

from mmsenti._descriptor import Descriptor
from mmsenti._rows import extract_rows, row_numbers, warn_of_remarks
from mmsenti.frozen._features import Features
from mmsenti.frozen._file import unpack_strings
from mmsenti.frozen._table import Selection

__all__ = ["FrozenExtractor", "digest_names", "sample_class"]

# Where each modality's sample is decoded.
_SAMPLES = {
    "text": ("mmsenti.text._document", "Document"),
    "image": ("mmsenti.image._picture", "Picture"),
    "audio": ("mmsenti.audio._clip", "Clip"),
}
# Far above what another processor makes of the same code, and below any change that matters.
_TOLERANCE = 1e-3


class FrozenExtractor:
    """A `TextFeatures`, `ImageFeatures` or `AudioFeatures`.

    Parameters
    ----------
    owner : str
        Name that an error begins with.
    modality : {"text", "image", "audio"}
    on_error : {"raise", "missing"} or None
        None for texts, of which those that are too long are an error always.
    sample : dict
        Parameters of the sample, its limits among them.
    descriptors : list of (str, str, dict)
        Name, class and parameters of each.
    widths : list of int
        Number of features of each descriptor, as many together as the probe has. Parameters are
        not asked for it: whatever they say, loading takes no more memory than the file has bytes.
    names_digest : str
        Of the names of all features.
    probe : ndarray of float32 of shape (n_features,)
        Features of the sample that stays the same.
    vader : dict or None
        VADER's word lists, for texts.
    """

    def __init__(
        self,
        *,
        owner: str,
        modality: str,
        on_error: str | None,
        sample: dict[str, Any],
        descriptors: list[tuple[str, str, dict[str, Any]]],
        widths: list[int],
        names_digest: str,
        probe: np.ndarray,
        vader: dict[str, Any] | None,
    ) -> None:
        self._kind = sample_class(modality)
        self._modality = modality
        self._probe = probe
        self.owner = owner
        self.on_error = on_error
        self.errors: list[tuple[int, str, str]] = []
        self.sample = sample
        self.descriptors = [
            (name, _make_descriptor(modality, kind, params)) for name, kind, params in descriptors
        ]
        honest = len(widths) == len(descriptors) and min(widths, default=0) >= 0
        if not honest or sum(widths) != len(probe):
            raise ValueError(
                f"holds {len(probe)} features of a probe of its {owner}, and claims {widths!a:.80}."
            )
        self.widths = widths
        self._names_digest = names_digest
        if vader is not None:
            _bring_vader(**vader)

    def transform(self, selection: Selection) -> Features:
        """Compute the features of each cell; a row of NaN where there is none."""
        rows = extract_rows(
            selection.columns[0],
            self._make_sample,
            self.descriptors,
            self.widths,
            owner=self.owner,
            on_error=self.on_error,
        )
        numbers = row_numbers(len(rows.values))
        self.errors = [(numbers[row], place, reason) for row, place, reason in rows.errors]
        warn_of_remarks(self.owner, [(numbers[row], remark) for row, remark in rows.remarks])
        return Features([rows.values])

    def check_features(self) -> None:
        """Compute the features of the probe, and compare.

        Raises
        ------
        ValueError
            If they are not those of the mmsenti that froze the model, naming a descriptor.
        """
        # Here, because a model of this version is loaded without it.
        from mmsenti.frozen._probe import probe_descriptors

        names = [descriptor.get_names() for _, descriptor in self.descriptors]
        if digest_names(names) != self._names_digest:
            raise ValueError(f"whose {self.owner} named its features otherwise")
        found = probe_descriptors(self._modality, self.sample, self.descriptors)
        other = ~np.isclose(found, self._probe, rtol=_TOLERANCE, atol=_TOLERANCE)
        if other.any():
            ends = np.cumsum(self.widths)
            first = int(other.argmax())
            number = int(np.searchsorted(ends, first, side="right"))
            descriptor = self.descriptors[number][1]
            name = names[number][first - int(ends[number]) + self.widths[number]]
            raise ValueError(
                f"whose {type(descriptor).__name__} computed {name} as {self._probe[first]:.4g} "
                f"where this one computes {found[first]:.4g} ({np.count_nonzero(other)} of the "
                f"{len(found)} features of its {self.owner} differ)"
            )

    def _make_sample(self, cell: Any) -> Any:
        return self._kind(cell, **self.sample)


def sample_class(modality: str) -> Any:
    """Return the class that decodes a cell of a modality."""
    module, name = _SAMPLES[modality]
    return getattr(import_module(module), name)


def digest_names(names: Sequence[Sequence[str]]) -> str:
    """Return a digest of the names of features, descriptor by descriptor.

    Examples
    --------
    >>> digest_names([["a"], ["b"]]) == digest_names([["a", "b"]])
    False
    """
    listed = "\n\n".join(map("\n".join, names))
    return f"{zlib.crc32(listed.encode()):08x}"


def _make_descriptor(modality: str, kind: str, params: dict[str, Any]) -> Descriptor:
    room = import_module(f"mmsenti.{modality}")
    found = getattr(room, kind) if kind in room.__all__ else None
    if not (isinstance(found, type) and issubclass(found, Descriptor)):
        raise ValueError(
            f"holds the {modality} descriptor {kind!a:.80}, which this mmsenti does not have. "
            "Freeze the model again with this version."
        )
    return found(**{name: _param(value) for name, value in params.items()})


def _param(value: Any) -> Any:
    """Make a list what it was, a tuple, and a packed lexicon a dict."""
    if isinstance(value, Mapping):
        words = unpack_strings(**value["words"])
        return dict(zip(words, value["valences"].tolist(), strict=True))
    return tuple(value) if isinstance(value, list) else value


# Packed word lists that this process uses: those of one more model need not be unpacked.
_lists_in_use: set[bytes] = set()


def _bring_vader(valences: dict[str, Any], emoji: dict[str, Any], names: dict[str, Any]) -> None:
    packed = b"".join(strings["packed"].tobytes() for strings in (valences, emoji, names))
    if packed in _lists_in_use:
        return
    from mmsenti.frozen._lexicon import PackedLexicon
    from mmsenti.text._valences import bring_vader

    bring_vader(
        PackedLexicon(**valences).for_text,
        lambda: dict(zip(unpack_strings(**emoji), unpack_strings(**names), strict=True)),
    )
    _lists_in_use.add(packed)
