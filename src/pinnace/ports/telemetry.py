"""The seam to whatever observes the server: metrics and traces.

Calls return at once, never fail, and may come from any thread. Facts are told once the events that they follow from
are durable, so none is told twice while a server lives. A server that is killed may not have told the last ones.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

from pinnace.domain.states import RunState
from pinnace.domain.tasks import AttemptKey, TaskFailure
from pinnace.domain.values import Instant


@dataclass(frozen=True, slots=True)
class SpanEnded:
    """A part of a run is over: an attempt of a task, one opening of a DAG or a loop, or the run.

    Attributes:
        key: The attempt. Of a DAG or a loop: which opening it was, from 1. The root node stands for the run.
        parent: The opening of the DAG or loop around it; None for the run.
        name: The key of the task; the name of the pipeline for the run.
        kind: ``DAG``, ``LOOP``, ``CONTAINER`` or ``IMPORTER``.
        began_at: When it was opened, handed to the executor, or looked up in the cache; when the run was submitted.
        started_at: When the command began, where there is one.
        outcome: Of an attempt an ``AttemptOutcome``, of a DAG or a loop ``SUCCEEDED``, ``FAILED`` or ``CANCELED``, of
            the run a ``RunState``.
        cached: Whether it succeeded by a cache hit.
    """

    key: AttemptKey
    parent: AttemptKey | None
    name: str
    pipeline: str
    kind: str
    began_at: Instant
    ended_at: Instant
    outcome: str
    started_at: Instant | None = None
    cached: bool = False
    failure: TaskFailure | None = None
    index: int | None = None


@dataclass(frozen=True, slots=True)
class AttemptBegan:
    """The command of an attempt began, so many seconds after the attempt was handed to the executor."""

    waited: float


@dataclass(frozen=True, slots=True)
class AttemptDone:
    """An attempt ended. ``seconds`` since its command began, None if it never did."""

    outcome: str
    seconds: float | None


@dataclass(frozen=True, slots=True)
class TaskDone:
    """A task ended for good: ``SUCCEEDED``, ``CACHED``, ``FAILED``, ``SKIPPED`` or ``CANCELED``."""

    outcome: str


@dataclass(frozen=True, slots=True)
class CacheAsked:
    """The cache was asked for the result of a task."""

    hit: bool


@dataclass(frozen=True, slots=True)
class RunDone:
    """A run ended, so many seconds after it was submitted or retried."""

    state: RunState
    seconds: float


Fact: TypeAlias = SpanEnded | AttemptBegan | AttemptDone | TaskDone | CacheAsked | RunDone


class Telemetry(Protocol):
    """Is told what happens."""

    @property
    def is_on(self) -> bool:
        """Whether anybody listens. Otherwise whoever has facts to work out need not."""
        ...

    def happened(self, facts: Sequence[Fact]) -> None:
        """Facts of one run, in the order of its history."""
        ...

    def committed(self, entries: int, seconds: float) -> None:
        """The entries of so many runs were written in one commit."""
        ...

    def answered(self, method: str, route: str, status: int, seconds: float | None) -> None:
        """A request was answered. *route* is its template, "" for none; *seconds* None for a stream."""
        ...

    def fired(self, *, made_run: bool, late: float) -> None:
        """A recurring run acted so many seconds after it was due, and made a run or could not."""
        ...

    def built(self, *, succeeded: bool, seconds: float) -> None:
        """A Python environment was built, or could not be."""
        ...

    def variables(self, key: AttemptKey) -> Mapping[str, str]:
        """Variables by which a task joins the trace of its run; none where there is no trace."""
        ...


class MetricsPage(Protocol):
    """What a collector of metrics is shown. Blocks."""

    def render(self, accept: str) -> tuple[bytes, str]:
        """The page and its content type, in the format that the *accept* header asks for."""
        ...


class NoTelemetry:
    """Nobody listens."""

    is_on: Final = False

    def happened(self, facts: Sequence[Fact]) -> None:
        """See the port."""

    def committed(self, entries: int, seconds: float) -> None:
        """See the port."""

    def answered(self, method: str, route: str, status: int, seconds: float | None) -> None:
        """See the port."""

    def fired(self, *, made_run: bool, late: float) -> None:
        """See the port."""

    def built(self, *, succeeded: bool, seconds: float) -> None:
        """See the port."""

    def variables(self, key: AttemptKey) -> Mapping[str, str]:  # noqa: ARG002 - the port's signature
        """See the port."""
        return {}


NO_TELEMETRY: Final[Telemetry] = NoTelemetry()
