"""The supervisor as the services see it: calls from the threads of requests, answered from the event loop."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import TimeoutError as NotInTime
from typing import Any, Final, TypeVar

from pinnace.domain.ids import RunId
from pinnace.engine.signals import RetryRun, Terminate
from pinnace.errors import Conflict, Unavailable
from pinnace.orchestrator.supervisor import Supervisor

T = TypeVar("T")
_ANSWER_SECONDS: Final = 30.0


class LoopControl:
    """``ports.control.RunControl`` over a supervisor. Call from any thread but the event loop's own."""

    def __init__(self, supervisor: Supervisor, loop: asyncio.AbstractEventLoop) -> None:
        self._supervisor = supervisor
        self._loop = loop
        self._open = True

    def close(self) -> None:
        """Refuse every further call: the server is shutting down."""
        self._open = False

    def wake(self, run: RunId) -> None:
        """See the port."""
        if self._open:
            self._loop.call_soon_threadsafe(self._supervisor.ensure, run)

    def terminate(self, run: RunId, by: str) -> None:
        """See the port."""
        if not self._wait(self._supervisor.deliver(run, Terminate(by))):
            raise Conflict(f"Failed to terminate run {run}: it has ended already.")

    def retry(self, run: RunId, by: str) -> None:
        """See the port."""
        if not self._wait(self._supervisor.deliver(run, RetryRun(by))):
            raise Conflict(f"Failed to retry run {run}: only a run that failed or was terminated can be retried.")

    def forget(self, run: RunId) -> None:
        """See the port."""
        self._wait(self._supervisor.forget(run))

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        if not self._open:
            work.close()
            raise Unavailable("The server is shutting down. Try again when it is up.")
        try:
            return asyncio.run_coroutine_threadsafe(work, self._loop).result(_ANSWER_SECONDS)
        except NotInTime:
            raise Unavailable("The database does not answer. The request may still be carried out later.") from None
