"""Progress of long work: a bar in a terminal, now and then a plain line anywhere else."""

import sys
import time
from types import TracebackType
from typing import Any, Self

__all__ = ["Progress"]

_FIRST_LINE = 5.0  # seconds of silence: who waits less needs no comfort
_NEXT_LINE = 20.0  # seconds between two plain lines
_REFRESH = 0.2  # seconds between two looks of a line that is drawn over


class Progress:
    """Count rows, and show how many are done, how fast, and how long the rest will take.

    In a terminal that is a bar of rich's, where rich is installed, and else a line that is drawn
    over; on a pipe or in a log it is one plain line after 5 seconds and every 20 from then on. It
    goes to stderr.

    Parameters
    ----------
    what : str
        What is done.
    total : int
        Rows in all.
    verbose : int, default=1
        0 is silence.

    Examples
    --------
    >>> with Progress("ImageFeatures", 100, verbose=0) as progress:
    ...     progress.advance(100)
    """

    def __init__(self, what: str, total: int, verbose: int = 1) -> None:
        self._what = what
        self._total = total
        self._verbose = bool(verbose)
        self._done = 0
        self._bar: Any = None
        self._drawn = False

    def __enter__(self) -> Self:
        self._started = time.monotonic()
        self._terminal = self._verbose and sys.stderr.isatty()
        self._next = self._started + (_REFRESH if self._terminal else _FIRST_LINE)
        return self

    def expect(self, total: int) -> None:
        """Note how many rows there are to do, since the others are known.

        Parameters
        ----------
        total : int
        """
        self._total = total

    def advance(self, n: int) -> None:
        """Note that `n` more rows are done.

        Parameters
        ----------
        n : int
        """
        self._done += n
        if not (n and self._verbose) or (now := time.monotonic()) < self._next:
            return
        self._next = now + (_REFRESH if self._terminal else _NEXT_LINE)
        if not self._terminal:
            print(self._line(now), file=sys.stderr, flush=True)
        elif self._draw_bar() is None:
            self._drawn = True
            print(f"\r{self._line(now)}\x1b[K", end="", file=sys.stderr, flush=True)

    def _line(self, now: float) -> str:
        speed = self._done / max(now - self._started, 1e-9)
        left = (self._total - self._done) / speed
        rows = f"{self._done:,} of {self._total:,} rows"
        return f"{self._what}: {rows}, {speed:,.0f} rows/s, {_duration(left)} left"

    def _draw_bar(self) -> Any:
        if self._bar is None:
            try:
                from rich.console import Console
                from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
            except ImportError:
                return None
            self._bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                TextColumn("{task.completed:,.0f} of {task.total:,.0f} rows, {task.fields[speed]}"),
                TimeRemainingColumn(),
                console=Console(stderr=True),
            )
            self._task = self._bar.add_task(self._what, total=self._total, speed="")
            self._bar.start()
        speed = self._done / max(time.monotonic() - self._started, 1e-9)
        self._bar.update(self._task, completed=self._done, speed=f"{speed:,.0f} rows/s")
        return self._bar

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._draw_bar()
            self._bar.stop()
        elif self._drawn:
            print(f"\r{self._line(time.monotonic())}\x1b[K", file=sys.stderr, flush=True)


def _duration(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02} min"
    return f"{minutes} min {seconds:02} s" if minutes else f"{seconds} s"
