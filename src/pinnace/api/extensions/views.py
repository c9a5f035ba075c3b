"""JSON of our extensions: a task with everything that is known of it, and the outputs of a run."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from pinnace.api.kfp.convert_tasks import task_name
from pinnace.domain.artifacts import Artifact
from pinnace.domain.ids import ROOT, task_uuid
from pinnace.domain.runs import Run
from pinnace.domain.tasks import AttemptRecord, NodeBinding, TaskFailure, TaskRecord
from pinnace.domain.values import Instant
from pinnace.services.views import RunView

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class AttemptFiles:
    """The directory that an attempt owns, and whether its log is there."""

    directory: str
    has_log: bool


def run_view(run: Run, workspace: str) -> dict[str, Any]:
    """A run beyond KFP's message: the engine's own state, the environment asked for, and where its tasks share files.

    The workspace is there only if the pipeline asks for one.
    """
    return {
        "run_id": run.id,
        "state": run.state.value,
        "environment": None if run.environment is None else run.environment.value,
        "workspace": workspace,
    }


def task_view(task: TaskRecord, view: RunView, files: Mapping[int, AttemptFiles]) -> dict[str, Any]:
    """A node of a run. Times are null while unset; ``phase`` is the engine's own, finer than KFP's states."""
    return {
        "task_id": task_uuid(task.run, task.node),
        "node": task.node,
        "parent": task.parent,
        "name": task_name(task),
        "display_name": task.display_name,
        "kind": task.kind,
        "index": task.index,
        "phase": task.phase.value,
        "cached": task.cached,
        "fingerprint": task.fingerprint,
        "detail": task.detail,
        "created_at": _time(task.created_at),
        "started_at": _time(task.started_at),
        "ended_at": _time(task.ended_at),
        "failure": _failure(task.failure),
        "inputs": _binding(task.inputs, view),
        "outputs": _binding(task.outputs, view),
        "attempts": [_attempt(item, files[item.number]) for item in task.attempts],
        "history": [{"at": _time(at), "phase": phase.value} for at, phase in task.history],
    }


def outputs_view(view: RunView) -> dict[str, Any]:
    """``{"outputs": {NAME: VALUE}, "tasks": {TASK: {NAME: VALUE}}}``: output parameters of the run and of each task.

    A task that ran more than once, in a loop, is named by its node id instead of its key.
    """
    named: dict[str, int] = {}
    for task in view.tasks:
        named[task_name(task)] = named.get(task_name(task), 0) + 1
    tasks = {
        (task_name(task) if named[task_name(task)] == 1 else task.node): dict(task.outputs.parameters)
        for task in view.tasks
        if task.node != ROOT and task.outputs.parameters
    }
    root = next((task for task in view.tasks if task.node == ROOT), None)
    return {"outputs": dict(root.outputs.parameters) if root is not None else {}, "tasks": tasks}


def _binding(binding: NodeBinding, view: RunView) -> dict[str, Any]:
    return {
        "parameters": dict(binding.parameters),
        "artifacts": {key: [_artifact(item) for item in view.artifacts_of(binding, key)] for key in binding.artifacts},
    }


def _artifact(artifact: Artifact) -> dict[str, Any]:
    return {
        "artifact_id": artifact.id,
        "name": artifact.name,
        "type": artifact.type.schema_title,
        "uri": artifact.uri,
        "metadata": dict(artifact.metadata),
        "digest": artifact.digest,
        "size": artifact.size if artifact.size >= 0 else None,
    }


def _attempt(attempt: AttemptRecord, files: AttemptFiles) -> dict[str, Any]:
    return {
        "number": attempt.number,
        "scheduled_at": _time(attempt.scheduled_at),
        "started_at": _time(attempt.started_at),
        "ended_at": _time(attempt.ended_at),
        "outcome": attempt.outcome.value if attempt.outcome is not None else None,
        "failure": _failure(attempt.failure),
        "has_log": files.has_log,
        "directory": files.directory,
    }


def _failure(failure: TaskFailure | None) -> dict[str, Any] | None:
    if failure is None:
        return None
    return {"message": failure.message, "code": failure.code, "exit_code": failure.exit_code}


def _time(instant: Instant | None) -> str | None:
    """RFC 3339 with microseconds: readers of our own API show durations below a second, which KFP's times cannot."""
    return None if instant is None else (_EPOCH + timedelta(microseconds=instant)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
