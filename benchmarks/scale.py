"""Lists among 100,000 runs and 2,000,000 tasks, on SQLite and PostgreSQL, idle and while a 1,000-way loop runs.

As a program: ``python benchmarks/scale.py [--runs N] [--tasks N] …``; ``--help`` shows all. ``--runs 2000 --tasks 20000
--others 200 --loops 1 --repeats 20`` is through in two minutes. The databases are made first, by ``scale_data``.
"""

import argparse
import contextlib
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

from flows import compiled
from measure import ROOT, Row, machine, megabytes, rounded, sync_seconds, timed
from scale_data import PostgresWriter, Size, SqliteWriter, fill
from scale_lists import Case, cases
from scale_server import LOOP, ScaleServer

from pinnace.ports.store import Store
from pinnace.store import open_store

sys.path.insert(0, str(ROOT))

from tests.recovery.postgres import PostgresServer

KINDS = ("sqlite", "postgresql")
RUN_PAGE = "one run with its {wide:,} tasks"
RUN_PAGE_LIMIT = 1000
FLOOR = "healthz (for comparison)"


@dataclass(frozen=True, slots=True)
class Effort:
    """How long is measured.

    Attributes:
        repeats: How often each list is read from the store, and from an idle server.
        loops: How many loops run one after the other while lists are read from the server beside them.
    """

    repeats: int = 200
    loops: int = 6


@dataclass(frozen=True, slots=True)
class Readings:
    """Milliseconds of each reading of one thing, and what one cost on average in processor time, where that was seen.

    The latter is the reading thread's for the store (all that SQLite does is in it, nothing of what PostgreSQL does),
    and the server's for the API.
    """

    wall: Sequence[float]
    processor: float | None = None


Samples = Mapping[str, Readings]
"""By the name of what was read."""


@dataclass(frozen=True, slots=True)
class Result:
    """What was measured on one database."""

    kind: str
    made: str
    start: float
    store: Samples
    idle: Samples
    busy: Samples
    loops: Sequence[float]


def lists() -> Iterator[Row]:
    """For ``run.py``: the slowest hundredth of every list; the range shows the best and the worst of them."""
    size, effort = Size(), Effort()
    limits = _limits(size)
    for result in _results(KINDS, size, effort):
        yield Row(f"{result.kind}, {size.runs:,} runs: start of the server", [result.start], "s")
        for where, samples in (
            ("store", result.store),
            ("API", result.idle),
            (f"API beside a loop of {LOOP:,}", result.busy),
        ):
            for limit in sorted(set(limits.values())):
                tails = [_tail(samples[name].wall) for name in samples if limits[name] == limit and samples[name].wall]
                if limit and tails:
                    name = f"{result.kind}, {len(tails)} lists of at most {limit} ms, p99, {where}"
                    yield Row(name, tails, "ms", str(limit))


def main() -> None:
    """Print a table of every list for each database."""
    parser = argparse.ArgumentParser(description=__doc__)
    size, effort = Size(), Effort()
    parser.add_argument("--runs", type=int, default=size.runs)
    parser.add_argument("--tasks", type=int, default=size.tasks)
    parser.add_argument(
        "--others", type=int, default=size.others, help="experiments, pipelines, versions, recurring runs"
    )
    parser.add_argument("--repeats", type=int, default=effort.repeats)
    parser.add_argument("--loops", type=int, default=effort.loops)
    parser.add_argument("--database", choices=(*KINDS, "both"), default="both")
    given = parser.parse_args()
    size = Size(runs=given.runs, tasks=given.tasks, others=given.others)
    print(machine(), flush=True)
    kinds = KINDS if given.database == "both" else (given.database,)
    for result in _results(kinds, size, Effort(given.repeats, given.loops)):
        _show(result, size)


def _results(kinds: Sequence[str], size: Size, effort: Effort) -> Iterator[Result]:
    for kind in kinds:
        with tempfile.TemporaryDirectory(prefix="scale-") as scratch, _database(kind, Path(scratch)) as address:
            yield _measured(kind, address, Path(scratch) / "data", size, effort)


@contextlib.contextmanager
def _database(kind: str, scratch: Path) -> Iterator[str]:
    """An address; SQLite's is where a server with the data directory ``data`` looks for it."""
    if kind == "sqlite":
        (scratch / "data").mkdir(mode=0o700)
        yield str(scratch / "data" / "pinnace.db")
        return
    server = PostgresServer(["shared_buffers=512MB", "max_wal_size=4GB"])
    server.start()
    try:
        yield server.create("scale")
    finally:
        server.remove()


def _measured(kind: str, address: str, data: Path, size: Size, effort: Effort) -> Result:
    made = _make(kind, address, size)
    every = cases(size)
    with contextlib.closing(open_store(address)) as store:
        urls = {case.name: _url(store, case) for case in every}
        from_store = {case.name: _store_times(store, case, effort.repeats) for case in every}
    urls[FLOOR] = ScaleServer.nothing()
    urls[RUN_PAGE.format(wide=size.wide)] = ScaleServer.run_page()
    with ScaleServer(data, () if kind == "sqlite" else ("--database-url", address)) as server:
        idle = {name: _server_times(server, url, effort.repeats) for name, url in urls.items()}
        times: dict[str, list[float]] = {name: [] for name in urls}
        loops = [_beside_a_loop(server, urls, times) for _ in range(effort.loops)]
        busy = {name: Readings(each) for name, each in times.items()}
        return Result(kind, made, server.start_seconds, from_store, idle, busy, loops)


def _make(kind: str, address: str, size: Size) -> str:
    open_store(address).close()
    document = compiled("chain", 20)

    def write() -> None:
        with SqliteWriter(address) if kind == "sqlite" else PostgresWriter(address) as writer:
            fill(writer, size, document)
            space.append(writer.bytes())

    space: list[int] = []
    seconds = timed(write)
    return f"{size.runs:,} runs, {size.tasks:,} tasks: made in {seconds:,.0f} s, {megabytes(space[0]):,.0f} MB"


def _url(store: Store, case: Case) -> str:
    with store.read() as unit:
        return case.url(unit)


def _store_times(store: Store, case: Case, repeats: int) -> Readings:
    with store.read() as unit:
        query = case.query(unit)

    def read() -> None:
        with store.read() as unit:
            getattr(unit, case.resource).list(query)

    read()
    before = time.thread_time()
    wall = [timed(read) * 1e3 for _ in range(repeats)]
    return Readings(wall, (time.thread_time() - before) / repeats * 1e3)


def _server_times(server: ScaleServer, url: str, repeats: int) -> Readings:
    server.read(url)
    before = server.processor_seconds()
    wall = [server.read(url) for _ in range(repeats)]
    return Readings(wall, (server.processor_seconds() - before) / repeats * 1e3)


def _beside_a_loop(server: ScaleServer, urls: Mapping[str, str], busy: Mapping[str, list[float]]) -> float:
    """Read all lists in turn until the loop has ended; the seconds that it took."""
    begin = server.submit_loop()
    for name, url in _again_and_again(urls):
        if (seconds := server.ended_after(begin)) is not None:
            return seconds
        busy[name].append(server.read(url))
    raise AssertionError("unreachable")


def _again_and_again(urls: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    while True:
        yield from urls.items()


def _limits(size: Size) -> Mapping[str, int]:
    others = {RUN_PAGE.format(wide=size.wide): RUN_PAGE_LIMIT, FLOOR: 0}
    return {case.name: case.limit for case in cases(size)} | others


def _tail(values: Sequence[float]) -> float:
    return quantiles(values, n=100)[98] if len(values) > 1 else values[0]


def _show(result: Result, size: Size) -> None:
    """One table in Markdown, and what the machine gave meanwhile."""
    with tempfile.TemporaryDirectory() as scratch:
        disk = median(sync_seconds(scratch)) * 1e3
    print(f"\n{result.kind}: {result.made}; a write of 4 KiB with fsync took {rounded(disk)} ms")
    print(f"server answers {rounded(result.start)} s after its start", end="")
    if result.loops:
        print(f"; a loop of {LOOP:,} beside the readings took {rounded(median(result.loops))} s", end="")
    print("\n")
    cost = "processor"
    heads = (
        "list (ms)",
        "at most",
        "store p50",
        "p99",
        cost,
        "API p50",
        "p99",
        cost,
        "beside a loop p50",
        "p99",
        "readings",
    )
    _line(heads)
    _line(("---", *["--:"] * (len(heads) - 1)))
    for name, limit in _limits(size).items():
        store, idle = _cells(result.store.get(name)), _cells(result.idle[name])
        busy = result.busy[name]
        _line((name, str(limit or ""), *store, *idle, *_cells(busy)[:2], str(len(busy.wall))))


def _cells(readings: Readings | None) -> tuple[str, str, str]:
    if readings is None or not readings.wall:
        return "", "", ""
    processor = "" if readings.processor is None else rounded(readings.processor)
    return rounded(median(readings.wall)), rounded(_tail(readings.wall)), processor


def _line(cells: Sequence[str]) -> None:
    print("| " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
