"""Names of processes that no other process is or will be given, and whether theirs still lives."""

import hashlib
import os
import platform
from functools import lru_cache
from pathlib import Path

__all__ = ["is_alive", "process_name"]

_UNTOLD = "x"  # in place of a time that this system does not tell


@lru_cache(maxsize=2)
def process_name(pid: int) -> str:
    """Name a process by its machine, its number and its start, fit for the name of a file."""
    return f"{_machine()}-{pid}-{_start_time(pid)}"


def is_alive(name: str) -> bool:
    """Tell whether a process may still live; of one on another machine nothing is known."""
    try:
        machine, pid, start = name.split("-")
        return machine != _machine() or _start_time(int(pid)) == start
    except ValueError:
        return False


@lru_cache(maxsize=1)
def _machine() -> str:
    """Name what process numbers are unique in: a running machine, or a container on it."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        name = f"{boot}/{os.readlink('/proc/self/ns/pid')}"
    except OSError:
        name = platform.node()
    return hashlib.blake2b(name.encode(), digest_size=8).hexdigest()


def _start_time(pid: int) -> str:
    """Return when a process started: "" if it has ended, a mark if that cannot be told."""
    if not os.path.exists("/proc/self/stat"):
        return _UNTOLD
    try:
        # The second field, a name in brackets, may hold blanks and brackets itself.
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
        return "" if fields[0] in (b"Z", b"X") else fields[19].decode()
    except (OSError, IndexError):
        return ""
