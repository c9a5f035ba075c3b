"""From a command to the call of a port, and from its answer to a signal. The only place that fans out."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeAlias

from pinnace.domain.ids import NodeId, RunId
from pinnace.domain.states import AttemptOutcome, NodePhase
from pinnace.domain.tasks import AttemptKey, TaskFailure
from pinnace.domain.values import SECOND, Instant
from pinnace.engine import commands as cmd
from pinnace.engine.signals import AttemptFinished, BackoffElapsed, CacheAnswered, DeadlineReached, OpenMore, Signal
from pinnace.errors import PinnaceError, Unavailable
from pinnace.orchestrator.caching import TaskCache
from pinnace.orchestrator.importing import Importing
from pinnace.orchestrator.layout import Layout
from pinnace.orchestrator.loading import LoadedRun
from pinnace.orchestrator.results import Results
from pinnace.orchestrator.task_specs import CannotLaunch, TaskSpecs
from pinnace.orchestrator.threads import Threads
from pinnace.ports.clock import Clock
from pinnace.ports.executor import AttemptEnded, Executor
from pinnace.ports.log_context import about

_LOG = logging.getLogger(__name__)
Post: TypeAlias = Callable[[RunId, Signal], None]


def _nowhere(_run: RunId, _signal: Signal) -> None:
    raise RuntimeError("The dispatcher was not connected.")


class Dispatcher:
    """Carries out commands. What is done for one attempt is done in the order in which it was asked for."""

    def __init__(
        self,
        layout: Layout,
        executor: Executor,
        specs: TaskSpecs,
        results: Results,
        cache: TaskCache,
        importing: Importing,
        threads: Threads,
        clock: Clock,
    ) -> None:
        self._layout = layout
        self._executor = executor
        self._specs = specs
        self._results = results
        self._cache = cache
        self._importing = importing
        self._threads = threads
        self._clock = clock
        self._post: Post = _nowhere
        self._underway: dict[AttemptKey, asyncio.Task[None]] = {}
        self._refused: dict[AttemptKey, TaskFailure] = {}
        self._timers: set[asyncio.TimerHandle] = set()
        self._closed = False

    def connect(self, post: Post) -> None:
        """Say where answers go."""
        self._post = post

    def close(self) -> None:
        """Begin nothing more. The history has what was asked for; the next start asks again."""
        self._closed = True
        for timer in self._timers:
            timer.cancel()

    async def drain(self, run: RunId | None = None) -> None:
        """Wait for what is under way, of one run or of all."""
        while works := [work for key, work in self._underway.items() if run in {None, key.run}]:
            await asyncio.wait(works)

    def issue(self, loaded: LoadedRun, command: cmd.Command) -> None:
        """Carry out a command; its answer goes to the run as a signal."""
        if self._closed:
            return
        run = loaded.run.id
        match command:
            case cmd.LookupCache(node, attempt):
                self._chain(AttemptKey(run, node, attempt), lambda: self._look_up(loaded, command))
            case cmd.LaunchTask(node, attempt):
                self._chain(AttemptKey(run, node, attempt), lambda: self._launch(loaded, command))
            case cmd.ImportArtifact(node, attempt):
                self._chain(AttemptKey(run, node, attempt), lambda: self._import(loaded, command))
            case cmd.CancelAttempt(node, attempt):
                self._chain(AttemptKey(run, node, attempt), lambda: self._cancel(loaded, node, attempt))
            case cmd.StartBackoff(node, attempt, at):
                self._at(at, run, BackoffElapsed(node, attempt))
            case cmd.StartDeadline(epoch, at):
                self._at(at, run, DeadlineReached(epoch))
            case cmd.GoOnOpening(node):
                self._post(run, OpenMore(node))

    def conclude(self, loaded: LoadedRun, ended: AttemptEnded) -> None:
        """Read what the command of an attempt has left, and end the attempt with that."""
        self._chain(ended.key, lambda: self._conclude(loaded, ended))

    def _chain(self, key: AttemptKey, work: Callable[[], Awaitable[None]]) -> None:
        before = self._underway.get(key)

        async def run() -> None:
            with about({"run_id": key.run, "task": key.node, "attempt": key.attempt}):
                await carry_out()

        async def carry_out() -> None:
            if before is not None:
                await asyncio.wait([before])
            try:
                await work()
            except Exception as error:
                if self._closed and isinstance(error, Unavailable):
                    _LOG.info("Attempt %s of task %s waits for the next start.", key.attempt, key.node)
                else:
                    self._fail(key, _failure(key, error))
            finally:
                if self._underway.get(key) is task:
                    del self._underway[key]

        task = self._underway[key] = asyncio.create_task(run())

    async def _look_up(self, loaded: LoadedRun, command: cmd.LookupCache) -> None:
        try:
            answer = await self._threads.run(lambda: self._cache.look_up(loaded, command))
        except Exception:
            _LOG.exception("The cache cannot be asked; task %s runs.", command.node)
            answer = CacheAnswered(command.node, command.attempt)
        self._post(loaded.run.id, answer)

    async def _launch(self, loaded: LoadedRun, command: cmd.LaunchTask) -> None:
        key = AttemptKey(loaded.run.id, command.node, command.attempt)
        self._refused.pop(key, None)
        try:
            spec = await self._threads.move(lambda: self._specs.build(loaded, command))
        except Exception as error:
            # An earlier server may have launched it: only the executor can tell that nothing of it runs.
            self._refused[key] = _failure(key, error)
            await self._cancel(loaded, command.node, command.attempt)
            return
        await self._executor.launch(spec)

    async def _import(self, loaded: LoadedRun, command: cmd.ImportArtifact) -> None:
        answer = await self._threads.move(lambda: self._importing.import_artifact(loaded, command))
        self._post(loaded.run.id, answer)

    async def _cancel(self, loaded: LoadedRun, node: NodeId, attempt: int) -> None:
        key = AttemptKey(loaded.run.id, node, attempt)
        await self._executor.cancel(key, str(self._layout.attempt_directory(key.run, node, attempt)))

    async def _conclude(self, loaded: LoadedRun, ended: AttemptEnded) -> None:
        refusal = self._refused.pop(ended.key, None)
        if refusal is not None and ended.outcome is AttemptOutcome.CANCELED:
            self._fail(ended.key, refusal)
            return
        if ended.outcome is AttemptOutcome.CANCELED and not _is_wanted_to_stop(loaded, ended.key):
            ended = replace(ended, outcome=AttemptOutcome.INTERRUPTED)
        answer = await self._threads.move(lambda: self._results.conclude(loaded, ended))
        self._post(ended.key.run, answer)

    def _fail(self, key: AttemptKey, failure: TaskFailure) -> None:
        self._post(key.run, AttemptFinished(key.node, key.attempt, AttemptOutcome.FAILED, failure=failure))

    def _at(self, at: Instant, run: RunId, signal: Signal) -> None:
        """Post at that time. What is due is posted at once, and so before the end of any attempt."""
        delay = (at - self._clock.now()) / SECOND
        if delay <= 0:
            self._post(run, signal)
            return

        def fire() -> None:
            self._timers.discard(timer)
            self._post(run, signal)

        timer = asyncio.get_running_loop().call_later(delay, fire)
        self._timers.add(timer)


def _is_wanted_to_stop(loaded: LoadedRun, key: AttemptKey) -> bool:
    """False where a server was killed after it had begun to refuse the attempt, and before that was written down:
    nobody wants the attempt to stop then, and it runs again.
    """
    return loaded.state.nodes[key.node].phase is NodePhase.CANCELING


def _failure(key: AttemptKey, error: Exception) -> TaskFailure:
    """What an error on the way to the executor, or from it, means for the attempt."""
    if isinstance(error, CannotLaunch):
        return error.failure
    if isinstance(error, PinnaceError):
        return TaskFailure(str(error), "InvalidInput")
    _LOG.error("Attempt %s of task %s failed inside the server.", key.attempt, key.node, exc_info=error)
    return TaskFailure(f"The server could not carry the task out: {type(error).__name__}: {error}", "InternalError")
