"""Time work of ours beside the same work of others: in turns, in one process, equality first.

Time is that of the processor, so that what else a machine does hardly counts.
"""

import gc
import importlib
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from statistics import median
from typing import Any

__all__ = [
    "Case",
    "Row",
    "available",
    "forget",
    "grow_old",
    "measure",
    "print_table",
    "processor_time",
]

_SECONDS = 1.0  # to spend on each row, rounds of everything
_FEWEST_ROUNDS, _MOST_ROUNDS = 5, 200  # one round may meet a busy moment of the machine
_LONG = 1000  # samples, of more than which one round is enough


@dataclass
class Case:
    """One work on `n` samples: ours, the peers' and, where there is one, the physical limit.

    Attributes
    ----------
    check : callable
        Raises AssertionError unless ours computes what the reference does; called first.
    limit : callable or None
        What nobody can avoid: decoding alone, framing and transforming alone.
    """

    work: str
    ours: Callable[[], Any]
    peers: dict[str, Callable[[], Any]]
    n: int = 1
    check: Callable[[], None] = lambda: None
    limit: Callable[[], Any] | None = None


@dataclass
class Row:
    """Medians of one case: microseconds a sample, and how many times that the peers take."""

    work: str
    n: int
    microseconds: float
    ratios: dict[str, float] = field(default_factory=dict)
    of_limit: float | None = None


@cache
def available(module: str, name: str | None = None) -> bool:
    """Tell whether a peer is installed and has a name; one that is not is left out, by name."""
    try:
        found = importlib.import_module(module)
        there = name is None or hasattr(found, name)
    except ImportError:
        there = False
    if not there:
        print(f"({module} is not installed, or without {name}, and left out)", file=sys.stderr)
    return there


def forget() -> None:
    """Let extractors forget what they have computed, and which files they have seen."""
    import mmsenti._base
    import mmsenti.store._content

    mmsenti._base._memory.clear()
    for known in ("_remembered", "_read_young", "_keys"):
        getattr(mmsenti.store._content, known).clear()


def grow_old() -> None:
    """Wait until files that were just written are known by their status, as a user's files are."""
    time.sleep(2.1)


def processor_time() -> float:
    """Sum the time of this process and of those that it has waited for."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def _seconds(work: Callable[[], Any]) -> float:
    begin = processor_time()
    work()
    return processor_time() - begin


def measure(case: Case, seconds: float = _SECONDS) -> Row:
    """Check a case, then time ours and each peer in turns.

    Parameters
    ----------
    case : Case
    seconds : float, default=1.0
        Rounds go on for so long; there are five at least, after one to warm up, or one round of
        more than a thousand samples.

    Returns
    -------
    Row
        Of medians over the rounds; a ratio is taken within its round.
    """
    case.check()
    works = {"": case.ours, **case.peers}
    if case.limit is not None:
        works["limit"] = case.limit
    fewest = 1
    if case.n <= _LONG:
        fewest = _FEWEST_ROUNDS
        for work in works.values():
            work()
    rounds: list[dict[str, float]] = []
    end = time.perf_counter() + seconds
    gc.collect()
    while len(rounds) < fewest or (time.perf_counter() < end and len(rounds) < _MOST_ROUNDS):
        rounds.append({name: _seconds(work) for name, work in works.items()})
    ratios = {name: median(r[name] / r[""] for r in rounds) for name in works if name}
    limit = ratios.pop("limit", None)
    return Row(case.work, case.n, 1e6 * median(r[""] for r in rounds) / case.n, ratios, limit)


def print_table(rows: list[Row]) -> None:
    """Print rows as a table; a ratio above 1 says that the peer takes longer than we do."""
    width = max((len(row.work) for row in rows), default=4)
    print(f"{'work':<{width}}{'n':>8}{'us each':>11}{'% of limit':>12}  peers, in our time")
    for row in rows:
        share = "" if row.of_limit is None else f"{100 * row.of_limit:.0f}"
        peers = ", ".join(f"{name} {ratio:.2f}x" for name, ratio in row.ratios.items())
        print(f"{row.work:<{width}}{row.n:>8}{row.microseconds:>11.1f}{share:>12}  {peers}")
