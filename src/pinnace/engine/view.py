"""A node as readers see it."""

from pinnace.domain.tasks import NodeBinding, TaskRecord
from pinnace.engine.nodes import Node, RunSnapshot


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
        started_at=node.first_started_at,
        ended_at=node.ended_at,
        inputs=node.inputs or NodeBinding(),
        outputs=node.outputs,
        failure=node.failure,
        cached=node.cached,
        detail=node.reason,
        fingerprint=node.fingerprint,
        attempts=tuple(node.attempts),
        history=tuple(node.history),
    )
