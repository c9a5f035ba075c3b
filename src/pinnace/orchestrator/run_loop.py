"""The life of one run: a signal arrives, the engine decides, the decision is committed, its commands go out.

Nothing is done before it is committed, and nothing that is done is lost: after a crash the history is replayed and
every command that has no answer is issued again.
"""

import asyncio
import logging
from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from typing import Final

from pinnace.domain.ids import RunId
from pinnace.domain.tasks import AttemptKey
from pinnace.engine.commands import Command
from pinnace.engine.decide import Decision, unfold
from pinnace.engine.events import Event
from pinnace.engine.outstanding import outstanding
from pinnace.engine.signals import CacheAnswered, Signal, StartRun
from pinnace.errors import NotFound, ResultGone, Unavailable, VersionConflict
from pinnace.orchestrator.committer import Committer
from pinnace.orchestrator.dispatch import Dispatcher
from pinnace.orchestrator.facts import tell
from pinnace.orchestrator.giving_up import give_up
from pinnace.orchestrator.loading import LoadedRun
from pinnace.orchestrator.mailbox import Letter, Mailbox
from pinnace.orchestrator.projection import log_append
from pinnace.orchestrator.threads import Threads, in_slices
from pinnace.ports.clock import Clock
from pinnace.ports.store import LogAppend
from pinnace.ports.telemetry import NO_TELEMETRY, Telemetry

_LOG = logging.getLogger(__name__)
_RETRY_SECONDS: Final = 2.0
_MANY_EVENTS: Final = 500


class RunLoop:
    """Owns the state of one run. At most one lives for a run at a time."""

    def __init__(
        self,
        run: RunId,
        load: Callable[[RunId], LoadedRun],
        committer: Committer,
        dispatcher: Dispatcher,
        threads: Threads,
        clock: Clock,
        telemetry: Telemetry = NO_TELEMETRY,
    ) -> None:
        self.run_id = run
        self.mailbox = Mailbox()
        self._load = load
        self._committer = committer
        self._dispatcher = dispatcher
        self._threads = threads
        self._clock = clock
        self._telemetry = telemetry
        self.loaded: LoadedRun | None = None
        self.taken_up = asyncio.Event()
        self._given_up: Sequence[AttemptKey] = ()

    async def live(self) -> None:
        """Run until the run has ended and no letter waits.

        Raises:
            NotFound: the run was deleted.
        """
        loaded = await self._reload()
        self.taken_up.set()
        self.mailbox.post(Letter(StartRun(), self._clock.now()))
        while not (loaded.state.state.is_terminal and self.mailbox.is_empty):
            loaded = await self._take(loaded, await self.mailbox.collect())

    def underway(self) -> Sequence[AttemptKey]:
        """Attempts that the executor has, or is to be given, or was to end when the run was given up."""
        if self.loaded is None:
            return []
        nodes = self.loaded.state.nodes.values()
        found = [AttemptKey(self.run_id, node.id, node.attempt) for node in nodes if node.phase.is_underway]
        return [*found, *self._given_up]

    async def _reload(self) -> LoadedRun:
        self.loaded = loaded = await self._read()
        loaded.state.changed.clear()
        await in_slices(self._issue(loaded, outstanding(loaded.state)))
        return loaded

    async def _read(self) -> LoadedRun:
        """The run out of the store, as soon as that can be read."""
        while True:
            try:
                return await self._threads.run(lambda: self._load(self.run_id))
            except Unavailable as error:
                _LOG.warning("Run %s waits until it can be read: %s", self.run_id, error)
                await asyncio.sleep(_RETRY_SECONDS)

    async def _take(self, loaded: LoadedRun, letters: Sequence[Letter]) -> LoadedRun:
        """Decide on *letters* and commit. A history that has grown elsewhere is read and decided on anew.

        What fails in here is a fault of ours: it is tried once more on the state that the history gives, then the run
        is given up, since it would fail for ever, and nobody could stop the run.
        """
        failed = False
        while True:
            try:
                decisions = await in_slices(_decide(loaded, letters))
                events = [event for decision in decisions for event in decision.events]
                if events:
                    await self._committer.commit(await self._entry(loaded, events))
                    tell(self._telemetry, loaded, events)
            except VersionConflict:
                loaded = await self._reload()
                continue
            except ResultGone:
                loaded = await self._reload()
                letters = [replace(letter, signal=_as_miss(letter.signal)) for letter in letters]
                continue
            except NotFound:
                raise
            except Exception as error:
                _LOG.exception("What follows in run %s cannot be decided.", self.run_id)
                loaded = await self._reload()
                if failed:
                    await self._give_up(loaded, letters, error)
                    return loaded
                failed = True
                continue
            self.mailbox.answer([bool(decision.events) for decision in decisions])
            commands = [command for decision in decisions for command in decision.commands]
            await in_slices(self._issue(loaded, commands))
            return loaded

    async def _give_up(self, loaded: LoadedRun, letters: Sequence[Letter], error: Exception) -> None:
        """End the run as FAILED; where it has ended already, only refuse *letters*. Raises what the commit raises."""
        if loaded.state.state.is_terminal:
            self.mailbox.refuse(cannot_go_on(self.run_id))
            return
        self._given_up = self.underway()
        events, commands = give_up(loaded, error, self._clock.now())
        await self._committer.commit(log_append(loaded, events))
        tell(self._telemetry, loaded, events)
        await in_slices(self._issue(loaded, commands))
        self.mailbox.answer([True] * len(letters))

    async def _entry(self, loaded: LoadedRun, events: Sequence[Event]) -> LogAppend:
        """What is to be committed. Where that is long, it is made beside the event loop."""
        if len(events) < _MANY_EVENTS:
            return log_append(loaded, events)
        return await self._threads.run(lambda: log_append(loaded, events))

    def _issue(self, loaded: LoadedRun, commands: Sequence[Command]) -> Generator[None, None, None]:
        for command in commands:
            self._dispatcher.issue(loaded, command)
            yield


def cannot_go_on(run: RunId) -> Unavailable:
    """What whoever asks something of the run is told."""
    return Unavailable(f"Run {run} cannot go on. The log of the server says why; then try again.")


def _as_miss(signal: Signal) -> Signal:
    """The same, with nothing found in the cache."""
    return replace(signal, outputs=None, artifacts=()) if isinstance(signal, CacheAnswered) else signal


def _decide(loaded: LoadedRun, letters: Sequence[Letter]) -> Generator[None, None, list[Decision]]:
    decisions: list[Decision] = []
    for letter in letters:
        decision = yield from unfold(loaded.plan, loaded.state, letter.signal, letter.at)
        decisions.append(decision)
    return decisions
