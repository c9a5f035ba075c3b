"""One attempt between its launch and its AttemptEnded."""

import asyncio
import contextlib
import hashlib
import os
import signal
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from pinnace.domain.tasks import AttemptKey, TaskSpec
from pinnace.executors.process.runners import Runner
from pinnace.launcher import records

T = TypeVar("T")
_AGAIN_SECONDS: Final = 1.0


class Stopped(Exception):
    """The attempt is to end before it has begun."""


@dataclass(slots=True)
class Attempt:
    """An attempt from its launch, or the wish to cancel it, to its AttemptEnded."""

    key: AttemptKey
    directory: str
    spec: TaskSpec | None
    reason: str | None = None
    runner: Runner | None = None
    interruptible: asyncio.Task[Any] | None = None
    grace: float = 0.0

    @property
    def mark(self) -> str:
        """Names the attempt in the environment of its processes: the same before and after a restart."""
        return hashlib.sha256(os.fsencode(self.directory)).hexdigest()[:32]

    def request_stop(self, reason: str, grace: float) -> None:
        """Ask it to end. The first reason counts; the grace (seconds until SIGKILL) can only become shorter."""
        self.grace = min(grace, self.grace) if self.reason else grace
        if self.reason is None and self.interruptible is not None:
            self.interruptible.cancel()
        self.reason = self.reason or reason
        if self.runner is not None:
            self._pass_on_stop(self.runner)

    async def follow(self, living: Runner) -> None:
        """Until the runner is gone; passes on a wish to stop, whenever it comes."""
        self.runner = living
        if self.reason is not None:
            self._pass_on_stop(living)
        await living.wait()
        self.runner = None

    async def unless_stopped(self, action: Coroutine[Any, Any, T]) -> T:
        """The action's result; raises Stopped as soon as the attempt is to end."""
        if self.reason is not None:
            action.close()
            raise Stopped
        task = self.interruptible = asyncio.current_task()
        assert task is not None
        try:
            return await action
        except asyncio.CancelledError:
            if self.reason is not None and task.uncancel() == 0:
                raise Stopped from None
            raise
        finally:
            self.interruptible = None

    def _pass_on_stop(self, living: Runner) -> None:
        with contextlib.suppress(OSError):  # On a full disk the signal alone ends it; the reason is remembered here.
            records.write(self.directory, records.STOP, {"reason": self.reason, "grace": self.grace})
        try:
            living.send(signal.SIGTERM)
        except OSError:  # Too many open files: nothing can be looked up now.
            asyncio.get_running_loop().call_later(_AGAIN_SECONDS, self._stop_again, living)

    def _stop_again(self, living: Runner) -> None:
        if self.runner is living:
            self._pass_on_stop(living)
