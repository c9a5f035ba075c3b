"""The process executor: the adapter of ``ports.executor`` for this machine."""

import asyncio
import contextlib
import logging
import os
import signal
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from dataclasses import replace
from typing import Final

from pinnace.domain.environments import WarmStart
from pinnace.domain.states import AttemptOutcome
from pinnace.domain.tasks import AttemptKey, TaskFailure, TaskSpec
from pinnace.errors import Unavailable
from pinnace.executors.process import layout
from pinnace.executors.process.admission import Admission, Claim
from pinnace.executors.process.attempt import Attempt, Stopped
from pinnace.executors.process.kinds import Kinds
from pinnace.executors.process.machine import Machine
from pinnace.executors.process.settling import Began, ended, give_back, refuse, settle
from pinnace.executors.process.starting import CannotStart, Grant, Starter
from pinnace.executors.process.zygotes import Zygotes
from pinnace.launcher import runner
from pinnace.ports.environments import Environment, EnvironmentFailed, Environments
from pinnace.ports.executor import AttemptEnded, AttemptStarted, AttemptWaiting, ExecutorUpdate

_LOG = logging.getLogger(__name__)
_CLOSE_GRACE: Final = 2.5
_CLOSE_PATIENCE: Final = 4.0
_CLOSE_LAST_PATIENCE: Final = 2.0
_LEAST_PARALLELISM: Final = 4


class ProcessExecutor:
    """Runs attempts as processes of this machine, each beneath a runner that outlives the server.

    Args:
        environments: Where the Python of a task comes from.
        parallelism: Tasks at once; by default one a core, and four at least, so that tasks which only wait do not
            stop everything on a small machine.
        machine: What all tasks together may request; this machine by default.
        inherited: Environment variables that tasks get, after filtering; those of the server by default.
        secrets: Values that no inherited variable of a task may hold (database URL, tokens).
        grace_seconds: What a task has to end itself after a SIGTERM (canceled, deadline) before SIGKILL.
        log_cap: Bytes after which a task's log is cut.
        warm: What processes may have in memory before they become tasks.
    """

    def __init__(
        self,
        environments: Environments,
        *,
        parallelism: int | None = None,
        machine: Machine | None = None,
        inherited: Mapping[str, str] | None = None,
        secrets: Collection[str] = (),
        grace_seconds: float = 10.0,
        log_cap: int = 256 << 20,
        warm: WarmStart = WarmStart.LIBRARIES,
    ) -> None:
        machine = machine or Machine.here()
        self._environments = environments
        self._admission = Admission(machine, parallelism or max(_LEAST_PARALLELISM, int(machine.cpus)))
        inherited = dict(os.environ if inherited is None else inherited)
        self._grace = grace_seconds
        self._zygotes = Zygotes()
        kinds = Kinds(inherited, tuple(secrets), warm)
        self._starter = Starter(self._zygotes, kinds, inherited, tuple(secrets), grace_seconds, log_cap)
        self._opened = asyncio.Event()
        self._attempts: dict[AttemptKey, Attempt] = {}
        self._works: dict[AttemptKey, asyncio.Task[None]] = {}
        self._updates: asyncio.Queue[ExecutorUpdate | None] = asyncio.Queue()
        self._closing = False

    def load(self) -> tuple[int, int]:
        """How many attempts run, or are about to, and how many wait for their turn or for a Python environment."""
        running = min(self._admission.admitted, len(self._attempts))
        return running, len(self._attempts) - running

    def open(self) -> None:
        """See the port."""
        self._opened.set()

    async def launch(self, spec: TaskSpec) -> None:
        """See the port. Raises Unavailable after :meth:`close`."""
        self._take(spec.key, spec.directory, spec)

    async def cancel(self, key: AttemptKey, directory: str) -> None:
        """See the port. Raises Unavailable after :meth:`close`."""
        self._take(key, directory, None).request_stop(runner.CANCEL, self._grace)

    async def updates(self) -> AsyncIterator[ExecutorUpdate]:
        """See the port."""
        while (update := await self._updates.get()) is not None:
            yield update

    async def close(self) -> None:
        """See the port. Takes about three seconds for tasks that ignore SIGTERM, less for all others.

        What cannot be ended even by SIGKILL (it waits for a device that does not answer) is not reported: it may
        still write when the next server starts, which must not begin a second attempt beside it.
        """
        self._closing = True
        for attempt in self._attempts.values():
            attempt.request_stop(runner.INTERRUPT, _CLOSE_GRACE)
        await self._wait_for_all(_CLOSE_PATIENCE)
        for attempt in self._attempts.values():
            if attempt.runner is not None:
                with contextlib.suppress(OSError):
                    attempt.runner.send(signal.SIGKILL)
        await self._wait_for_all(_CLOSE_LAST_PATIENCE)
        for attempt in list(self._attempts.values()):
            self._works[attempt.key].cancel()
            _LOG.warning("%s has not ended in time. The next start sees to it.", attempt.directory)
        self._zygotes.close()
        self._updates.put_nowait(None)

    async def _wait_for_all(self, seconds: float) -> None:
        if self._works:
            await asyncio.wait(list(self._works.values()), timeout=seconds)

    def _take(self, key: AttemptKey, directory: str, spec: TaskSpec | None) -> Attempt:
        if self._closing:
            raise Unavailable("The server is shutting down and takes no more tasks.")
        attempt = self._attempts.get(key)
        if attempt is None:
            attempt = self._attempts[key] = Attempt(key, directory, spec)
            self._works[key] = asyncio.create_task(self._work(attempt))
        return attempt

    async def _work(self, attempt: Attempt) -> None:
        try:
            end = await self._carry_out(attempt)
        except Exception as error:
            text = f"The process executor failed: {type(error).__name__}: {error}"
            end = ended(attempt.key, AttemptOutcome.FAILED, TaskFailure(text, "ExecutorError"))
        del self._attempts[attempt.key], self._works[attempt.key]
        self._admission.release(attempt.key)
        self._updates.put_nowait(end)

    async def _carry_out(self, attempt: Attempt) -> AttemptEnded:
        spec, key, began = attempt.spec, attempt.key, self._beginner(attempt.key)
        if layout.has_begun(attempt.directory):
            claim = self._admission.claim(spec.resources) if spec else Claim()
            self._admission.occupy(key, replace(claim, devices=layout.devices(attempt.directory)))
            return await settle(attempt, began)
        if spec is None:
            return await refuse(attempt, began)
        try:
            grant = await self._grant(attempt, spec)
            await self._starter.run(attempt, spec, grant, began, self._announcer(key))
        except Stopped:
            return await refuse(attempt, began)
        except EnvironmentFailed as error:
            layout.note(spec.directory, str(error))
            failure = TaskFailure(str(error), "EnvironmentError")
            return await give_back(attempt, AttemptOutcome.FAILED, failure, began)
        except CannotStart as error:
            return await give_back(attempt, AttemptOutcome.FAILED, error.failure, began)
        return await settle(attempt, began)

    async def _grant(self, attempt: Attempt, spec: TaskSpec) -> Grant:
        """Wait for all that the attempt needs. Raises Stopped, EnvironmentFailed and CannotStart."""
        claim = self._admission.claim(spec.resources)
        refusal = self._admission.refusal(claim)
        if refusal is not None:
            raise CannotStart(TaskFailure(refusal, "ResourcesUnavailable"))
        if not self._opened.is_set():
            await attempt.unless_stopped(self._opened.wait())
        environment = await attempt.unless_stopped(self._prepare(spec))
        announce = self._announcer(attempt.key)
        granted = await attempt.unless_stopped(self._admission.admit(attempt.key, claim, announce))
        # The wait may have been long: what is installed may be something else now, and what was built may be gone.
        environment = await attempt.unless_stopped(self._prepare(spec))
        return Grant(environment, self._admission.visibility(granted), granted.devices, granted.note)

    async def _prepare(self, spec: TaskSpec) -> Environment:
        return await self._environments.prepare(spec.python, self._announcer(spec.key))

    def _announcer(self, key: AttemptKey) -> Callable[[str], None]:
        return lambda reason: self._updates.put_nowait(AttemptWaiting(key, reason))

    def _beginner(self, key: AttemptKey) -> Began:
        return lambda at: self._updates.put_nowait(AttemptStarted(key, at))
