"""A run of ten thousand tasks through a real server: its memory, and whether a task costs the same all along."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
from flows import WARM_UP, compiled
from measure import Row, megabytes
from server import MeasuredServer

SIZE = 10_000
PART = 1_000
POLL_SECONDS = 0.5


def large_run() -> Iterator[Row]:
    """One run: a task in the first and in the last thousand, processor time of the server, and its memory."""
    with tempfile.TemporaryDirectory() as scratch, MeasuredServer(Path(scratch) / "data") as server:
        server.run(compiled("loop", WARM_UP))
        process = psutil.Process(server.record.pid)
        idle, before = process.memory_info().rss, sum(process.cpu_times()[:2])
        peak, begin = idle, time.time()
        server.submit(compiled("loop", SIZE))
        while not server.has_ended():
            peak = max(peak, process.memory_info().rss)
            time.sleep(POLL_SECONDS)
        processor = sum(process.cpu_times()[:2]) - before
        ends = [event.at / 1e6 for event in server.history() if event.type == "AttemptSucceeded"]
    if len(ends) != SIZE:
        raise RuntimeError(f"{len(ends)} of {SIZE} tasks succeeded")
    name = f"run of {SIZE:,} tasks"
    yield Row(f"{name}: from submission to end", [ends[-1] - begin], "s")
    yield Row(f"{name}: a task of the first {PART:,}", [(ends[PART - 1] - ends[0]) / (PART - 1) * 1e3], "ms")
    yield Row(f"{name}: a task of the last {PART:,}", [(ends[-1] - ends[-PART]) / (PART - 1) * 1e3], "ms")
    yield Row(f"{name}: processor time of the server, a task", [processor / SIZE * 1e3], "ms")
    yield Row(f"{name}: largest memory of the server", [megabytes(peak)], "MB", "500")
    yield Row(f"{name}: the same when idle", [megabytes(idle)], "MB")
