"""Where the files of a run lie."""

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from pinnace.domain.ids import NodeId, RunId
from pinnace.domain.places import place_of
from pinnace.domain.runs import Run


def segment(name: str) -> str:
    """*name* as one path segment that cannot leave its directory: reserved characters are percent-encoded."""
    quoted = quote(name, safe=" !#$&'()+,;=@[]{}~^-_.")
    return quoted.replace(".", "%2E") if set(quoted) <= {"."} else quoted


class Layout:
    """Paths under the data directory, and the URIs of artifacts.

    A node id is a path already, whose segments are escaped; a task that is called ``..`` stays where it is.
    """

    def __init__(self, data_directory: Path, artifact_root: str = "") -> None:
        self._data = data_directory
        self._root = artifact_root.removeprefix("file://").rstrip("/") or str(data_directory / "artifacts")

    def attempt_directory(self, run: RunId, node: NodeId, attempt: int) -> Path:
        """The directory that an attempt owns."""
        return Path(f"{self._data}/runs/{segment(run)}/{self._node(node)}/{attempt}")

    def attempt_log(self, run: RunId, node: NodeId, attempt: int) -> Path:
        """The file that the attempt writes its output to."""
        return self.attempt_directory(run, node, attempt) / "log"

    def directories(self, run: RunId) -> tuple[Path, ...]:
        """The directories that a run has for itself; its artifacts are not among them."""
        return self._data / "runs" / segment(run), self.workspace(run)

    def areas(self) -> Sequence[tuple[str, Path, int]]:
        """What the data directory holds of runs: a word for it, where, and how many steps down the runs are."""
        return (
            ("logs", self._data / "runs", 1),
            ("workspace", self._data / "workspaces", 1),
            ("artifacts", self._data / "artifacts", 3),
        )

    def workspace(self, run: RunId) -> Path:
        """The directory that the tasks of a run share (``dsl.WORKSPACE_PATH_PLACEHOLDER``)."""
        return self._data / "workspaces" / segment(run)

    @property
    def owner(self) -> Path:
        """The file that names the database whose runs' files the data directory holds."""
        return self._data / "database"

    @property
    def deletions(self) -> Path:
        """The directory of notes about deleted runs, of which something is left."""
        return self._data / "deletions"

    def pipeline_root(self, root: str, namespace: str, pipeline: str, run: RunId) -> str:
        """Where the artifacts of a run go. *root* is what its creator asked for, "" for the server's own."""
        base = root.split("?", 1)[0].removeprefix("file://").rstrip("/") or self._root
        if base.startswith("/"):
            base = place_of(base)  # The store compares roots as places.
        return "/".join((base, segment(namespace), segment(pipeline), segment(run)))

    def root_of(self, run: Run) -> str:
        """Where the artifacts of a run go, or would go if it began now."""
        return run.artifact_root or self.pipeline_root(run.pipeline_root, run.namespace, run.pipeline_name, run.id)

    def another_root(self, root: str, number: int) -> str:
        """The *number*-th place instead of a root that cannot be used any more."""
        return f"{root}~{number}"

    def task_root(self, pipeline_root: str, node: NodeId, attempt: int) -> str:
        """Where the artifacts of an attempt go."""
        return f"{pipeline_root}/{self._node(node)}/{attempt}"

    def _node(self, node: NodeId) -> str:
        return "/".join(segment(part) for part in node.split("/"))
