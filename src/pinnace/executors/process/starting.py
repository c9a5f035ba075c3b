"""How an attempt that may run comes to have a runner."""

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Final

from pinnace.domain.tasks import TaskFailure, TaskSpec
from pinnace.executors.process import layout, outcomes
from pinnace.executors.process.attempt import Attempt, Stopped
from pinnace.executors.process.child_environment import child_environment
from pinnace.executors.process.kinds import Kinds
from pinnace.executors.process.runners import OwnRunner
from pinnace.executors.process.settling import LOOK_AGAIN_SECONDS, Began
from pinnace.executors.process.zygotes import PLAIN, Kind, Zygotes
from pinnace.launcher import processes
from pinnace.ports.environments import Environment

_LAUNCHES: Final = 5
_WARM_LAUNCHES: Final = 3
_LEAST_ROOM: Final = 4 << 20


class CannotStart(Exception):
    """No runner can begin the attempt."""

    def __init__(self, failure: TaskFailure) -> None:
        self.failure = failure
        super().__init__(failure.message)


@dataclass(frozen=True, slots=True)
class Grant:
    """What an attempt was given to run with.

    Attributes:
        environment: Its Python.
        visibility: Variables that show it its accelerators, over what the server has.
        devices: These accelerators.
        note: What its log is to say; "" for nothing.
    """

    environment: Environment
    visibility: Mapping[str, str]
    devices: tuple[str, ...] = ()
    note: str = ""


class Starter:
    """Lays attempts out and has runners begin them.

    Args:
        zygotes: Where runners come from.
        kinds: Which zygote a task may be forked from.
        inherited: Variables that tasks inherit.
        secrets: Values that no inherited variable may hold.
        grace_seconds: What a task has to end itself.
        log_cap: Bytes after which its log is cut.
    """

    def __init__(
        self,
        zygotes: Zygotes,
        kinds: Kinds,
        inherited: Mapping[str, str],
        secrets: Collection[str],
        grace_seconds: float,
        log_cap: int,
    ) -> None:
        self._zygotes = zygotes
        self._kinds = kinds
        self._inherited = inherited
        self._secrets = secrets
        self._grace = grace_seconds
        self._log_cap = log_cap

    async def run(
        self, attempt: Attempt, spec: TaskSpec, grant: Grant, began: Began, announce: Callable[[str], None]
    ) -> None:
        """Return when a runner has begun the attempt and is gone.

        A runner that never came, since its zygote was killed, is asked for again. What the machine has too little of
        for a while, room on the disk or descriptors, is waited for.

        Raises:
            Stopped: it is to end, and has not begun as far as can be seen.
            CannotStart: no runner comes.
        """
        launches = 0
        while launches < _LAUNCHES:
            try:
                await attempt.unless_stopped(self._find_room(spec, announce))
                if launches == 0:
                    self._lay_out(attempt, spec, grant)
                kind = self._kind(spec, grant.environment) if launches < _WARM_LAUNCHES else PLAIN
                asked = OwnRunner(self._zygotes, kind, spec.directory, began)
            except OSError as error:
                if error.errno in processes.SCARCE or _lacks_room(spec):
                    await asyncio.sleep(LOOK_AGAIN_SECONDS)
                    continue
                raise CannotStart(outcomes.storage_failure(error, str(error.filename or spec.directory))) from error
            await attempt.follow(asked)
            if asked.has_claimed or layout.has_begun(attempt.directory):
                return
            if attempt.reason is not None:
                raise Stopped
            launches += not _lacks_room(spec)
        text = f"No process could be started for the task, {layout.last_words(spec.directory)}"
        raise CannotStart(TaskFailure(text, "CannotStart"))

    async def _find_room(self, spec: TaskSpec, announce: Callable[[str], None]) -> None:
        """Return when the disk of the attempt has room for what its start writes: no task is to fail for that."""
        told = False
        while _lacks_room(spec):
            if not told:
                lack = f"less than {_LEAST_ROOM >> 20} MiB are free"
                announce(f"Waits for room on the disk of {spec.directory}: {lack}.")
                told = True
            await asyncio.sleep(LOOK_AGAIN_SECONDS)

    def _lay_out(self, attempt: Attempt, spec: TaskSpec, grant: Grant) -> None:
        environment = grant.environment
        inherited = {**self._inherited, **grant.visibility}
        variables = child_environment(inherited, environment, spec.environment, attempt.mark, self._secrets)
        layout.write_task(spec, environment, variables, attempt.mark, self._grace, self._log_cap, grant.devices)
        for note in filter(None, (environment.note, grant.note)):
            layout.note(spec.directory, note)

    def _kind(self, spec: TaskSpec, environment: Environment) -> Kind:
        kind = self._kinds.choose(spec, environment)
        if kind.preload and self._zygotes.failure(kind):
            kind = replace(kind, preload=())
        return PLAIN if self._zygotes.failure(kind) else kind


def _lacks_room(spec: TaskSpec) -> bool:
    return layout.free_bytes(spec.directory) < _LEAST_ROOM
