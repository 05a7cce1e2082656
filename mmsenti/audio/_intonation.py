"""Intonation: the melody, the swell and the rhythm of a voice."""

import numpy as np

from mmsenti._descriptor import Descriptor
from mmsenti.audio._clip import Clip
from mmsenti.audio._contours import CONTOUR_FUNCTIONALS, contour_functionals, runs
from mmsenti.audio._functionals import mean_and_std

__all__ = ["Intonation"]

_REFERENCE = 27.5  # Hz, the lowest A of a piano: semitones above it are positive for any voice
_PEAK_DISTANCE = 0.1  # seconds, about half of the shortest syllable
_RHYTHM = (
    *("voiced_rate", "voiced_mean", "voiced_std", "unvoiced_mean", "unvoiced_std"),
    "loudness_peak_rate",
)


class Intonation(Descriptor):
    """Contours of f0 in semitones and of loudness, and the rhythm of voiced stretches.

    The contours are described by the functionals of eGeMAPS [1]_: mean, standard deviation, the
    20th, 50th and 80th percentile and the distance of the outer ones (``span``), and mean and
    standard deviation of the slopes of rising and of falling stretches, per second.

    - ``intonation_f0_...``, in semitones above 27.5 Hz, over voiced frames; slopes within
      voiced stretches.
    - ``intonation_loudness_...``: sum over 26 mel bands of the power to 0.3, after Stevens and
      Zwicker, over all frames.
    - ``intonation_voiced_rate``: voiced stretches per second; ``voiced_mean``, ``voiced_std``,
      ``unvoiced_mean`` and ``unvoiced_std``: their lengths and those of the others, in seconds.
    - ``intonation_loudness_peak_rate``: peaks per second that no frame within 0.1 s tops and that
      rise above the mean.

    Parameters
    ----------
    None

    Notes
    -----
    Silence has the value 0.0 everywhere but for the length of its one unvoiced stretch.

    References
    ----------
    .. [1] F. Eyben et al., "The Geneva Minimalistic Acoustic Parameter Set (GeMAPS) for Voice
       Research and Affective Computing", IEEE Transactions on Affective Computing 7(2), 2016.

    Examples
    --------
    >>> intonation = Intonation()
    >>> tone = np.sin(2 * np.pi * 220 * np.arange(16000) / 16000)
    >>> values = dict(zip(intonation.get_names(), intonation.compute(Clip(tone))))
    >>> round(float(values["intonation_f0_p50"]), 1)
    36.0
    """

    feature_version = 1

    def get_names(self) -> list[str]:
        """Name the features.

        Returns
        -------
        list of str of length 26
        """
        contours = [f"{c}_{f}" for c in ("f0", "loudness") for f in CONTOUR_FUNCTIONALS]
        return [f"intonation_{name}" for name in (*contours, *_RHYTHM)]

    def compute(self, clip: Clip) -> np.ndarray:
        """Compute the features of one clip.

        Parameters
        ----------
        clip : Clip

        Returns
        -------
        ndarray of float64 of shape (26,)
        """
        hop = clip.hop_length / clip.sampling_rate
        pitch = clip.f0()
        semitones = np.zeros(clip.n_frames)
        np.log2(pitch.f0 / _REFERENCE, out=semitones, where=pitch.voiced)
        swell = clip.loudness
        everywhere = np.ones(clip.n_frames, dtype=bool)
        return np.array(
            [
                *contour_functionals(12 * semitones, pitch.voiced, hop),
                *contour_functionals(swell, everywhere, hop),
                *_rhythm(pitch.voiced, clip.duration, hop),
                _count_peaks(swell, max(1, round(_PEAK_DISTANCE / hop))) / clip.duration,
            ]
        )


def _rhythm(voiced: np.ndarray, duration: float, hop: float) -> list[float]:
    lengths = [runs(flags) * hop for flags in (voiced, ~voiced)]
    spread = [float(value) for x in lengths for value in mean_and_std(x)]
    return [len(lengths[0]) / duration, *spread]


def _count_peaks(contour: np.ndarray, reach: int) -> int:
    padded = np.pad(contour, reach, constant_values=-np.inf)
    around = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1)
    # Of equal frames side by side the first is the peak.
    return int(((around.argmax(axis=1) == reach) & (contour > contour.mean())).sum())
