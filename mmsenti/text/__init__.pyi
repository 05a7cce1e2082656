from ._document import Document
from ._emoji import Emoji
from ._extractor import TextFeatures, make_text_features
from ._lexicon import Lexicon
from ._nb import NBWeighting
from ._surface import Surface
from ._tfidf import TextTfidf

__all__ = [
    "Document",
    "Emoji",
    "Lexicon",
    "NBWeighting",
    "Surface",
    "TextFeatures",
    "TextTfidf",
    "make_text_features",
]
