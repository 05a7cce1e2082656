"""What more workers gain, and how much memory many rows take.

    python benchmarks/bench_parallel.py [--rows 400] [--memory-rows 20000] [--jobs 2]

Wall time of extracting pictures and voices from files by one job, by threads and by processes, in
turns, whose numbers must be equal to the last bit; the pool of processes is warm, as in any second
call. Then the peak memory of a process that extracts so many pictures, above the size of its
result.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import joblib
import numpy as np
import soundfile
from bench_audio import voice
from bench_image import photo
from pairs import forget

from mmsenti.audio import AudioFeatures
from mmsenti.image import ImageFeatures

_ROUNDS = 3
_BACKENDS = {"one job": (1, "loky"), "threads": (None, "threading"), "processes": (None, "loky")}
_MEMORY = """
import resource, sys
from pathlib import Path
from mmsenti.image import ImageFeatures
paths = sorted(map(str, Path(sys.argv[1]).glob("*.jpg")))
features = ImageFeatures(n_jobs=int(sys.argv[2])).transform(paths)
unit = 2**20 if sys.platform == "darwin" else 2**10
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
print(features.nbytes / 2**20, peak)
"""


def write_pictures(folder, n_rows, width, height):
    """Write files of fifty pictures, each with bytes of its own behind it."""
    contents = [photo(width, height, seed) for seed in range(min(n_rows, 50))]
    for i in range(n_rows):
        Path(folder, f"{i:06}.jpg").write_bytes(contents[i % len(contents)] + i.to_bytes(4))
    return sorted(map(str, Path(folder).glob("*.jpg")))


def write_voices(folder, n_rows):
    """Write 16-bit WAV files of 3 s, no two alike."""
    paths = [str(Path(folder, f"{i:06}.wav")) for i in range(n_rows)]
    for seed, path in enumerate(paths):
        soundfile.write(path, voice(seed), 16000, "PCM_16")
    return paths


def seconds_of(extractor, cells, n_jobs, backend):
    """Return wall time and features of one extraction that knows nothing."""
    forget()
    with joblib.parallel_config(backend=backend):
        begin = time.perf_counter()
        features = extractor.set_params(n_jobs=n_jobs).transform(cells)
        return time.perf_counter() - begin, features


def compare_backends(name, extractor, cells, n_jobs):
    """Print the median seconds of each backend and what it gains over one job."""
    rounds = []
    for number in range(_ROUNDS + 1):
        seconds, first = {}, None
        for backend, (jobs, kind) in _BACKENDS.items():
            jobs = n_jobs if jobs is None else jobs
            seconds[backend], features = seconds_of(extractor, cells, jobs, kind)
            first = features if first is None else first
            np.testing.assert_array_equal(features, first)
        if number:  # the first one starts the pool
            rounds.append(seconds)
    for backend in _BACKENDS:
        own = median(r[backend] for r in rounds)
        gain = median(r["one job"] / r[backend] for r in rounds)
        print(f"{name:<9}{len(cells):>7}  {backend:<10}{own:>9.2f} s{gain:>8.2f}x")


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=400)
    parser.add_argument("--memory-rows", type=int, default=20_000)
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        pictures = write_pictures(folder, arguments.rows, 640, 480)
        compare_backends("pictures", ImageFeatures(), pictures, arguments.jobs)
    with tempfile.TemporaryDirectory() as folder:
        voices = write_voices(folder, arguments.rows)
        compare_backends("voices", AudioFeatures(), voices, arguments.jobs)
    with tempfile.TemporaryDirectory() as folder:
        write_pictures(folder, arguments.memory_rows, 320, 240)
        command = [sys.executable, "-c", _MEMORY, folder, "1"]
        printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    result, peak = map(float, printed.split())
    print(
        f"pictures{arguments.memory_rows:>8}  {peak:.0f} MB at most, {peak - result:.0f} MB above "
        f"the result of {result:.0f} MB"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
