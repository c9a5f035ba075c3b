"""What a command has left: output parameters and artifacts, read, checked and published; or its last words. Blocks."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pinnace.domain.artifacts import Artifact
from pinnace.domain.ids import ArtifactId, output_artifact_id
from pinnace.domain.states import AttemptOutcome
from pinnace.domain.tasks import AttemptKey, NodeBinding, TaskFailure
from pinnace.domain.values import JsonValue
from pinnace.engine.signals import AttemptFinished
from pinnace.ir.executor_io import ExecutorOutput, ExecutorOutputError, ReportedArtifact, parse_executor_output
from pinnace.ir.model import ArtifactSpec, Component
from pinnace.ir.parameters import ParameterError, conform, from_text
from pinnace.orchestrator.last_words import with_last_words
from pinnace.orchestrator.layout import Layout
from pinnace.orchestrator.loading import LoadedRun
from pinnace.orchestrator.places import Places
from pinnace.ports.artifacts import ArtifactStore
from pinnace.ports.executor import AttemptEnded

MAX_PARAMETER_BYTES: Final = 64 << 20
"""Larger values belong into artifacts: a parameter is kept in the database and in memory."""


class InvalidOutput(Exception):
    """What the task left is not what its component declares."""


class Results:
    """Reads the outputs of attempts."""

    def __init__(self, layout: Layout, artifacts: ArtifactStore) -> None:
        self._layout = layout
        self._artifacts = artifacts

    def conclude(self, loaded: LoadedRun, ended: AttemptEnded) -> AttemptFinished:
        """The end of an attempt with what it left: outputs where it succeeded, else its command's last words.

        An attempt whose command succeeded failed all the same if its outputs are wrong.
        """
        key = ended.key
        if ended.outcome is AttemptOutcome.SUCCEEDED:
            return self._collect(loaded, key)
        failure = ended.failure
        if failure is not None:
            failure = with_last_words(failure, self._layout.attempt_log(key.run, key.node, key.attempt))
        return AttemptFinished(key.node, key.attempt, ended.outcome, failure=failure)

    def _collect(self, loaded: LoadedRun, key: AttemptKey) -> AttemptFinished:
        component = loaded.state.nodes[key.node].place.component
        places = Places(self._layout, self._artifacts, loaded, key)
        try:
            written = _executor_output(places.metadata_file)
            parameters = _parameters(component, places, written)
            artifacts = self._publish_all(key, component, places, written)
        except InvalidOutput as error:
            failure = TaskFailure(str(error), "InvalidOutput")
            return AttemptFinished(key.node, key.attempt, AttemptOutcome.FAILED, failure=failure)
        ids: dict[str, tuple[ArtifactId, ...]] = {
            name: tuple(artifact.id for artifact in items) for name, items in artifacts.items()
        }
        everything = tuple(artifact for items in artifacts.values() for artifact in items)
        outputs = NodeBinding(parameters, ids)
        return AttemptFinished(key.node, key.attempt, AttemptOutcome.SUCCEEDED, outputs, everything)

    def _publish_all(
        self, key: AttemptKey, component: Component, places: Places, written: ExecutorOutput
    ) -> Mapping[str, list[Artifact]]:
        published: dict[str, list[Artifact]] = {}
        for name, spec in component.outputs.artifacts.items():
            items = list(written.artifacts.get(name, ()))
            if not spec.is_list:
                items = items[:1] or [ReportedArtifact(name)]
            published[name] = [self._publish(key, name, index, spec, item, places) for index, item in enumerate(items)]
        return published

    def _publish(
        self, key: AttemptKey, name: str, index: int, spec: ArtifactSpec, item: ReportedArtifact, places: Places
    ) -> Artifact:
        """Bring one artifact to its URI, unless the task put it somewhere of its own choice."""
        planned = places.output_uri(name)
        given = places.output_path(name)
        uri = planned if item.uri in {"", given} else item.uri
        content = item.custom_path or given
        if uri == planned and content != uri and Path(content).exists():
            self._artifacts.publish(content, uri)
        found = self._artifacts.inspect(uri) if uri == planned or self._artifacts.is_local(uri) else None
        return Artifact(
            id=output_artifact_id(key.run, key.node, key.attempt, name, index),
            name=item.name or name,
            type=spec.type,
            uri=uri,
            metadata={"display_name": name, **spec.metadata, **item.metadata},
            custom_path=item.custom_path,
            digest=found.digest if found else "",
            size=found.size if found else -1,
        )


def _executor_output(path: Path) -> ExecutorOutput:
    if not path.exists():
        return ExecutorOutput()
    text = _bounded_text(path, "the executor output file")
    try:
        return parse_executor_output(json.loads(text))
    except (ValueError, ExecutorOutputError) as error:
        raise InvalidOutput(f"The executor output file that the task wrote is not valid: {error}") from None


def _parameters(component: Component, places: Places, written: ExecutorOutput) -> dict[str, JsonValue]:
    """Declared output parameters: from the executor output where it has them, else from the file of each."""
    values: dict[str, JsonValue] = {}
    for name, kind in component.outputs.parameters.items():
        path = places.parameter_file(name)
        try:
            if name in written.parameters:
                values[name] = conform(name, kind, written.parameters[name])
            elif path.exists():
                values[name] = from_text(kind, _bounded_text(path, f'output parameter "{name}"'))
            else:
                raise InvalidOutput(f'The task ended without writing its output parameter "{name}".')
        except ParameterError as error:
            raise InvalidOutput(f'The task wrote a wrong output parameter "{name}": {error}') from None
    return values


def _bounded_text(path: Path, what: str) -> str:
    try:
        if path.stat().st_size > MAX_PARAMETER_BYTES:
            limit = MAX_PARAMETER_BYTES >> 20
            raise InvalidOutput(f"The task wrote more than {limit} MiB into {what}. Hand on large data as an artifact.")
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise InvalidOutput(f"The task wrote something into {what} that is no UTF-8 text.") from None
    except OSError as error:
        raise InvalidOutput(f"The task left {what} unreadable: {error.strerror}.") from None
