"""The scope of negation: which words a "not" turns around."""

from collections.abc import Sequence

__all__ = ["find_negations", "negation_scope"]

_NEGATIONS = frozenset(
    """
    aint arent cannot cant couldnt darent didnt doesnt dont hadnt hardly hasnt havent havnt isnt
    lacking lacks mightnt mustnt neednt neither never no nobody none noone nope nor not nothing
    nowhere oughtnt rarely seldom shant shouldnt uh-uh uhuh wasnt werent without wont wouldnt
    """.split()
)
_CONTRACTIONS = ("n't", "n’t")
_CLAUSE_ENDS = frozenset(".,:;!?…。、，：；！？؟،؛।")


def find_negations(words: Sequence[str]) -> list[str]:
    """List the words that negate what follows them.

    Parameters
    ----------
    words : sequence of str
        In lower case.

    Returns
    -------
    list of str
        Never, no, not and the like, and whatever ends in "n't".

    Examples
    --------
    >>> find_negations(["not", "isn't", "dont", "knot"])
    ['not', "isn't", 'dont']
    """
    # Few texts negate, so ask about all words at once before asking each.
    if _NEGATIONS.isdisjoint(words) and not any(map(" ".join(words).__contains__, _CONTRACTIONS)):
        return []
    return [word for word in words if word in _NEGATIONS or word[-3:] in _CONTRACTIONS]


def negation_scope(tokens: Sequence[str]) -> list[bool]:
    """Mark the tokens between a negation word and the punctuation that ends its clause.

    Parameters
    ----------
    tokens : sequence of str
        Words and punctuation in their order.

    Returns
    -------
    list of bool
        One for each token. The word that opens a scope is outside of it, a second one inside a
        scope is inside and changes nothing; commas, colons, semicolons, full stops, question and
        exclamation marks end it. Empty for no tokens.

    References
    ----------
    .. [1] S. Das and M. Chen, "Yahoo! for Amazon: Extracting Market Sentiment from Stock Message
       Boards", APFA 2001.
    .. [2] B. Pang, L. Lee and S. Vaithyanathan, "Thumbs up? Sentiment Classification using
       Machine Learning Techniques", EMNLP 2002.

    Examples
    --------
    >>> negation_scope(["I", "don't", "like", "it", ",", "sorry"])
    [False, False, True, True, False, False]
    """
    scope = []
    inside = False
    for token in tokens:
        if token[0] in _CLAUSE_ENDS and token[-1] in _CLAUSE_ENDS:
            inside = False
        scope.append(inside)
        if not inside:
            word = token.lower()
            inside = word in _NEGATIONS or word[-3:] in _CONTRACTIONS
    return scope
