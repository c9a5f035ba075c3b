"""Rows and domain objects: one pair of functions for each entity."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row

from pinnace.domain.artifacts import Artifact, ArtifactType
from pinnace.domain.environments import EnvironmentMode
from pinnace.domain.experiments import Experiment
from pinnace.domain.ids import (
    ArtifactId,
    ExperimentId,
    NodeId,
    PipelineId,
    PipelineVersionId,
    RecurringRunId,
    RunId,
    task_uuid,
)
from pinnace.domain.pipelines import PipelineVersion, StoredPipeline
from pinnace.domain.places import place_of
from pinnace.domain.plugins import PluginEntry, PluginOutput, PluginState
from pinnace.domain.runs import PipelineReference, Run
from pinnace.domain.states import AttemptOutcome, NodePhase, RunState, StorageState
from pinnace.domain.tasks import AttemptRecord, NodeBinding, TaskFailure, TaskRecord
from pinnace.domain.values import Instant
from pinnace.store.large_values import LargeValues

Values = dict[str, Any]
"""Column values of one row, or a JSON object."""


def run_values(run: Run, large: LargeValues) -> Values:
    """The row of a new run, without its place in its history."""
    reference = run.reference
    return {
        "id": run.id,
        "namespace": run.namespace,
        "creator": run.creator,
        "display_name": run.display_name,
        "description": run.description,
        "experiment_id": run.experiment,
        "document": run.document,
        "pipeline_name": run.pipeline_name,
        "pipeline_id": None if reference is None else reference.pipeline,
        "pipeline_version_id": None if reference is None else reference.version,
        "pipeline_root": run.pipeline_root,
        "service_account": run.service_account,
        "caching": run.caching,
        "environment": None if run.environment is None else run.environment.value,
        "recurring_run_id": run.recurring_run or "",
        "plugins_input": json.dumps(dict(run.plugins_input)) if run.plugins_input else None,
        "plugins_output": json.dumps(_plugins_json(run.plugins_output)) if run.plugins_output else None,
        "parameters": large.encode(run.parameters),
        "state": run.state.value,
        "storage_state": run.storage_state.value,
        "created_at": run.created_at,
        "scheduled_at": run.scheduled_at,
        "finished_at": run.finished_at,
        "failure": None if run.failure is None else json.dumps(failure_json(run.failure)),
        "state_history": json.dumps(run.state_history),
    }


def run_from(row: Row[Any], parameters: Mapping[str, Any]) -> Run:
    """The run of a row."""
    return Run(
        id=RunId(row.id),
        display_name=row.display_name,
        experiment=ExperimentId(row.experiment_id),
        document=row.document,
        pipeline_name=row.pipeline_name,
        created_at=Instant(row.created_at),
        scheduled_at=Instant(row.scheduled_at),
        state=RunState(row.state),
        namespace=row.namespace,
        creator=row.creator,
        description=row.description,
        reference=reference_from(row),
        parameters=parameters,
        pipeline_root=row.pipeline_root,
        service_account=row.service_account,
        caching=row.caching,
        artifact_root=row.artifact_root,
        environment=None if row.environment is None else EnvironmentMode(row.environment),
        recurring_run=RecurringRunId(row.recurring_run_id) if row.recurring_run_id else None,
        plugins_input={} if row.plugins_input is None else json.loads(row.plugins_input),
        plugins_output={} if row.plugins_output is None else _plugins_from(json.loads(row.plugins_output)),
        storage_state=StorageState(row.storage_state),
        finished_at=row.finished_at,
        failure=None if row.failure is None else failure_from(json.loads(row.failure)),
        state_history=tuple((Instant(at), RunState(state)) for at, state in json.loads(row.state_history)),
    )


def reference_from(row: Row[Any]) -> PipelineReference | None:
    """The pipeline version of a row of a run, or of a recurring run."""
    if row.pipeline_id is None:
        return None
    version = row.pipeline_version_id
    return PipelineReference(PipelineId(row.pipeline_id), None if version is None else PipelineVersionId(version))


def _plugins_json(plugins: Mapping[str, PluginOutput]) -> Values:
    return {
        name: {
            "entries": {key: [entry.value, entry.is_link] for key, entry in output.entries.items()},
            "state": output.state.value,
            "message": output.message,
        }
        for name, output in plugins.items()
    }


def _plugins_from(content: Mapping[str, Any]) -> Mapping[str, PluginOutput]:
    return {
        name: PluginOutput(
            entries={key: PluginEntry(value, is_link) for key, (value, is_link) in output["entries"].items()},
            state=PluginState(output["state"]),
            message=output["message"],
        )
        for name, output in content.items()
    }


def task_values(task: TaskRecord, large: LargeValues) -> Values:
    """The row of a node, without its place among the others."""
    body = {
        "inputs": binding_json(task.inputs),
        "outputs": binding_json(task.outputs),
        "failure": None if task.failure is None else failure_json(task.failure),
        "detail": task.detail,
        "attempts": [_attempt_json(attempt) for attempt in task.attempts],
        "history": [(at, phase.value) for at, phase in task.history],
    }
    return {
        "run_id": task.run,
        "node": task.node,
        "parent": task.parent,
        "name": task.name,
        "display_name": task.display_name,
        "kind": task.kind,
        "phase": task.phase.value,
        "iteration": task.index,
        "created_at": task.created_at,
        "started_at": task.started_at,
        "ended_at": task.ended_at,
        "cached": task.cached,
        "fingerprint": task.fingerprint,
        "body": large.encode(body),
        "id": task_uuid(task.run, task.node),
        "parent_id": None if task.parent is None else task_uuid(task.run, task.parent),
        "iterations": task.iterations,
    }


def task_from(row: Row[Any], body: Mapping[str, Any]) -> TaskRecord:
    """The node of a row."""
    return TaskRecord(
        run=RunId(row.run_id),
        node=NodeId(row.node),
        parent=None if row.parent is None else NodeId(row.parent),
        name=row.name,
        display_name=row.display_name,
        kind=row.kind,
        phase=NodePhase(row.phase),
        created_at=Instant(row.created_at),
        index=row.iteration,
        started_at=row.started_at,
        ended_at=row.ended_at,
        inputs=binding_from(body["inputs"]),
        outputs=binding_from(body["outputs"]),
        failure=None if body["failure"] is None else failure_from(body["failure"]),
        cached=row.cached,
        detail=body["detail"],
        fingerprint=row.fingerprint,
        attempts=tuple(_attempt_from(attempt) for attempt in body["attempts"]),
        history=tuple((Instant(at), NodePhase(phase)) for at, phase in body["history"]),
        iterations=row.iterations,
    )


def artifact_values(artifact: Artifact) -> Values:
    """The row of an artifact, without what it has from its run."""
    return {
        "id": artifact.id,
        "name": artifact.name,
        "schema_title": artifact.type.schema_title,
        "kind": artifact.type.kind,
        "schema_version": artifact.type.schema_version,
        "instance_schema": artifact.type.instance_schema,
        "uri": artifact.uri,
        "place": place_of(artifact.uri),
        "metadata": json.dumps(dict(artifact.metadata)),
        "custom_path": artifact.custom_path,
        "digest": artifact.digest,
        "size": artifact.size,
    }


def artifact_from(row: Row[Any]) -> Artifact:
    """The artifact of a row."""
    return Artifact(
        id=ArtifactId(row.id),
        name=row.name,
        type=ArtifactType(row.schema_title, row.schema_version, row.instance_schema),
        uri=row.uri,
        metadata=json.loads(row.metadata),
        custom_path=row.custom_path,
        digest=row.digest,
        size=row.size,
    )


def experiment_values(experiment: Experiment) -> Values:
    """The row of an experiment."""
    return {
        "id": experiment.id,
        "namespace": experiment.namespace,
        "creator": experiment.creator,
        "display_name": experiment.display_name,
        "description": experiment.description,
        "storage_state": experiment.storage_state.value,
        "created_at": experiment.created_at,
        "last_run_created_at": experiment.last_run_created_at,
    }


def experiment_from(row: Row[Any]) -> Experiment:
    """The experiment of a row."""
    return Experiment(
        id=ExperimentId(row.id),
        display_name=row.display_name,
        created_at=Instant(row.created_at),
        namespace=row.namespace,
        creator=row.creator,
        description=row.description,
        storage_state=StorageState(row.storage_state),
        last_run_created_at=row.last_run_created_at,
    )


def pipeline_values(pipeline: StoredPipeline) -> Values:
    """The row of a pipeline; its tags have their own."""
    return {
        "id": pipeline.id,
        "namespace": pipeline.namespace,
        "creator": pipeline.creator,
        "name": pipeline.name,
        "display_name": pipeline.display_name,
        "description": pipeline.description,
        "created_at": pipeline.created_at,
    }


def pipeline_from(row: Row[Any], tags: Mapping[str, str]) -> StoredPipeline:
    """The pipeline of a row."""
    return StoredPipeline(
        id=PipelineId(row.id),
        name=row.name,
        display_name=row.display_name,
        created_at=Instant(row.created_at),
        namespace=row.namespace,
        creator=row.creator,
        description=row.description,
        tags=tags,
    )


def version_values(version: PipelineVersion) -> Values:
    """The row of a version, without its namespace; its tags have their own."""
    return {
        "id": version.id,
        "pipeline_id": version.pipeline,
        "creator": version.creator,
        "name": version.name,
        "display_name": version.display_name,
        "description": version.description,
        "document": version.document,
        "package_url": version.package_url,
        "code_source_url": version.code_source_url,
        "created_at": version.created_at,
    }


def version_from(row: Row[Any], tags: Mapping[str, str]) -> PipelineVersion:
    """The version of a row."""
    return PipelineVersion(
        id=PipelineVersionId(row.id),
        pipeline=PipelineId(row.pipeline_id),
        name=row.name,
        display_name=row.display_name,
        document=row.document,
        created_at=Instant(row.created_at),
        creator=row.creator,
        description=row.description,
        package_url=row.package_url,
        code_source_url=row.code_source_url,
        tags=tags,
    )


def failure_json(failure: TaskFailure) -> Values:
    """A failure as JSON."""
    return {"message": failure.message, "code": failure.code, "exit_code": failure.exit_code}


def failure_from(value: Mapping[str, Any]) -> TaskFailure:
    """A failure from JSON."""
    return TaskFailure(value["message"], value["code"], value["exit_code"])


def binding_json(binding: NodeBinding) -> Values:
    """A binding as JSON."""
    return {"parameters": binding.parameters, "artifacts": binding.artifacts}


def binding_from(value: Mapping[str, Any]) -> NodeBinding:
    """A binding from JSON."""
    artifacts = {key: tuple(ArtifactId(id_) for id_ in ids) for key, ids in value["artifacts"].items()}
    return NodeBinding(value["parameters"], artifacts)


def _attempt_json(attempt: AttemptRecord) -> Values:
    return {
        "number": attempt.number,
        "scheduled_at": attempt.scheduled_at,
        "started_at": attempt.started_at,
        "ended_at": attempt.ended_at,
        "outcome": None if attempt.outcome is None else attempt.outcome.value,
        "failure": None if attempt.failure is None else failure_json(attempt.failure),
    }


def _attempt_from(value: Mapping[str, Any]) -> AttemptRecord:
    return AttemptRecord(
        number=value["number"],
        scheduled_at=Instant(value["scheduled_at"]),
        started_at=value["started_at"],
        ended_at=value["ended_at"],
        outcome=None if value["outcome"] is None else AttemptOutcome(value["outcome"]),
        failure=None if value["failure"] is None else failure_from(value["failure"]),
    )
