"""What a run's state consists of. Only ``state.apply`` writes here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pinnace.domain.artifacts import Artifact
from pinnace.domain.ids import ROOT, ArtifactId, NodeId, RunId, child_node, iteration_node
from pinnace.domain.states import NodePhase, RunState
from pinnace.domain.tasks import AttemptRecord, NodeBinding, TaskFailure
from pinnace.domain.values import Instant, JsonValue
from pinnace.engine.plan import NodeKind, Plan, PlanTask


@dataclass(slots=True)
class Node:
    """A node of a run.

    Attributes:
        caching: Whether the DAGs around it, and the run, allow the cache.
        shielded: Whether it runs on while the run is being stopped: it is, or belongs to, an exit task.
        reason: Why it was skipped, or what its attempt waits for.
        waiting_on: Tasks that it depends on and that have not ended.
        attempt: Number of the last attempt, 0 for none. A group counts how often it was opened.
        retries: How many retries of its policy it has used.
        losses: How often in a row an attempt was lost.
        unfinished: Of a DAG: children that have not ended. Of a loop: iterations that were opened and have not ended.
        failed: Children that failed; the first of them is ``first_failed``.
        canceled: Children that were canceled.
        items: Of a loop: what it iterates over, once it was opened.
        next_index: Of a loop: the iteration that opens next; the number of items where none is left to open.
        filling: Of a loop: whether fewer iterations have opened yet than may run at a time.
    """

    id: NodeId
    parent: NodeId | None
    place: PlanTask
    kind: NodeKind
    created_at: Instant
    index: int | None = None
    caching: bool = True
    shielded: bool = False
    phase: NodePhase = NodePhase.WAITING
    waiting_on: int = 0
    inputs: NodeBinding = NodeBinding()
    outputs: NodeBinding = NodeBinding()
    failure: TaskFailure | None = None
    reason: str = ""
    cached: bool = False
    fingerprint: str = ""
    fingerprint_parts: Mapping[str, str] = field(default_factory=dict)
    attempt: int = 0
    retries: int = 0
    losses: int = 0
    first_started_at: Instant | None = None
    ended_at: Instant | None = None
    until: Instant | None = None
    attempts: list[AttemptRecord] = field(default_factory=list)
    history: list[tuple[Instant, NodePhase]] = field(default_factory=list)
    unfinished: int = 0
    failed: int = 0
    canceled: int = 0
    first_failed: NodeId | None = None
    items: tuple[JsonValue, ...] | None = None
    next_index: int = 0
    filling: bool = False


@dataclass(slots=True)
class Stop:
    """Why the run is being stopped, whether exit tasks are stopped too, and whether the run's deadline did it."""

    reason: str
    forced: bool
    deadline: bool


@dataclass(slots=True)
class RunSnapshot:
    """The state of a run: what folding its history gives.

    Attributes:
        epoch: How often the run was retried.
        sequence: Events folded so far.
        unopened: Iterations of open loops that have not opened yet.
        changed: Nodes that changed since the shell last looked; not part of the state.
    """

    run: RunId
    state: RunState = RunState.PENDING
    parameters: Mapping[str, JsonValue] = field(default_factory=dict)
    caching: bool = True
    created_at: Instant = Instant(0)
    started: bool = False
    deadline: Instant | None = None
    finished_at: Instant | None = None
    failure: TaskFailure | None = None
    stop: Stop | None = None
    epoch: int = 0
    sequence: int = 0
    unopened: int = 0
    nodes: dict[NodeId, Node] = field(default_factory=dict)
    artifacts: dict[ArtifactId, Artifact] = field(default_factory=dict)
    changed: dict[NodeId, None] = field(default_factory=dict, compare=False)

    @property
    def root(self) -> Node:
        """The node of the whole pipeline. It exists once the run was created."""
        return self.nodes[ROOT]

    def must_stop(self, node: Node) -> bool:
        """Whether *node* may not begin or go on because the run is being stopped."""
        return self.stop is not None and (self.stop.forced or not node.shielded)


def width(loop: Node) -> int:
    """How many iterations of an open loop may run at a time."""
    assert loop.place.task.iterator is not None
    assert loop.items is not None
    return loop.place.task.iterator.parallelism or max(1, len(loop.items))


def opens_all(loop: Node) -> bool:
    """Whether all iterations of an open loop may run at a time, so that no failure keeps one of them from opening."""
    return loop.items is not None and width(loop) >= len(loop.items)


def succeeded(state: RunSnapshot, loop: Node, index: int) -> bool:
    """Whether an iteration of *loop* has succeeded, now or before a retry."""
    iteration = state.nodes.get(iteration_node(loop.id, index))
    return iteration is not None and iteration.phase is NodePhase.SUCCEEDED


def children(plan: Plan, state: RunSnapshot, node: Node) -> Iterable[Node]:
    """The nodes directly inside *node*, as far as they exist."""
    if node.kind is NodeKind.DAG:
        ids = (child_node(node.id, key) for key in plan.tasks_of(node.place.component))
    else:
        ids = (iteration_node(node.id, index) for index in range(len(node.items or ())))
    return (state.nodes[child] for child in ids if child in state.nodes)
