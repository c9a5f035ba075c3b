"""The life of one run: a signal arrives, the engine decides, the decision is committed, its commands go out.

Nothing is done before it is committed, and nothing that is done is lost: after a crash the history is replayed and
every command that has no answer is issued again.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from pinnace.domain.ids import NodeId, RunId
from pinnace.domain.states import NodePhase
from pinnace.engine.commands import Command
from pinnace.engine.decide import advance
from pinnace.engine.events import Event
from pinnace.engine.outstanding import outstanding
from pinnace.engine.signals import Signal, StartRun
from pinnace.errors import VersionConflict
from pinnace.orchestrator.committer import Committer
from pinnace.orchestrator.dispatch import Dispatcher
from pinnace.orchestrator.loading import LoadedRun
from pinnace.orchestrator.projection import log_append
from pinnace.orchestrator.threads import Threads
from pinnace.ports.clock import Clock

_BATCH: Final = 1000
"""Signals that one commit takes in at most."""


@dataclass(slots=True)
class Letter:
    """A signal on its way to a run, and who waits for what becomes of it.

    ``done`` gets whether the signal changed anything, once that is committed.
    """

    signal: Signal
    done: asyncio.Future[bool] | None = None


@dataclass(slots=True)
class Mailbox:
    """Letters to one run, in the order in which they came."""

    _letters: list[Letter] = field(default_factory=list)
    _arrived: asyncio.Event = field(default_factory=asyncio.Event)

    def post(self, letter: Letter) -> None:
        """Put a letter in. Call on the event loop's thread."""
        self._letters.append(letter)
        self._arrived.set()

    async def collect(self) -> Sequence[Letter]:
        """All letters that are there, at least one, a batch at most."""
        await self._arrived.wait()
        batch, self._letters = self._letters[:_BATCH], self._letters[_BATCH:]
        if not self._letters:
            self._arrived.clear()
        return batch

    @property
    def is_empty(self) -> bool:
        """Whether no letter waits."""
        return not self._letters

    def refuse_all(self, error: Exception) -> None:
        """Answer every letter with *error*, because nobody will read it."""
        letters, self._letters = self._letters, []
        for letter in letters:
            if letter.done is not None and not letter.done.done():
                letter.done.set_exception(error)


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
    ) -> None:
        self.run_id = run
        self.mailbox = Mailbox()
        self._load = load
        self._committer = committer
        self._dispatcher = dispatcher
        self._threads = threads
        self._clock = clock
        self.loaded: LoadedRun | None = None

    async def live(self) -> None:
        """Run until the run has ended and no letter waits.

        Raises:
            NotFound: the run was deleted.
        """
        loaded = await self._reload()
        self.mailbox.post(Letter(StartRun()))
        while not (loaded.state.state.is_terminal and self.mailbox.is_empty):
            loaded = await self._take(loaded, await self.mailbox.collect())

    def underway(self) -> Sequence[tuple[NodeId, int]]:
        """Attempts that the executor has, or is to be given."""
        if self.loaded is None:
            return []
        phases = {NodePhase.LAUNCHED, NodePhase.RUNNING, NodePhase.CANCELING}
        return [(node.id, node.attempt) for node in self.loaded.state.nodes.values() if node.phase in phases]

    async def _reload(self) -> LoadedRun:
        self.loaded = loaded = await self._threads.run(lambda: self._load(self.run_id))
        loaded.state.changed.clear()
        self._issue(loaded, outstanding(loaded.state))
        return loaded

    async def _take(self, loaded: LoadedRun, letters: Sequence[Letter]) -> LoadedRun:
        """Decide on *letters* and commit. A history that has grown elsewhere is read and decided on anew."""
        while True:
            events: list[Event] = []
            commands: list[Command] = []
            effective: list[bool] = []
            for letter in letters:
                decision = advance(loaded.plan, loaded.state, letter.signal, self._clock.now())
                events.extend(decision.events)
                commands.extend(decision.commands)
                effective.append(bool(decision.events))
            try:
                if events:
                    await self._committer.commit(log_append(loaded, events))
            except VersionConflict:
                loaded = await self._reload()
                continue
            self._issue(loaded, commands)
            _answer(letters, effective)
            return loaded

    def _issue(self, loaded: LoadedRun, commands: Sequence[Command]) -> None:
        for command in commands:
            self._dispatcher.issue(loaded, command)


def _answer(letters: Sequence[Letter], effective: Sequence[bool]) -> None:
    for letter, changed in zip(letters, effective, strict=True):
        if letter.done is not None and not letter.done.done():
            letter.done.set_result(changed)
