"""From a node that is to run to the TaskSpec of an executor: every placeholder, path and amount resolved. Blocks."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pinnace.domain.artifacts import Artifact
from pinnace.domain.environments import EnvironmentMode, EnvironmentSpec
from pinnace.domain.ids import task_uuid
from pinnace.domain.tasks import AttemptKey, PythonProgram, ResourceAmounts, TaskFailure, TaskSpec
from pinnace.domain.values import SECOND, Instant, JsonObject, JsonValue
from pinnace.engine.commands import LaunchTask
from pinnace.engine.nodes import Node
from pinnace.ir.executor_io import InputArtifact, OutputArtifact, executor_input
from pinnace.ir.lightweight import LightweightCommand, split_command
from pinnace.ir.model import Component, Container, Resources
from pinnace.ir.placeholders import context_values, resolve_command, resolve_text
from pinnace.ir.quantities import QuantityError, cores, count, size_bytes
from pinnace.orchestrator.layout import Layout
from pinnace.orchestrator.loading import LoadedRun
from pinnace.orchestrator.places import IN_WORKSPACE, Places
from pinnace.orchestrator.pod_fields import UnknownField, field_environment
from pinnace.orchestrator.staging import stage_once
from pinnace.orchestrator.task_config import applies_to_task, with_task_config
from pinnace.ports.artifacts import ArtifactStore
from pinnace.ports.telemetry import NO_TELEMETRY, Telemetry

_NOT_HERE: Final[Mapping[str, str]] = {
    "secretAsEnv": "a secret as environment variables",
    "secretAsVolume": "a secret as files",
    "configMapAsEnv": "a config map as environment variables",
    "configMapAsVolume": "a config map as files",
    "pvcMount": "a mounted volume claim",
    "genericEphemeralVolume": "an ephemeral volume",
    "emptyDirMounts": "an empty directory mounted at a path",
    "initContainers": "init containers",
}
"""Configuration without which a task would not do what it was written to do."""

_CLAIM_IMAGES: Final = frozenset({"argostub/createpvc", "argostub/deletepvc"})


_PYTHON_IMAGE: Final = re.compile(r"(?:docker\.io/)?(?:library/)?python:(3\.\d+)(?:[.-].*)?\Z")

_SERVER_FIRST: Final = SECOND


class CannotLaunch(Exception):
    """The task cannot be run here, or not with these inputs."""

    def __init__(self, message: str, code: str = "InvalidInput") -> None:
        self.failure = TaskFailure(message, code)
        super().__init__(message)


class TaskSpecs:
    """Builds what executors are given.

    Args:
        layout: Where everything lies.
        artifacts: For inputs that have to be copied.
        mode: How Python environments are made for runs that do not say it.
        telemetry: Says by which variables tasks join the traces of their runs.
    """

    def __init__(
        self,
        layout: Layout,
        artifacts: ArtifactStore,
        mode: EnvironmentMode = EnvironmentMode.INHERIT,
        telemetry: Telemetry = NO_TELEMETRY,
    ) -> None:
        self._layout = layout
        self._artifacts = artifacts
        self._mode = mode
        self._telemetry = telemetry

    def build(self, loaded: LoadedRun, command: LaunchTask) -> TaskSpec:
        """The TaskSpec of an attempt. Copies inputs that lie elsewhere into the attempt's directory.

        Raises:
            CannotLaunch: it cannot run here.
        """
        node = loaded.state.nodes[command.node]
        component = node.place.component
        container = component.implementation
        assert isinstance(container, Container)
        key = AttemptKey(loaded.run.id, command.node, command.attempt)
        places = Places(self._layout, self._artifacts, loaded, key)
        _refuse_what_is_missing(component, container)
        parameters = with_task_config(component, container, dict(command.inputs.parameters))
        artifacts = self._inputs(loaded, places, command)
        document = _executor_input(component, places, parameters, artifacts)
        constants = context_values(loaded.plan.context, node.place.task.key, task_uuid(key.run, node.id))
        absent = {*component.inputs.parameters, *component.inputs.artifacts} - {*parameters, *artifacts}
        mode = loaded.run.environment or self._mode
        lightweight = _lightweight(container, mode)
        words = lightweight.command if lightweight else (*container.command, *container.args)
        command_line = resolve_command(words, document, constants, absent)
        return TaskSpec(
            key=key,
            display_name=node.place.task.display_name or node.place.task.key,
            image=resolve_text(container.image, parameters),
            command=command_line,
            directory=str(places.directory),
            environment={
                **self._telemetry.variables(key),
                **_environment(component, container, key, loaded.run.namespace),
            },
            parents=self._parents(loaded, component, places),
            deadline_seconds=component.kubernetes.active_deadline_seconds if component.kubernetes else 0,
            stop_at=_end_of_run(loaded, node),
            resources=_amounts(node, container.resources, parameters),
            python=_python(lightweight, mode, container.image),
            program=_program(lightweight, command_line),
        )

    def _inputs(self, loaded: LoadedRun, places: Places, command: LaunchTask) -> dict[str, list[InputArtifact]]:
        found: dict[str, list[InputArtifact]] = {}
        for name, ids in command.inputs.artifacts.items():
            items = [loaded.state.artifacts[artifact] for artifact in ids]
            found[name] = [self._input(places, name, index, item) for index, item in enumerate(items)]
        return found

    def _input(self, places: Places, name: str, index: int, artifact: Artifact) -> InputArtifact:
        """The artifact under the path at which the task reads it.

        The SDK maps a URI to a path by itself, so a copy that lies elsewhere must be given as the URI.
        """
        path = places.input_path(name, index, artifact)
        in_workspace = bool(artifact.metadata.get(IN_WORKSPACE))
        if not in_workspace and not self._artifacts.is_local(artifact.uri):
            stage_once(self._artifacts, artifact.uri, Path(path))
        if not in_workspace:
            return InputArtifact(artifact, uri=path if path != artifact.uri else "")
        metadata = {name: value for name, value in artifact.metadata.items() if name != IN_WORKSPACE}
        seen = Artifact(artifact.id, artifact.name, artifact.type, path, metadata)
        return InputArtifact(seen)

    def _parents(self, loaded: LoadedRun, component: Component, places: Places) -> tuple[str, ...]:
        """Directories that the task may expect. What an artifact's own path holds is for the task to make."""
        wanted = {str(places.metadata_file.parent)}
        wanted |= {str(places.parameter_file(name).parent) for name in component.outputs.parameters}
        if loaded.plan.pipeline.config.workspace_size:
            wanted.add(str(places.workspace))
        return tuple(sorted(wanted))


def _end_of_run(loaded: LoadedRun, node: Node) -> Instant | None:
    """When the task must have ended with its run. A server that lives has canceled it by then."""
    deadline = loaded.state.deadline
    return None if deadline is None or node.shielded else Instant(deadline + _SERVER_FIRST)


def _executor_input(
    component: Component,
    places: Places,
    parameters: Mapping[str, JsonValue],
    artifacts: Mapping[str, list[InputArtifact]],
) -> JsonObject:
    return executor_input(
        parameters=parameters,
        artifacts=artifacts,
        output_parameters={name: str(places.parameter_file(name)) for name in component.outputs.parameters},
        output_artifacts={
            name: OutputArtifact(spec.type, places.output_path(name), spec.metadata)
            for name, spec in component.outputs.artifacts.items()
        },
        output_file=str(places.metadata_file),
    )


def _lightweight(container: Container, mode: EnvironmentMode) -> LightweightCommand | None:
    """The command in parts, for the SDK that will run it: in ``INHERIT`` the installed one."""
    found = split_command(container.command, container.args)
    return found.for_later_sdk() if found is not None and mode is EnvironmentMode.INHERIT else found


def _program(lightweight: LightweightCommand | None, command_line: tuple[str, ...]) -> PythonProgram | None:
    if lightweight is None or lightweight.is_first:
        return None
    return PythonProgram(command_line[3], command_line[4:])


def _python(lightweight: LightweightCommand | None, mode: EnvironmentMode, image: str) -> EnvironmentSpec:
    """What is declared. A command that the SDK did not write finds the server's choice of a Python on its PATH."""
    if lightweight is None:
        return EnvironmentSpec()
    version = _PYTHON_IMAGE.match(image)
    return EnvironmentSpec(
        mode=mode,
        requirements=lightweight.requirements,
        sdk_requirements=lightweight.kfp_requirements,
        index_urls=lightweight.index_urls,
        trusted_hosts=lightweight.trusted_hosts,
        python_version=version[1] if version else "",
    )


def _environment(component: Component, container: Container, key: AttemptKey, namespace: str) -> dict[str, str]:
    try:
        fields = field_environment(component.kubernetes, key, namespace)
    except UnknownField as error:
        raise CannotLaunch(str(error), "NotSupported") from None
    return {**(container.env if applies_to_task(component, "ENV") else {}), **fields}


def _refuse_what_is_missing(component: Component, container: Container) -> None:
    if container.image in _CLAIM_IMAGES:
        raise CannotLaunch("The task makes or deletes a volume claim, which this release cannot do.", "NotSupported")
    if not container.command:
        message = (
            f"The component gives no command, so that the entry point of its image {container.image} would run, and "
            "images are not run here. Give the command in the component."
        )
        raise CannotLaunch(message, "NotSupported")
    raw = component.kubernetes.raw if component.kubernetes else {}
    missing = [text for name, text in _NOT_HERE.items() if raw.get(name)]
    if missing:
        message = (
            f"The task needs {' and '.join(missing)}, which this release cannot give it. "
            "Remove that from the pipeline, or run it on a cluster."
        )
        raise CannotLaunch(message, "NotSupported")


def _amounts(node: Node, resources: Resources, parameters: Mapping[str, JsonValue]) -> ResourceAmounts:
    def text(value: str) -> str:
        return resolve_text(value, parameters).strip()

    if not applies_to_task(node.place.component, "RESOURCES"):
        return ResourceAmounts()
    try:
        return ResourceAmounts(
            cpu_request=cores(text(resources.cpu_request)) if text(resources.cpu_request) else None,
            cpu_limit=cores(text(resources.cpu_limit)) if text(resources.cpu_limit) else None,
            memory_request=size_bytes(text(resources.memory_request)) if text(resources.memory_request) else None,
            memory_limit=size_bytes(text(resources.memory_limit)) if text(resources.memory_limit) else None,
            accelerator_type=text(resources.accelerator_type),
            accelerators=count(text(resources.accelerator_count)) if text(resources.accelerator_count) else 0,
        )
    except QuantityError as error:
        raise CannotLaunch(f"The task's resources cannot be read: {error}") from None
