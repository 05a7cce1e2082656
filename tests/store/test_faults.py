"""Whatever happens to a store costs speed, never a number, and is said at most once.

``MMSENTI_KILLS=200 pytest -s tests/store/test_faults.py -k kill`` is the long run.
"""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import textwrap
import time
import warnings
from pathlib import Path

import numpy as np
import pytest

from mmsenti.store import FeatureStore, StoreWarning, fingerprint

SETTING = fingerprint("setting")
KILLS = int(os.environ.get("MMSENTI_KILLS", "20"))

# What the other processes of these tests begin with; a row follows from its number.
PRELUDE = """
import os, resource, sys, time, warnings
import numpy as np
from mmsenti.store._compute_once import compute_once
from mmsenti.store import FeatureStore, StoreWarning, fingerprint
SETTING = fingerprint("setting")
np.random.default_rng(0)  # loaded now: a user who may do little could not
def digests_of(numbers): return [fingerprint(number) for number in numbers]
def row_of(number): return np.random.default_rng(number).random(2000, dtype=np.float32)
def put(store, numbers):
    store.put_many(SETTING, digests_of(numbers), [row_of(number) for number in numbers])
def found(store, numbers):
    rows = store.get_many(SETTING, digests_of(numbers))
    assert all(r is None or np.array_equal(r, row_of(n)) for n, r in zip(numbers, rows))
    return [number for number, row in zip(numbers, rows) if row is not None]
"""
names = {}
exec(PRELUDE.replace("resource, ", "" if os.name == "posix" else "resource, "), names)
digests_of, row_of, put, found = (names[n] for n in ("digests_of", "row_of", "put", "found"))

posix = pytest.mark.skipif(os.name != "posix", reason="needs signals, limits or forks of POSIX")
root = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may mount or change user"
)


def start(code, *arguments, **options):
    code = PRELUDE + textwrap.dedent(code)
    command = [sys.executable, "-W", "error", "-c", code, *map(str, arguments)]
    return subprocess.Popen(command, text=True, **options)


def run(code, *arguments):
    with start(code, *arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        out, err = process.communicate(timeout=50)
    assert (process.returncode, err) == (0, "")
    return out


@pytest.fixture
def path(tmp_path):
    """A store of 60 rows."""
    path = tmp_path / "store" / "features.db"
    with FeatureStore(path) as store:
        put(store, range(60))
    return path


def use(path):
    """Read all and write what is missing, as an extraction does; return rows found and remarks."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with FeatureStore(path) as store:
            there = found(store, range(60))
            put(store, sorted(set(range(60)) - set(there)))
            assert found(store, range(60)) == list(range(60))
    remarks = [str(each.message) for each in caught]
    assert len(remarks) <= 1
    assert all(each.category is StoreWarning for each in caught)
    return len(there), "".join(remarks)


def files_beside(path):
    return sorted(name for name in os.listdir(path.parent) if name != path.name)


# Damage


def test_flipped_bits_give_no_wrong_row(path, monkeypatch):
    whole = path.read_bytes()
    rng = random.Random(0)
    # Each bit of the first page's head, where the file says what it is, and 400 of the rest.
    places = [*range(0, 108), *(rng.randrange(len(whole)) for _ in range(400))]
    healed = 0
    for number, place in enumerate(places):
        monkeypatch.setattr("mmsenti.store._handle._warned", set())
        folder = path.parent / str(number)
        folder.mkdir()
        damaged = bytearray(whole)
        damaged[place] ^= 1 << rng.randrange(8)
        (folder / "features.db").write_bytes(damaged)
        use(folder / "features.db")
        healed += use(folder / "features.db") == (60, "")
        for name in os.listdir(folder):
            (folder / name).unlink()
    # Not healed: the few flips that make it a store of a newer version; memory serves then.
    assert healed >= len(places) - 4


def test_swapped_rows_are_absent_and_healed(path):
    connection = sqlite3.connect(path)
    ids = [value for (value,) in connection.execute("SELECT id FROM mmsenti_values")]
    connection.execute("UPDATE mmsenti_values SET id = -id")
    swapped = zip(ids, ids[1:] + ids[:1], strict=True)
    connection.executemany("UPDATE mmsenti_values SET id = ? WHERE id = -?", swapped)
    connection.commit()
    connection.close()
    there, remark = use(path)
    assert there == 0
    assert "60 of its rows are damaged" in remark
    assert use(path) == (60, "")


def test_swapped_files_and_a_strange_log_give_no_wrong_row(path, tmp_path):
    # Two stores with rows of the same content under other settings, and so other numbers.
    other = tmp_path / "other" / "features.db"
    with FeatureStore(other) as store:
        setting = fingerprint("another setting")
        store.put_many(setting, digests_of(range(60)), [row_of(-n - 1 + 10**6) for n in range(60)])
    swap = tmp_path / "swap"
    path.rename(swap)
    other.rename(path)
    swap.rename(other)
    assert use(path) == (0, "")  # nothing is there under our setting, and then all is
    assert use(other) == (60, "")
    # The log of one beside the file of the other, as a hasty copy leaves them.
    writer = start(
        """
        store = FeatureStore(sys.argv[1])
        put(store, range(60, 90))
        os.kill(os.getpid(), 9)  # no log is moved into the file
        """,
        other,
    )
    writer.wait(timeout=50)
    for ending in ("-wal", "-shm"):
        Path(f"{other}{ending}").rename(f"{path}{ending}")
    use(path)
    assert use(path)[0] == 60


def test_planted_values_are_absent(path):
    connection = sqlite3.connect(path)
    for numbers in ("text", 1, None, b"", b"abc", b"\x80\x04cos\nsystem\n."):
        sql = "UPDATE OR IGNORE mmsenti_values SET numbers = ? WHERE id = abs(random()) % 60 + 1"
        connection.execute(sql, (numbers,))
    connection.execute("UPDATE mmsenti_values SET checksum = 7 WHERE id = 1")
    connection.execute("UPDATE mmsenti_entries SET size = 'many', used = x'00'")
    connection.execute("INSERT INTO mmsenti_claims VALUES (1, x'ff', 1e300), (2, '', 'soon')")
    connection.execute("INSERT INTO mmsenti_values VALUES (9223372036854775807, x'', x'')")
    connection.commit()
    connection.close()
    there, _ = use(path)
    assert 50 <= there < 60
    with FeatureStore(path) as store:
        assert store.claim(SETTING, digests_of([1, 99])) == digests_of([99])
        store.prune(2**18)
    assert use(path)[1] == ""


@pytest.mark.parametrize("share", [0.0, 0.0001, 0.004, 0.01, 0.3, 0.5, 0.9, 0.999])
def test_cut_files(path, share):
    os.truncate(path, int(share * path.stat().st_size))
    use(path)
    assert use(path) == (60, "")


def test_a_damaged_store_is_kept_aside(path):
    content = path.read_bytes()[:3000] + bytes(9000) + path.read_bytes()[12000:]
    path.write_bytes(content)
    there, remark = use(path)
    assert there < 60
    assert files_beside(path) == ["features.db.damaged-1"]
    assert repr(str(path) + ".damaged-1") in remark
    assert path.with_name("features.db.damaged-1").read_bytes() == content


def test_a_store_damaged_while_in_use(path, tmp_path):
    with FeatureStore(path) as store:
        assert found(store, [1]) == [1]
        with open(path, "r+b") as file:
            file.truncate(4096 * 3)
        with pytest.warns(StoreWarning, match="damaged"):
            assert len(found(store, range(60))) < 60
        put(store, range(60))
        assert found(store, range(60)) == list(range(60))


def test_a_store_deleted_or_replaced_while_in_use(path, tmp_path):
    with FeatureStore(path) as store:
        assert len(found(store, range(60))) == 60
        for name in os.listdir(path.parent):
            (path.parent / name).unlink()
        put(store, [99])
        assert found(store, [1, 99]) == [99]
        with FeatureStore(tmp_path / "other.db") as other:
            put(other, [5])
        os.replace(tmp_path / "other.db", path)
        put(store, [98])
        assert found(store, [98]) == [98]  # and 5 may have to be computed again


# What is not ours


FOREIGN = {
    "table": b"id,text,label\n1,good,positive\n" * 300,
    "short": b"x",
    "picture": b"\x89PNG\r\n\x1a\n" + bytes(5000),
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_another_file_is_left_as_it_is(tmp_path, kind):
    path = tmp_path / "table.csv"
    path.write_bytes(FOREIGN[kind])
    with pytest.warns(StoreWarning, match="not a store of features") as caught:
        store = FeatureStore(path)
        put(store, range(60))
        assert found(store, range(60)) == list(range(60))
        assert store.claim(SETTING, digests_of([1, 2, 1])) == digests_of([1, 2])
        store.prune()
        assert store.info()["memory_rows"] == 60
        store.clear()
        assert found(store, [1]) == []
        store.close()
    assert len(caught) == 1
    assert "not a store" in store.info()["problem"]
    assert path.read_bytes() == FOREIGN[kind]
    assert os.listdir(tmp_path) == ["table.csv"]


def foreign_database(path):
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE wages (name, amount)")
    connection.commit()
    connection.close()


def newer_database(path):
    put(FeatureStore(path), [1])
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE new (x)")
    connection.execute("PRAGMA user_version = 7")
    connection.close()


@pytest.mark.parametrize(
    ("make", "reason"),
    [(foreign_database, "something else"), (newer_database, "format 7 of a newer mmsenti")],
)
def test_another_database_is_left_as_it_is(tmp_path, make, reason):
    path = tmp_path / "features.db"
    make(path)
    content = path.read_bytes()
    _, remark = use(path)
    assert reason in remark
    assert path.read_bytes() == content
    assert os.listdir(tmp_path) == ["features.db"]


def test_an_older_database_is_kept_aside(path):
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 0")
    connection.close()
    there, remark = use(path)
    assert (there, "old format 0" in remark) == (0, True)
    assert files_beside(path) == ["features.db.damaged-1"]
    assert use(path) == (60, "")


@posix
def test_pipes_folders_and_addresses_are_no_stores(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path, "/dev/null"):
        assert use(path)[1] != ""
    assert os.listdir(tmp_path) == ["pipe"]


# No room, no right


@posix
def test_a_limit_of_file_size(path):
    out = run(
        """
        warnings.simplefilter("always")
        path = sys.argv[1]
        size = os.path.getsize(path)
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
        with warnings.catch_warnings(record=True) as caught, FeatureStore(path) as store:
            assert len(found(store, range(60))) == 60
            for number in range(60, 200, 5):
                put(store, range(number, number + 5))
            assert found(store, range(200)) == list(range(200))
            print(store.info()["memory_rows"], len(caught), end=" ")
            resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
            time.sleep(1.1)
            put(store, range(200, 210))
            assert store.get_many(SETTING, digests_of([205]))[0] is not None
        with FeatureStore(path) as store:
            print(len(found(store, range(200, 210))))
        """,
        path,
        700_000,
    )
    in_memory, n_warnings, on_disk = map(int, out.split())
    assert in_memory >= 50
    assert n_warnings == 1
    assert on_disk == 10
    assert use(path)[0] == 60
    assert files_beside(path) == []


@posix
@pytest.mark.parametrize("limit", [0, 5000, 40_000])
def test_no_room_for_the_log(path, limit):
    out = run(
        """
        warnings.simplefilter("always")
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
        with warnings.catch_warnings(record=True) as caught, FeatureStore(sys.argv[1]) as store:
            there = found(store, range(60))
            put(store, range(50, 90))
            assert found(store, range(50, 90)) == list(range(50, 90))
            store.claim(SETTING, digests_of([100]))
        print(len(there), len(caught))
        """,
        path,
        limit,
    )
    assert out.split() == ["60", "1"]
    assert use(path)[0] == 60


def test_an_address_is_no_path():
    with pytest.raises(ValueError, match="not an address"):
        FeatureStore("https://example.org/features.db")


@root
def test_a_full_disk(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("a small disk cannot be mounted here")
    try:
        (disk / "more").write_bytes(bytes(600_000))
        with pytest.warns(StoreWarning, match="cannot be written") as caught:
            with FeatureStore(disk / "features.db") as store:
                for start_ in range(0, 200, 10):
                    put(store, range(start_, start_ + 10))
                assert found(store, range(200)) == list(range(200))
            with FeatureStore(disk / "features.db") as store:
                n_there = len(found(store, range(200)))
                put(store, range(300, 310))
                assert found(store, range(300, 310)) == list(range(300, 310))
        assert len(caught) == 1
        assert 0 < n_there < 200
        (disk / "more").unlink()
        with FeatureStore(disk / "features.db", max_bytes=2**18) as store:
            store.prune()
            put(store, [400])
            assert found(store, [400]) == [400]
        # A full disk may keep the log from being emptied; the next run empties it.
        with FeatureStore(disk / "features.db") as store:
            assert found(store, [400]) == [400]
        assert sorted(os.listdir(disk)) == ["features.db"]
    finally:
        subprocess.run(["umount", str(disk)], check=True)


READ_ONLY = """
if os.geteuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
warnings.simplefilter("always")
with warnings.catch_warnings(record=True) as caught, FeatureStore(sys.argv[1]) as store:
    assert found(store, range(60)) == list(range(60))
with FeatureStore(sys.argv[1]) as store, warnings.catch_warnings(record=True) as later:
    assert store.claim(SETTING, digests_of([99])) == digests_of([99])
    put(store, range(60, 80))
    assert found(store, range(80)) == list(range(80))
print(len(caught), [each.category.__name__ for each in later])
"""


@posix
@pytest.mark.parametrize("mode", [0o444, 0o644])
def test_a_read_only_folder(path, mode):
    # Below the folder of pytest, which only its owner may enter.
    place = Path(subprocess.check_output(["mktemp", "-d"], text=True).strip())
    try:
        path = path.rename(place / "features.db")
        if os.geteuid() == 0:
            os.chown(path, 65534, 65534)
        path.chmod(mode)
        place.chmod(0o555)
        assert run(READ_ONLY, path) == "0 ['StoreWarning']\n"
        assert os.listdir(place) == ["features.db"]
    finally:
        place.chmod(0o755)
        path.unlink()
        place.rmdir()


@root
def test_a_folder_that_may_not_be_entered(path):
    path.parent.chmod(0o700)
    out = run(
        """
        os.setgid(65534)
        os.setuid(65534)
        warnings.simplefilter("always")
        with warnings.catch_warnings(record=True) as caught, FeatureStore(sys.argv[1]) as store:
            put(store, range(60))
            assert found(store, range(60)) == list(range(60))
        print(len(caught))
        """,
        path,
    )
    assert out == "1\n"


def test_another_process_that_keeps_the_store_locked(path, monkeypatch):
    monkeypatch.setattr("mmsenti.store._database._PATIENCE", 0.1)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    begin = time.monotonic()
    with FeatureStore(path) as store:
        with pytest.warns(StoreWarning, match="locked"):
            assert len(found(store, range(60))) == 60
            for number in range(60, 80):
                put(store, [number])
            assert found(store, range(80)) == list(range(80))
        connection.close()
    assert time.monotonic() - begin < 2
    time.sleep(0.7)
    assert use(path)[0] == 60


# Processes


WRITER = """
import mmap
with open(sys.argv[2], "r+b") as file:
    flag = mmap.mmap(file.fileno(), 1)
store = FeatureStore(sys.argv[1])
rows = {number: row_of(number) for number in range(400)}
digests = digests_of(range(400))
begin = 0
while True:
    numbers = [(begin + i) % 400 for i in range(100)]
    batch = [digests[number] for number in numbers], [rows[number] for number in numbers]
    flag[0] = 1
    store.put_many(SETTING, *batch)
    flag[0] = 2
    begin += 37
"""


@posix
def test_kill_at_any_moment(tmp_path):
    path, flag = tmp_path / "store" / "features.db", tmp_path / "flag"
    rng = random.Random(0)
    writing = n_rows = 0
    for _ in range(KILLS):
        flag.write_bytes(b"\0")
        with start(WRITER, path, flag) as process:
            while flag.read_bytes() == b"\0":
                time.sleep(0.002)
            time.sleep(rng.uniform(0, 0.2))
            process.send_signal(signal.SIGKILL)
        writing += flag.read_bytes() == b"\1"
        with FeatureStore(path) as store:
            n_rows = len(found(store, range(400)))  # each is checked
            put(store, [1000])
            assert found(store, [1000]) == [1000]
        assert os.listdir(path.parent) == ["features.db"]
    assert n_rows == 400
    assert writing >= 0.8 * KILLS
    print(f"{KILLS} kills, {writing} in the middle of a write, 0 wrong, 0 orphans")


SHARER = """
path, log, barrier = sys.argv[1:4]
def compute(positions):
    with open(log, "a") as file:
        for position in positions:
            time.sleep(0.005)
            file.write(f"{position}\\n")
            file.flush()
    return [row_of(position) for position in positions]
open(f"{barrier}{os.getpid()}", "w").close()
while not os.path.exists(barrier):
    time.sleep(0.001)
store = FeatureStore(path)
rows = compute_once(SETTING, digests_of(range(40)), compute, store=store, batch_rows=5)
assert all(np.array_equal(row, row_of(number)) for number, row in enumerate(rows))
store.close()
"""


def share(tmp_path, n_processes):
    path, log, barrier = (tmp_path / name for name in ("features.db", "log", "barrier"))
    processes = [start(SHARER, path, log, barrier) for _ in range(n_processes)]
    while len(list(tmp_path.glob("barrier*"))) < n_processes:
        time.sleep(0.002)
        assert all(process.poll() is None for process in processes)
    barrier.touch()
    return processes, log


def test_four_processes_share_the_work(tmp_path):
    processes, log = share(tmp_path, 4)
    assert [process.wait(timeout=50) for process in processes] == [0] * 4
    computed = sorted(map(int, log.read_text().split()))
    assert set(computed) == set(range(40))
    assert len(computed) <= 44
    # Two that end at one moment each leave the log to the other; who comes next removes it.
    with FeatureStore(tmp_path / "features.db") as store:
        assert found(store, range(40)) == list(range(40))
    assert len(os.listdir(tmp_path)) == 2 + 4 + 1  # store, log, and the barrier's


@posix
def test_claims_of_a_killed_process_are_taken_over_at_once(tmp_path):
    processes, log = share(tmp_path, 2)
    while not log.exists():
        time.sleep(0.002)
    processes[0].send_signal(signal.SIGKILL)
    begin = time.monotonic()
    # Not waited for yet: a killed process is gone even while its parent has not noticed.
    assert processes[1].wait(timeout=20) == 0
    assert time.monotonic() - begin < 10  # not the 30 s that the living are waited for
    assert processes[0].wait() == -signal.SIGKILL
    assert set(map(int, log.read_text().split())) == set(range(40))


def test_numbers_of_this_file_are_what_they_claim():
    assert not np.array_equal(row_of(1), row_of(2))
