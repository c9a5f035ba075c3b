"""Folding a run's history into its state: ``apply`` takes one event in time that does not grow with the run.

``apply`` never decides. It trusts the history, and checks only that phases move along ``NODE_TRANSITIONS``: a history
that breaks them is a bug, and is better met here than later.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, Final

from pinnace.domain.artifacts import Artifact
from pinnace.domain.ids import ROOT, RunId, child_node, iteration_node
from pinnace.domain.states import NODE_TRANSITIONS, RUN_TRANSITIONS, AttemptOutcome, NodePhase, RunState
from pinnace.domain.tasks import AttemptRecord, NodeBinding, TaskFailure
from pinnace.domain.values import Instant
from pinnace.engine import events as ev
from pinnace.engine.nodes import Node, RunSnapshot, Stop, children, succeeded, width
from pinnace.engine.plan import NodeKind, Plan, PlanTask


class BrokenHistory(Exception):
    """An event does not fit the state that the events before it gave."""


def apply(plan: Plan, state: RunSnapshot, event: ev.Event) -> None:
    """Take *event* into *state*. Raises BrokenHistory where it does not fit."""
    _APPLY[type(event)](plan, state, event)
    state.sequence += 1


def replay(plan: Plan, run: RunId, events: Iterable[ev.Event]) -> RunSnapshot:
    """The state that a history gives."""
    state = RunSnapshot(run)
    for event in events:
        apply(plan, state, event)
    return state


# The run


def _run_created(plan: Plan, state: RunSnapshot, event: ev.RunCreated) -> None:
    state.parameters = event.parameters
    state.caching = event.caching is not False
    state.created_at = event.at
    _add(state, Node(ROOT, None, plan.root, NodeKind.DAG, event.at, caching=state.caching))


def _run_started(_: Plan, state: RunSnapshot, event: ev.RunStarted) -> None:
    _enter_run(state, RunState.RUNNING)
    state.started = True
    state.deadline = event.deadline


def _stop_requested(_: Plan, state: RunSnapshot, event: ev.StopRequested) -> None:
    if state.stop is None:
        _enter_run(state, RunState.CANCELING)
        state.stop = Stop(event.reason, event.forced, event.deadline)
    else:
        state.stop.forced = event.forced


def _run_finished(_: Plan, state: RunSnapshot, event: ev.RunFinished) -> None:
    _enter_run(state, event.state)
    state.finished_at = event.at
    state.failure = event.failure


def _run_retried(plan: Plan, state: RunSnapshot, event: ev.RunRetried) -> None:
    _enter_run(state, RunState.RUNNING)
    state.epoch += 1
    state.started = True
    state.stop = None
    state.finished_at = None
    state.failure = None
    state.deadline = event.deadline
    _reset(plan, state, state.root, event.at)


def _enter_run(state: RunSnapshot, target: RunState) -> None:
    if target not in RUN_TRANSITIONS[state.state]:
        raise BrokenHistory(f"a run cannot go from {state.state} to {target}")
    state.state = target


# Groups


def _dag_opened(plan: Plan, state: RunSnapshot, event: ev.DagOpened) -> None:
    node = state.nodes[event.node]
    _open(state, node, event.at, event.inputs)
    tasks = plan.tasks_of(node.place.component)
    children = {key: _child(state, node, place, event.at) for key, place in tasks.items()}
    for key, place in tasks.items():
        children[key].waiting_on = sum(not children[other].phase.is_terminal for other in place.depends_on)
    node.unfinished = sum(not child.phase.is_terminal for child in children.values())


def _child(state: RunSnapshot, parent: Node, place: PlanTask, at: Instant) -> Node:
    """The child of *parent* at *place*: made now, or kept from before a retry."""
    node_id = child_node(parent.id, place.task.key)
    if node_id not in state.nodes:
        kind = NodeKind.LOOP if place.task.iterator is not None else place.body
        shielded = parent.shielded or place.is_exit
        caching = _allows_cache(parent)
        _add(state, Node(node_id, parent.id, place, kind, at, caching=caching, shielded=shielded))
    return state.nodes[node_id]


def _allows_cache(group: Node) -> bool:
    caching = group.place.task.caching
    return group.caching and (caching is None or caching.enabled)


def _loop_opened(_: Plan, state: RunSnapshot, event: ev.LoopOpened) -> None:
    node = state.nodes[event.node]
    _open(state, node, event.at, event.inputs)
    node.items = event.items
    node.unfinished = 0  # Iterations that a retry left waiting, and that did not open again, have counted down.
    node.next_index = _first_to_open(state, node, 0)
    node.filling = node.next_index < len(node.items)
    state.unopened += len(node.items) - node.next_index


def _open(state: RunSnapshot, node: Node, at: Instant, inputs: NodeBinding) -> None:
    _enter(state, node, NodePhase.OPEN, at)
    node.inputs = inputs
    node.attempt += 1
    node.failed = node.canceled = 0
    if node.first_started_at is None:
        node.first_started_at = at


def _iteration_opened(_: Plan, state: RunSnapshot, event: ev.IterationOpened) -> None:
    loop = state.nodes[event.loop]
    node_id = iteration_node(loop.id, event.index)
    if node_id not in state.nodes:
        node = Node(node_id, loop.id, loop.place, loop.place.body, event.at, index=event.index)
        node.caching, node.shielded = loop.caching, loop.shielded
        _add(state, node)
    loop.unfinished += 1
    before, loop.next_index = loop.next_index, _first_to_open(state, loop, event.index + 1)
    state.unopened -= loop.next_index - before
    assert loop.items is not None
    loop.filling = loop.filling and loop.next_index < len(loop.items) and loop.unfinished < width(loop)


def _first_to_open(state: RunSnapshot, loop: Node, start: int) -> int:
    """The first iteration from *start* on that did not succeed before a retry. Each is passed over once."""
    items = loop.items
    assert items is not None
    return next((index for index in range(start, len(items)) if not succeeded(state, loop, index)), len(items))


def _dag_retried(plan: Plan, state: RunSnapshot, event: ev.DagRetried) -> None:
    node = state.nodes[event.node]
    used, started = node.retries, node.first_started_at
    _reset(plan, state, node, event.at)
    node.retries, node.first_started_at = used, started


def _reset(plan: Plan, state: RunSnapshot, node: Node, at: Instant) -> None:
    """Make what did not succeed in the tree of *node* as if it had not run; attempt numbers go on."""
    stack = [node]
    while stack:
        current = stack.pop()
        if current.phase is NodePhase.SUCCEEDED:
            continue
        stack.extend(children(plan, state, current))
        if current.phase is not NodePhase.WAITING:
            _enter(state, current, NodePhase.WAITING, at)
        current.retries = current.losses = 0
        current.first_started_at = current.ended_at = current.until = None
        current.failure = current.first_failed = None
        current.reason = ""
        current.outputs = NodeBinding()


# Attempts


def _cache_lookup_started(_: Plan, state: RunSnapshot, event: ev.CacheLookupStarted) -> None:
    node = state.nodes[event.node]
    _enter(state, node, NodePhase.CACHE_LOOKUP, event.at)
    node.inputs = event.inputs
    node.attempt = event.attempt


def _cache_missed(_: Plan, state: RunSnapshot, event: ev.CacheMissed) -> None:
    node = state.nodes[event.node]
    node.fingerprint = event.fingerprint
    node.fingerprint_parts = event.parts


def _cache_hit(plan: Plan, state: RunSnapshot, event: ev.CacheHit) -> None:
    node = state.nodes[event.node]
    node.fingerprint = event.fingerprint
    node.fingerprint_parts = event.parts
    node.cached = True
    _publish(state, node, event.outputs, event.artifacts)
    _end(plan, state, node, NodePhase.SUCCEEDED, event.at)


def _attempt_scheduled(_: Plan, state: RunSnapshot, event: ev.AttemptScheduled) -> None:
    node = state.nodes[event.node]
    _enter(state, node, NodePhase.LAUNCHED, event.at)
    node.inputs = event.inputs
    node.attempt = event.attempt
    node.until = None
    node.attempts.append(AttemptRecord(event.attempt, event.at))
    if node.first_started_at is None:
        node.first_started_at = event.at


def _attempt_held(_: Plan, state: RunSnapshot, event: ev.AttemptHeld) -> None:
    state.nodes[event.node].reason = event.reason
    state.changed[event.node] = None


def _attempt_started(_: Plan, state: RunSnapshot, event: ev.AttemptStarted) -> None:
    node = state.nodes[event.node]
    _enter(state, node, NodePhase.RUNNING, event.at)
    node.reason = ""
    node.attempts[-1] = replace(node.attempts[-1], started_at=event.at)


def _attempt_succeeded(plan: Plan, state: RunSnapshot, event: ev.AttemptSucceeded) -> None:
    node = state.nodes[event.node]
    _end_attempt(node, event.at, AttemptOutcome.SUCCEEDED)
    _publish(state, node, event.outputs, event.artifacts)
    _end(plan, state, node, NodePhase.SUCCEEDED, event.at)


def _attempt_failed(_: Plan, state: RunSnapshot, event: ev.AttemptFailed) -> None:
    node = state.nodes[event.node]
    node.losses = 0
    _end_attempt(node, event.at, AttemptOutcome.FAILED, event.failure)


def _attempt_lost(_: Plan, state: RunSnapshot, event: ev.AttemptLost) -> None:
    node = state.nodes[event.node]
    node.losses += 1
    _end_attempt(node, event.at, AttemptOutcome.LOST, event.failure)


def _attempt_interrupted(_: Plan, state: RunSnapshot, event: ev.AttemptInterrupted) -> None:
    _end_attempt(state.nodes[event.node], event.at, AttemptOutcome.INTERRUPTED)


def _attempt_canceled(_: Plan, state: RunSnapshot, event: ev.AttemptCanceled) -> None:
    _end_attempt(state.nodes[event.node], event.at, AttemptOutcome.CANCELED)


def _end_attempt(node: Node, at: Instant, outcome: AttemptOutcome, failure: TaskFailure | None = None) -> None:
    node.attempts[-1] = replace(node.attempts[-1], ended_at=at, outcome=outcome, failure=failure)
    node.reason = ""


def _backoff_started(_: Plan, state: RunSnapshot, event: ev.BackoffStarted) -> None:
    node = state.nodes[event.node]
    _enter(state, node, NodePhase.BACKING_OFF, event.at)
    node.retries += 1
    node.until = event.until


def _cancel_requested(_: Plan, state: RunSnapshot, event: ev.CancelRequested) -> None:
    _enter(state, state.nodes[event.node], NodePhase.CANCELING, event.at)


# Ends of nodes


def _node_succeeded(plan: Plan, state: RunSnapshot, event: ev.NodeSucceeded) -> None:
    node = state.nodes[event.node]
    node.outputs = event.outputs
    _end(plan, state, node, NodePhase.SUCCEEDED, event.at)


def _node_failed(plan: Plan, state: RunSnapshot, event: ev.NodeFailed) -> None:
    node = state.nodes[event.node]
    node.failure = event.failure
    _end(plan, state, node, NodePhase.FAILED, event.at)


def _node_skipped(plan: Plan, state: RunSnapshot, event: ev.NodeSkipped) -> None:
    node = state.nodes[event.node]
    node.reason = event.reason
    _end(plan, state, node, NodePhase.SKIPPED, event.at)


def _node_canceled(plan: Plan, state: RunSnapshot, event: ev.NodeCanceled) -> None:
    _end(plan, state, state.nodes[event.node], NodePhase.CANCELED, event.at)


def _publish(state: RunSnapshot, node: Node, outputs: NodeBinding, artifacts: Iterable[Artifact]) -> None:
    node.outputs = outputs
    state.artifacts.update((artifact.id, artifact) for artifact in artifacts)


def _end(plan: Plan, state: RunSnapshot, node: Node, phase: NodePhase, at: Instant) -> None:
    _enter(state, node, phase, at)
    node.ended_at = at
    if node.parent is None:
        return
    parent = state.nodes[node.parent]
    parent.unfinished -= 1
    parent.failed += phase is NodePhase.FAILED
    parent.canceled += phase is NodePhase.CANCELED
    if phase is NodePhase.FAILED and parent.first_failed is None:
        parent.first_failed = node.id
    if node.index is None:
        for key in node.place.dependents:
            state.nodes[child_node(parent.id, key)].waiting_on -= 1


def _add(state: RunSnapshot, node: Node) -> None:
    state.nodes[node.id] = node
    state.changed[node.id] = None


def _enter(state: RunSnapshot, node: Node, phase: NodePhase, at: Instant) -> None:
    if phase not in NODE_TRANSITIONS[node.phase]:
        raise BrokenHistory(f"node {node.id} cannot go from {node.phase} to {phase}")
    if node.phase is NodePhase.OPEN and node.items is not None:
        state.unopened -= len(node.items) - node.next_index
        node.filling = False
    node.phase = phase
    state.changed[node.id] = None
    node.history.append((at, phase))


_APPLY: Final[dict[type, Callable[[Plan, RunSnapshot, Any], None]]] = {
    ev.RunCreated: _run_created,
    ev.RunStarted: _run_started,
    ev.StopRequested: _stop_requested,
    ev.RunFinished: _run_finished,
    ev.RunRetried: _run_retried,
    ev.DagOpened: _dag_opened,
    ev.LoopOpened: _loop_opened,
    ev.IterationOpened: _iteration_opened,
    ev.DagRetried: _dag_retried,
    ev.CacheLookupStarted: _cache_lookup_started,
    ev.CacheMissed: _cache_missed,
    ev.CacheHit: _cache_hit,
    ev.AttemptScheduled: _attempt_scheduled,
    ev.AttemptHeld: _attempt_held,
    ev.AttemptStarted: _attempt_started,
    ev.AttemptSucceeded: _attempt_succeeded,
    ev.AttemptFailed: _attempt_failed,
    ev.AttemptLost: _attempt_lost,
    ev.AttemptInterrupted: _attempt_interrupted,
    ev.AttemptCanceled: _attempt_canceled,
    ev.BackoffStarted: _backoff_started,
    ev.CancelRequested: _cancel_requested,
    ev.NodeSucceeded: _node_succeeded,
    ev.NodeFailed: _node_failed,
    ev.NodeSkipped: _node_skipped,
    ev.NodeCanceled: _node_canceled,
}
