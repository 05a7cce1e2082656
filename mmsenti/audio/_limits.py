"""What a sound may be, checked before its samples are decoded."""

__all__ = [
    "MAX_CHANNELS",
    "MAX_RATE",
    "MIN_RATE",
    "check_channels",
    "check_duration",
    "check_rate",
]

MIN_RATE = 1_000  # Hz: below, no voice is left
MAX_RATE = 768_000  # Hz: the highest of studio equipment
MAX_CHANNELS = 64


def check_rate(rate: float) -> None:
    """Raise ValueError for a sampling rate that no voice is recorded at.

    Examples
    --------
    >>> check_rate(44100)
    """
    if not MIN_RATE <= rate <= MAX_RATE:
        raise ValueError(
            f"a sampling rate of {rate:g} Hz; expected {MIN_RATE} to {MAX_RATE}. "
            "Check the header, or export it again."
        )


def check_channels(n_channels: int) -> None:
    """Raise ValueError for a number of channels that no recording has.

    Examples
    --------
    >>> check_channels(2)
    """
    if not 1 <= n_channels <= MAX_CHANNELS:
        raise ValueError(
            f"{n_channels} channels; expected 1 to {MAX_CHANNELS}. "
            "Check the header, or export it again."
        )


def check_duration(n_samples: int, rate: float, max_duration: float) -> None:
    """Raise ValueError for a sound that lasts too long.

    Parameters
    ----------
    n_samples : int
        Per channel.
    rate : float, in Hz
    max_duration : float, in seconds

    Examples
    --------
    >>> check_duration(16000, 16000, 600.0)
    """
    if n_samples > max_duration * rate:
        raise ValueError(
            f"lasts {n_samples / rate:.6g} s or more, and max_duration is {max_duration:g} s. "
            "Cut it, or raise max_duration."
        )
