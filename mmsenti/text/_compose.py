"""One spelling for texts that look the same: Unicode's composed form, in linear time."""

import re

__all__ = ["compose"]

# Unicode's Stream-Safe Text Format (UAX #15): no writing stacks more marks on one letter.
_MAX_MARKS = 30
_SHORT = 1_000


def compose(text: str) -> str:
    r"""Write each accented letter as one character where there is one (NFC).

    A stack of combining marks on one letter is cut to the 30 of Unicode's stream-safe format
    in texts above 1,000 characters: sorting a longer one takes time quadratic in its length.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
        The same text if it is ASCII or composed already.

    References
    ----------
    .. [1] Unicode Standard Annex #15, "Unicode Normalization Forms".

    Examples
    --------
    >>> compose("cafe\u0301") == "caf\u00e9"
    True
    """
    if text.isascii():
        return text
    import unicodedata  # here, because plain texts do without

    if len(text) > _SHORT:
        text = _cut_stacks(text)
    return unicodedata.normalize("NFC", text)


def _cut_stacks(text: str) -> str:
    import unicodedata

    marks = "".join(filter(unicodedata.combining, set(text)))
    if not marks:
        return text
    return re.sub(rf"([{re.escape(marks)}]{{{_MAX_MARKS}}})[{re.escape(marks)}]+", r"\1", text)
