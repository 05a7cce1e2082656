"""Modulation: how fast the loudness of a voice goes up and down."""

from itertools import pairwise

import numpy as np

from mmsenti._descriptor import Descriptor
from mmsenti.audio._clip import Clip

__all__ = ["Modulation"]

_EDGES = (0.5, 1, 2, 3, 4, 6, 8, 12, 16, 25)  # Hz
_MIN_SECONDS = 10.0  # the transform is at least so long, that the narrowest band has bins
_FLOOR = 1e-9


class Modulation(Descriptor):
    """Shares of the loudness' fluctuation by rate, from slow swells to trembling.

    The spectrum of the loudness contour (see `Intonation`) shows the rates at which a voice goes up
    and down: phrases below 1 Hz, words and syllables from 2 to 8 Hz, trembling and roughness
    above [1]_.

    Parameters
    ----------
    None

    Notes
    -----
    ``modulation_0_5_to_1`` to ``modulation_16_to_25``, by the edges of the bands in Hz: the natural
    logarithm of the share of the fluctuation's energy, at least log(1e-9), which it is in all
    bands of a steady sound.

    References
    ----------
    .. [1] S. Wu, T. H. Falk and W.-Y. Chan, "Automatic Speech Emotion Recognition using Modulation
       Spectral Features", Speech Communication 53(5), 2011.

    Examples
    --------
    >>> time = np.arange(64000) / 16000
    >>> noise = np.random.default_rng(0).normal(size=64000)
    >>> trembling = Clip(0.1 * noise * (1 + np.sin(2 * np.pi * 5 * time)))
    >>> modulation = Modulation()
    >>> modulation.get_names()[int(np.argmax(modulation.compute(trembling)))]
    'modulation_4_to_6'
    """

    def get_names(self) -> list[str]:
        """Name the bands.

        Returns
        -------
        list of str of length 9
        """
        edges = [f"{edge:g}".replace(".", "_") for edge in _EDGES]
        return [f"modulation_{low}_to_{high}" for low, high in pairwise(edges)]

    def compute(self, clip: Clip) -> np.ndarray:
        """Compute the shares of one clip.

        Parameters
        ----------
        clip : Clip

        Returns
        -------
        ndarray of float64 of shape (9,)
        """
        contour = clip.loudness
        rate = clip.sampling_rate / clip.hop_length
        n_fft = 1 << (max(len(contour), int(_MIN_SECONDS * rate)) - 1).bit_length()
        energy = np.square(np.abs(np.fft.rfft(contour - contour.mean(), n_fft)))
        energy[0] = 0.0
        total = float(energy.sum())
        if total <= 1e-12 * n_fft * float(np.square(contour).sum()):
            return np.full(len(_EDGES) - 1, np.log(_FLOOR))
        places = np.searchsorted(np.arange(len(energy)) * rate / n_fft, _EDGES)
        shares = np.diff(np.append(0.0, np.cumsum(energy))[places]) / total
        return np.log(np.maximum(shares, _FLOOR))
