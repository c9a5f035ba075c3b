"""The process executor: the adapter of ``ports.executor`` for this machine."""

import asyncio
import contextlib
import logging
import os
import shutil
import signal
import time
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from dataclasses import replace
from typing import Final

from pinnace.domain.environments import WarmStart
from pinnace.domain.states import AttemptOutcome
from pinnace.domain.tasks import AttemptKey, TaskFailure, TaskSpec
from pinnace.domain.values import Instant
from pinnace.errors import Unavailable
from pinnace.executors.process import layout, outcomes
from pinnace.executors.process.admission import Admission, Claim
from pinnace.executors.process.attempt import Attempt, Stopped
from pinnace.executors.process.child_environment import child_environment
from pinnace.executors.process.kinds import Kinds
from pinnace.executors.process.machine import Machine
from pinnace.executors.process.runners import AdoptedRunner, OwnRunner
from pinnace.executors.process.zygotes import PLAIN, Kind, Zygotes
from pinnace.launcher import processes, records, runner, tree
from pinnace.ports.environments import Environment, EnvironmentFailed, Environments
from pinnace.ports.executor import AttemptEnded, AttemptStarted, AttemptWaiting, ExecutorUpdate

_LOG = logging.getLogger(__name__)
_CLOSE_GRACE: Final = 2.5
_CLOSE_PATIENCE: Final = 4.0
_CLOSE_LAST_PATIENCE: Final = 2.0
_LEAST_PARALLELISM: Final = 4
_LAUNCHES: Final = 5
_WARM_LAUNCHES: Final = 3
_LOOKS: Final = 2
_LOOK_SECONDS: Final = 0.02
_LEAST_ROOM: Final = 4 << 20
_LOOK_AGAIN_SECONDS: Final = 1.0


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
        self._inherited = dict(os.environ if inherited is None else inherited)
        self._secrets = tuple(secrets)
        self._grace = grace_seconds
        self._log_cap = log_cap
        self._zygotes = Zygotes()
        self._kinds = Kinds(self._inherited, self._secrets, warm)
        self._attempts: dict[AttemptKey, Attempt] = {}
        self._works: dict[AttemptKey, asyncio.Task[None]] = {}
        self._updates: asyncio.Queue[ExecutorUpdate | None] = asyncio.Queue()
        self._closing = False

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
            ended = await self._carry_out(attempt)
        except Exception as error:
            text = f"The process executor failed: {type(error).__name__}: {error}"
            ended = _ended(attempt.key, AttemptOutcome.FAILED, TaskFailure(text, "ExecutorError"))
        del self._attempts[attempt.key], self._works[attempt.key]
        self._admission.release(attempt.key)
        self._updates.put_nowait(ended)

    async def _carry_out(self, attempt: Attempt) -> AttemptEnded:
        spec, key = attempt.spec, attempt.key
        if layout.has_begun(attempt.directory):
            claim = self._admission.claim(spec.resources) if spec else Claim()
            self._admission.occupy(key, replace(claim, devices=layout.devices(attempt.directory)))
            return await self._settle(attempt)
        if spec is None:
            return await self._refuse(attempt)
        claim = self._admission.claim(spec.resources)
        refusal = self._admission.refusal(claim)
        if refusal is not None:
            return await self._fail(attempt, TaskFailure(refusal, "ResourcesUnavailable"))
        try:
            environment = await attempt.unless_stopped(self._prepare(spec))
            granted = await attempt.unless_stopped(self._admission.admit(key, claim, self._announcer(key)))
            if environment.lock:  # It may have waited for long, and nobody held it: it counts as used from here on.
                environment = await attempt.unless_stopped(self._prepare(spec))
        except Stopped:
            return await self._refuse(attempt)
        except EnvironmentFailed as error:
            layout.note(spec.directory, str(error))
            return await self._fail(attempt, TaskFailure(str(error), "EnvironmentError"))
        return await self._start(attempt, spec, environment, granted)

    async def _prepare(self, spec: TaskSpec) -> Environment:
        return await self._environments.prepare(spec.python, self._announcer(spec.key))

    async def _find_room(self, spec: TaskSpec) -> None:
        """Return when the disk of the attempt has room for what its start writes: no task is to fail for that."""
        told = False
        while self._lacks_room(spec):
            if not told:
                lack = f"less than {_LEAST_ROOM >> 20} MiB are free"
                self._announcer(spec.key)(f"Waits for room on the disk of {spec.directory}: {lack}.")
                told = True
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)

    def _lacks_room(self, spec: TaskSpec) -> bool:
        return layout.free_bytes(spec.directory) < _LEAST_ROOM

    def _announcer(self, key: AttemptKey) -> Callable[[str], None]:
        return lambda reason: self._updates.put_nowait(AttemptWaiting(key, reason))

    async def _start(self, attempt: Attempt, spec: TaskSpec, environment: Environment, claim: Claim) -> AttemptEnded:
        """Have a runner begin the attempt. One that never came, since its zygote was killed, is asked for again.

        What the machine has too little of for a while, room on the disk or descriptors, is waited for.
        """
        launches = 0
        while launches < _LAUNCHES:
            try:
                await attempt.unless_stopped(self._find_room(spec))
                if launches == 0:
                    self._lay_out(attempt, spec, environment, claim)
                kind = self._kind(spec, environment) if launches < _WARM_LAUNCHES else PLAIN
                asked = OwnRunner(self._zygotes, kind, spec.directory, self._beginner(spec.key))
            except Stopped:
                return await self._refuse(attempt)
            except OSError as error:
                if error.errno in processes.SCARCE or self._lacks_room(spec):
                    await asyncio.sleep(_LOOK_AGAIN_SECONDS)
                    continue
                failure = outcomes.storage_failure(error, str(error.filename or spec.directory))
                return await self._fail(attempt, failure)
            await attempt.follow(asked)
            if asked.has_claimed or layout.has_begun(attempt.directory):
                return await self._settle(attempt)
            if attempt.reason is not None:
                return await self._refuse(attempt)
            launches += not self._lacks_room(spec)
        text = f"No process could be started for the task, {layout.last_words(spec.directory)}"
        return await self._fail(attempt, TaskFailure(text, "CannotStart"))

    def _lay_out(self, attempt: Attempt, spec: TaskSpec, environment: Environment, claim: Claim) -> None:
        inherited = self._inherited | self._admission.visibility(claim)
        variables = child_environment(inherited, environment, spec.environment, attempt.mark, self._secrets)
        layout.write_task(spec, environment, variables, attempt.mark, self._grace, self._log_cap, claim.devices)
        for note in filter(None, (environment.note, claim.note)):
            layout.note(spec.directory, note)

    def _kind(self, spec: TaskSpec, environment: Environment) -> Kind:
        kind = self._kinds.choose(spec, environment)
        if kind.preload and self._zygotes.failure(kind):
            kind = replace(kind, preload=())
        return PLAIN if self._zygotes.failure(kind) else kind

    def _beginner(self, key: AttemptKey) -> Callable[[Instant], None]:
        return lambda at: self._updates.put_nowait(AttemptStarted(key, at))

    async def _refuse(self, attempt: Attempt) -> AttemptEnded:
        """End an attempt that has not begun, and see to it that it never will."""
        if attempt.reason == runner.INTERRUPT:
            return await self._give_back(attempt, AttemptOutcome.INTERRUPTED, outcomes.interrupted())
        if not layout.refuse(attempt.directory):
            return await self._settle(attempt)
        return _ended(attempt.key, AttemptOutcome.CANCELED, outcomes.canceled())

    async def _fail(self, attempt: Attempt, failure: TaskFailure) -> AttemptEnded:
        return await self._give_back(attempt, AttemptOutcome.FAILED, failure)

    async def _give_back(self, attempt: Attempt, outcome: AttemptOutcome, failure: TaskFailure) -> AttemptEnded:
        """End an attempt that has not begun, as far as can be seen.

        A runner that an earlier server has asked for may still be on its way: it must come too late, or it counts.
        """
        if layout.is_laid_out(attempt.directory) and not layout.refuse(attempt.directory):
            return await self._settle(attempt)
        return _ended(attempt.key, outcome, failure)

    async def _settle(self, attempt: Attempt) -> AttemptEnded:
        """Find out how an attempt that began, now or in an earlier life of the server, has ended or will end.

        As long as that cannot be seen, for want of descriptors or memory, it has not ended.
        """
        while True:
            try:
                return await self._end_of(attempt)
            except OSError as error:
                _LOG.warning("What becomes of %s cannot be seen now: %s", attempt.directory, error)
                await asyncio.sleep(_LOOK_AGAIN_SECONDS)

    async def _end_of(self, attempt: Attempt) -> AttemptEnded:
        while True:
            result = records.read(attempt.directory, records.RESULT)
            if result is not None:
                return self._judged(attempt, result)
            started = records.read(attempt.directory, records.STARTED) or {}
            identity = processes.Identity(started.get("boot", ""), started.get("pid", 0), started.get("start", ""))
            if not processes.is_alive(identity):
                if records.read(attempt.directory, records.RESULT) is None:
                    return await self._without_result(attempt, started)
                continue
            await attempt.follow(AdoptedRunner(attempt.directory, identity, self._beginner(attempt.key)))

    def _judged(self, attempt: Attempt, result: outcomes.Record) -> AttemptEnded:
        if result["boot"] != processes.boot_id():
            return _ended(attempt.key, AttemptOutcome.LOST, outcomes.lost("the machine was restarted meanwhile."))
        outcome, failure = outcomes.judge(result)
        if outcome is AttemptOutcome.INTERRUPTED and attempt.reason == runner.CANCEL:
            outcome, failure = AttemptOutcome.CANCELED, outcomes.canceled()
        return AttemptEnded(attempt.key, Instant(result["ended_at"]), outcome, failure)

    async def _without_result(self, attempt: Attempt, started: outcomes.Record) -> AttemptEnded:
        """The runner is gone and says nothing: end what it left behind, then report."""
        if started.get("refused"):
            return _ended(attempt.key, AttemptOutcome.CANCELED, outcomes.canceled())
        if started.get("boot", processes.boot_id()) != processes.boot_id():
            return _ended(attempt.key, AttemptOutcome.LOST, outcomes.lost("the machine was restarted meanwhile."))
        running = (records.read(attempt.directory, records.RUNNING) or {}) if started else {}
        mark = f"{records.MARK_VARIABLE}={attempt.mark}"
        await _kill_members(mark, running)
        task = records.read(attempt.directory, records.TASK) or {}
        if task.get("temporary"):
            shutil.rmtree(task["temporary"], ignore_errors=True)
        if attempt.reason == runner.CANCEL:
            return _ended(attempt.key, AttemptOutcome.CANCELED, outcomes.canceled())
        if attempt.reason == runner.INTERRUPT:
            return _ended(attempt.key, AttemptOutcome.INTERRUPTED, outcomes.interrupted())
        return _ended(attempt.key, AttemptOutcome.LOST, outcomes.lost(layout.last_words(attempt.directory)))


async def _kill_members(mark: str, running: outcomes.Record) -> None:
    """Until nothing is left of what a dead runner has started.

    A process that is just becoming another program shows no environment for a moment, so one look is not enough.
    """
    looks_without = 0
    while looks_without < _LOOKS:
        looks_without = 0 if tree.kill_members(mark, _session(running)) else looks_without + 1
        await asyncio.sleep(_LOOK_SECONDS)


def _session(running: outcomes.Record) -> int:
    """The session of a command, or 0 where its number is somebody else's now.

    No process gets the number of a session that has members. So where one that began at another time has it, the
    session is empty.
    """
    pid: int = running.get("pid", 0)
    return pid if processes.start_time(pid) in {None, running.get("start")} else 0


def _ended(key: AttemptKey, outcome: AttemptOutcome, failure: TaskFailure | None) -> AttemptEnded:
    return AttemptEnded(key, Instant(time.time_ns() // 1000), outcome, failure)
