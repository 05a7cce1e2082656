"""What one test computes, no other knows by way of the workers."""

import pytest

from mmsenti.store._family import family_store


@pytest.fixture(autouse=True)
def _workers_share_nothing_between_tests():
    yield
    store = family_store()
    if store is not None:
        store.clear()
