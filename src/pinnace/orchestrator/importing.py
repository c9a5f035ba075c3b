"""Taking existing files into a run as artifacts. Blocks."""

import uuid
from typing import Final

from pinnace.domain.artifacts import MAX_NAME, Artifact
from pinnace.domain.ids import ArtifactId, task_uuid
from pinnace.domain.states import AttemptOutcome
from pinnace.domain.tasks import NodeBinding, TaskFailure
from pinnace.domain.values import JsonObject, JsonValue
from pinnace.engine.commands import ImportArtifact
from pinnace.engine.signals import AttemptFinished
from pinnace.ir.model import Importer
from pinnace.ir.parameters import compact_json
from pinnace.ir.placeholders import resolve_constant
from pinnace.orchestrator.layout import Layout
from pinnace.orchestrator.loading import LoadedRun
from pinnace.orchestrator.places import IN_WORKSPACE, workspace_copy
from pinnace.ports.artifacts import ArtifactStore, Content

_NAMESPACE: Final = uuid.UUID("a5a3c1de-9a4c-5b43-8f0e-696d706f7274")


class CannotImport(Exception):
    """There is nothing at the URI, or it cannot be read."""


class Importing:
    """Answers ImportArtifact."""

    def __init__(self, layout: Layout, artifacts: ArtifactStore) -> None:
        self._layout = layout
        self._artifacts = artifacts

    def import_artifact(self, loaded: LoadedRun, command: ImportArtifact) -> AttemptFinished:
        """The importer's one output. Without ``reimport`` the same content, type and metadata are the same artifact."""
        place = loaded.state.nodes[command.node].place
        importer = place.component.implementation
        assert isinstance(importer, Importer)
        try:
            artifact = self._import(loaded, command, importer)
        except CannotImport as error:
            failure = TaskFailure(str(error), "CannotImport")
            return AttemptFinished(command.node, command.attempt, AttemptOutcome.FAILED, failure=failure)
        outputs = NodeBinding({}, dict.fromkeys(place.component.outputs.artifacts, (artifact.id,)))
        return AttemptFinished(command.node, command.attempt, AttemptOutcome.SUCCEEDED, outputs, (artifact,))

    def _import(self, loaded: LoadedRun, command: ImportArtifact, importer: Importer) -> Artifact:
        parameters = command.inputs.parameters
        uri = self._resolve(loaded, command, parameters.get(importer.uri_input) if importer.uri_input else importer.uri)
        metadata = self._resolve(loaded, command, dict(importer.metadata))
        if not isinstance(uri, str) or not uri:
            raise CannotImport(f"The URI to import is {compact_json(uri)}, and not a text.")
        assert isinstance(metadata, dict)
        content = self._content(uri)
        if importer.download_to_workspace:
            target = workspace_copy(self._layout.workspace(loaded.run.id), uri)
            target.parent.mkdir(parents=True, exist_ok=True)
            self._artifacts.stage_in(uri, str(target))
            metadata = {**metadata, IN_WORKSPACE: True}
        return Artifact(
            id=self._identity(loaded, command, importer, uri, metadata, content),
            name=uri.rstrip("/").rsplit("/", 1)[-1][:MAX_NAME],
            type=importer.type,
            uri=uri,
            metadata=metadata,
            digest=content.digest,
            size=content.size,
        )

    def _resolve(self, loaded: LoadedRun, command: ImportArtifact, value: JsonValue) -> JsonValue:
        task = loaded.state.nodes[command.node].place.task
        identity = task_uuid(loaded.run.id, command.node)
        return resolve_constant(value, loaded.plan.context, task.key, identity, command.inputs.parameters)

    def _content(self, uri: str) -> Content:
        """What is at the URI. A bucket is not asked, as upstream does not: who reads the artifact finds out."""
        if not self._artifacts.is_local(uri):
            return Content(exists=True)
        try:
            content = self._artifacts.inspect(uri)
        except OSError as error:
            raise CannotImport(
                f"{uri} cannot be read: {error}. Check that it is there and that you may read it."
            ) from None
        if not content.exists:
            raise CannotImport(f"There is nothing at {uri}. Check the URI of the importer.")
        return content

    def _identity(
        self,
        loaded: LoadedRun,
        command: ImportArtifact,
        importer: Importer,
        uri: str,
        metadata: JsonObject,
        content: Content,
    ) -> ArtifactId:
        run = loaded.run
        parts: list[JsonValue] = [run.namespace, run.pipeline_name, uri, importer.type.schema_title, metadata]
        parts += [importer.type.instance_schema, content.digest]
        if importer.reimport:
            parts += [run.id, command.node, command.attempt]
        return ArtifactId(str(uuid.uuid5(_NAMESPACE, compact_json(parts))))
