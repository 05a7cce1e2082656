r"""The one regular expression that cuts a text into tokens, with and without what ASCII lacks.

Every unbounded repetition is possessive (the link's alone gives back punctuation, once), so the
time is linear in the length of any text.
"""

import re
from functools import cache

__all__ = ["token_pattern"]

# Code points with Unicode's Emoji property, without digits, # and * (see keycaps below) and
# without the regional indicators (see flags). Astral blocks are taken whole, so that the emoji
# of a newer Unicode version count as well.
_EMOJI_CHARACTERS = (
    "\u231a\u231b\u2328\u23cf\u23e9-\u23f3\u23f8-\u23fa\u24c2\u25aa\u25ab\u25b6\u25c0\u25fb-\u25fe"
    "\u2600-\u2604\u260e\u2611\u2614\u2615\u2618\u261d\u2620\u2622\u2623\u2626\u262a\u262e\u262f"
    "\u2638-\u263a\u2640\u2642\u2648-\u2653\u265f\u2660\u2663\u2665\u2666\u2668\u267b\u267e\u267f"
    "\u2692-\u2697\u2699\u269b\u269c\u26a0\u26a1\u26a7\u26aa\u26ab\u26b0\u26b1\u26bd\u26be\u26c4"
    "\u26c5\u26c8\u26ce\u26cf\u26d1\u26d3\u26d4\u26e9\u26ea\u26f0-\u26f5\u26f7-\u26fa\u26fd\u2702"
    "\u2705\u2708-\u270d\u270f\u2712\u2714\u2716\u271d\u2721\u2728\u2733\u2734\u2744\u2747\u274c"
    "\u274e\u2753-\u2755\u2757\u2763\u2764\u2795-\u2797\u27a1\u27b0\u27bf\u2934\u2935\u2b05-\u2b07"
    "\u2b1b\u2b1c\u2b50\u2b55\u3030\u303d\u3297\u3299"
    "\U0001f004\U0001f0cf\U0001f170\U0001f171\U0001f17e\U0001f17f\U0001f18e\U0001f191-\U0001f19a"
    "\U0001f201\U0001f202\U0001f21a\U0001f22f\U0001f232-\U0001f23a\U0001f250\U0001f251"
    "\U0001f300-\U0001f64f\U0001f680-\U0001f6ff\U0001f7e0-\U0001f7f0\U0001f90c-\U0001f9ff"
    "\U0001fa70-\U0001faff"
)
# Emoji only where a variation selector asks for the picture: in plain text these are signs.
_SIGNS = "\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u2199\u21a9\u21aa"
_TONE = "[\ufe0f\U0001f3fb-\U0001f3ff]"
_ELEMENT = (
    rf"(?:[{_EMOJI_CHARACTERS}](?!\ufe0e)|[{_SIGNS}](?=\ufe0f))"
    rf"{_TONE}{{0,2}}[\U000e0020-\U000e007f]{{0,16}}+"
)
_EMOJI = (
    rf"{_ELEMENT}(?:\u200d{_ELEMENT})*+"
    "|[\U0001f1e6-\U0001f1ff]{2}"  # a flag is two regional indicators
    "|[0-9#*]\ufe0f?\u20e3"  # a keycap
)

# Combining marks and joiners of the scripts that write with them; `re` has no \p{M}.
_MARKS = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u06d6-\u06ed\u0711\u0730-\u074a\u0900-\u0963\u0981-\u0df3\u0e31-\u0e3a\u0e47-\u0e4e"
    "\u0eb1-\u0ebc\u0ec8-\u0ece\u0f71-\u0f84\u102b-\u103e\u1ab0-\u1aff\u1dc0-\u1dff\u200c\u200d"
    "\u20d0-\u20ff\u302a-\u302f\u3099\u309a\ufe20-\ufe2f"
)

_LINK = r"(?:[hH][tT][tT][pP][sS]?://|[wW][wW][wW]\.)\S+(?<![.,;:!?)'\"])"
_SHRUG = r"¯\\_\(ツ\)_/¯"
_NUMBER = r"\d++(?:[.,:/]\d++)*+%?"

_LETTER_EMOTICON = r"[xX]D++(?!\w)|T[._]T(?!\w)|[oO][._][oO](?!\w)|(?<!\S)D[:;=](?!\S)"
_EMOTICON = (
    r"[<>]?[:;=](?!//)['’^o*~,-]?(?:[)(\]\[}{|/\\*@$<>]++|[DdPpOoCcSsXxbÞ03](?!\w))"
    r"|<3++(?!\d)|</3(?!\d)"
    r"|\^_{0,3}\^|-_{1,3}-|-\.-|[>][._][<]|;_;|\\o/"
    # Written backwards they look like ordinary brackets, unless blanks stand around them.
    r"|(?<!\S)[)(\]\[}{]['’^o*-]?[:;=](?!\S)"
)


@cache
def token_pattern(ascii_only: bool) -> re.Pattern[str]:
    """Compile the expression.

    Parameters
    ----------
    ascii_only : bool
        For texts of ASCII alone, where it finds the same and takes less than half the time
        to compile: there are no emoji and no combining marks.

    Returns
    -------
    re.Pattern
        Groups: emoticon of letters, link or tag, word, other emoticon, emoji, the rest (numbers,
        punctuation). Blanks in front belong to the match, which saves a search from each of them;
        a text must not end in blanks.

    Examples
    --------
    >>> token_pattern(True).findall("so :)")
    [('', '', 'so', '', '', ''), ('', '', '', ':)', '', '')]
    """
    part, emoji, shrug = rf"[\w{_MARKS}]*+", _EMOJI, _SHRUG
    if ascii_only:
        part, emoji, shrug = r"\w*+", "(?!)", "(?!)"
    word = rf"\d*+[^\W\d_]{part}(?:['’ʼ\-](?!_)\w{part})*+"
    tag = rf"[#＃]\w{part}|[@＠](?<!\w.)\w++"
    pattern = (
        # What looks like a word but is none comes before it.
        rf"\s*+(?:({_LETTER_EMOTICON})|({_LINK}|{tag})|({word})|({_EMOTICON}|{shrug})|({emoji})"
        rf"|({_NUMBER}|[.!?…]++|\S))"
    )
    # What is left is single signs in sets, which take long to compile.
    return re.compile(pattern.encode("ascii", "ignore").decode() if ascii_only else pattern)
