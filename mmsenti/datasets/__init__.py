"""Corpora: made ones with a known answer, and your own by its manifest.

Conventions
-----------
A corpus is a pandas DataFrame. One row is one post; the columns ``text``, ``image`` and ``audio``
hold its modalities, None where one is missing, ``label`` what is to be predicted and ``author``,
or the column that `load_manifest` takes as `groups`, whom a split must keep together. An image or
audio cell is a path or the bytes of an encoded file. Ids, groups and class labels are strings;
intensities are floats in [-1, 1]. Nothing is ever downloaded.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submod_attrs={
        "_manifest": ["load_manifest"],
        "_synthetic": ["make_posts"],
    },
)
