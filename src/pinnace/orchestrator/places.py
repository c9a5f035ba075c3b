"""Where one attempt finds its inputs and leaves its outputs."""

from pathlib import Path
from urllib.parse import urlsplit

from pinnace.domain.artifacts import Artifact
from pinnace.domain.tasks import AttemptKey
from pinnace.orchestrator.layout import Layout, segment
from pinnace.orchestrator.loading import LoadedRun
from pinnace.ports.artifacts import ArtifactStore

IN_WORKSPACE = "_kfp_workspace"
"""Metadata of an artifact whose content the importer has put into the run's workspace (upstream's mark)."""


class Places:
    """Paths and URIs of one attempt: the same before its launch, behind its end, and after a restart."""

    def __init__(self, layout: Layout, artifacts: ArtifactStore, loaded: LoadedRun, key: AttemptKey) -> None:
        self._artifacts = artifacts
        self.directory = layout.attempt_directory(key.run, key.node, key.attempt)
        self.workspace = layout.workspace(key.run)
        self._root = layout.task_root(loaded.pipeline_root, key.node, key.attempt)
        self._local_root = self._root if artifacts.is_local(self._root) else str(self.directory / "artifacts")

    @property
    def metadata_file(self) -> Path:
        """What the SDK's executor writes. Its directory is the task root, under which ``dsl.get_uri`` makes URIs."""
        return Path(f"{self._local_root}/executor_output.json")

    def parameter_file(self, name: str) -> Path:
        """The file of an output parameter."""
        return self.directory / "outputs" / segment(name)

    def output_uri(self, name: str) -> str:
        """Where an output artifact is to be found later."""
        return f"{self._root}/{segment(name)}"

    def output_path(self, name: str) -> str:
        """Where the task writes it."""
        return f"{self._local_root}/{segment(name)}"

    def input_path(self, name: str, index: int, artifact: Artifact) -> str:
        """Where the task reads an input artifact."""
        if artifact.metadata.get(IN_WORKSPACE):
            return str(workspace_copy(self.workspace, artifact.uri))
        if self._artifacts.is_local(artifact.uri):
            return artifact.uri.removeprefix("file://")
        return str(self.directory / "inputs" / segment(name) / str(index) / segment(artifact.uri.rsplit("/", 1)[-1]))


def workspace_copy(workspace: Path, uri: str) -> Path:
    """Where in the workspace the content of *uri* is put."""
    parts = urlsplit(uri)
    path = [segment(part) for part in (parts.scheme, parts.netloc, *parts.path.split("/")) if part]
    return workspace.joinpath(".artifacts", *path)
