"""An executor whose outcomes are scripted: the fake of ``ports.executor``."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from pinnace.domain.states import AttemptOutcome
from pinnace.domain.tasks import AttemptKey, TaskFailure, TaskSpec
from pinnace.domain.values import Instant
from pinnace.errors import Unavailable
from pinnace.ports.executor import AttemptEnded, AttemptStarted, ExecutorUpdate


@dataclass(frozen=True, slots=True)
class Ending:
    """How a scripted attempt ends."""

    outcome: AttemptOutcome = AttemptOutcome.SUCCEEDED
    failure: TaskFailure | None = None


Script = Callable[[TaskSpec], Ending | None]
"""Called once when an attempt begins, to do what the task would do (write outputs) and to say how it ends.

None leaves it running until :meth:`ManualExecutor.finish`, a cancel or a close.
"""


def succeeds(_spec: TaskSpec) -> Ending:
    """A script by which every attempt succeeds at once."""
    return Ending()


def runs_on(_spec: TaskSpec) -> None:
    """A script by which every attempt runs until it is told to end."""


@dataclass(slots=True)
class AttemptDisk:
    """What outlives an executor: how attempts ended, and which are still running, by directory.

    Give the disk of one executor to the next to play a restart of the server.
    """

    endings: dict[str, Ending] = field(default_factory=dict)
    running: set[str] = field(default_factory=set)


class ManualExecutor:
    """Runs nothing: attempts begin at once and end as *script* or :meth:`finish` says.

    Attributes:
        launched: Every attempt that was really begun, in order; one that was adopted is not among them.
    """

    def __init__(
        self, script: Script = succeeds, disk: AttemptDisk | None = None, now: Callable[[], int] | None = None
    ) -> None:
        self._script = script
        self._disk = disk or AttemptDisk()
        self._now = now or (lambda: time.time_ns() // 1000)
        self._live: dict[AttemptKey, str] = {}
        self._updates: asyncio.Queue[ExecutorUpdate | None] = asyncio.Queue()
        self._closed = False
        self.launched: list[TaskSpec] = []

    def open(self) -> None:
        """See the port."""

    async def launch(self, spec: TaskSpec) -> None:
        """See the port. Raises Unavailable after :meth:`close`."""
        self._refuse_when_closed()
        if spec.key in self._live:
            return
        self._live[spec.key] = spec.directory
        if spec.directory in self._disk.endings:
            self._end(spec.key, self._disk.endings[spec.directory])
            return
        ending: Ending | None = None
        if spec.directory not in self._disk.running:
            self._disk.running.add(spec.directory)
            self.launched.append(spec)
            ending = self._script(spec)
        self._updates.put_nowait(AttemptStarted(spec.key, Instant(self._now())))
        if ending is not None:
            self._end(spec.key, ending)

    async def cancel(self, key: AttemptKey, directory: str) -> None:
        """See the port. Raises Unavailable after :meth:`close`."""
        self._refuse_when_closed()
        self._live.setdefault(key, directory)
        failure = TaskFailure("The task was canceled because its run is being stopped.", "Canceled")
        self._end(key, self._disk.endings.get(directory) or Ending(AttemptOutcome.CANCELED, failure))

    async def updates(self) -> AsyncIterator[ExecutorUpdate]:
        """See the port."""
        while (update := await self._updates.get()) is not None:
            yield update

    async def close(self) -> None:
        """See the port."""
        self._closed = True
        failure = TaskFailure("The task was ended because the server was shutting down. It runs again.", "Interrupted")
        for key in list(self._live):
            self._end(key, Ending(AttemptOutcome.INTERRUPTED, failure))
        self._updates.put_nowait(None)

    def finish(self, key: AttemptKey, ending: Ending | None = None) -> None:
        """End a running attempt; successfully unless said otherwise. Raises KeyError for one that does not run."""
        if key not in self._live:
            raise KeyError(key)
        self._end(key, ending or Ending())

    def _end(self, key: AttemptKey, ending: Ending) -> None:
        directory = self._live.pop(key)
        self._disk.running.discard(directory)
        self._disk.endings[directory] = ending
        self._updates.put_nowait(AttemptEnded(key, Instant(self._now()), ending.outcome, ending.failure))

    def _refuse_when_closed(self) -> None:
        if self._closed:
            raise Unavailable("The server is shutting down and takes no more tasks.")
