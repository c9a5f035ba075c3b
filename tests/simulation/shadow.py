"""The simulator's own picture of a run, made from its events alone."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tests.simulation.channels import upstream
from tests.simulation.scenario import Outcome, Scenario

from pinnace.domain.ids import ROOT, NodeId, child_node, iteration_node
from pinnace.domain.states import AttemptOutcome, NodePhase, RunState
from pinnace.domain.tasks import TaskFailure
from pinnace.domain.values import JsonValue
from pinnace.ir.model import Component, Dag, FinalStatus, Importer, Pipeline, RetryPolicy, Task, TriggerStrategy


@dataclass(slots=True)
class ShadowAttempt:
    """An attempt as its events tell it."""

    number: int
    scheduled: int
    started: int | None = None
    ended: int | None = None
    outcome: AttemptOutcome | None = None
    failure: TaskFailure | None = None


@dataclass(slots=True)
class ShadowNode:
    """A node as its events tell it. A *life* begins with the run, and again with every retry that resets the node.

    Attributes:
        began: Batch of the history in which it began in this life, or None.
        ended: Batch in which it ended in this life.
        retries: Retries used in this life.
        lost: Attempts lost in a row.
        ahead: What the last attempt's end calls for: an event must follow in the same batch.
        first_failure: Of a group: the batch in which a child failed first, in this life of the group.
        tries_again: It is a group that began before and was reset by its own retry.
        kept: It succeeded before a retry around it, and was spared.
        items_kept: Of a loop: whether ``items`` are those of an earlier life.
    """

    id: NodeId
    parent: NodeId | None
    task: Task | None
    component: Component
    is_loop: bool = False
    index: int | None = None
    caching: bool = True
    shielded: bool = False
    rescued: bool = False
    phase: NodePhase = NodePhase.WAITING
    began: int | None = None
    ended: int | None = None
    retries: int = 0
    lost: int = 0
    attempt: int = 0
    ahead: str = ""
    first_start: int | None = None
    until: int | None = None
    first_failure: int | None = None
    first_failed: NodeId | None = None
    canceled_in_backoff: bool = False
    missed: bool = False
    inputs: Outcome = field(default_factory=Outcome)
    outputs: Outcome = field(default_factory=Outcome)
    kept: bool = False
    tries_again: bool = False
    children: list[NodeId] = field(default_factory=list)
    opened: set[int] = field(default_factory=set)
    items: tuple[JsonValue, ...] | None = None
    items_kept: bool = False
    attempts: list[ShadowAttempt] = field(default_factory=list)
    history: list[tuple[int, NodePhase]] = field(default_factory=list)
    cached: bool = False
    fingerprint: str = ""
    parts: Mapping[str, str] = field(default_factory=dict)
    failure: TaskFailure | None = None
    reason: str = ""
    ended_at: int | None = None

    def iteration(self, index: int) -> NodeId:
        """The node of an iteration of this loop."""
        return iteration_node(self.id, index)

    @property
    def is_group(self) -> bool:
        """Whether it has children instead of attempts."""
        return self.is_loop or isinstance(self.component.implementation, Dag)

    @property
    def is_importer(self) -> bool:
        """Whether it takes a file in."""
        return isinstance(self.component.implementation, Importer)


@dataclass(slots=True)
class Shadow:
    """The run as its events tell it.

    Attributes:
        count: Events so far.
        batch: Number of the append that is being looked at.
        epoch: How often the run was retried.
    """

    scenario: Scenario
    nodes: dict[NodeId, ShadowNode] = field(default_factory=dict)
    state: RunState = RunState.PENDING
    started: bool = False
    batch: int = 0
    epoch: int = 0
    stop_batch: int | None = None
    stop_forced: bool = False
    stop_by_deadline: bool = False
    deadline: int | None = None
    finished_at: int | None = None
    failure: TaskFailure | None = None
    created_at: int = 0
    count: int = 0
    ever_stopped: bool = False
    ever_failed: bool = False
    ever_reset: bool = False

    @property
    def pipeline(self) -> Pipeline:
        """The pipeline that runs."""
        return self.scenario.pipeline

    def add_root(self, caching: bool | None) -> None:
        """The run was created."""
        self.nodes[ROOT] = ShadowNode(ROOT, None, None, self.pipeline.root, caching=caching is not False)

    def add_children(self, group: ShadowNode) -> None:
        """A DAG opened: its tasks exist."""
        dag = group.component.implementation
        assert isinstance(dag, Dag)
        rescued = rescued_tasks(dag)
        group.children = [child_node(group.id, key) for key in dag.tasks]
        for node, task in zip(group.children, dag.tasks.values(), strict=True):
            if node not in self.nodes:
                self.nodes[node] = ShadowNode(
                    node,
                    group.id,
                    task,
                    self.pipeline.components[task.component],
                    is_loop=task.iterator is not None,
                    caching=allows_cache(group),
                    shielded=group.shielded or is_exit_task(dag, task),
                    rescued=task.key in rescued,
                )

    def add_iteration(self, loop: ShadowNode, index: int) -> ShadowNode:
        """An iteration opened."""
        node = iteration_node(loop.id, index)
        if node not in self.nodes:
            self.nodes[node] = ShadowNode(
                node, loop.id, None, loop.component, index=index, caching=allows_cache(loop), shielded=loop.shielded
            )
            loop.children.append(node)
        return self.nodes[node]

    def tree(self, node: ShadowNode) -> Iterator[ShadowNode]:
        """A node and all below it."""
        stack = [node]
        while stack:
            current = stack.pop()
            yield current
            stack.extend(self.nodes[child] for child in current.children)

    def reset(self, node: ShadowNode, at: int) -> None:
        """A retry: what did not succeed below *node* is as if it had never run."""
        self.ever_reset = True
        stack = [node]
        while stack:
            current = stack.pop()
            if current.phase is NodePhase.SUCCEEDED:
                current.kept = True
                continue
            stack.extend(self.nodes[child] for child in current.children)
            if current.phase is not NodePhase.WAITING:
                current.history.append((at, NodePhase.WAITING))
            current.phase = NodePhase.WAITING
            current.began = current.ended = current.first_failure = current.until = None
            current.retries, current.first_start, current.lost = 0, None, 0
            current.opened.clear()
            current.outputs = Outcome()
            current.first_failed = None
            current.failure, current.reason, current.ended_at = None, "", None
            current.canceled_in_backoff = current.missed = current.tries_again = False
            current.items_kept = current.items is not None

    def must_stop(self, node: ShadowNode) -> bool:
        """Whether the run is being stopped, and the node with it."""
        return self.stop_batch is not None and (self.stop_forced or not node.shielded)

    def upstream(self, node: ShadowNode) -> list[ShadowNode]:
        """The nodes that a node waits for."""
        if node.task is None or node.parent is None:
            return []
        return [self.nodes[child_node(node.parent, key)] for key in sorted(upstream(node.task))]

    def policy(self, node: ShadowNode) -> RetryPolicy | None:
        """The retry policy that counts for a node. That of a loop's task holds for each iteration, not for the loop."""
        if node.is_loop:
            return None
        holder = self.nodes[node.parent] if node.index is not None and node.parent is not None else node
        return holder.task.retry if holder.task is not None else None


def allows_cache(group: ShadowNode) -> bool:
    """Whether what is inside a group may use the cache."""
    caching = group.task.caching if group.task is not None else None
    return group.caching and (caching is None or caching.enabled)


def rescued_tasks(dag: Dag) -> set[str]:
    """Tasks that may begin although another task of their DAG failed."""
    found = {key for key, task in dag.tasks.items() if task.strategy is TriggerStrategy.COMPLETED}
    while True:
        more = {key for key, task in dag.tasks.items() if key not in found and upstream(task) & found}
        if not more:
            return found
        found |= more


def is_exit_task(dag: Dag, task: Task) -> bool:
    """Whether a task of the root runs although the run is being stopped."""
    takes_status = any(isinstance(binding.source, FinalStatus) for binding in task.inputs.parameters.values())
    behind = any(dag.tasks[key].component.startswith("comp-exit-handler-") for key in upstream(task))
    return task.strategy is TriggerStrategy.COMPLETED and (takes_status or behind)


def outcome_of(parameters: Mapping[str, JsonValue], artifacts: Mapping[str, tuple[str, ...]]) -> Outcome:
    """A binding of the engine in the simulator's form."""
    return Outcome(dict(parameters), {name: tuple(ids) for name, ids in artifacts.items()})
