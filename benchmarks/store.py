"""The store alone, on SQLite: what one step of a chain costs to commit, and how fast lists of runs are."""

import itertools
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median, quantiles

from measure import Row, sync_seconds, timed

from pinnace.domain.listing import ListQuery, Operation, Predicate
from pinnace.domain.runs import Run
from pinnace.domain.states import AttemptOutcome, RunState, StorageState
from pinnace.engine import commands, signals
from pinnace.engine.decide import Decision, advance
from pinnace.orchestrator.layout import Layout
from pinnace.orchestrator.loading import LoadedRun, load_run
from pinnace.orchestrator.projection import log_append
from pinnace.ports.store import Store
from pinnace.services.experiments import ExperimentService
from pinnace.services.runs import RunRequest, RunService
from pinnace.store import open_store
from pinnace.testing.clock import FrozenClock
from pinnace.testing.control import RecordingControl
from pinnace.testing.documents import Step, pipeline
from pinnace.testing.records import a_run

STEPS = 300
RUNS = 20_000
EXPERIMENTS = 20
ROUNDS = 3
QUERIES = 300


def chain_step() -> Iterator[Row]:
    """A's result and B's launch, which are one commit; and how long the disk takes for the least it can be asked."""
    with tempfile.TemporaryDirectory() as scratch:
        store = open_store(Path(scratch) / "pinnace.db")
        try:
            seconds = _commits(store, _new_chain(store, Path(scratch)))
        finally:
            store.close()
        disk = sync_seconds(scratch, STEPS)
    yield Row("disk: write 4 KiB and fsync (for comparison)", [each * 1e3 for each in disk], "ms")
    yield Row("store: commit of one step of a chain", [each * 1e3 for each in seconds], "ms")
    yield Row("store: the same without the disk's time", [(median(seconds) - median(disk)) * 1e3], "ms")


def list_runs() -> Iterator[Row]:
    """Pages of 20 among many runs: the first page and one from the middle, by every usual filter."""
    with tempfile.TemporaryDirectory() as scratch:
        store = open_store(Path(scratch) / "pinnace.db")
        try:
            _fill(store)
            for name, query, limit in _queries():
                rounds = [_list(store, query) for _ in range(ROUNDS)]
                yield Row(f"list of {RUNS:,} runs {name}, p50", [median(each) * 1e3 for each in rounds], "ms")
                tails = [quantiles(each, n=100)[98] * 1e3 for each in rounds]
                yield Row(f"list of {RUNS:,} runs {name}, p99", tails, "ms", limit)
        finally:
            store.close()


def _new_chain(store: Store, scratch: Path) -> LoadedRun:
    steps = {f"s{n}": Step(["true"], after=[f"s{n - 1}"] if n else []) for n in range(STEPS)}
    clock = FrozenClock()
    experiments = ExperimentService(store, clock, _new_id)
    experiments.ensure_default()
    runs = RunService(store, RecordingControl(), clock, _new_id, experiments)
    return load_run(store, Layout(scratch), runs.create(RunRequest("chain", pipeline(steps))).id)


def _new_id() -> str:
    return str(uuid.uuid4())


def _commits(store: Store, loaded: LoadedRun) -> list[float]:
    """Plays the chain through the database; seconds of every commit that holds a result."""
    seconds: list[float] = []
    clock = FrozenClock(step=0.001)

    def commit(signal: signals.Signal) -> Decision:
        decision = advance(loaded.plan, loaded.state, signal, clock.now())
        entry = log_append(loaded, decision.events)
        begin = time.perf_counter()
        (error,) = store.append([entry])
        if isinstance(signal, signals.AttemptFinished):
            seconds.append(time.perf_counter() - begin)
        if error is not None:
            raise error
        return decision

    decision = commit(signals.StartRun())
    while not loaded.state.state.is_terminal:
        (launch,) = [each for each in decision.commands if isinstance(each, commands.LaunchTask)]
        commit(signals.AttemptBegan(launch.node, launch.attempt))
        decision = commit(signals.AttemptFinished(launch.node, launch.attempt, AttemptOutcome.SUCCEEDED))
    if len(seconds) != STEPS:
        raise RuntimeError(f"{len(seconds)} of {STEPS} steps were committed")
    return seconds


def _fill(store: Store) -> None:
    for first in range(0, RUNS, 1000):
        with store.write() as unit:
            for number in range(first, min(first + 1000, RUNS)):
                unit.runs.add(_run(number))


def _run(number: int) -> Run:
    state = RunState.FAILED if number % 10 == 0 else RunState.SUCCEEDED
    storage = StorageState.ARCHIVED if number % 4 == 0 else StorageState.AVAILABLE
    run = a_run(
        str(uuid.UUID(int=number)),
        at=number,
        experiment=f"experiment-{number % EXPERIMENTS}",
        state=state,
        storage_state=storage,
        finished_at=number + 10,
    )
    return replace(run, display_name=f"nightly training {number}")


def _queries() -> Sequence[tuple[str, ListQuery, str]]:
    base = ListQuery(namespace="default", descending=True)
    available = Predicate("storage_state", Operation.NOT_EQUALS, StorageState.ARCHIVED)
    return [
        ("by namespace", base, "20"),
        ("by experiment", replace(base, parent="experiment-7"), "20"),
        ("by state", replace(base, predicates=(Predicate("state", Operation.EQUALS, RunState.FAILED),)), "20"),
        ("by storage state", replace(base, predicates=(available,)), "20"),
        ("by part of the name", replace(base, predicates=(_named("training 77"),)), "150"),
    ]


def _named(part: str) -> Predicate:
    return Predicate("name", Operation.IS_SUBSTRING, part)


def _list(store: Store, query: ListQuery) -> list[float]:
    with store.read() as unit:
        half = unit.runs.list(query).total // 2
        token = unit.runs.list(replace(query, size=half)).next_token
    pages = itertools.cycle([query, replace(query, token=token)])
    return [timed(partial(_page, store, page)) for page in itertools.islice(pages, QUERIES)]


def _page(store: Store, query: ListQuery) -> None:
    with store.read() as unit:
        if not unit.runs.list(query).items:
            raise RuntimeError("the list is empty")
