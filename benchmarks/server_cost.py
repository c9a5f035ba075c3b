"""What the server itself spends on a task: everything is real but the tasks, which end by themselves after a moment.

As a program: ``python server_cost.py FLOW SIZE [--profile]`` with FLOW chain or loop. Processor time says what a task
costs whatever else the machine does; the executor's stand-in runs as many tasks at once as a small machine would.
"""

import argparse
import asyncio
import contextlib
import cProfile
import gc
import json
import pstats
import resource
import statistics
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import psutil
from flows import WARM_UP, compiled
from measure import Row, megabytes, run_python

from pinnace.artifacts.store import FsspecArtifactStore
from pinnace.domain.ids import RunId
from pinnace.domain.states import AttemptOutcome, RunState
from pinnace.domain.tasks import AttemptKey, TaskSpec
from pinnace.domain.values import Instant
from pinnace.orchestrator.caching import TaskCache
from pinnace.orchestrator.control import LoopControl
from pinnace.orchestrator.dispatch import Dispatcher
from pinnace.orchestrator.garbage import collect_rarely
from pinnace.orchestrator.importing import Importing
from pinnace.orchestrator.layout import Layout
from pinnace.orchestrator.results import Results
from pinnace.orchestrator.supervisor import Supervisor
from pinnace.orchestrator.task_specs import TaskSpecs
from pinnace.orchestrator.threads import Threads
from pinnace.ports.executor import AttemptEnded, AttemptStarted, ExecutorUpdate
from pinnace.ports.store import LogAppend, Store
from pinnace.services.experiments import ExperimentService
from pinnace.services.runs import RunRequest, RunService
from pinnace.store import open_store
from pinnace.store.sql_store import SqlStore

SIZES = {"chain": (200,), "loop": (1_000, 10_000)}
REPETITIONS = 3
FIGURES = {
    "processor_ms": ("processor time a task", "ms"),
    "commits": ("commits a task", ""),
    "stall_ms": ("longest time without an answer", "ms"),
    "megabytes": ("memory at its end above that before", "MB"),
}
CHAIN_FIGURES = {"latency_ms": ("from the end of a step to the launch of the next", "ms")}
LOOP_FIGURES = {
    "first_ms": ("processor time a task in the first tenth", "ms"),
    "last_ms": ("processor time a task in the last tenth", "ms"),
}
WIDTH = 4
TASK_SECONDS = 0.008
TICK_SECONDS = 0.02
POLL_SECONDS = 0.1
SHOWN = 60

T = TypeVar("T")


def server_cost() -> Iterator[Row]:
    """Processor time a task, latency in a chain, what is written, memory, and how long the event loop stood still."""
    for flow, sizes in SIZES.items():
        for size in sizes:
            played = [json.loads(run_python(Path(__file__), flow, str(size))) for _ in range(REPETITIONS)]
            shown = CHAIN_FIGURES if flow == "chain" else LOOP_FIGURES
            for key, (what, unit) in (FIGURES | shown).items():
                yield Row(f"server: {flow} of {size:,} tasks, {what}", [each[key] for each in played], unit)


@dataclass
class MomentaryExecutor:
    """Keeps no process: an attempt begins when one of its slots is free, and has succeeded a moment later."""

    begun: dict[AttemptKey, float] = field(default_factory=dict)
    ended: dict[AttemptKey, float] = field(default_factory=dict)
    costs: list[float] = field(default_factory=list)
    own: float = 0.0
    _queue: deque[TaskSpec] = field(default_factory=deque)
    _running: int = 0
    _updates: "asyncio.Queue[ExecutorUpdate | None]" = field(default_factory=asyncio.Queue)

    def open(self) -> None:
        pass

    async def launch(self, spec: TaskSpec) -> None:
        """See the port."""
        self.begun[spec.key] = time.perf_counter()
        self._queue.append(spec)
        self._fill()

    async def cancel(self, key: AttemptKey, directory: str) -> None:
        """See the port. Nothing is canceled here."""
        raise NotImplementedError

    async def updates(self) -> AsyncIterator[ExecutorUpdate]:
        """See the port."""
        while (update := await self._updates.get()) is not None:
            yield update

    async def close(self) -> None:
        """See the port."""
        self._updates.put_nowait(None)

    def _fill(self) -> None:
        while self._queue and self._running < WIDTH:
            spec = self._queue.popleft()
            self._running += 1
            self._updates.put_nowait(AttemptStarted(spec.key, _now()))
            asyncio.get_running_loop().call_later(TASK_SECONDS, self._end, spec)

    def _end(self, spec: TaskSpec) -> None:
        """Leave what the SDK's executor leaves of a function that returns nothing; that is no cost of the server."""
        before = time.thread_time()
        assert spec.program is not None
        document = json.loads(spec.program.arguments[spec.program.arguments.index("--executor_input") + 1])
        output = Path(document["outputs"]["outputFile"])
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text("{}")
        self._running -= 1
        self.own += time.thread_time() - before
        self.costs.append(time.process_time() - self.own)
        self.ended[spec.key] = time.perf_counter()
        self._updates.put_nowait(AttemptEnded(spec.key, _now(), AttemptOutcome.SUCCEEDED))
        self._fill()


class Clock:
    """The machine's."""

    def now(self) -> Instant:
        """See the port."""
        return _now()


class CountingStore(SqlStore):
    """The store, with its commits and what they hold counted."""

    counts: Counter[str]

    def append(self, entries: Any) -> Any:
        """See the port."""
        self.counts["commits"] += 1
        entry: LogAppend
        for entry in entries:
            self.counts["events"] += len(entry.events)
            self.counts["task rows"] += len(entry.tasks)
        return super().append(entries)


class ProfiledThreads(Threads):
    """Threads whose calls are profiled, a profile a thread."""

    def __init__(self, profiles: list[cProfile.Profile]) -> None:
        super().__init__()
        self._profiles = profiles
        self._own = threading.local()

    async def run(self, call: Callable[[], T]) -> T:
        """See Threads."""
        return await super().run(lambda: self._profiled(call))

    async def move(self, call: Callable[[], T]) -> T:
        """See Threads."""
        return await super().move(lambda: self._profiled(call))

    async def commit(self, call: Callable[[], T]) -> T:
        """See Threads."""
        return await super().commit(lambda: self._profiled(call))

    def _profiled(self, call: Callable[[], T]) -> T:
        if not hasattr(self._own, "profile"):
            self._own.profile = cProfile.Profile(time.thread_time)
            self._profiles.append(self._own.profile)
        return self._own.profile.runcall(call)


class Ticker:
    """Asks the event loop for an answer all the time, and remembers how late it came."""

    def __init__(self) -> None:
        self.longest = 0.0

    async def run(self) -> None:
        """Until it is canceled."""
        while True:
            before = time.perf_counter()
            await asyncio.sleep(TICK_SECONDS)
            self.longest = max(self.longest, time.perf_counter() - before - TICK_SECONDS)


async def play(flow: str, size: int, caching: bool | None, profiles: list[cProfile.Profile] | None) -> dict[str, float]:
    """One run of *flow* from its submission to its end, and what it took."""
    with tempfile.TemporaryDirectory() as scratch, contextlib.closing(_store(Path(scratch))) as store:
        threads = Threads() if profiles is None else ProfiledThreads(profiles)
        executor = MomentaryExecutor()
        supervisor = _supervisor(Path(scratch), store, executor, threads)
        await supervisor.start()
        runs = _runs(store, supervisor)
        document = compiled(flow, size)
        await _whole_run(runs, store, compiled(flow, WARM_UP), caching=False)
        executor.costs.clear()
        executor.own = 0.0
        store.counts.clear()
        ticker = Ticker()
        ticking = asyncio.create_task(ticker.run())
        gc.collect()
        collect_rarely()
        memory, processor, wall = psutil.Process().memory_info().rss, time.process_time(), time.perf_counter()
        if profiles:
            profiles[0].enable()
        run = await _whole_run(runs, store, document, caching)
        if profiles:
            profiles[0].disable()
        ticking.cancel()
        found = {
            "processor_ms": (time.process_time() - processor - executor.own) / size * 1e3,
            "wall_ms": (time.perf_counter() - wall) / size * 1e3,
            "stall_ms": ticker.longest * 1e3,
            "megabytes": megabytes(psutil.Process().memory_info().rss - memory),
            "peak_megabytes": megabytes(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024),
            **{name: count / size for name, count in store.counts.items()},
            **_parts(executor.costs),
        }
        if flow == "chain":
            found["latency_ms"] = _latency(executor, run)
        await supervisor.stop()
        threads.close()
        return found


def _parts(costs: list[float]) -> dict[str, float]:
    """Processor time of a task in the first and in the last tenth, the very first and last left aside."""
    tenth = len(costs) // 10
    edge = tenth // 10
    first, last = costs[edge : tenth + edge], costs[-tenth - edge : -edge or None]
    return {
        "first_ms": (first[-1] - first[0]) / (len(first) - 1) * 1e3,
        "last_ms": (last[-1] - last[0]) / (len(last) - 1) * 1e3,
    }


def _latency(executor: MomentaryExecutor, run: RunId) -> float:
    """Median of the milliseconds between the end of a step and the launch of the next."""
    begun = sorted(at for key, at in executor.begun.items() if key.run == run)
    ended = sorted(at for key, at in executor.ended.items() if key.run == run)
    return statistics.median(after - before for before, after in zip(ended, begun[1:], strict=False)) * 1e3


async def _whole_run(runs: RunService, store: Store, document: bytes, caching: bool | None) -> RunId:
    run = (await asyncio.to_thread(runs.create, RunRequest("measured", document, caching=caching))).id
    while True:
        await asyncio.sleep(POLL_SECONDS)
        with store.read() as unit:
            found = unit.runs.get(run)
        if found.state.is_terminal:
            break
    if found.state is not RunState.SUCCEEDED:
        raise RuntimeError(f"the run ended as {found.state}: {found.failure}")
    return run


def _store(directory: Path) -> CountingStore:
    opened = open_store(directory / "pinnace.db")
    opened.__class__ = CountingStore
    assert isinstance(opened, CountingStore)
    opened.counts = Counter()
    return opened


def _supervisor(directory: Path, store: Store, executor: MomentaryExecutor, threads: Threads) -> Supervisor:
    layout, artifacts, clock = Layout(directory), FsspecArtifactStore(), Clock()
    cache = TaskCache(store, artifacts, clock, enabled=True, days=0, python="python3")
    specs, results = TaskSpecs(layout, artifacts), Results(layout, artifacts)
    dispatcher = Dispatcher(layout, executor, specs, results, cache, Importing(layout, artifacts), threads, clock)
    return Supervisor(store, layout, artifacts, executor, dispatcher, threads, clock)


def _runs(store: Store, supervisor: Supervisor) -> RunService:
    clock = Clock()
    experiments = ExperimentService(store, clock, _new_id)
    experiments.ensure_default()
    control = LoopControl(supervisor, asyncio.get_running_loop())
    return RunService(store, control, clock, _new_id, experiments)


def _new_id() -> str:
    return str(uuid.uuid4())


def _now() -> Instant:
    return Instant(time.time_ns() // 1000)


def _profiled(flow: str, size: int, caching: bool | None) -> dict[str, float]:
    own = cProfile.Profile(time.thread_time)
    profiles = [own]
    found = asyncio.run(play(flow, size, caching, profiles))
    statistics_of_all = pstats.Stats(*profiles, stream=sys.stderr)
    statistics_of_all.sort_stats("tottime").print_stats(SHOWN)
    statistics_of_all.sort_stats("cumtime").print_stats(2 * SHOWN)
    return found


def main() -> None:
    """Play one flow and print what it took, as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("flow", choices=list(SIZES))
    parser.add_argument("size", type=int)
    parser.add_argument("--profile", action="store_true", help="show where the time goes, on standard error")
    parser.add_argument("--no-cache", action="store_true", help="no task asks the cache")
    options = parser.parse_args()
    caching = False if options.no_cache else None
    if options.profile:
        found = _profiled(options.flow, options.size, caching)
    else:
        found = asyncio.run(play(options.flow, options.size, caching, None))
    print(json.dumps({name: round(value, 3) for name, value in found.items()}))


if __name__ == "__main__":
    main()
