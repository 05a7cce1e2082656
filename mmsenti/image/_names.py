"""Numbers in feature names."""

__all__ = ["numbered"]


def numbered(n: int) -> list[str]:
    """Count from 0 with leading zeros, so that names sort as they count.

    Parameters
    ----------
    n : int

    Returns
    -------
    list of str of length n

    Examples
    --------
    >>> numbered(11)[:2]
    ['00', '01']
    """
    width = len(str(n - 1))
    return [f"{i:0{width}d}" for i in range(n)]
