"""Nodes of a run as ``PipelineTaskDetail``, which upstream leaves mostly empty and we fill."""

from collections.abc import Mapping
from typing import Any, Final

from pinnace.api.kfp.times import timestamp
from pinnace.api.kfp.wire_base import Status
from pinnace.api.kfp.wire_runs import WireChildTask, WireExecutorDetail, WireRuntimeStatus, WireTaskDetail
from pinnace.domain.ids import ROOT, NodeId, task_uuid
from pinnace.domain.states import AttemptOutcome, NodePhase
from pinnace.domain.tasks import NodeBinding, TaskFailure, TaskRecord
from pinnace.services.views import RunView

TASK_STATES: Final[Mapping[NodePhase, str]] = {
    NodePhase.WAITING: "PENDING",
    NodePhase.CACHE_LOOKUP: "PENDING",
    NodePhase.LAUNCHED: "PENDING",
    NodePhase.RUNNING: "RUNNING",
    NodePhase.BACKING_OFF: "RUNNING",
    NodePhase.OPEN: "RUNNING",
    NodePhase.CANCELING: "CANCELING",
    NodePhase.SUCCEEDED: "SUCCEEDED",
    NodePhase.FAILED: "FAILED",
    NodePhase.SKIPPED: "SKIPPED",
    NodePhase.CANCELED: "CANCELED",
}

_CODES: Final[Mapping[str, int]] = {"Canceled": 1, "DeadlineExceeded": 4, "OutOfMemory": 8, "Internal": 13}
_UNKNOWN: Final = 2


def status_of(failure: TaskFailure) -> Status:
    """A failure as google.rpc.Status."""
    return Status(code=_CODES.get(failure.code, _UNKNOWN), message=failure.message)


def task_name(task: TaskRecord) -> str:
    """The name on the wire: the task key, as upstream; ``root`` for the whole pipeline, ``KEY[3]`` for an iteration."""
    if task.node == ROOT:
        return "root"
    return f"{task.name}[{task.index}]" if is_iteration(task) else task.name


def is_iteration(task: TaskRecord) -> bool:
    """Whether the node is one iteration of a loop as a whole (not a task inside one)."""
    return task.index is not None and task.node.endswith(f"[{task.index}]")


def task_details(view: RunView) -> tuple[WireTaskDetail, ...]:
    """Every node of a run, parents before children."""
    children: dict[NodeId, list[NodeId]] = {}
    for task in view.tasks:
        if task.parent is not None:
            children.setdefault(task.parent, []).append(task.node)
    return tuple(_detail(task, children.get(task.node, [])) for task in view.tasks)


def _detail(task: TaskRecord, children: list[NodeId]) -> WireTaskDetail:
    return WireTaskDetail.model_construct(
        run_id=task.run,
        task_id=task_uuid(task.run, task.node),
        display_name=task_name(task),
        create_time=timestamp(task.created_at),
        start_time=timestamp(task.started_at),
        end_time=timestamp(task.ended_at),
        executor_detail=_executor_detail(task),
        state=TASK_STATES[task.phase],
        error=status_of(task.failure) if task.failure is not None else None,
        inputs=_binding(task.inputs),
        outputs=_binding(task.outputs),
        parent_task_id=task_uuid(task.run, task.parent) if task.parent is not None else "",
        state_history=state_history(task),
        child_tasks=tuple(WireChildTask(task_id=task_uuid(task.run, node)) for node in children),
    )


def _binding(binding: NodeBinding) -> dict[str, dict[str, Any]] | None:
    shown: dict[str, dict[str, Any]] = {key: {"artifact_ids": list(ids)} for key, ids in binding.artifacts.items()}
    for key, value in binding.parameters.items():
        shown.setdefault(key, {})["value"] = value
    return shown or None


def _executor_detail(task: TaskRecord) -> WireExecutorDetail | None:
    """Attempts by the name ``NODE/NUMBER``: the last one, and all that failed."""
    if not task.attempts:
        return None
    failed = [item.number for item in task.attempts if item.outcome in {AttemptOutcome.FAILED, AttemptOutcome.LOST}]
    return WireExecutorDetail(
        main_job=f"{task.node}/{task.attempts[-1].number}",
        failed_main_jobs=tuple(f"{task.node}/{number}" for number in failed),
    )


def state_history(task: TaskRecord) -> tuple[WireRuntimeStatus, ...]:
    """The states that a node went through on the wire, where phases that show alike are one."""
    shown: list[WireRuntimeStatus] = []
    for at, phase in task.history:
        state = TASK_STATES[phase]
        if not shown or shown[-1].state != state:
            shown.append(WireRuntimeStatus(update_time=timestamp(at), state=state))
    return tuple(shown)
