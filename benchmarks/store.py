"""The store alone, on SQLite: what one step of a chain costs to commit. For lists see ``scale``."""

import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from measure import Row, sync_seconds

from pinnace.domain.states import AttemptOutcome
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

STEPS = 300


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
