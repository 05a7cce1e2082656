"""What the feature store costs: seconds per row, cold and warm, and bytes on disk.

    python benchmarks/bench_store.py [--small | --large] [--folder FOLDER]

Rows of 2,000 random float32; *cold* writes them, *warm* reads them again, from memory and from a
file that was closed in between. Beside it one plain file per row, which is the least that a cache
of files can do. What was read is compared with what was written before any figure is printed.
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from mmsenti.store import FeatureStore, MemoryLayer, fingerprint

WIDTH = 2000
SETTING = fingerprint("bench_store", WIDTH)
_CHUNK = 1000  # rows at once, so that 100,000 rows need not fit into memory


def digests_of(start, stop):
    return [fingerprint(i) for i in range(start, stop)]


def rows_of(start, stop):
    return np.random.default_rng(start).random((stop - start, WIDTH), dtype=np.float32)


def chunks(n_rows):
    return [(start, min(start + _CHUNK, n_rows)) for start in range(0, n_rows, _CHUNK)]


def put_all(layer, n_rows):
    """Return seconds per row of writing."""
    seconds = 0.0
    for start, stop in chunks(n_rows):
        digests, rows = digests_of(start, stop), rows_of(start, stop)
        begin = time.perf_counter()
        layer.put_many(SETTING, digests, rows)
        seconds += time.perf_counter() - begin
    if isinstance(layer, FeatureStore):
        begin = time.perf_counter()
        layer.close()
        seconds += time.perf_counter() - begin
    return seconds / n_rows


def get_all(layer, n_rows):
    """Return seconds per row of reading; fail unless each is what was written."""
    seconds = 0.0
    for start, stop in chunks(n_rows):
        digests = digests_of(start, stop)
        begin = time.perf_counter()
        found = layer.get_many(SETTING, digests)
        seconds += time.perf_counter() - begin
        if not np.array_equal(np.stack(found), rows_of(start, stop)):
            raise AssertionError("the store changed a number")
    return seconds / n_rows


class PlainFiles:
    """One .npy file per row."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.folder.mkdir()

    def put_many(self, setting, digests, rows):
        """Write a file for each row."""
        for digest, row in zip(digests, rows, strict=True):
            np.save(self.folder / digest.hex(), row)

    def get_many(self, setting, digests):
        """Read the files."""
        return [np.load(self.folder / f"{digest.hex()}.npy") for digest in digests]

    def size(self):
        """Return what the files take of the disk, in bytes."""
        return sum(entry.stat().st_blocks * 512 for entry in os.scandir(self.folder))


def measure(n_rows, folder):
    """Return figures by name: seconds per row, and bytes per row."""
    path = Path(folder, f"features-{n_rows}.db")
    store = FeatureStore(path)
    figures = {"disk cold": put_all(store, n_rows), "disk warm": get_all(store, n_rows)}
    store.close()
    figures["disk bytes"] = path.stat().st_size / n_rows
    path.unlink()
    memory = MemoryLayer(2**31)
    figures["memory cold"] = put_all(memory, n_rows)
    figures["memory warm"] = get_all(memory, n_rows)
    del memory
    files = PlainFiles(Path(folder, f"files-{n_rows}"))
    figures["files cold"] = put_all(files, n_rows)
    figures["files warm"] = get_all(files, n_rows)
    figures["files bytes"] = files.size() / n_rows
    return figures


def run(sizes, folder):
    """Print the table and return the figures by size."""
    print(f"{'rows':>8}  {'':8}{'cold us/row':>12}{'warm us/row':>12}{'bytes/row':>11}")
    results = {}
    for n_rows in sizes:
        figures = results[n_rows] = measure(n_rows, folder)
        for layer in ("memory", "disk", "files"):
            size = figures.get(f"{layer} bytes", WIDTH * 4)
            cold, warm = (1e6 * figures[f"{layer} {when}"] for when in ("cold", "warm"))
            print(f"{n_rows:>8}  {layer:8}{cold:>12.1f}{warm:>12.1f}{size:>11.0f}")
    return results


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--small", action="store_true", help="100 rows alone")
    size.add_argument("--large", action="store_true", help="also 100,000 rows (2 GB of disk)")
    parser.add_argument("--folder", help="where to write; default is the temporary folder")
    arguments = parser.parse_args(argv)
    sizes = [100] if arguments.small else [100, 10_000] + [100_000] * arguments.large
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        run(sizes, folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
