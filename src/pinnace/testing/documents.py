"""Small pipeline documents, written in as few words as a test needs."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from pinnace.domain.values import JsonObject, JsonValue

TEXT: Final = "STRING"
Binding: TypeAlias = "JsonValue | tuple[str, str]"


@dataclass(frozen=True, slots=True)
class Step:
    """A container task.

    Attributes:
        command: Its command line; placeholders allowed.
        after: Tasks that it waits for.
        inputs: Parameters: a constant, or ``("task", "output")`` for another task's output.
        outputs: Names of its STRING output parameters.
        files: Names of its output artifacts.
        reads: Input artifacts: ``("task", "output")`` each.
        extra: Further fields of the task: retryPolicy, triggerPolicy, …
    """

    command: Sequence[str]
    after: Sequence[str] = ()
    inputs: Mapping[str, Binding] = field(default_factory=dict)
    outputs: Sequence[str] = ()
    files: Sequence[str] = ()
    reads: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    cache: bool = False
    extra: JsonObject = field(default_factory=dict)


def pipeline(steps: Mapping[str, Step], name: str = "test", platform: JsonObject | None = None) -> bytes:
    """A pipeline of container tasks, as JSON in the form that the SDK's client submits."""
    spec: JsonObject = {
        "pipelineInfo": {"name": name},
        "schemaVersion": "2.1.0",
        "sdkVersion": "kfp-2.17.0",
        "components": {f"comp-{key}": _component(key, step) for key, step in steps.items()},
        "deploymentSpec": {"executors": {f"exec-{key}": _executor(step) for key, step in steps.items()}},
        "root": {"dag": {"tasks": {key: _task(key, step) for key, step in steps.items()}}},
    }
    document = {"pipeline_spec": spec, "platform_spec": platform} if platform else spec
    return json.dumps(document).encode()


def _component(key: str, step: Step) -> JsonObject:
    artifact: JsonObject = {"artifactType": {"schemaTitle": "system.Artifact", "schemaVersion": "0.0.1"}}
    return {
        "executorLabel": f"exec-{key}",
        "inputDefinitions": {
            "parameters": {name: {"parameterType": TEXT} for name in step.inputs},
            "artifacts": dict.fromkeys(step.reads, artifact),
        },
        "outputDefinitions": {
            "parameters": {name: {"parameterType": TEXT} for name in step.outputs},
            "artifacts": dict.fromkeys(step.files, artifact),
        },
    }


def _executor(step: Step) -> JsonObject:
    return {"container": {"image": "python:3.11", "command": list(step.command)}}


def _task(key: str, step: Step) -> JsonObject:
    parameters = {name: _binding(value) for name, value in step.inputs.items()}
    artifacts: JsonObject = {
        name: {"taskOutputArtifact": {"producerTask": task, "outputArtifactKey": output}}
        for name, (task, output) in step.reads.items()
    }
    return {
        "taskInfo": {"name": key},
        "componentRef": {"name": f"comp-{key}"},
        "dependentTasks": list(step.after),
        "cachingOptions": {"enableCache": True} if step.cache else {},
        "inputs": {"parameters": parameters, "artifacts": artifacts},
        **step.extra,
    }


def _binding(value: Binding) -> JsonValue:
    if isinstance(value, tuple):
        return {"taskOutputParameter": {"producerTask": value[0], "outputParameterKey": value[1]}}
    return {"runtimeValue": {"constant": value}}
