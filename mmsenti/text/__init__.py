"""Text: from a str to features.

``Document`` holds the text and its tokens; ``Lexicon``, ``Surface`` and ``Emoji`` describe it;
``TextFeatures`` does so for a column. ``TextTfidf`` learns word and character n-grams, and
``NBWeighting`` weighs them by class.

Conventions
-----------
A sample is a str, in any script; None, NaN and blank strings are missing cells. Counts that grow
with the text are given as log(1 + count), shares lie in [0, 1], and a text without words has
defined values everywhere.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submod_attrs={
        "_document": ["Document"],
        "_emoji": ["Emoji"],
        "_emphasis": ["Emphasis"],
        "_extractor": ["TextFeatures", "make_text_features"],
        "_hashtags": ["split_hashtag"],
        "_lexicon": ["Lexicon"],
        "_nb": ["NBWeighting"],
        "_surface": ["Surface"],
        "_tfidf": ["TextTfidf"],
    },
)
