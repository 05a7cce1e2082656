"""Each row is computed once, by whoever claimed it, and nobody waits for ever."""

import threading
import time

import numpy as np
import pytest

from mmsenti.store import FeatureStore, MemoryLayer, fingerprint
from mmsenti.store._compute_once import compute_once

SETTING = fingerprint("setting")


def digests_of(numbers):
    return [fingerprint(number) for number in numbers]


def row_of(number):
    return np.random.default_rng(number).random(200, dtype=np.float32)


def numbers_found(layer, numbers):
    rows = layer.get_many(SETTING, digests_of(numbers))
    return [number for number, row in zip(numbers, rows, strict=True) if row is not None]


def put(layer, numbers):
    layer.put_many(SETTING, digests_of(numbers), [row_of(number) for number in numbers])


def test_claims(tmp_path):
    mine, other = FeatureStore(tmp_path / "features.db"), FeatureStore(tmp_path / "features.db")

    def theirs(digests, setting=SETTING):
        claimed = []
        thread = threading.Thread(target=lambda: claimed.extend(other.claim(setting, digests)))
        thread.start()
        thread.join()
        return claimed

    a, b, c, d = digests_of(range(4))
    assert mine.claim(SETTING, [a, b, c, a], limit=2) == [a, b]
    assert mine.claim(SETTING, [a, b]) == [a, b]  # again, after a failure of ours
    assert theirs([a, b, c, d]) == [c, d]
    put(mine, [0])
    mine.release(SETTING, [b, c])  # c is not ours
    assert theirs([a, b]) == [b]  # a has its row
    assert mine.claim(SETTING, [a, b, c, d]) == []
    another = fingerprint("another")
    assert mine.claim(another, [d], lease=0.2) == [d]
    assert theirs([d], another) == []
    time.sleep(0.25)
    assert theirs([d], another) == [d]


def test_compute_once_computes_what_is_nowhere(tmp_path):
    memory, store = MemoryLayer(), FeatureStore(tmp_path / "features.db")
    put(memory, [1])
    put(store, [2])
    numbers = [3, 1, 2, 3, 4]
    digests = [*digests_of(numbers), None]
    asked = []

    def compute(positions):
        asked.append(positions)
        return [row_of(numbers[i] if i < 5 else 9) for i in positions]

    arguments = {"memory": memory, "store": store, "keep": lambda i: numbers[i] != 4}
    rows = compute_once(SETTING, digests, compute, batch_rows=1, **arguments)
    assert [row.tobytes() for row in rows] == [row_of(n).tobytes() for n in (*numbers, 9)]
    assert asked == [[5], [0], [4]]
    assert numbers_found(memory, range(10)) == [1, 2, 3]
    assert numbers_found(store, range(10)) == [1, 2, 3]
    assert store.claim(SETTING, digests_of([4])) == digests_of([4])  # was given back


def test_compute_once_gives_claims_back_when_it_fails(tmp_path):
    store = FeatureStore(tmp_path / "features.db")

    def fail(positions):
        raise ValueError("row 0 is unreadable")

    with pytest.raises(ValueError, match="unreadable"):
        compute_once(SETTING, digests_of([1]), fail, store=store)
    free = []
    thread = threading.Thread(
        target=lambda: free.extend(store.claim(SETTING, digests_of([1]))),
    )
    thread.start()
    thread.join()
    assert free == digests_of([1])


def test_nobody_waits_for_ever(tmp_path):
    store = FeatureStore(tmp_path / "features.db")
    thread = threading.Thread(target=store.claim, args=(SETTING, digests_of([1])))
    thread.start()
    thread.join()  # without a word, as if it hung
    begin = time.monotonic()
    rows = compute_once(SETTING, digests_of([1]), lambda at: [[1.0]], store=store, patience=0.2)
    assert rows[0].tolist() == [1]
    assert 0.2 <= time.monotonic() - begin < 2
