"""A node as readers see it."""

from pinnace.domain.tasks import TaskRecord
from pinnace.domain.values import Instant
from pinnace.engine.nodes import Node, RunSnapshot
from pinnace.engine.plan import NodeKind


def task_record(state: RunSnapshot, node: Node) -> TaskRecord:
    """The record of a node as it is now."""
    task = node.place.task
    return TaskRecord(
        run=state.run,
        node=node.id,
        parent=node.parent,
        name=task.key,
        display_name=task.display_name or task.key,
        kind=node.kind.value,
        phase=node.phase,
        created_at=node.created_at,
        index=node.index,
        started_at=_started_at(node),
        ended_at=node.ended_at,
        inputs=node.inputs,
        outputs=node.outputs,
        failure=node.failure,
        cached=node.cached,
        detail=node.reason,
        fingerprint=node.fingerprint,
        attempts=tuple(node.attempts),
        history=tuple(node.history),
        iterations=None if node.items is None else len(node.items),
    )


def _started_at(node: Node) -> Instant | None:
    """When the first command of a task began; of a group, when it opened. A cache hit has no duration."""
    if node.kind.is_group:
        return node.first_started_at
    if node.cached:
        return node.ended_at
    if node.kind is NodeKind.IMPORTER and node.attempts:
        return node.attempts[0].scheduled_at
    return next((attempt.started_at for attempt in node.attempts if attempt.started_at is not None), None)
