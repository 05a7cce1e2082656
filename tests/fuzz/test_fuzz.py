"""Cells of every type and shape, and mutated real files, through extraction and prediction.

    python tests/fuzz/test_fuzz.py --inputs 50000 [--seed N]     the long run
    python tests/fuzz/test_fuzz.py --atheris [libFuzzer's options]     guided by coverage

Whatever comes in, what comes out is features, a row of NaN, or a ValueError, TypeError or OSError
that names the row, within two seconds and one gibibyte. A failure is printed with its number, by
which ``--seed NUMBER --inputs 1`` tries it again.
"""

import argparse
import io
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import types
import warnings
from collections import Counter

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from mmsenti.audio import AudioFeatures
from mmsenti.image import ImageFeatures
from mmsenti.text import TextFeatures, TextTfidf

MAX_SECONDS = 2.0
MAX_BYTES = 1 << 30
CLEAR = (ValueError, TypeError, OSError)
EXTRACTORS = {"text": TextFeatures, "image": ImageFeatures, "audio": AudioFeatures}


def outcome_of(kind, cell, **params):
    """Extract one cell behind another; return how it went, or fail."""
    column = np.empty(2, dtype=object)
    column[0] = "fine" if kind in (TextFeatures, TextTfidf) else None
    column[1] = cell
    start = time.process_time()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            values = kind(**params).fit_transform(column)
        except CLEAR as error:
            values = error
    seconds = time.process_time() - start
    assert seconds < MAX_SECONDS, f"took {seconds:.1f} s"
    assert all(w.category.__name__ == "SampleWarning" for w in caught), caught[0].message
    if isinstance(values, CLEAR):
        assert f"{kind.__name__}, row 1, " in str(values), f"names no row: {values}"
        assert str(values).isprintable(), f"not printable: {values!r}"
        return "error"
    row = values.toarray()[1] if hasattr(values, "toarray") else values[1]
    if np.isnan(row).all():
        return "missing"
    assert np.isfinite(row).all(), "not finite"
    return "features"


# Cells of every type and shape

NUMBERS = st.one_of(st.integers(), st.floats(), st.booleans(), st.complex_numbers())
ARRAYS = hnp.arrays(
    st.one_of(hnp.scalar_dtypes(), hnp.unicode_string_dtypes(), hnp.byte_string_dtypes()),
    hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=9),
)
PICTURES = hnp.arrays(
    st.one_of(hnp.unsigned_integer_dtypes(), hnp.floating_dtypes(), hnp.integer_dtypes()),
    st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(1, 4)),
)
SOUNDS = hnp.arrays(
    st.one_of(hnp.floating_dtypes(), hnp.integer_dtypes(), hnp.unsigned_integer_dtypes()),
    st.one_of(st.tuples(st.integers(0, 700)), st.tuples(st.integers(0, 700), st.integers(0, 3))),
)
SIMPLE = st.one_of(
    st.none(), NUMBERS, st.text(), st.binary(), ARRAYS, PICTURES, SOUNDS, st.dates(), st.uuids()
)
CELLS = st.one_of(
    SIMPLE,
    st.tuples(st.one_of(SOUNDS, SIMPLE), NUMBERS),
    st.lists(SIMPLE, min_size=2, max_size=3),
    st.dictionaries(st.text(max_size=3), SIMPLE, max_size=2),
    st.builds(bytearray, st.binary()),
    st.builds(memoryview, st.binary()),
    st.text(alphabet=st.characters(categories=None), max_size=300),
)


thorough = settings(
    max_examples=300,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("kind", [*EXTRACTORS.values(), TextTfidf], ids=lambda kind: kind.__name__)
@thorough
@given(cell=CELLS)
def test_cells_of_every_type_and_shape(kind, cell):
    outcome = outcome_of(kind, cell)
    if kind is TextTfidf:
        return
    tolerant = outcome_of(kind, cell, on_error="missing")
    # What is no sample at all stays an error; what cannot be read becomes a hole.
    assert tolerant in (("error", "missing") if outcome == "error" else (outcome,))


@pytest.fixture(scope="module")
def model():
    return make_model()


@pytest.mark.parametrize("modality", EXTRACTORS)
@thorough
@given(cell=CELLS)
def test_cells_of_every_type_and_shape_are_predicted(model, modality, cell):
    outcome = outcome_of(EXTRACTORS[modality], cell, on_error="missing")
    said, probabilities = "", None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            probabilities = model.predict_proba([{"text": "fine"}, {modality: cell}])
        except CLEAR as error:
            said = str(error)
    assert ("row 1, " in said) == (outcome == "error"), said
    if probabilities is not None:
        assert np.isfinite(probabilities).all()
        np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    if outcome == "missing":
        np.testing.assert_array_equal(probabilities[1], model.class_prior_)


# Mutated files


def seeds():
    """Return the contents of small real files, by modality."""
    import soundfile

    y, x = np.mgrid[0:48, 0:64]
    pixels = np.stack([x * 4, y * 5, (x * y) % 256], axis=-1).astype(np.uint8)
    picture = Image.fromarray(pixels)
    images = []
    for image, kind, options in (
        (picture, "JPEG", {}),
        (picture, "JPEG", {"progressive": True}),
        (picture.convert("CMYK"), "JPEG", {}),
        (picture, "PNG", {}),
        (picture.quantize(16), "PNG", {}),
        (picture.convert("LA"), "PNG", {}),
        (picture.quantize(16), "GIF", {"save_all": True, "append_images": [picture.quantize(8)]}),
        (picture, "BMP", {}),
        (picture.quantize(16), "BMP", {}),
        (picture, "TIFF", {}),
        (picture, "TIFF", {"compression": "tiff_lzw"}),
        (picture, "TIFF", {"compression": "tiff_deflate"}),
        (picture.convert("F"), "TIFF", {}),
        (picture, "WEBP", {}),
        (picture, "WEBP", {"lossless": True}),
    ):
        file = io.BytesIO()
        image.save(file, kind, **options)
        images.append(file.getvalue())
    time_axis = np.arange(4000) / 16000
    signal = 0.4 * np.sin(2 * np.pi * 220 * time_axis) + 0.1 * np.sin(2 * np.pi * 1830 * time_axis)
    sounds = []
    for container, subtype in (
        ("WAV", "PCM_16"),
        ("WAV", "PCM_U8"),
        ("WAV", "FLOAT"),
        ("WAV", "MS_ADPCM"),
        ("WAV", "ULAW"),
        ("FLAC", "PCM_16"),
        ("OGG", "VORBIS"),
        ("OGG", "OPUS"),
        ("MP3", "MPEG_LAYER_III"),
        ("AIFF", "PCM_16"),
        ("AU", "PCM_16"),
    ):
        file = io.BytesIO()
        soundfile.write(file, signal, 16000, format=container, subtype=subtype)
        sounds.append(file.getvalue())
    texts = [
        "I LOVE this!!! \U0001f600 :-) @ann #win",
        "isn't it so bad... not good, at all",
        "<b>x</b>",
    ]
    return {"image": images, "audio": sounds, "text": [text.encode() for text in texts]}


def mutate(rng, contents):
    """Return one content with bits flipped, a part cut, doubled, spliced or set to one value."""
    content = bytearray(contents[rng.integers(len(contents))])
    for _ in range(rng.integers(1, 4)):
        if not content:
            break
        start = int(rng.integers(len(content)))
        # Headers decide most: half of all faults are put into the first hundred bytes.
        start = start if rng.random() < 0.5 else start % 100
        length = int(rng.choice([1, 2, 4, 8, 64, 512]))
        action = rng.integers(7)
        if action <= 1:
            for place in rng.integers(8 * start, 8 * len(content), size=length).tolist():
                content[place // 8] ^= 1 << place % 8
        elif action == 2:
            del content[start:]
        elif action == 3:
            del content[start : start + length]
        elif action == 4:
            other = contents[rng.integers(len(contents))]
            content[start:] = other[int(rng.integers(len(other))) :]
        elif action == 5:
            content[start:start] = content[start : start + length]
        else:
            value = int(rng.choice([0x00, 0xFF, 0x7F, 0x80]))
            content[start : start + length] = bytes([value]) * len(content[start : start + length])
    return bytes(content)


def make_model():
    """Fit a voting of all modalities that takes for missing what it cannot read."""
    from mmsenti.datasets import make_posts
    from mmsenti.fusion import FusionClassifier, default_modalities

    with tempfile.TemporaryDirectory() as folder:
        posts = make_posts(30, folder=folder, random_state=0)
        modalities = default_modalities(posts, on_error="missing")
        return FusionClassifier(modalities, strategy="voting").fit(posts, posts["label"])


def try_one(number, contents, model=None):
    """Try the input of a number; return its modality, how it went and the cell."""
    rng = np.random.default_rng(number)
    modality = str(rng.choice(["image", "audio", "text"], p=[0.45, 0.45, 0.1]))
    content = mutate(rng, contents[modality])
    cell = content.decode("utf-8", "surrogateescape") if modality == "text" else content
    outcome = outcome_of(EXTRACTORS[modality], cell, on_error="missing")
    if model is not None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            probabilities = model.predict_proba({modality: cell})
        assert np.isfinite(probabilities).all()
        assert abs(probabilities.sum() - 1) < 1e-9
        if outcome == "missing":
            np.testing.assert_array_equal(probabilities[0], model.class_prior_)
    return modality, outcome


def try_range(numbers, contents, model):
    """Try inputs one after the other; return counts, and what failed."""
    counts, failures = Counter(), []
    for number in numbers:
        try:
            counts["{} {}".format(*try_one(number, contents, model))] += 1
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            failures.append([number, f"{type(error).__name__}: {error}"[:300]])
    return counts, failures


def in_child(numbers, contents, model):
    """Try inputs in a fork of limited size, so that not even a crash ends the run."""
    reader, writer = os.pipe()
    pid = os.fork()
    if not pid:
        with open("/proc/self/statm") as file:
            size = int(file.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (size + MAX_BYTES, size + MAX_BYTES))
        with open(writer, "w") as file:
            json.dump(try_range(numbers, contents, model), file)
        os._exit(0)
    os.close(writer)
    with open(reader) as file:
        told = file.read()
    _, status = os.waitpid(pid, 0)
    if not status:
        counts, failures = json.loads(told)
        return Counter(counts), failures
    if len(numbers) == 1:
        return Counter(), [[numbers[0], f"its process died with status {status}"]]
    counts, failures = Counter(), []
    for number in numbers:
        more, wrong = in_child([number], contents, model)
        counts += more
        failures += wrong
    return counts, failures


def run(n_inputs, seed):
    """Try inputs in parts of 500; print what failed and how often what came out."""
    contents, model = seeds(), make_model()
    counts, failures = Counter(), []
    start = time.monotonic()
    for first in range(seed, seed + n_inputs, 500):
        numbers = list(range(first, min(first + 500, seed + n_inputs)))
        more, wrong = in_child(numbers, contents, model)
        counts += more
        failures += wrong
        for number, what in wrong:
            print(f"input {number}: {what}", flush=True)
    print(f"{n_inputs} inputs in {time.monotonic() - start:.0f} s, {len(failures)} failures")
    print(", ".join(f"{name} {n}" for name, n in sorted(counts.items())))
    return 1 if failures else 0


def functions_of(*packages):
    """List the functions and methods written in Python that packages have loaded."""
    found = {}
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in packages:
            scopes = [module, *(part for part in vars(module).values() if isinstance(part, type))]
            for part in (part for scope in scopes for part in vars(scope).values()):
                if isinstance(part, types.FunctionType) and part.__module__ == name:
                    found[id(part)] = part
    return list(found.values())


def run_atheris(arguments):
    """Let libFuzzer choose the bytes: the first one says the modality."""
    import atheris

    def try_bytes(content):
        modality = ("image", "audio", "text")[content[0] % 3] if content else "image"
        cell = content[1:]
        cell = cell.decode("utf-8", "surrogateescape") if modality == "text" else cell
        outcome_of(EXTRACTORS[modality], cell, on_error="missing")

    with tempfile.TemporaryDirectory() as corpus:
        for place, (modality, contents) in enumerate(seeds().items()):
            mark = bytes([("image", "audio", "text").index(modality)])
            for number, content in enumerate(contents):
                with open(os.path.join(corpus, f"{place}-{number}"), "wb") as file:
                    file.write(mark + content)
        for function in functions_of("mmsenti", "PIL"):
            atheris.instrument_func(function)
        atheris.Setup([sys.argv[0], *arguments, corpus], try_bytes)
        atheris.Fuzz()


@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="no /proc to limit memory by")
def test_mutated_files():
    done = subprocess.run(
        [sys.executable, __file__, "--inputs", "1000"],
        capture_output=True,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    assert "1000 inputs" in done.stdout
    for outcome in ("image features", "image missing", "audio features", "audio missing"):
        assert outcome in done.stdout


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--inputs", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--atheris", action="store_true")
    options, rest = parser.parse_known_args()
    sys.exit(run_atheris(rest) if options.atheris else run(options.inputs, options.seed))
