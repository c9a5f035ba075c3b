"""All run loops of a server: which live, how signals reach them, and how they end."""

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from typing import Final

from pinnace.domain.ids import RunId
from pinnace.engine.signals import AttemptBegan, AttemptWaits, Signal, StartRun
from pinnace.errors import NotFound, PinnaceError, Unavailable
from pinnace.orchestrator.committer import Committer
from pinnace.orchestrator.dispatch import Dispatcher
from pinnace.orchestrator.layout import Layout
from pinnace.orchestrator.loading import load_run
from pinnace.orchestrator.mailbox import Letter
from pinnace.orchestrator.remains import Remains
from pinnace.orchestrator.removal import Removal
from pinnace.orchestrator.run_loop import RunLoop, cannot_go_on
from pinnace.orchestrator.threads import Threads
from pinnace.ports.artifacts import ArtifactStore
from pinnace.ports.clock import Clock
from pinnace.ports.executor import AttemptEnded, AttemptStarted, AttemptWaiting, Executor
from pinnace.ports.log_context import about
from pinnace.ports.store import Store
from pinnace.ports.telemetry import NO_TELEMETRY, Telemetry

_LOG = logging.getLogger(__name__)
_TAKING_UP_SECONDS: Final = 10.0
_WRITING_SECONDS: Final = 5.0
"""How long a server that stops waits for its database."""


class Supervisor:
    """Owns every run loop. Lives on the event loop; ``control`` is its face for other threads."""

    def __init__(
        self,
        store: Store,
        layout: Layout,
        artifacts: ArtifactStore,
        executor: Executor,
        dispatcher: Dispatcher,
        threads: Threads,
        clock: Clock,
        telemetry: Telemetry = NO_TELEMETRY,
    ) -> None:
        self._store = store
        self._layout = layout
        self._executor = executor
        self._dispatcher = dispatcher
        self._threads = threads
        self._clock = clock
        self._telemetry = telemetry
        self._committer = Committer(store, threads, telemetry)
        self._removal = Removal(store, layout, artifacts)
        self._remains = Remains(layout, executor, dispatcher, threads, self._removal)
        self._loops: dict[RunId, RunLoop] = {}
        self._tasks: dict[RunId, asyncio.Task[None]] = {}
        self._listener: asyncio.Task[None] | None = None
        self._opening: asyncio.Task[None] | None = None
        self._stopped = False

    @property
    def is_stuck(self) -> bool:
        """Whether nothing can be written at the moment."""
        return self._committer.is_stuck

    async def start(self) -> None:
        """Take up every run that has not ended, and begin to listen to the executor."""
        self._dispatcher.connect(self.post)
        self._listener = asyncio.create_task(self._listen())
        await self._remains.resume()
        loops = [self.ensure(run) for run in await self._threads.run(self._unfinished)]
        self._opening = asyncio.create_task(self._open(loops))

    async def _open(self, loops: Sequence[RunLoop]) -> None:
        """Let attempts begin once those that run already are in the executor's hands, or will take too long to be."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_TAKING_UP_SECONDS):
                for loop in loops:
                    await loop.taken_up.wait()
                await self._dispatcher.drain()
        self._executor.open()

    async def stop(self) -> None:
        """End every attempt as INTERRUPTED, write that down, and end the loops. Nothing new is launched.

        What a database that does not answer cannot take, the next start finds with the attempts.
        """
        self._dispatcher.close()
        if self._opening is not None:
            self._opening.cancel()
        await self._executor.close()
        if self._listener is not None:
            await self._listener
        await self._dispatcher.drain()
        await self._write_down()
        self._stopped = True
        await self._remains.close()
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def ensure(self, run: RunId) -> RunLoop:
        """The loop of a run: the one that lives, or a new one. Raises Unavailable after :meth:`stop`."""
        if self._stopped:
            raise _shutting_down()
        if run not in self._loops:
            loop = self._loops[run] = RunLoop(
                run,
                lambda run_id: load_run(self._store, self._layout, run_id, self._removal.room_for),
                self._committer,
                self._dispatcher,
                self._threads,
                self._clock,
                self._telemetry,
            )
            self._tasks[run] = asyncio.create_task(self._live(loop))
        return self._loops[run]

    async def deliver(self, run: RunId, signal: Signal) -> bool:
        """Send a signal to a run and return, once that is committed, whether it changed anything.

        Raises:
            NotFound: there is no such run.
            Unavailable: the server is shutting down, or cannot go on with the run.
        """
        letter = Letter(signal, self._clock.now(), asyncio.get_running_loop().create_future())
        self.ensure(run).mailbox.post(letter)
        assert letter.done is not None
        return await letter.done

    def post(self, run: RunId, signal: Signal) -> None:
        """Send a signal to a run. One that no loop lives for has ended: nothing is left to signal."""
        if run in self._loops:
            self._loops[run].mailbox.post(Letter(signal, self._clock.now()))

    async def forget(self, run: RunId) -> None:
        """End the loop of a run whose rows are about to be deleted. Attempts go on, in case they are not."""
        loop = self._loops.pop(run, None)
        task = self._tasks.pop(run, None)
        if loop is None or task is None:
            await self._remains.announce(run, ())
            return
        loop.mailbox.refuse_all(NotFound("Run", run))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await self._remains.announce(run, loop.underway(), _root_of(loop))

    def recall(self, run: RunId) -> None:
        """Let a run that was let go, go on; or clear up behind it, if its rows are gone after all."""
        self._remains.settle(run, lambda: self.ensure(run))

    def clear(self, run: RunId, freed: Sequence[str]) -> None:
        """End the attempts of a run whose rows are gone, and remove its files and what was kept for it."""
        self._remains.clear(run)
        self._remains.release(freed)

    async def _write_down(self) -> None:
        """Wait until every loop has taken in and committed what came before this."""
        deliveries = [asyncio.create_task(self.deliver(run, StartRun())) for run in self._loops]
        if not deliveries:
            return
        _, late = await asyncio.wait(deliveries, timeout=_WRITING_SECONDS)
        if late:
            _LOG.warning("%s runs could not write down how their tasks ended; the next start finds out.", len(late))
        for delivery in deliveries:
            delivery.cancel()
        await asyncio.gather(*deliveries, return_exceptions=True)

    def _unfinished(self) -> list[RunId]:
        with self._store.read() as uow:
            return list(uow.runs.unfinished())

    async def _live(self, loop: RunLoop) -> None:
        with about({"run_id": loop.run_id}):
            await self._live_and_end(loop)

    async def _live_and_end(self, loop: RunLoop) -> None:
        error: PinnaceError = _shutting_down()
        try:
            await self._remains.cleared(loop.run_id)
            await loop.live()
        except NotFound as missing:
            error = missing
            self._remains.clear(loop.run_id, loop.underway(), _root_of(loop))
        except Exception:
            _LOG.exception(
                "Run %s stands still until somebody asks for it or the server is started again.", loop.run_id
            )
            error = cannot_go_on(loop.run_id)
        finally:
            loop.taken_up.set()
            if self._loops.get(loop.run_id) is loop:
                del self._loops[loop.run_id], self._tasks[loop.run_id]
            loop.mailbox.refuse_all(error)

    async def _listen(self) -> None:
        async for update in self._executor.updates():
            key = update.key
            if isinstance(update, AttemptEnded):
                self._remains.attempt_ended(key)
            loop = self._loops.get(key.run)
            if loop is None or loop.loaded is None:
                continue
            if isinstance(update, AttemptStarted):
                self.post(key.run, AttemptBegan(key.node, key.attempt))
            elif isinstance(update, AttemptWaiting):
                self.post(key.run, AttemptWaits(key.node, key.attempt, update.reason))
            elif isinstance(update, AttemptEnded):
                self._dispatcher.conclude(loop.loaded, update)


def _shutting_down() -> Unavailable:
    return Unavailable("The server is shutting down. Try again when it is up.")


def _root_of(loop: RunLoop) -> str:
    return loop.loaded.pipeline_root if loop.loaded else ""
