import io
import struct
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

SHARED = Path(__file__).resolve().parents[3] / "shared"


@pytest.fixture(scope="session")
def librosa():
    """The reference; its own warnings are none of ours."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module = pytest.importorskip("librosa")
        assert module.feature.mfcc  # it loads its parts when they are touched
    return module


@pytest.fixture(scope="session")
def speech_files():
    folder = SHARED / "data" / "ravdess_speech" / "audio"
    files = sorted(map(str, folder.glob("*.flac")))
    if not files:
        pytest.skip("the recordings of ravdess_speech are not here")
    return files


@pytest.fixture(scope="session")
def tone():
    """A tone of any frequency (Hz), length (s) and rate, half of full scale."""

    def make(frequency=220.0, seconds=1.0, rate=16000, amplitude=0.5):
        phase = 2 * np.pi * frequency * np.arange(int(seconds * rate)) / rate
        return (amplitude * np.sin(phase)).astype(np.float32)

    return make


@pytest.fixture(scope="session")
def wav():
    """The bytes of a WAV file, every header field at will."""

    def make(samples, rate=16000, *, channels=1, bits=16, tag=1, promised=None):
        data = samples if isinstance(samples, bytes) else np.asarray(samples).tobytes()
        block = channels * bits // 8
        fmt = struct.pack(
            "<HHIIHH", tag, channels, rate, rate * block & 0xFFFFFFFF, block & 0xFFFF, bits
        )
        size = len(data) if promised is None else promised
        head = b"RIFF" + struct.pack("<I", 36 + len(data)) + b"WAVEfmt " + struct.pack("<I", 16)
        return head + fmt + b"data" + struct.pack("<I", size) + data

    return make


@pytest.fixture(scope="session")
def encode():
    """The bytes of a signal in a format of libsndfile."""
    import soundfile

    def make(signal, rate, container, subtype=None):
        buffer = io.BytesIO()
        soundfile.write(buffer, signal, rate, format=container, subtype=subtype)
        return buffer.getvalue()

    return make


@pytest.fixture(scope="session")
def peak_memory():
    """The most memory, in bytes, that a script held: of its own process, not of its parent."""
    if not Path("/proc/self/status").exists():
        pytest.skip("no /proc to read the peak of memory from")
    report = "\nprint(open('/proc/self/status').read().split('VmHWM:')[1].split()[0])"

    def measure(script, *args):
        command = [sys.executable, "-c", script + report, *args]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return int(done.stdout.split()[-1]) * 1024

    return measure
