"""Which task made an artifact, which handed it on, and which used it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pinnace.domain.artifacts import StoredArtifact
from pinnace.domain.ids import ArtifactId, NodeId, RunId
from pinnace.domain.states import NodePhase
from pinnace.domain.tasks import TaskRecord
from pinnace.domain.values import Instant


class LinkDirection(StrEnum):
    """Whether a task took an artifact in or gave it out."""

    INPUT = "INPUT"
    OUTPUT = "OUTPUT"


class LinkRole(StrEnum):
    """What a task had to do with an artifact."""

    PRODUCED = "PRODUCED"
    """It gave it out after it had run: it made it, or imported it."""
    REUSED = "REUSED"
    """A cache hit gave it out: an earlier task had made it."""
    EXPOSED = "EXPOSED"
    """A DAG or a loop gave out what a task inside had given out."""
    USED = "USED"
    """It took it in."""
    PASSED = "PASSED"
    """A DAG or a loop took it in for the tasks inside."""


MAKING: Final = (LinkRole.PRODUCED, LinkRole.REUSED)
"""Of tasks that gave an artifact out, without the groups around them."""

OWN: Final = (*MAKING, LinkRole.USED)
"""Of tasks themselves, without the groups around them."""

_GROUPS: Final = frozenset({"DAG", "LOOP"})


def role_of(task: TaskRecord, direction: LinkDirection) -> LinkRole:
    """The role of a task towards its inputs, or its outputs."""
    if direction is LinkDirection.INPUT:
        return LinkRole.PASSED if task.kind in _GROUPS else LinkRole.USED
    if task.kind in _GROUPS:
        return LinkRole.EXPOSED
    return LinkRole.REUSED if task.cached else LinkRole.PRODUCED


@dataclass(frozen=True, slots=True)
class Link:
    """One artifact that a node took in or gave out, under *key*, at place *index* of a list.

    ``created_at`` is the node's.
    """

    artifact: ArtifactId
    run: RunId
    node: NodeId
    direction: LinkDirection
    role: LinkRole
    key: str
    index: int
    created_at: Instant


@dataclass(frozen=True, slots=True)
class LinkQuery:
    """Which links to list: all that is given must hold. They are in the order of run, node, direction, key and index.

    Attributes:
        tasks: ``task_id``s of nodes.
        groups: Whether links of DAGs and loops are listed too.
        token: Opaque; where the page starts.
    """

    runs: tuple[RunId, ...] = ()
    tasks: tuple[str, ...] = ()
    artifacts: tuple[ArtifactId, ...] = ()
    direction: LinkDirection | None = None
    groups: bool = False
    descending: bool = False
    size: int = 20
    token: str = ""


@dataclass(frozen=True, slots=True)
class TaskBrief:
    """A node of a run in a few words, without what it took in and gave out."""

    task_id: str
    run: RunId
    run_name: str
    node: NodeId
    name: str
    display_name: str
    kind: str
    phase: NodePhase
    cached: bool
    created_at: Instant
    index: int | None = None
    started_at: Instant | None = None
    ended_at: Instant | None = None


@dataclass(frozen=True, slots=True)
class Graph:
    """Artifacts and tasks with the links between them. ``truncated`` tells that there is more than is shown."""

    artifacts: Sequence[StoredArtifact]
    tasks: Sequence[TaskBrief]
    links: Sequence[Link]
    truncated: bool
