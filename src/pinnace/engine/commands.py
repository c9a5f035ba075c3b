"""What a run wants done outside. Each command is idempotent, and is issued again after a crash until it is answered."""

from dataclasses import dataclass
from typing import TypeAlias

from pinnace.domain.ids import NodeId
from pinnace.domain.tasks import NodeBinding
from pinnace.domain.values import Instant


@dataclass(frozen=True, slots=True)
class LookupCache:
    """Find an earlier result. Answer: CacheAnswered."""

    node: NodeId
    attempt: int
    inputs: NodeBinding


@dataclass(frozen=True, slots=True)
class LaunchTask:
    """Run a container task. Answers: AttemptBegan, AttemptFinished."""

    node: NodeId
    attempt: int
    inputs: NodeBinding


@dataclass(frozen=True, slots=True)
class ImportArtifact:
    """Take a file into the run. Answer: AttemptFinished."""

    node: NodeId
    attempt: int
    inputs: NodeBinding


@dataclass(frozen=True, slots=True)
class CancelAttempt:
    """End an attempt. Answer: AttemptFinished."""

    node: NodeId
    attempt: int


@dataclass(frozen=True, slots=True)
class StartBackoff:
    """Answer with BackoffElapsed at that time."""

    node: NodeId
    attempt: int
    at: Instant


@dataclass(frozen=True, slots=True)
class StartDeadline:
    """Answer with DeadlineReached at that time, if the run has not ended before."""

    epoch: int
    at: Instant


@dataclass(frozen=True, slots=True)
class GoOnOpening:
    """Answer with OpenMore at once, behind what else waits: a large loop opens in slices."""

    node: NodeId


Command: TypeAlias = (
    LookupCache | LaunchTask | ImportArtifact | CancelAttempt | StartBackoff | StartDeadline | GoOnOpening
)
