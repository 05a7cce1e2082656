"""Content decides, the setting decides, and nothing else does."""

import copy
import os
import pathlib
import pickle
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from PIL import Image
from sklearn.base import clone
from sklearn.preprocessing import FunctionTransformer

from mmsenti import Descriptor
from mmsenti._compute_once import compute_once
from mmsenti.image import HOG
from mmsenti.store import (
    FeatureStore,
    MemoryLayer,
    content_digest,
    fingerprint,
    shared_store,
)

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


# Claims


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
    assert numbers_found(store, range(10)) == [2, 3]
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


# What a cell holds


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "cell"
    path.write_bytes(b"abcd")
    age(path)
    return path


def age(path, seconds=3600):
    """Set the times back; the time of change can only be waited for, which the tests do not."""
    status = os.stat(path)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns - seconds * 10**9))


def test_kinds_of_cells_never_meet(file):
    name = str(file)
    digests = [
        content_digest(name),
        content_digest(name, text=True),
        content_digest(name.encode()),
        content_digest(b"abcd"),
        content_digest("abcd", text=True),
        content_digest(np.frombuffer(b"abcd", dtype=np.uint8)),
        content_digest(np.frombuffer(b"abcd", dtype=np.int8)),
        content_digest(np.frombuffer(b"abcd", dtype=np.uint8).reshape(2, 2)),
        content_digest((np.frombuffer(b"abcd", dtype=np.uint8), 8000)),
        content_digest((np.frombuffer(b"abcd", dtype=np.uint8), 16000)),
        content_digest(Image.frombytes("L", (2, 2), b"abcd")),
        content_digest(Image.frombytes("L", (4, 1), b"abcd")),
        content_digest(Image.frombytes("RGBA", (1, 1), b"abcd")),
    ]
    assert all(isinstance(digest, bytes) and len(digest) == 32 for digest in digests)
    assert len(set(digests)) == len(digests)


def test_equal_content_is_one_content(file, tmp_path):
    other = tmp_path / "moved"
    other.write_bytes(b"abcd")
    assert content_digest(file) == content_digest(str(file)) == content_digest(other)
    assert content_digest(b"abcd") == content_digest(bytearray(b"abcd"))
    array = np.arange(6.0).reshape(2, 3)
    assert content_digest(array) == content_digest(np.asfortranarray(array))
    assert content_digest((array, 8000)) == content_digest((array, np.int64(8000)))
    assert content_digest("\ud800", text=True) is not None


def test_what_is_seen_of_an_image_of_pillows(tmp_path):
    image = Image.frombytes("P", (1, 1), b"\0")
    image.putpalette([255, 0, 0])
    other = image.copy()
    other.putpalette([0, 0, 255])
    clear = image.copy()
    clear.info["transparency"] = 0
    turned = image.copy()
    turned.getexif()[0x0112] = 6
    assert len({content_digest(each) for each in (image, other, clear, turned)}) == 4
    assert content_digest(image) == content_digest(image.copy())
    image.save(tmp_path / "image.png")
    with Image.open(tmp_path / "image.png") as lazy:
        assert content_digest(lazy) is None
        assert lazy.tile  # still not decoded


@pytest.mark.parametrize(
    "cell",
    [
        "missing",
        "",
        "http://a.b/c.png",
        "a\0b",
        1,
        1.0,
        [1.0],
        object(),
        ("a", 1),
        (np.ones(2), "x"),
    ],
)
def test_what_cannot_be_told_is_none(cell):
    assert content_digest(cell) is None
    assert content_digest(np.array([object()])) is None
    assert content_digest(np.ma.masked_array([1.0], mask=[True])) is None


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_pipes_and_devices_are_not_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path, "/dev/zero"):
        assert content_digest(path) is None


@pytest.fixture
def old_file(file, monkeypatch):
    """A file that counts as old enough to be remembered."""
    monkeypatch.setattr("mmsenti._content._TICK_NS", -(10**9))
    content_digest(file)
    return file


def test_a_file_is_read_once(old_file, monkeypatch):
    before = content_digest(old_file)
    with monkeypatch.context() as patch:
        patch.setattr("mmsenti._content._stream_digest", lambda file: pytest.fail("read again"))
        assert content_digest(old_file) == before
        old_file.rename(old_file.with_name("moved"))
        # Renaming is a change of the file to some systems; then it would be read again.
    old_file.with_name("moved").touch()
    assert content_digest(old_file.with_name("moved")) == before


def test_a_changed_file_of_equal_size_and_time_is_another(old_file):
    before, status = content_digest(old_file), os.stat(old_file)
    time.sleep(0.02)  # more than a tick of the clock
    old_file.write_bytes(b"abce")
    os.utime(old_file, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert os.stat(old_file).st_mtime_ns == status.st_mtime_ns
    assert content_digest(old_file) != before


def test_a_young_file_is_read_anew(tmp_path):
    path = tmp_path / "young"
    for round_ in range(200):  # faster than the clock of some file systems ticks
        path.write_bytes(b"%04d" % round_)
        assert content_digest(path) == content_digest_of_file(b"%04d" % round_, tmp_path)


def content_digest_of_file(content, folder):
    path = folder / "fresh"
    path.unlink(missing_ok=True)
    path.write_bytes(content)
    return content_digest(path)


# Settings


class Mine(Descriptor):
    feature_version = 1

    def __init__(self, *, size=3):
        self.size = size

    def compute(self, sample):
        return [self.size]


class Silent(Descriptor):
    pass


def test_equal_settings_are_one_setting():
    assert fingerprint({"a": 1, "b": (2, 3)}) == fingerprint({"b": (2, 3), "a": 1})
    assert fingerprint({1, 2, "x"}) == fingerprint({"x", 2, 1})
    assert fingerprint(np.int64(8), np.float64(0.5), np.str_("a")) == fingerprint(8, 0.5, "a")
    assert fingerprint(HOG(orientations=9)) == fingerprint(HOG(orientations=np.int8(9)))
    assert fingerprint(float("nan")) == fingerprint(-float("nan"))


def test_different_settings_are_different():
    settings = [
        *[(), (None,), (True,), (1,), (1.0,), ("1",), (b"1",), (1, 1), ((1, 1),), ([1, 1],)],
        *[("a", "b"), ("ab",), ("a", ("b",)), ({"a": "b"},), ([],), ({},), (set(),), (0.1,)],
        *[(float(np.float32(0.1)),), (np.zeros(2),), (np.zeros((2, 1)),), (np.zeros(2, int),)],
        *[(HOG(),), (HOG(orientations=6),), (Mine(),), (Mine(size=4),), ("HOG",), (1j,), (-1,)],
    ]
    assert len({fingerprint(*setting) for setting in settings}) == len(settings)


def test_a_setting_is_the_same_in_every_process():
    expected = fingerprint("HOG", {"b": {"x", "y"}, "a": 0.1}, HOG()).hex()
    code = (
        "from mmsenti.store import fingerprint\nfrom mmsenti.image import HOG\n"
        "print(fingerprint('HOG', {'a': 0.1, 'b': {'y', 'x'}}, HOG()).hex())"
    )
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        out = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True
        )
        assert out.stdout.split() == [expected], out.stderr


def test_changed_code_is_another_setting(monkeypatch):
    before = fingerprint(Mine())
    monkeypatch.setattr(Mine, "feature_version", 2)
    second = fingerprint(Mine())
    monkeypatch.setattr(Mine, "compute", lambda self, sample: [self.size + 1])
    assert len({before, second, fingerprint(Mine())}) == 3


def test_an_object_may_tell_more_than_its_parameters(monkeypatch):
    before = fingerprint(Mine())
    monkeypatch.setattr(Mine, "fingerprint_parts", lambda self: ("content",), raising=False)
    assert fingerprint(Mine()) != before


@pytest.mark.parametrize(
    "part", [lambda: 1, object(), pathlib.Path("a"), Silent(), HOG, np.array([None]), len]
)
def test_what_has_no_fingerprint(part):
    with pytest.raises(TypeError):
        fingerprint("x", [part])


def test_what_holds_itself_has_no_fingerprint():
    loop = []
    loop.append(loop)
    with pytest.raises(TypeError, match="itself"):
        fingerprint(loop)


def test_in_one_process_a_class_is_what_it_is():
    def function():
        return 1

    class Silent(Descriptor):
        pass

    here = {
        fingerprint(part, process_only=True) for part in (Silent(), function, globals()["Silent"]())
    }
    assert len(here) == 3
    assert fingerprint(function, process_only=True) in here
