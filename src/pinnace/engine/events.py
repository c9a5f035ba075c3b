"""What has happened in a run: the facts of its history. Folding them with ``state.apply`` gives the run's state.

Events are kept for ever. A field may be added with a default; nothing else may change in a class of this module
(``codec`` and ``tests/replay`` hold it to that). Nodes' events of one kind carry all that readers need, so that a
history can be told in words without the pipeline.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from pinnace.domain.artifacts import Artifact
from pinnace.domain.ids import NodeId
from pinnace.domain.states import RunState
from pinnace.domain.tasks import NodeBinding, TaskFailure
from pinnace.domain.values import Instant, JsonValue


@dataclass(frozen=True, slots=True)
class RunCreated:
    """The run was submitted. ``parameters`` are the user's, without defaults; caching False forbids the cache."""

    at: Instant
    parameters: Mapping[str, JsonValue] = field(default_factory=dict)
    caching: bool | None = None


@dataclass(frozen=True, slots=True)
class RunStarted:
    """The engine took the run up. ``deadline`` is when the run must have ended."""

    at: Instant
    deadline: Instant | None = None


@dataclass(frozen=True, slots=True)
class DagOpened:
    """A DAG node (the root too) began: its tasks exist now and those that wait for nothing may start."""

    at: Instant
    node: NodeId
    inputs: NodeBinding


@dataclass(frozen=True, slots=True)
class LoopOpened:
    """A loop node began: one iteration an item. ``inputs`` still hold the items."""

    at: Instant
    node: NodeId
    inputs: NodeBinding
    items: tuple[JsonValue, ...]


@dataclass(frozen=True, slots=True)
class IterationOpened:
    """Iteration ``index`` of a loop may start."""

    at: Instant
    loop: NodeId
    index: int


@dataclass(frozen=True, slots=True)
class CacheLookupStarted:
    """A task's inputs are known, and the cache is asked before attempt ``attempt``."""

    at: Instant
    node: NodeId
    attempt: int
    inputs: NodeBinding


@dataclass(frozen=True, slots=True)
class CacheMissed:
    """The cache had nothing. A success will be stored under ``fingerprint``, unless that is ""."""

    at: Instant
    node: NodeId
    attempt: int
    fingerprint: str = ""
    parts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CacheHit:
    """The task succeeded with the outputs of an earlier one. ``artifacts`` are those that ``outputs`` refers to."""

    at: Instant
    node: NodeId
    attempt: int
    fingerprint: str
    outputs: NodeBinding
    artifacts: tuple[Artifact, ...] = ()
    parts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AttemptScheduled:
    """An attempt goes to the executor (an importer's, to the importer)."""

    at: Instant
    node: NodeId
    attempt: int
    inputs: NodeBinding


@dataclass(frozen=True, slots=True)
class AttemptHeld:
    """The executor has the attempt and cannot begin it yet; ``reason`` says for what it waits, in a sentence."""

    at: Instant
    node: NodeId
    attempt: int
    reason: str


@dataclass(frozen=True, slots=True)
class AttemptStarted:
    """The attempt's command has begun."""

    at: Instant
    node: NodeId
    attempt: int


@dataclass(frozen=True, slots=True)
class AttemptSucceeded:
    """The attempt, and with it its node, succeeded."""

    at: Instant
    node: NodeId
    attempt: int
    outputs: NodeBinding
    artifacts: tuple[Artifact, ...] = ()


@dataclass(frozen=True, slots=True)
class AttemptFailed:
    """The attempt failed; what becomes of the node is the next event."""

    at: Instant
    node: NodeId
    attempt: int
    failure: TaskFailure


@dataclass(frozen=True, slots=True)
class AttemptLost:
    """Nothing is left of the attempt and it gave no result."""

    at: Instant
    node: NodeId
    attempt: int
    failure: TaskFailure


@dataclass(frozen=True, slots=True)
class AttemptInterrupted:
    """The server ended the attempt because it was shutting down."""

    at: Instant
    node: NodeId
    attempt: int


@dataclass(frozen=True, slots=True)
class AttemptCanceled:
    """The attempt was ended because the run is being stopped."""

    at: Instant
    node: NodeId
    attempt: int


@dataclass(frozen=True, slots=True)
class BackoffStarted:
    """The node (a task or a DAG) will try again at ``until``; ``attempt`` is the one that failed."""

    at: Instant
    node: NodeId
    attempt: int
    until: Instant


@dataclass(frozen=True, slots=True)
class DagRetried:
    """A failed DAG tries again: what did not succeed inside is as if it had never run."""

    at: Instant
    node: NodeId


@dataclass(frozen=True, slots=True)
class CancelRequested:
    """The attempt is to be ended."""

    at: Instant
    node: NodeId
    attempt: int


@dataclass(frozen=True, slots=True)
class NodeSucceeded:
    """A DAG or a loop succeeded."""

    at: Instant
    node: NodeId
    outputs: NodeBinding


@dataclass(frozen=True, slots=True)
class NodeFailed:
    """The node failed for good."""

    at: Instant
    node: NodeId
    failure: TaskFailure


@dataclass(frozen=True, slots=True)
class NodeSkipped:
    """The node will not run; ``reason`` says why in a sentence."""

    at: Instant
    node: NodeId
    reason: str


@dataclass(frozen=True, slots=True)
class NodeCanceled:
    """The node will not run, or not go on, because the run is being stopped."""

    at: Instant
    node: NodeId


@dataclass(frozen=True, slots=True)
class StopRequested:
    """The run is being stopped. ``reason`` names who or what did it; ``forced`` stops exit tasks too.

    ``deadline`` tells the run's own deadline from a person: such a run FAILED, and was not CANCELED.
    """

    at: Instant
    reason: str
    forced: bool = False
    deadline: bool = False


@dataclass(frozen=True, slots=True)
class RunRetried:
    """What did not succeed runs again; what succeeded stays."""

    at: Instant
    by: str
    deadline: Instant | None = None


@dataclass(frozen=True, slots=True)
class RunFinished:
    """The run ended."""

    at: Instant
    state: RunState
    failure: TaskFailure | None = None


Event: TypeAlias = (
    RunCreated
    | RunStarted
    | DagOpened
    | LoopOpened
    | IterationOpened
    | CacheLookupStarted
    | CacheMissed
    | CacheHit
    | AttemptScheduled
    | AttemptHeld
    | AttemptStarted
    | AttemptSucceeded
    | AttemptFailed
    | AttemptLost
    | AttemptInterrupted
    | AttemptCanceled
    | BackoffStarted
    | DagRetried
    | CancelRequested
    | NodeSucceeded
    | NodeFailed
    | NodeSkipped
    | NodeCanceled
    | StopRequested
    | RunRetried
    | RunFinished
)
