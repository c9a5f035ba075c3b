"""Rules for DAGs and loops: who begins when one opens, who begins when a child ends, and how a group ends."""

from collections.abc import Iterable
from typing import Final

from pinnace.domain.ids import child_node, iteration_node
from pinnace.domain.states import NodePhase
from pinnace.domain.tasks import NodeBinding, TaskFailure
from pinnace.domain.values import Instant
from pinnace.engine import events as ev
from pinnace.engine.begin import begin, enter
from pinnace.engine.limits import too_many_iterations
from pinnace.engine.nodes import Node, RunSnapshot, children, opens_all, succeeded, width
from pinnace.engine.outputs import dag_outputs, loop_outputs
from pinnace.engine.plan import NodeKind, Plan
from pinnace.engine.retry import next_try
from pinnace.engine.signals import OpenMore

SLICE: Final = 250
"""Iterations that open in one decision: it is committed as a whole, and what other runs have decided waits for that."""


def on_dag_opened(plan: Plan, state: RunSnapshot, event: ev.DagOpened, now: Instant) -> Iterable[ev.Event]:
    """Children that wait for nothing begin."""
    node = state.nodes[event.node]
    for key in plan.tasks_of(node.place.component):
        yield from enter(plan, state, state.nodes[child_node(node.id, key)], now)
    yield from _end_group(state, node, now)


def on_loop_opened(_: Plan, state: RunSnapshot, event: ev.LoopOpened, now: Instant) -> Iterable[ev.Event]:
    """As many iterations open as may run at a time, a slice to begin with, if the run has room for all of them."""
    node = state.nodes[event.node]
    too_many = too_many_iterations(state)
    if too_many:
        yield ev.NodeFailed(now, node.id, too_many)
        return
    yield from _open_iterations(state, node, now)
    yield from _end_group(state, node, now)


def on_open_more(_: Plan, state: RunSnapshot, signal: OpenMore, now: Instant) -> Iterable[ev.Event]:
    """The next slice opens, as long as fewer iterations have opened than may run at a time."""
    node = state.nodes.get(signal.node)
    if node is not None and node.phase is NodePhase.OPEN and node.filling:
        yield from _open_iterations(state, node, now)
        yield from _end_group(state, node, now)


def on_iteration_opened(plan: Plan, state: RunSnapshot, event: ev.IterationOpened, now: Instant) -> Iterable[ev.Event]:
    """The iteration begins."""
    return begin(plan, state, state.nodes[iteration_node(event.loop, event.index)], now)


def on_node_ended(plan: Plan, state: RunSnapshot, node: Node, now: Instant) -> Iterable[ev.Event]:
    """Tasks that waited for the node begin, or the next iteration opens; the group around it may end."""
    assert node.parent is not None
    parent = state.nodes[node.parent]
    if node.index is not None:
        if not parent.filling:
            yield from _open_iterations(state, parent, now)
    else:
        for key in node.place.dependents:
            yield from enter(plan, state, state.nodes[child_node(parent.id, key)], now)
    yield from _end_group(state, parent, now)


def leave_group(plan: Plan, state: RunSnapshot, group: Node, now: Instant) -> Iterable[ev.Event]:
    """What a retry has made wait anywhere inside a group ends with it, where the group does not open again."""
    stack = [group]
    while stack:
        for node in children(plan, state, stack.pop()):
            if node.phase is not NodePhase.WAITING:
                continue
            stack.append(node)
            if group.phase is NodePhase.CANCELED:
                yield ev.NodeCanceled(now, node.id)
            else:
                yield ev.NodeSkipped(now, node.id, f'"{group.id}", which it belongs to, did not begin again.')


def _open_iterations(state: RunSnapshot, loop: Node, now: Instant) -> Iterable[ev.Event]:
    if state.must_stop(loop) or (loop.failed and not opens_all(loop)):
        return
    assert loop.items is not None
    room = min(SLICE, width(loop) - loop.unfinished)
    for index in range(loop.next_index, len(loop.items)):
        if room <= 0:
            return
        if not succeeded(state, loop, index):
            yield ev.IterationOpened(now, loop.id, index)
            room -= 1


def _end_group(state: RunSnapshot, group: Node, now: Instant) -> Iterable[ev.Event]:
    """End a group whose children have all ended."""
    if group.phase is not NodePhase.OPEN or group.unfinished:
        return
    if _cut_short(group) and not state.must_stop(group) and (opens_all(group) or not group.failed):
        return  # its next iterations are about to open
    if group.failed:
        until = None if state.must_stop(group) else next_try(group, now)
        if until is None:
            yield ev.NodeFailed(now, group.id, _cause(state, group))
        else:
            yield ev.BackoffStarted(now, group.id, group.attempt, until)
    elif group.canceled or _cut_short(group):
        yield ev.NodeCanceled(now, group.id)
    else:
        yield ev.NodeSucceeded(now, group.id, _outputs(state, group))


def _cut_short(group: Node) -> bool:
    """Whether a loop has iterations that have not opened."""
    return group.items is not None and group.next_index < len(group.items)


def _outputs(state: RunSnapshot, group: Node) -> NodeBinding:
    return loop_outputs(state, group) if group.kind is NodeKind.LOOP else dag_outputs(state, group)


def _cause(state: RunSnapshot, group: Node) -> TaskFailure:
    """The failure of a group is that of the first task in it that failed, by its path."""
    assert group.first_failed is not None
    child = state.nodes[group.first_failed]
    failure = child.failure
    assert failure is not None
    if child.first_failed is not None:
        return failure
    return TaskFailure(f'Task "{child.id}" failed: {failure.message}', failure.code, failure.exit_code)
