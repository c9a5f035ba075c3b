"""From the domain to our own API: a task with everything that is known of it, and the outputs of a run."""

from collections.abc import Mapping
from dataclasses import dataclass

from pinnace.api.extensions.log_stream import has_log
from pinnace.api.extensions.wire_base import time_of, time_or_none
from pinnace.api.extensions.wire_runs import WireOutputsView, WireRunView
from pinnace.api.extensions.wire_streams import WireRunHeader
from pinnace.api.extensions.wire_tasks import (
    WireArtifactOfTask,
    WireAttemptView,
    WireFailureView,
    WirePhaseView,
    WireTaskView,
    WireValuesView,
)
from pinnace.api.kfp.convert_tasks import task_name
from pinnace.domain.artifacts import Artifact
from pinnace.domain.ids import ROOT, task_uuid
from pinnace.domain.runs import Run
from pinnace.domain.tasks import AttemptRecord, NodeBinding, TaskFailure, TaskRecord
from pinnace.ports.logs import AttemptLogs
from pinnace.services.views import RunView


@dataclass(frozen=True, slots=True)
class AttemptFiles:
    """The directory that an attempt owns, and whether its log is there."""

    directory: str
    has_log: bool


def files_of(task: TaskRecord, logs: AttemptLogs) -> Mapping[int, AttemptFiles]:
    """The files of a task's attempts by their numbers."""
    return {
        item.number: AttemptFiles(
            directory=str(logs.attempt_directory(task.run, task.node, item.number)),
            has_log=has_log(logs.attempt_log(task.run, task.node, item.number)),
        )
        for item in task.attempts
    }


def run_view(run: Run, change_number: int, workspace: str) -> WireRunView:
    """A run beyond KFP's message."""
    return WireRunView(
        run_id=run.id,
        state=run.state,
        environment=run.environment,
        caching=run.caching,
        workspace=workspace,
        change_number=change_number,
    )


def run_header(run: Run) -> WireRunHeader:
    """A run as those who follow it see it."""
    return WireRunHeader(
        run_id=run.id,
        display_name=run.display_name,
        namespace=run.namespace,
        experiment_id=run.experiment,
        state=run.state,
        storage_state=run.storage_state,
        created_at=time_of(run.created_at),
        scheduled_at=time_of(run.scheduled_at),
        finished_at=time_or_none(run.finished_at),
        failure=_failure(run.failure),
    )


def task_view(task: TaskRecord, view: RunView, files: Mapping[int, AttemptFiles]) -> WireTaskView:
    """A node of a run. Times are None while unset; ``phase`` is the engine's own, finer than KFP's states."""
    return WireTaskView(
        task_id=task_uuid(task.run, task.node),
        node=task.node,
        parent=task.parent,
        name=task_name(task),
        display_name=task.display_name,
        kind=task.kind,
        index=task.index,
        phase=task.phase,
        cached=task.cached,
        fingerprint=task.fingerprint,
        detail=task.detail,
        created_at=time_of(task.created_at),
        started_at=time_or_none(task.started_at),
        ended_at=time_or_none(task.ended_at),
        failure=_failure(task.failure),
        inputs=_values(task.inputs, view),
        outputs=_values(task.outputs, view),
        attempts=[_attempt(item, files[item.number]) for item in task.attempts],
        history=[WirePhaseView(at=time_of(at), phase=phase) for at, phase in task.history],
    )


def outputs_view(view: RunView) -> WireOutputsView:
    """Output parameters of the run and of each task.

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
    return WireOutputsView(outputs=dict(root.outputs.parameters) if root is not None else {}, tasks=tasks)


def _values(binding: NodeBinding, view: RunView) -> WireValuesView:
    return WireValuesView(
        parameters=dict(binding.parameters),
        artifacts={key: [_artifact(item) for item in view.artifacts_of(binding, key)] for key in binding.artifacts},
    )


def _artifact(artifact: Artifact) -> WireArtifactOfTask:
    return WireArtifactOfTask(
        artifact_id=artifact.id,
        name=artifact.name,
        type=artifact.type.schema_title,
        uri=artifact.uri,
        metadata=dict(artifact.metadata),
        digest=artifact.digest,
        size=artifact.size if artifact.size >= 0 else None,
    )


def _attempt(attempt: AttemptRecord, files: AttemptFiles) -> WireAttemptView:
    return WireAttemptView(
        number=attempt.number,
        scheduled_at=time_of(attempt.scheduled_at),
        started_at=time_or_none(attempt.started_at),
        ended_at=time_or_none(attempt.ended_at),
        outcome=attempt.outcome,
        failure=_failure(attempt.failure),
        has_log=files.has_log,
        directory=files.directory,
    )


def _failure(failure: TaskFailure | None) -> WireFailureView | None:
    if failure is None:
        return None
    return WireFailureView(message=failure.message, code=failure.code, exit_code=failure.exit_code)
