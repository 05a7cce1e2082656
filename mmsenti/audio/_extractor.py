"""AudioFeatures: the scikit-learn transformer of the audio modality."""

from numbers import Integral, Real
from typing import Any

from mmsenti._base import Extractor, name_descriptors
from mmsenti._descriptor import Descriptor
from mmsenti._params import Interval
from mmsenti.audio._balance import SpectralBalance
from mmsenti.audio._cepstral import MFCC
from mmsenti.audio._clip import Clip
from mmsenti.audio._cycles import Cycles
from mmsenti.audio._formants import Formants
from mmsenti.audio._intonation import Intonation
from mmsenti.audio._limits import MAX_RATE, MIN_RATE
from mmsenti.audio._modulation import Modulation
from mmsenti.audio._prosody import Prosody
from mmsenti.audio._spectral import Spectral

__all__ = ["AudioFeatures", "make_audio_features"]


class AudioFeatures(Extractor):
    """Features of sounds: of a column of paths, bytes or samples.

    Parameters
    ----------
    descriptors : list of (str, Descriptor), default=None
        What to compute; None is `MFCC` over voiced frames and `Spectral`, both by mean and
        standard deviation, `Prosody`, `Intonation`, `SpectralBalance`, `Formants`, `Cycles` and
        `Modulation`, named by their classes in lower case: 265 features. ``"drop"`` in place
        of a descriptor leaves it out.
    sampling_rate : int, default=16000, in Hz
        Every sound is resampled to it; samples without a rate of their own are taken to have it.
    n_fft : int, default=512, in samples
        Length of a frame; a shorter sound is filled up with zeros, and a warning says so.
    hop_length : int, default=160, in samples
        Distance of frames.
    on_error : {"raise", "missing"}, default="raise"
        Whether a sound that cannot be read is an error or a missing modality.
    max_duration : float, default=600.0, in seconds
        A longer sound counts as one that cannot be read.
    n_jobs : int, default=None
        Number of jobs as in joblib; None is 1 unless a `joblib.parallel_config` says otherwise.
    store : str, path-like or FeatureStore, default=None
        File in which features are kept for other processes and later runs; see `FeatureStore`.
        None remembers them for the length of the process.
    verbose : int, default=0
        1 shows progress on stderr.

    Attributes
    ----------
    n_features_in_ : int
        1, after `fit`.
    errors_ : list of (int, str, str)
        With ``on_error="missing"``: row, path (or what else the cell is) and reason of each cell
        of the last `transform` that could not be read.

    Notes
    -----
    A cell is a path, the bytes of a file, samples of shape (n_samples,) or with channels as the
    shorter of two axes, or a tuple (signal, sampling_rate). Samples are float in [-1, 1] or PCM
    of type uint8, int8, int16 or int32. Channels are averaged. Files are WAV, FLAC, OGG (Vorbis,
    Opus), MP3, AIFF or AU of 1 to 768 kHz and up to 64 channels.

    A file that is cut short is used as far as it goes, and a `SampleWarning` says so, once per
    call.

    Examples
    --------
    >>> import numpy as np
    >>> tone = 0.5 * np.sin(2 * np.pi * 220 * np.arange(16000) / 16000)
    >>> features = AudioFeatures().set_output(transform="pandas").fit_transform([tone])
    >>> features["f0_mean"].round().tolist()
    [220.0]
    """

    _parameter_constraints = {
        **Extractor._parameter_constraints,
        "sampling_rate": [Interval(Integral, MIN_RATE, MAX_RATE, closed="both")],
        "n_fft": [Interval(Integral, 16, 1 << 16, closed="both")],
        "hop_length": [Interval(Integral, 1, None, closed="left")],
        "max_duration": [Interval(Real, 0, None, closed="neither")],
    }

    def __init__(
        self,
        descriptors: list[tuple[str, Descriptor]] | None = None,
        *,
        sampling_rate: int = 16000,
        n_fft: int = 512,
        hop_length: int = 160,
        on_error: str = "raise",
        max_duration: float = 600.0,
        n_jobs: int | None = None,
        store: Any = None,
        verbose: int = 0,
    ) -> None:
        self.descriptors = descriptors
        self.sampling_rate = sampling_rate
        self.n_fft = n_fft
        self.hop_length = hop_length
        self.on_error = on_error
        self.max_duration = max_duration
        self.n_jobs = n_jobs
        self.store = store
        self.verbose = verbose

    @staticmethod
    def _standard_descriptors() -> list[Descriptor]:
        return [
            MFCC(functionals=("mean", "std"), frames="voiced"),
            Spectral(functionals=("mean", "std")),
            Prosody(),
            Intonation(),
            SpectralBalance(),
            Formants(),
            Cycles(),
            Modulation(),
        ]

    def _make_sample(self, cell: Any) -> Clip:
        return Clip(
            cell,
            sampling_rate=self.sampling_rate,
            n_fft=self.n_fft,
            hop_length=self.hop_length,
            max_duration=self.max_duration,
        )


def make_audio_features(*descriptors: Descriptor, **params: Any) -> AudioFeatures:
    """Build an `AudioFeatures` whose descriptors are named by their classes.

    Parameters
    ----------
    *descriptors : Descriptor
    **params : dict
        Of `AudioFeatures`.

    Returns
    -------
    AudioFeatures

    Examples
    --------
    >>> from mmsenti.audio import MFCC, Prosody
    >>> make_audio_features(MFCC(), Prosody(), sampling_rate=8000)
    AudioFeatures(descriptors=[('mfcc', MFCC()), ('prosody', Prosody())],
                  sampling_rate=8000)
    """
    return AudioFeatures(name_descriptors(descriptors), **params)
