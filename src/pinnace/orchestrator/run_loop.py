"""The life of one run: a signal arrives, the engine decides, the decision is committed, its commands go out.

Nothing is done before it is committed, and nothing that is done is lost: after a crash the history is replayed and
every command that has no answer is issued again.
"""

from collections.abc import Callable, Sequence

from pinnace.domain.ids import RunId
from pinnace.domain.states import NodePhase
from pinnace.domain.tasks import AttemptKey
from pinnace.engine.commands import Command
from pinnace.engine.decide import advance
from pinnace.engine.events import Event
from pinnace.engine.outstanding import outstanding
from pinnace.engine.signals import StartRun
from pinnace.errors import VersionConflict
from pinnace.orchestrator.committer import Committer
from pinnace.orchestrator.dispatch import Dispatcher
from pinnace.orchestrator.loading import LoadedRun
from pinnace.orchestrator.mailbox import Letter, Mailbox
from pinnace.orchestrator.projection import log_append
from pinnace.orchestrator.threads import Threads
from pinnace.ports.clock import Clock


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
        self.mailbox.post(Letter(StartRun(), self._clock.now()))
        while not (loaded.state.state.is_terminal and self.mailbox.is_empty):
            loaded = await self._take(loaded, await self.mailbox.collect())

    def underway(self) -> Sequence[AttemptKey]:
        """Attempts that the executor has, or is to be given."""
        if self.loaded is None:
            return []
        phases = {NodePhase.LAUNCHED, NodePhase.RUNNING, NodePhase.CANCELING}
        nodes = self.loaded.state.nodes.values()
        return [AttemptKey(self.run_id, node.id, node.attempt) for node in nodes if node.phase in phases]

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
                decision = advance(loaded.plan, loaded.state, letter.signal, letter.at)
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
            self.mailbox.answer(effective)
            return loaded

    def _issue(self, loaded: LoadedRun, commands: Sequence[Command]) -> None:
        for command in commands:
            self._dispatcher.issue(loaded, command)
