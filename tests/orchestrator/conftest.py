"""A server without HTTP: real store and files, the scripted executor, and the shell around the engine."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from pinnace.artifacts.store import FsspecArtifactStore
from pinnace.domain.environments import EnvironmentMode
from pinnace.domain.ids import ExperimentId, RunId
from pinnace.domain.runs import Run
from pinnace.domain.states import AttemptOutcome
from pinnace.domain.tasks import TaskFailure, TaskRecord, TaskSpec
from pinnace.domain.values import Instant
from pinnace.engine import events as ev
from pinnace.engine.codec import encode
from pinnace.ir.parse import parse_pipeline
from pinnace.orchestrator.caching import TaskCache
from pinnace.orchestrator.dispatch import Dispatcher
from pinnace.orchestrator.importing import Importing
from pinnace.orchestrator.layout import Layout
from pinnace.orchestrator.results import Results
from pinnace.orchestrator.supervisor import Supervisor
from pinnace.orchestrator.task_specs import TaskSpecs
from pinnace.orchestrator.threads import Threads
from pinnace.ports.store import LogAppend, Store
from pinnace.store import open_store
from pinnace.testing.clock import FrozenClock
from pinnace.testing.manual_executor import AttemptDisk, Ending, ManualExecutor


def act(spec: TaskSpec) -> Ending | None:
    """What the commands of these tests mean: ``write PATH TEXT``, ``fail``, ``hold``, ``nothing``."""
    match spec.command:
        case ("write", path, text):
            for parent in spec.parents:
                Path(parent).mkdir(parents=True, exist_ok=True)
            Path(path).write_text(text)
            return Ending()
        case ("fail", *_):
            return Ending(AttemptOutcome.FAILED, TaskFailure("The command ended with exit code 1.", "ExitCode", 1))
        case ("hold", *_):
            return None
        case _:
            return Ending()


@dataclass
class Bench:
    """The parts of a server, and what tests do with them."""

    directory: Path
    store: Store
    clock: FrozenClock = field(default_factory=lambda: FrozenClock(step=0.001))
    disk: AttemptDisk = field(default_factory=AttemptDisk)
    act: Callable[[TaskSpec], Ending | None] = act
    cache: bool = True
    cache_days: int = 0
    python: str = "python3"
    mode: EnvironmentMode = EnvironmentMode.INHERIT
    executor: ManualExecutor = field(init=False)
    supervisor: Supervisor = field(init=False)
    runs: int = 0

    @asynccontextmanager
    async def server(self) -> AsyncIterator[Supervisor]:
        """A server that lives for the block, and is stopped in good order behind it."""
        threads = Threads()
        self._build(threads)
        await self.supervisor.start()
        try:
            yield self.supervisor
        finally:
            await self.supervisor.stop()
            threads.close()

    @asynccontextmanager
    async def doomed_server(self) -> AsyncIterator[Supervisor]:
        """A server that is gone behind the block without a word, as after kill -9."""
        threads = Threads()
        self._build(threads)
        await self.supervisor.start()
        mine = asyncio.current_task()
        before = {task for task in asyncio.all_tasks() if task is mine}
        yield self.supervisor
        for task in asyncio.all_tasks() - before:
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(0)
        threads.close()

    def submit(
        self,
        document: bytes,
        *,
        caching: bool | None = None,
        environment: EnvironmentMode | None = None,
        pipeline_root: str = "",
    ) -> RunId:
        """A new run of *document*, as services.runs makes it."""
        self.runs += 1
        run = RunId(f"run-{self.runs}")
        now = self.clock.now()
        with self.store.write() as uow:
            digest = uow.pipelines.add_document(document)
            name = parse_pipeline(document).name
            made = Run(run, f"Run {self.runs}", ExperimentId("e"), digest, name, now, Instant(now), caching=caching)
            uow.runs.add(replace(made, environment=environment, pipeline_root=pipeline_root))
            created = encode(ev.RunCreated(now, {}, caching), 1)
            uow.log.append(LogAppend(run, 0, [created]))
        return run

    async def ended(self, run: RunId) -> Run:
        """The run once it has ended."""
        self.supervisor.ensure(run)
        return await self.until(run, lambda found, _: found.state.is_terminal)

    async def until(self, run: RunId, reached: Callable[[Run, dict[str, TaskRecord]], bool]) -> Run:
        """The run once it and its tasks are as wanted. Fails after ten seconds with what it is instead."""
        for _ in range(2000):
            with self.store.read() as uow:
                found = uow.runs.get(run)
            tasks = self.tasks(run)
            if reached(found, tasks):
                return found
            await asyncio.sleep(0.005)
        raise AssertionError(f"{found.state}: {[(task.node, task.phase) for task in tasks.values()]}")

    async def delete(self, run: RunId) -> None:
        """Delete a run, as services.runs does it."""
        await self.supervisor.forget(run)
        with self.store.write() as uow:
            freed = uow.runs.delete(run)
        self.supervisor.clear(run, freed)

    def tasks(self, run: RunId) -> dict[str, TaskRecord]:
        """The tasks of a run by node."""
        with self.store.read() as uow:
            return {task.node: task for task in uow.runs.tasks([run])[run]}

    def history(self, run: RunId) -> Sequence[str]:
        """The types of the run's events."""
        with self.store.read() as uow:
            return [event.type for event in uow.log.events(run)]

    def _build(self, threads: Threads) -> None:
        layout = Layout(self.directory)
        artifacts = FsspecArtifactStore()
        self.executor = ManualExecutor(lambda spec: self.act(spec), self.disk)
        dispatcher = Dispatcher(
            layout,
            self.executor,
            TaskSpecs(layout, artifacts, self.mode),
            Results(layout, artifacts),
            TaskCache(
                self.store,
                artifacts,
                self.clock,
                enabled=self.cache,
                days=self.cache_days,
                python=self.python,
                mode=self.mode,
            ),
            Importing(layout, artifacts),
            threads,
            self.clock,
        )
        self.supervisor = Supervisor(self.store, layout, artifacts, self.executor, dispatcher, threads, self.clock)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A bench over a fresh data directory."""
    with contextlib.closing(open_store(tmp_path / "pinnace.db")) as store:
        yield Bench(tmp_path, store)
