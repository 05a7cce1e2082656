"""What tells the features of two versions of mmsenti apart: those of a sample that stays the same.

The features of a probe are kept in the frozen file. Another version of mmsenti than the one that
wrote it computes them anew, and reads the file if they are equal. So a release that changes no
feature of a model reads it, and one that changes some cannot do so unnoticed.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from mmsenti._descriptor import Descriptor
from mmsenti.frozen._extractor import sample_class

__all__ = ["PROBE_TEXT", "probe_descriptors"]

# Of what texts of the network hold: negation, emphasis, emoji, hashtags, links, other scripts.
PROBE_TEXT = (
    "RT @ann: I don't LOVE it, sooo bad!!! but the end was kind of nice \U0001f602\U0001f44d :-( "
    "#BestDayEver #sohappy https://example.org/?q=1 12.5% caf\u00c3\u00a9 \u2013 na\u00efve "
    "\u0e14\u0e35\u0e21\u0e32\u0e01 \u6211\u559c\u6b22\u5b83\u3002 \u043d\u0435 "
    "\u043f\u043b\u043e\u0445\u043e\u2026 \u00a1Qu\u00e9 bien! never so good?"
)


def probe_descriptors(
    modality: str, params: dict[str, Any], descriptors: Sequence[tuple[str, Descriptor]]
) -> np.ndarray:
    """Compute the features of the probe of a modality.

    Parameters
    ----------
    modality : {"text", "image", "audio"}
    params : dict
        Parameters of the sample; its limits do not count.
    descriptors : sequence of (str, Descriptor)

    Returns
    -------
    ndarray of float32 of shape (n_features,)
    """
    free = {name: value for name, value in params.items() if not name.startswith("max_")}
    probe = {"text": lambda: PROBE_TEXT, "image": _picture, "audio": lambda: _sound(**free)}
    sample = sample_class(modality)(probe[modality](), **free)
    features = [np.ravel(descriptor.compute(sample)) for _, descriptor in descriptors]
    return np.concatenate([*features, np.zeros(0)]).astype(np.float32)


def _picture() -> np.ndarray:
    y, x = np.mgrid[:48, :64]
    return np.stack([(5 * x + 3 * y) % 256, x * y % 256, x * x // 7 % 256], axis=2).astype(np.uint8)


def _sound(*, sampling_rate: int, **_: Any) -> np.ndarray:
    """Return half a second of a rising voice and a quarter of silence, without a resampler."""
    time = np.arange(sampling_rate // 2) / sampling_rate
    phase = 2 * np.pi * (140 * time + 40 * time**2)
    voice = sum(np.sin(k * phase) / k**2 for k in range(1, 20))
    return np.concatenate([0.3 * voice, np.zeros(sampling_rate // 4)]).astype(np.float32)
