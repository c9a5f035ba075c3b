"""The seam to whatever runs tasks."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from pinnace.domain.states import AttemptOutcome
from pinnace.domain.tasks import AttemptKey, TaskFailure, TaskSpec
from pinnace.domain.values import Instant


@dataclass(frozen=True, slots=True)
class AttemptWaiting:
    """The attempt is held back; ``reason`` says for what, in a sentence."""

    key: AttemptKey
    reason: str


@dataclass(frozen=True, slots=True)
class AttemptStarted:
    """The user's command has begun."""

    key: AttemptKey
    at: Instant


@dataclass(frozen=True, slots=True)
class AttemptEnded:
    """The attempt and every process of it are gone.

    ``failure`` is there unless the outcome is SUCCEEDED. Outputs are not read by the executor: they lie where the
    command wrote them.
    """

    key: AttemptKey
    at: Instant
    outcome: AttemptOutcome
    failure: TaskFailure | None = None


ExecutorUpdate: TypeAlias = AttemptWaiting | AttemptStarted | AttemptEnded


class Executor(Protocol):
    """Runs attempts. Knows a TaskSpec and nothing else."""

    def open(self) -> None:
        """Let attempts begin.

        Before that they are taken, and those that an earlier executor has begun are adopted: what they hold is
        counted first.
        """
        ...

    async def launch(self, spec: TaskSpec) -> None:
        """Take an attempt; returns once it is queued.

        Idempotent by ``spec.key``, over restarts of the server too: an attempt whose directory says that it began is
        adopted and never started twice. Exactly one AttemptEnded follows, whatever happens.
        """
        ...

    async def cancel(self, key: AttemptKey, directory: str) -> None:
        """End an attempt and its whole process tree; the AttemptEnded that follows says how it really ended.

        For an attempt that was never launched, or is not known after a restart, an AttemptEnded follows as well.
        """
        ...

    def updates(self) -> AsyncIterator[ExecutorUpdate]:
        """What happens, in order for each attempt. One consumer. Ends after :meth:`close`."""
        ...

    async def close(self) -> None:
        """End every attempt within seconds, report it INTERRUPTED, then end :meth:`updates`.

        One of which something may still run behind that is not reported; the next executor finds it.
        """
        ...
