"""What reaches a run from outside. A signal that comes late, twice or out of order changes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from pinnace.domain.artifacts import Artifact
from pinnace.domain.ids import NodeId
from pinnace.domain.states import AttemptOutcome
from pinnace.domain.tasks import NodeBinding, TaskFailure


@dataclass(frozen=True, slots=True)
class StartRun:
    """Begin a run that was created."""


@dataclass(frozen=True, slots=True)
class CacheAnswered:
    """Answer to LookupCache.

    Attributes:
        fingerprint: The key that was looked up, and is to be stored under if the task succeeds; "" for neither.
        outputs: What an earlier task left, or None for a miss.
        artifacts: The artifacts that ``outputs`` refers to.
        parts: What the fingerprint was made from.
    """

    node: NodeId
    attempt: int
    fingerprint: str = ""
    outputs: NodeBinding | None = None
    artifacts: tuple[Artifact, ...] = ()
    parts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AttemptWaits:
    """The executor cannot begin the attempt yet; ``reason`` says for what it waits, in a sentence."""

    node: NodeId
    attempt: int
    reason: str


@dataclass(frozen=True, slots=True)
class AttemptBegan:
    """The attempt's command has begun."""

    node: NodeId
    attempt: int


@dataclass(frozen=True, slots=True)
class AttemptFinished:
    """The attempt is over and nothing of it runs any more. Importers answer with this too.

    ``outputs`` and ``artifacts`` count only with SUCCEEDED.
    """

    node: NodeId
    attempt: int
    outcome: AttemptOutcome
    outputs: NodeBinding = NodeBinding()
    artifacts: tuple[Artifact, ...] = ()
    failure: TaskFailure | None = None


@dataclass(frozen=True, slots=True)
class BackoffElapsed:
    """The time before the next attempt has passed."""

    node: NodeId
    attempt: int


@dataclass(frozen=True, slots=True)
class OpenMore:
    """It is the turn of the next iterations of a loop."""

    node: NodeId


@dataclass(frozen=True, slots=True)
class DeadlineReached:
    """The run's own deadline has passed. ``epoch`` counts the retries of the run that were there when it was set."""

    epoch: int


@dataclass(frozen=True, slots=True)
class Terminate:
    """Somebody stops the run. Exit tasks still run; a second request stops them too."""

    by: str


@dataclass(frozen=True, slots=True)
class RetryRun:
    """Somebody wants what did not succeed to run again."""

    by: str


Signal: TypeAlias = (
    StartRun
    | CacheAnswered
    | AttemptWaits
    | AttemptBegan
    | AttemptFinished
    | BackoffElapsed
    | OpenMore
    | DeadlineReached
    | Terminate
    | RetryRun
)
