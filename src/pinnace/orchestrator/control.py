"""The supervisor as the services see it: calls from the threads of requests, answered from the event loop."""

import asyncio
import contextlib
import threading
import time
from collections.abc import Coroutine, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotInTime
from typing import Any, Final, TypeVar

from pinnace.domain.ids import RunId
from pinnace.engine.signals import RetryRun, Terminate
from pinnace.errors import Conflict, Unavailable
from pinnace.orchestrator.supervisor import Supervisor

T = TypeVar("T")
_SOON_SECONDS: Final = 2.0
_ANSWER_SECONDS: Final = 30.0
_PATIENT: Final = 10
"""Requests that may wait longer than a moment, so that a database which hangs does not take every thread of the API."""


class LoopControl:
    """``ports.control.RunControl`` over a supervisor. Call from any thread but the event loop's own."""

    def __init__(self, supervisor: Supervisor, loop: asyncio.AbstractEventLoop) -> None:
        self._supervisor = supervisor
        self._loop = loop
        self._open = True
        self._patient = threading.BoundedSemaphore(_PATIENT)

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

    def recall(self, run: RunId) -> None:
        """See the port. A server that is shutting down leaves it to the next start."""
        if self._open:
            self._loop.call_soon_threadsafe(self._supervisor.recall, run)

    def clear(self, run: RunId, freed: Sequence[str]) -> None:
        """See the port. A server that is shutting down leaves it to the next start."""
        if self._open:
            self._loop.call_soon_threadsafe(self._supervisor.clear, run, freed)

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        if not self._open:
            work.close()
            raise Unavailable("The server is shutting down. Try again when it is up.")
        answer = asyncio.run_coroutine_threadsafe(work, self._loop)
        with contextlib.suppress(NotInTime):
            return answer.result(_SOON_SECONDS)
        if not self._supervisor.is_stuck and self._patient.acquire(blocking=False):
            try:
                return self._answer_of_a_slow_database(answer)
            finally:
                self._patient.release()
        raise _no_answer()

    def _answer_of_a_slow_database(self, answer: Future[T]) -> T:
        """Wait on while there is hope."""
        last = time.monotonic() + _ANSWER_SECONDS
        while time.monotonic() < last and not self._supervisor.is_stuck:
            with contextlib.suppress(NotInTime):
                return answer.result(_SOON_SECONDS)
        raise _no_answer()


def _no_answer() -> Unavailable:
    return Unavailable("The database cannot be written, or does not answer. The request may be carried out later.")
