"""Mel-frequency cepstral coefficients and their derivatives."""

from collections.abc import Sequence
from functools import lru_cache
from numbers import Integral, Real

import numpy as np

from mmsenti._descriptor import Descriptor
from mmsenti._params import Interval, Options
from mmsenti.audio._clip import Clip
from mmsenti.audio._filters import cosine_transform, levels
from mmsenti.audio._functionals import apply_functionals, name_functionals

__all__ = ["MFCC", "delta", "mfcc"]


class MFCC(Descriptor):
    """Mel-frequency cepstral coefficients, their first and second derivative, as functionals.

    The coefficients equal ``librosa.feature.mfcc`` (Slaney's mel scale, area-normalised filters,
    80 dB below the loudest band at most, orthonormal cosine transform), the derivatives
    ``librosa.feature.delta`` of order 1 and 2.

    Parameters
    ----------
    n_mfcc : int, default=20
        Number of coefficients, at most `n_mels`; the first is the level.
    n_mels : int, default=40
        Number of mel bands.
    fmin : float, default=0.0, in Hz
    fmax : float, default=None, in Hz
        Range of the mel bands; None is half the sampling rate.
    delta_width : int, default=9, in frames
        Window of the derivatives, odd. In a clip of fewer frames it is the longest odd one that
        fits; with fewer than three frames the derivatives are 0.0.
    functionals : sequence of str, default=("mean", "std", "min", "max")
        Statistics over the frames: of mean, std, min, max, range, median, iqr, skewness and
        kurtosis.
    frames : {"all", "voiced"}, default="all"
        Frames that functionals are taken over. "voiced" leaves out pauses and consonants, and
        takes all where no frame is voiced; its features are named ``mfcc_01_voiced_mean``.

    Notes
    -----
    Digital silence is -100 dB in every band: the first coefficient is ``-100 * sqrt(n_mels)``,
    the others are 0.0.

    References
    ----------
    .. [1] S. Davis and P. Mermelstein, "Comparison of parametric representations for monosyllabic
       word recognition in continuously spoken sentences", IEEE TASSP 28(4), 1980.
    .. [2] A. Savitzky and M. Golay, "Smoothing and differentiation of data by simplified least
       squares procedures", Analytical Chemistry 36(8), 1964.

    Examples
    --------
    >>> from mmsenti.audio import make_audio_features
    >>> silence = np.zeros(16000, dtype=np.float32)
    >>> extractor = make_audio_features(MFCC(n_mfcc=2, functionals=["mean"]))
    >>> extractor.get_feature_names_out().tolist()[:3]
    ['mfcc_01_mean', 'mfcc_02_mean', 'mfcc_01_delta_mean']
    >>> extractor.transform([silence]).round(1)[0, :1].tolist()
    [-632.5]
    """

    _parameter_constraints = {
        "n_mfcc": [Interval(Integral, 1, None, closed="left")],
        "n_mels": [Interval(Integral, 1, None, closed="left")],
        "fmin": [Interval(Real, 0, None, closed="left")],
        "fmax": [Interval(Real, 0, None, closed="neither"), None],
        "delta_width": [Interval(Integral, 3, None, closed="left")],
        "functionals": [list, tuple],
        "frames": [Options({"all", "voiced"})],
    }

    def __init__(
        self,
        *,
        n_mfcc: int = 20,
        n_mels: int = 40,
        fmin: float = 0.0,
        fmax: float | None = None,
        delta_width: int = 9,
        functionals: Sequence[str] = ("mean", "std", "min", "max"),
        frames: str = "all",
    ) -> None:
        self.n_mfcc = n_mfcc
        self.n_mels = n_mels
        self.fmin = fmin
        self.fmax = fmax
        self.delta_width = delta_width
        self.functionals = functionals
        self.frames = frames

    def get_names(self) -> list[str]:
        """Name the features: coefficients, derivatives, second derivatives, each by functional.

        Returns
        -------
        list of str
        """
        if self.n_mfcc > self.n_mels:
            raise ValueError(f"n_mfcc={self.n_mfcc} must not exceed n_mels={self.n_mels}.")
        if self.delta_width % 2 == 0:
            raise ValueError(f"delta_width={self.delta_width} must be odd.")
        part = "" if self.frames == "all" else "_voiced"
        tracks = [
            f"mfcc_{i:02d}{order}{part}"
            for order in ("", "_delta", "_delta2")
            for i in range(1, self.n_mfcc + 1)
        ]
        return name_functionals(tracks, self.functionals)

    def compute(self, clip: Clip) -> np.ndarray:
        """Compute the functionals of the coefficients and their derivatives.

        Parameters
        ----------
        clip : Clip

        Returns
        -------
        ndarray of shape (3 * n_mfcc * n_functionals,)
        """
        coefficients = mfcc(clip.mel(self.n_mels, self.fmin, self.fmax), self.n_mfcc)
        tracks = np.concatenate([coefficients, delta(coefficients, self.delta_width)], axis=1)
        if self.frames == "voiced" and (voiced := clip.f0().voiced).any():
            tracks = tracks[voiced]
        return apply_functionals(tracks, self.functionals)


def mfcc(mel: np.ndarray, n_mfcc: int) -> np.ndarray:
    """Compute cepstral coefficients from the power in mel bands.

    Parameters
    ----------
    mel : ndarray of shape (n_frames, n_mels)
    n_mfcc : int

    Returns
    -------
    ndarray of float32 of shape (n_frames, n_mfcc)

    Examples
    --------
    >>> mfcc(np.ones((1, 4), dtype=np.float32), 1).tolist()
    [[0.0]]
    """
    return levels(mel) @ cosine_transform(mel.shape[1], n_mfcc)


def delta(tracks: np.ndarray, width: int = 9) -> np.ndarray:
    """Estimate the first and second derivative of tracks by local polynomials.

    Parameters
    ----------
    tracks : ndarray of float32 of shape (n_frames, n_tracks)
        C-contiguous.
    width : int, default=9, in frames
        Window of the fit, odd and at least 3; the longest odd one of a clip with fewer frames.

    Returns
    -------
    ndarray of float32 of shape (n_frames, 2 * n_tracks)
        The slope of a line, then twice the bend of a parabola fitted to each window; the frames
        at both ends, where no window can be centred, repeat the nearest. 0.0 for fewer than three
        frames.

    Examples
    --------
    >>> squares = np.arange(5, dtype=np.float32)[:, np.newaxis] ** 2
    >>> delta(squares, 3).round(4).tolist()
    [[2.0, 2.0], [2.0, 2.0], [4.0, 2.0], [6.0, 2.0], [6.0, 2.0]]
    """
    n_frames, n_tracks = tracks.shape
    width = min(width, n_frames - 1 + n_frames % 2)
    derivatives = np.zeros((n_frames, 2, n_tracks), dtype=np.float32)
    if width >= 3:
        half, n_inner = width // 2, n_frames - width + 1
        # Row i holds all frames from the i-th on, so that one product weighs every window.
        shifted = np.stack([tracks[i : i + n_inner].ravel() for i in range(width)])
        inner = (_derivative_weights(width) @ shifted).reshape(2, n_inner, n_tracks)
        derivatives[half : half + n_inner] = inner.transpose(1, 0, 2)
        derivatives[:half] = derivatives[half]
        derivatives[half + n_inner :] = derivatives[half + n_inner - 1]
    return derivatives.reshape(n_frames, 2 * n_tracks)


@lru_cache(maxsize=16)
def _derivative_weights(width: int) -> np.ndarray:
    """Weights of a window's frames in the slope and in twice the bend, of shape (2, width)."""
    steps = np.arange(width) - width // 2
    squares = steps**2 - np.mean(steps**2)
    slope = steps / (steps @ steps)
    return np.stack([slope, 2 * squares / (squares @ squares)]).astype(np.float32)
