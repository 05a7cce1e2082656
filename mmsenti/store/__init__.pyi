from ._compute_once import compute_once
from ._content import content_digest
from ._fingerprint import fingerprint
from ._handle import StoreWarning
from ._memory import MemoryLayer
from ._store import FeatureStore, shared_store

__all__ = [
    "FeatureStore",
    "MemoryLayer",
    "StoreWarning",
    "compute_once",
    "content_digest",
    "fingerprint",
    "shared_store",
]
