"""Rules for a node that may begin: whether it does, and how."""

import json
import re
from collections.abc import Iterable
from typing import Final

from pinnace.domain.ids import child_node
from pinnace.domain.states import NodePhase
from pinnace.domain.tasks import NodeBinding, TaskFailure
from pinnace.domain.values import Instant, JsonValue
from pinnace.engine import events as ev
from pinnace.engine.inputs import InputError, condition_values, loop_items, resolve_inputs
from pinnace.engine.limits import too_many_tasks
from pinnace.engine.nodes import Node, RunSnapshot
from pinnace.engine.plan import NodeKind, Plan
from pinnace.ir.expressions import ExpressionError, evaluate_condition
from pinnace.ir.model import TriggerStrategy


def enter(plan: Plan, state: RunSnapshot, node: Node, now: Instant) -> Iterable[ev.Event]:
    """What becomes of a node when everything that it waited for has ended. Nothing, if that is not so."""
    if node.phase is not NodePhase.WAITING or node.waiting_on > 0:
        return []
    if state.must_stop(node):
        return [ev.NodeCanceled(now, node.id)]
    reason = _reason_to_skip(state, node)
    if reason:
        return [ev.NodeSkipped(now, node.id, reason)]
    return begin(plan, state, node, now)


def begin(plan: Plan, state: RunSnapshot, node: Node, now: Instant) -> Iterable[ev.Event]:
    """Begin a node that nothing holds back: open a group, look up or launch a task."""
    try:
        inputs = resolve_inputs(plan, state, node)
        skipped = _condition_fails(node, inputs)
        if skipped:
            return [ev.NodeSkipped(now, node.id, skipped)]
        if node.kind is NodeKind.LOOP:
            return [ev.LoopOpened(now, node.id, inputs, _items(node, inputs))]
    except InputError as error:
        return [ev.NodeFailed(now, node.id, TaskFailure(_sentence(str(error)), "InvalidInput"))]
    except ExpressionError as error:
        failure = TaskFailure(_sentence(f"the condition failed: {error}"), "InvalidCondition")
        return [ev.NodeFailed(now, node.id, failure)]
    if node.kind is NodeKind.DAG:
        too_many = too_many_tasks(plan, state, node)
        return [ev.NodeFailed(now, node.id, too_many) if too_many else ev.DagOpened(now, node.id, inputs)]
    caching = node.place.task.caching
    if node.kind is NodeKind.CONTAINER and node.caching and caching is not None and caching.enabled:
        return [ev.CacheLookupStarted(now, node.id, node.attempt + 1, inputs)]
    return [ev.AttemptScheduled(now, node.id, node.attempt + 1, inputs)]


def _reason_to_skip(state: RunSnapshot, node: Node) -> str:
    if node.parent is None:
        return ""
    parent = state.nodes[node.parent]
    place = node.place
    if place.task.strategy is TriggerStrategy.SUCCEEDED:
        for key in place.depends_on:
            upstream = state.nodes[child_node(parent.id, key)]
            if upstream.phase is not NodePhase.SUCCEEDED:
                return f'Task "{key}", which it depends on, {_ENDED[upstream.phase]}.'
    if parent.first_failed is not None and not place.rescued:
        return f'Task "{parent.first_failed}" failed before it began.'
    return ""


_CHANNEL: Final = "pipelinechannel--"
_REFERENCE: Final = re.compile(rf"inputs\.parameter_values\[['\"](?:{_CHANNEL})?([^'\"]+)['\"]\]")
"""How the SDK's compiler refers to an input; people know it by its name alone."""
_ENDED = {NodePhase.FAILED: "failed", NodePhase.SKIPPED: "was skipped", NodePhase.CANCELED: "was canceled"}


def _condition_fails(node: Node, inputs: NodeBinding) -> str:
    """Why the node's condition does not hold, with the values that it saw; "" if it holds or there is none."""
    condition = node.place.task.condition
    if not condition or node.index is not None:
        return ""
    known = condition_values(node, inputs)
    if evaluate_condition(condition, known):
        return ""
    shown = _REFERENCE.sub(r"\1", condition)
    seen = {name.removeprefix(_CHANNEL): value for name, value in known.items() if name in condition}
    values = ", ".join(f"{name} = {json.dumps(value, ensure_ascii=False)[:100]}" for name, value in seen.items())
    return f"The condition does not hold: {shown}{f', where {values}' if values else ''}."


def _items(node: Node, inputs: NodeBinding) -> tuple[JsonValue, ...]:
    """A loop that is opened again after some of its iterations succeeded goes over the same items."""
    return loop_items(node, inputs) if node.items is None else node.items


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."
