"""Rules that hold for every node, whatever event moves it."""

from typing import Any, Final

from tests.simulation.scenario import Scenario
from tests.simulation.shadow import Shadow, ShadowNode, outcome_of

from pinnace.domain.states import NODE_TRANSITIONS, AttemptOutcome, NodePhase
from pinnace.domain.tasks import NodeBinding
from pinnace.domain.values import SECOND
from pinnace.ir.model import Caching, TriggerStrategy

_RUNNING: Final = frozenset({NodePhase.LAUNCHED, NodePhase.RUNNING})


class Violation(Exception):
    """A rule was broken. The text says which, where."""


def require(holds: bool, text: str, *where: object) -> None:
    """Raise Violation unless *holds*."""
    if not holds:
        raise Violation(" ".join((text, *map(str, where))))


class Watch:
    """The shadow of a run, and the rules that its nodes share."""

    def __init__(self, scenario: Scenario) -> None:
        self.shadow = Shadow(scenario)
        self.waiting: set[str] = set()

    def node(self, event: Any) -> ShadowNode:
        """The node of an event."""
        found = self.shadow.nodes.get(event.node)
        require(found is not None, "an event for a node that does not exist:", event)
        assert found is not None
        return found

    def _begin(self, node: ShadowNode, phase: NodePhase, inputs: NodeBinding, at: int) -> None:
        """A node begins its life. Everything that it needs must be there."""
        shadow = self.shadow
        require(not shadow.state.is_terminal, "a node began after the run ended:", node.id)
        require(not shadow.must_stop(node), "a node began while the run is being stopped:", node.id)
        self._check_held_back(node)
        self._enter(node, phase, at)
        node.began = shadow.batch
        node.attempt += node.is_group
        node.inputs = outcome_of(inputs.parameters, inputs.artifacts)
        if node.first_start is None:
            node.first_start = at

    def _check_held_back(self, node: ShadowNode) -> None:
        """Object if a node does anything of its own accord before what it waits for has ended, or in a failing DAG."""
        shadow = self.shadow
        if node.parent is None:
            return
        parent = shadow.nodes[node.parent]
        require(parent.phase is NodePhase.OPEN, "a node began in a group that is not open:", node.id)
        for other in shadow.upstream(node):
            require(other.phase.is_terminal, "a node began before", other.id, "ended:", node.id)
            if node.task is not None and node.task.strategy is TriggerStrategy.SUCCEEDED:
                require(other.phase is NodePhase.SUCCEEDED, "a node began although", other.id, other.phase, node.id)
        if node.index is None and not node.rescued and not node.tries_again:
            require(parent.first_failure in {None, shadow.batch}, "a node began although its DAG was failing:", node.id)

    def _uses_cache(self, node: ShadowNode) -> bool:
        caching = self._caching(node)
        return not node.is_group and not node.is_importer and node.caching and caching is not None and caching.enabled

    def _caching(self, node: ShadowNode) -> Caching | None:
        holder = node if node.index is None or node.parent is None else self.shadow.nodes[node.parent]
        return holder.task.caching if holder.task is not None else None

    def _new_attempt(self, node: ShadowNode, attempt: int) -> None:
        require(attempt == node.attempt + 1, "attempt numbers go up one by one:", node.id, node.attempt, attempt)
        node.attempt = attempt

    def _succeed(self, node: ShadowNode, outputs: NodeBinding, at: int) -> None:
        self._end(node, NodePhase.SUCCEEDED, at)
        node.outputs = outcome_of(outputs.parameters, outputs.artifacts)

    def _of_attempt(self, event: Any, outcome: AttemptOutcome) -> ShadowNode:
        node = self.node(event)
        underway = node.phase in _RUNNING or node.phase is NodePhase.CANCELING
        require(underway and not node.ahead, "an attempt ended that was not under way:", event)
        require(event.attempt == node.attempt, "an older attempt ended:", event)
        last = node.attempts[-1]
        node.reason = ""
        last.ended, last.outcome, last.failure = event.at, outcome, getattr(event, "failure", None)
        return node

    def _ahead(self, node: ShadowNode, what: str) -> None:
        node.ahead = what
        self.waiting.add(node.id)

    def _settle(self, node: ShadowNode) -> str:
        self.waiting.discard(node.id)
        what, node.ahead = node.ahead, ""
        return what

    def _retry_at(self, node: ShadowNode, at: int) -> int | None:
        """When a node that failed now is to be tried again, or None."""
        policy = self.shadow.policy(node)
        if policy is None or node.retries >= policy.max_retries or self.shadow.must_stop(node):
            return None
        wait = policy.backoff_seconds
        for _ in range(node.retries):
            wait *= policy.factor
        until = at + round(wait * SECOND)
        assert node.first_start is not None
        too_late = until > node.first_start + round(policy.max_seconds * SECOND)
        return None if wait and too_late else until

    def _children_phases(self, node: ShadowNode) -> set[NodePhase]:
        nodes = self.shadow.nodes
        if node.is_loop:
            kept = [c for c in node.children if nodes[c].phase is NodePhase.SUCCEEDED]
            return {nodes[child].phase for child in (*kept, *(node.iteration(i) for i in node.opened))}
        return {nodes[child].phase for child in node.children}

    def _check_children_ended(self, node: ShadowNode) -> None:
        require(node.phase is NodePhase.OPEN, "a group ended that was not open:", node.id)
        require(all(phase.is_terminal for phase in self._children_phases(node)), "a group ended early:", node.id)

    def _complete(self, node: ShadowNode) -> bool:
        """Whether every iteration of a loop has begun."""
        done = {n.index for n in (self.shadow.nodes[c] for c in node.children) if n.phase is NodePhase.SUCCEEDED}
        return not node.is_loop or set(range(len(node.items or ()))) <= node.opened | done

    def _end(self, node: ShadowNode, phase: NodePhase, at: int) -> None:
        self._enter(node, phase, at)
        node.ended_at = at
        node.ended = self.shadow.batch
        if phase is NodePhase.FAILED and node.parent is not None:
            parent = self.shadow.nodes[node.parent]
            if parent.first_failure is None:
                parent.first_failure = self.shadow.batch
                parent.first_failed = node.id

    def _enter(self, node: ShadowNode, phase: NodePhase, at: int) -> None:
        require(phase in NODE_TRANSITIONS[node.phase], node.id, "went from", node.phase, "to", phase)
        node.phase = phase
        node.history.append((at, phase))
