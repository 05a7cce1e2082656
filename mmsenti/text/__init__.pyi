from ._document import Document
from ._emoji import Emoji
from ._emphasis import Emphasis
from ._extractor import TextFeatures, make_text_features
from ._hashtags import split_hashtag
from ._lexicon import Lexicon
from ._nb import NBWeighting
from ._surface import Surface
from ._tfidf import TextTfidf

__all__ = [
    "Document",
    "Emoji",
    "Emphasis",
    "Lexicon",
    "NBWeighting",
    "Surface",
    "TextFeatures",
    "TextTfidf",
    "make_text_features",
    "split_hashtag",
]
