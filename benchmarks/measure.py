"""What all benchmarks share: rows of the result, and processes that are started as a user starts them."""

import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psutil

from pinnace.testing.command import clean_environment

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the result.

    Attributes:
        what: What was measured.
        values: One figure a repetition; the table shows their median and their range.
        unit: ms, s, MB (10^6 bytes), …
        limit: What design and issues allow at most, in the same unit; "" where nothing is promised.
    """

    what: str
    values: Sequence[float]
    unit: str
    limit: str = ""

    def cells(self) -> tuple[str, str, str, str]:
        """The line as text: what, median, range, limit."""
        middle = f"{rounded(statistics.median(self.values))} {self.unit}".rstrip()
        spread = f"{rounded(min(self.values))} to {rounded(max(self.values))}" if len(self.values) > 1 else ""
        return self.what, middle, spread, f"{self.limit} {self.unit}" if self.limit else ""


def rounded(value: float) -> str:
    """Three digits that count."""
    digits = 2 if abs(value) < 10 else 1 if abs(value) < 100 else 0
    return f"{value:,.{digits}f}"


def timed(action: Callable[[], object]) -> float:
    """Seconds that *action* takes."""
    begin = time.perf_counter()
    action()
    return time.perf_counter() - begin


def run_python(*arguments: str | Path, **variables: str) -> str:
    """Run this interpreter to its end, *variables* set in an environment as users have it; returns what it prints."""
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        env=clean_environment() | variables,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout


def sync_seconds(directory: str | Path, times: int = 300) -> list[float]:
    """What a database asks of the disk at least: append a page and wait until it is there."""
    descriptor = os.open(Path(directory) / "probe", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    try:
        return [timed(partial(_write_page, descriptor)) for _ in range(times)]
    finally:
        os.close(descriptor)


def _write_page(descriptor: int) -> None:
    os.write(descriptor, bytes(4096))
    os.fsync(descriptor)


def megabytes(count: float) -> float:
    """Bytes in units of 10^6."""
    return count / 1e6


def machine() -> str:
    """The kind of machine, in words that name nobody's."""
    gigabytes = round(psutil.virtual_memory().total / 2**30)
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} processors ({platform.machine()}), {gigabytes} GiB of memory, {platform.system()}, "
        f"Python {platform.python_version()}, load {load:.1f} at the beginning"
    )
