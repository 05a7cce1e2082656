"""Tokenizers and stemmers by name; of nltk's only those that need no data files.

nltk is imported when one of its own is asked for. Its TweetTokenizer is not among them: its time is
quadratic on digits and addresses, and the tokens of `Document` do the same in linear time.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from mmsenti.text._document import tokenize

__all__ = ["STEMMERS", "TOKENIZERS", "load_stemmer", "load_tokenizer"]

_NLTK_TOKENIZERS = {
    "treebank": ("nltk.tokenize.treebank", "TreebankWordTokenizer", ()),
    "wordpunct": ("nltk.tokenize.regexp", "WordPunctTokenizer", ()),
    "toktok": ("nltk.tokenize.toktok", "ToktokTokenizer", ()),
}
_NLTK_STEMMERS = {
    "snowball": ("nltk.stem.snowball", "SnowballStemmer", ("english",)),
    "porter": ("nltk.stem.porter", "PorterStemmer", ()),
    "lancaster": ("nltk.stem.lancaster", "LancasterStemmer", ()),
}
TOKENIZERS = frozenset({"tweet", *_NLTK_TOKENIZERS})
STEMMERS = frozenset(_NLTK_STEMMERS)


def load_tokenizer(name: str) -> Callable[[str], list[str]]:
    """Load a tokenizer.

    Parameters
    ----------
    name : {"tweet", "treebank", "wordpunct", "toktok"}
        "tweet" gives the tokens of `Document`, the others are nltk's.

    Returns
    -------
    callable
        From a text to its tokens.

    Examples
    --------
    >>> load_tokenizer("tweet")("so good:) #film")
    ['so', 'good', ':)', '#film']
    """
    if name == "tweet":
        return tokenize
    return _build(*_NLTK_TOKENIZERS[name]).tokenize


def load_stemmer(name: str) -> Callable[[str], str]:
    """Load an English stemmer of nltk.

    Parameters
    ----------
    name : {"snowball", "porter", "lancaster"}

    Returns
    -------
    callable
        From a word to its stem.

    Examples
    --------
    >>> load_stemmer("snowball")("loving")
    'love'
    """
    return _build(*_NLTK_STEMMERS[name]).stem


def _build(module: str, name: str, arguments: tuple[str, ...]) -> Any:
    return getattr(import_module(module), name)(*arguments)
