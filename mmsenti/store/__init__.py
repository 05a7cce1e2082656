"""The feature store: what was computed once is kept, under the content that it came from.

Conventions
-----------
A row of features is found by the digest of its sample's content (`content_digest`) and the digest
of the setting that it was computed under (`fingerprint`). So a changed file or another setting
never answers, and a file that was moved is still known. Rows are float32. A process remembers in a
`MemoryLayer`, where the status of a file that is two seconds old stands for its content, which so
is not read twice; a `FeatureStore` keeps rows on disk, for any number of processes. Both speed up;
neither ever changes a result. What is computed of a file that changes meanwhile goes to neither.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submod_attrs={
        "_compute_once": ["compute_once"],
        "_content": ["content_digest"],
        "_fingerprint": ["fingerprint"],
        "_handle": ["StoreWarning"],
        "_memory": ["MemoryLayer"],
        "_store": ["FeatureStore", "shared_store"],
    },
)
