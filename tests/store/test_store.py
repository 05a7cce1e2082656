"""Content decides, the setting decides, and nothing else does."""

import copy
import os
import pickle
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.preprocessing import FunctionTransformer

from mmsenti.store import FeatureStore, MemoryLayer, fingerprint, shared_store

SETTING = fingerprint("setting")


def digests_of(numbers):
    return [fingerprint(number) for number in numbers]


def row_of(number, width=200):
    return np.random.default_rng(number).random(width, dtype=np.float32)


def numbers_found(layer, numbers):
    """Return which numbers a layer has, and check each row that it gives."""
    rows = layer.get_many(SETTING, digests_of(numbers))
    for number, row in zip(numbers, rows, strict=True):
        assert row is None or np.array_equal(row, row_of(number, len(row)))
    return [number for number, row in zip(numbers, rows, strict=True) if row is not None]


def put(layer, numbers, width=200):
    layer.put_many(SETTING, digests_of(numbers), [row_of(number, width) for number in numbers])


@pytest.fixture(params=["memory", "disk"])
def layer(request, tmp_path):
    if request.param == "memory":
        return MemoryLayer()
    return FeatureStore(tmp_path / "features.db")


# Rows


def test_rows_come_back_to_the_bit(layer):
    odd = np.array([0.1, -0.0, np.nan, np.inf, np.finfo(np.float32).tiny], dtype=np.float32)
    layer.put_many(SETTING, [b"a", None, b"c", b"d"], [odd, odd, None, []])
    found = layer.get_many(SETTING, [b"a", b"x", None, b"c", b"d", b"a"])
    assert [row is None for row in found] == [False, True, True, True, False, False]
    assert found[0].tobytes() == odd.tobytes()
    assert found[0].dtype == np.float32
    assert found[4].shape == (0,)
    with pytest.raises(ValueError, match="read-only"):
        found[0][0] = 1


def test_another_setting_never_answers(layer):
    put(layer, [1])
    assert layer.get_many(fingerprint("another"), digests_of([1])) == [None]


def test_a_later_row_replaces_the_earlier_and_later_changes_do_not_reach_it(layer):
    layer.put_many(SETTING, [b"a"], np.zeros((1, 3)))
    rows = np.ones((1, 3), dtype=np.float32)
    layer.put_many(SETTING, [b"a"], rows)
    rows[:] = 7
    assert layer.get_many(SETTING, [b"a"])[0].tolist() == [1, 1, 1]
    assert layer.info()["rows"] == 1


def test_as_many_rows_as_digests(layer):
    with pytest.raises(ValueError, match="zip"):
        layer.put_many(SETTING, [b"a", b"b"], [[1.0]])


def test_info_counts(layer):
    put(layer, range(300))
    layer.put_many(fingerprint("another"), [b"a"], [[1.0]])
    assert len(numbers_found(layer, range(310))) == 300
    info = layer.info()
    assert info["rows"] == 301
    assert info["fingerprints"] == {SETTING.hex(): 300, fingerprint("another").hex(): 1}
    assert (info["hits"], info["misses"]) == (300, 10)
    assert 301 * 4 < 300 * 200 * 4 < info["bytes"] < 1.5 * 300 * 200 * 4 + 2**16


def test_clear(layer):
    put(layer, range(30))
    layer.clear()
    assert numbers_found(layer, range(30)) == []
    put(layer, [5])
    assert numbers_found(layer, range(30)) == [5]


# The limit


def test_least_recently_used_rows_are_dropped_at_the_limit(tmp_path):
    limit = 2**21
    path = tmp_path / "features.db"
    with FeatureStore(path, max_bytes=limit) as store:
        for start in range(0, 600, 20):
            put(store, range(start, start + 20), width=2000)
            time.sleep(0.002)
            assert numbers_found(store, range(20)) == list(range(20))  # used again and again
            assert store.info()["bytes"] <= 1.03 * limit
        kept = numbers_found(store, range(600))
        # 8,192 bytes a row; of the limit at least 95 % less one batch is in use.
        assert 0.85 * limit / 8192 < len(kept) <= limit / 8192
        assert kept == [*range(20), *range(600 - len(kept) + 20, 600)]
    assert path.stat().st_size <= 1.03 * limit


def test_memory_layer_drops_the_least_recently_used():
    layer = MemoryLayer(max_bytes=10 * (800 + 400))
    put(layer, range(10))
    assert numbers_found(layer, [0, 1]) == [0, 1]
    put(layer, [10, 11])
    assert numbers_found(layer, range(12)) == [0, 1, *range(4, 12)]
    layer.prune(2 * (800 + 400))
    assert len(layer) == 2


def test_recency_lasts_from_one_process_to_the_next(tmp_path):
    path = tmp_path / "features.db"
    with FeatureStore(path) as store:
        put(store, range(100), width=2000)
        put(store, range(100, 200), width=2000)
    time.sleep(0.002)
    with FeatureStore(path) as store:
        assert numbers_found(store, range(50)) == list(range(50))
    with FeatureStore(path) as store:
        store.prune(2**20)
        kept = numbers_found(store, range(200))
    assert set(range(50)) < set(kept)
    assert set(kept) - set(range(50)) < set(range(100, 200))
    assert path.stat().st_size <= 2**20


def test_a_row_above_half_of_the_limit_is_not_kept(tmp_path):
    store = FeatureStore(tmp_path / "features.db", max_bytes=2**18)
    put(store, [1])
    put(store, [2], width=2**15 + 1)
    assert numbers_found(store, [1, 2]) == [1]


@pytest.mark.parametrize(("limit", "error"), [(1, ValueError), ("1G", TypeError)])
def test_impossible_limits_are_refused(limit, error):
    with pytest.raises(error, match="max_bytes"):
        FeatureStore("features.db", max_bytes=limit)


# The object


def test_reading_makes_no_file(tmp_path):
    with FeatureStore(tmp_path / "new" / "features.db") as store:
        assert numbers_found(store, [1]) == []
        assert store.info()["rows"] == 0
        store.prune()
        store.clear()
    assert os.listdir(tmp_path) == []
    put(store, [1])
    store.close()
    assert os.listdir(tmp_path / "new") == ["features.db"]


def test_copies_and_pickles(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    store = FeatureStore("features.db", max_bytes=2**20)
    put(store, [1])
    assert repr(store) == "FeatureStore('features.db', max_bytes=1048576)"
    assert copy.deepcopy(store) is copy.copy(store) is store
    assert clone(FunctionTransformer(kw_args={"store": store})).kw_args["store"] is store
    content = pickle.dumps(store)
    monkeypatch.chdir("/")  # as a worker may
    other = pickle.loads(content)
    assert other.max_bytes == 2**20
    assert numbers_found(other, [1]) == [1]
    assert len(pickle.loads(pickle.dumps(MemoryLayer(10_000)))) == 0


def test_shared_store_is_one_per_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    store = shared_store("features.db")
    assert shared_store(tmp_path / "features.db") is store
    assert shared_store(store) is store
    assert shared_store("others.db") is not store


def test_threads(layer):
    errors = []

    def work(seed):
        try:
            for number in range(seed, seed + 40):
                put(layer, [number])
                assert number in numbers_found(layer, range(seed, number + 1))
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in (0, 20, 40, 60)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert numbers_found(layer, range(100)) == list(range(100))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_forked_processes_get_a_connection_of_their_own(tmp_path):
    # In an interpreter of its own: forking beside threads of other tests is no good example.
    code = f"""
import os, threading
from mmsenti.store import FeatureStore, MemoryLayer
store, memory = FeatureStore({str(tmp_path / "features.db")!r}), MemoryLayer()
stop = threading.Event()
def write():
    i = 0
    while not stop.is_set():
        for layer in (store, memory):
            layer.put_many(b"s", [b"%d" % (i := i + 1)], [[i]])
writer = threading.Thread(target=write)
writer.start()  # holds the locks most of the time
for child in range(20):
    pid = os.fork()
    if pid == 0:
        for layer in (store, memory):
            layer.put_many(b"s", [b"child%d" % child], [[child]])
            assert layer.get_many(b"s", [b"child%d" % child])[0].tolist() == [child]
        store.close()
        os._exit(0)
    assert os.waitpid(pid, 0)[1] == 0
stop.set()
writer.join()
found = store.get_many(b"s", [b"child%d" % child for child in range(20)])
assert [row.tolist() for row in found] == [[child] for child in range(20)]
"""
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-W", "ignore::DeprecationWarning", "-c", code],
        capture_output=True,
        text=True,
        timeout=50,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert os.listdir(tmp_path) == ["features.db"]
