"""The attempts of a run that may have written something, in the order in which they began."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pinnace.domain.ids import NodeId, RunId
from pinnace.domain.tasks import TaskRecord
from pinnace.ports.store import Store
from pinnace.services.views import attempt_of


@dataclass(frozen=True, slots=True)
class LoggedAttempt:
    """One attempt of one node. *ended* tells whether it writes no more."""

    run: RunId
    node: NodeId
    number: int
    ended: bool

    @property
    def label(self) -> str:
        """What stands in front of its lines among those of others."""
        return self.node if self.number == 1 else f"{self.node} (attempt {self.number})"


@dataclass(frozen=True, slots=True)
class RunAttempts:
    """The attempts of a run at one moment, which *version* tells from others; *ended* for a run that has ended."""

    version: int
    ended: bool
    attempts: Sequence[LoggedAttempt]


class LoggedAttempts:
    """Finds attempts by what users call them, and all of a run."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def of_run(self, run: RunId) -> RunAttempts:
        """Raises NotFound."""
        with self._store.read() as uow:
            version = uow.log.last_sequence(run)
            ended = uow.runs.get(run).state.is_terminal
            tasks = uow.runs.tasks([run]).get(run, ())
        timed = [
            (
                attempt.started_at or attempt.scheduled_at,
                LoggedAttempt(run, task.node, attempt.number, ended or attempt.ended_at is not None),
            )
            for task in tasks
            for attempt in task.attempts
        ]
        return RunAttempts(version, ended, [attempt for _, attempt in sorted(timed, key=lambda item: item[0])])

    def version(self, run: RunId) -> int:
        """Changes whenever :meth:`of_run` may; 0 for a run that does not exist."""
        with self._store.read() as uow:
            return uow.log.last_sequence(run)

    def has_ended(self, attempt: LoggedAttempt) -> bool:
        """Whether it has ended, as the run tells it now. Raises NotFound."""
        with self._store.read() as uow:
            return attempt_of(uow.runs.task(attempt.run, attempt.node), attempt.number).ended_at is not None


def logged_attempt(task: TaskRecord, number: int | None) -> LoggedAttempt:
    """Attempt *number* of a task, the last one for None. Raises NotFound."""
    found = attempt_of(task, number)
    return LoggedAttempt(task.run, task.node, found.number, found.ended_at is not None)


def split_pod_name(name: str) -> tuple[str, int | None]:
    """A node and an attempt, of a name like ``NODE/2``, which ``executor_detail`` gives; None where there is none."""
    node, _, number = name.rpartition("/")
    return (node, int(number)) if node and re.fullmatch("[0-9]{1,9}", number) else (name, None)
