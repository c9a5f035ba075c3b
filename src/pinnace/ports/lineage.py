"""The seam to tasks and artifacts that are looked for by themselves, and to the links between them."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from pinnace.domain.artifacts import StoredArtifact
from pinnace.domain.ids import ArtifactId
from pinnace.domain.lineage import Link, LinkQuery, LinkRole, TaskBrief
from pinnace.domain.listing import ListQuery, Page
from pinnace.domain.tasks import TaskRecord


class Lineage(Protocol):
    """Tasks of all runs, artifacts, and which task had to do with which artifact."""

    def task(self, task_id: str) -> TaskRecord:
        """The node with that ``task_id``. Raises NotFound."""
        ...

    def tasks(self, query: ListQuery) -> Page[TaskRecord]:
        """Fields: id run_id parent_id name display_name kind phase fingerprint created_at started_at ended_at
        namespace, and few_phases: the phase, where few nodes are expected in those that are asked for. ``query.parent``
        is a run.
        """
        ...

    def subtasks(self, query: ListQuery) -> Page[TaskRecord]:
        """The same, but ``query.parent`` is the ``task_id`` of the node around them."""
        ...

    def brief_page(self, query: ListQuery) -> Page[TaskBrief]:
        """The same as ``tasks``, in a few words."""
        ...

    def children(self, task_id: str, limit: int) -> Sequence[TaskBrief]:
        """The first nodes directly inside another, in the order in which they came to be."""
        ...

    def briefs(self, task_ids: Sequence[str]) -> Mapping[str, TaskBrief]:
        """Those of the nodes that exist, by ``task_id``."""
        ...

    def artifact(self, artifact: ArtifactId) -> StoredArtifact:
        """Raises NotFound."""
        ...

    def artifacts_by_id(self, ids: Sequence[ArtifactId]) -> Mapping[ArtifactId, StoredArtifact]:
        """Those of the artifacts that exist."""
        ...

    def artifacts(self, query: ListQuery) -> Page[StoredArtifact]:
        """Fields: id name kind uri description created_at namespace run_id place (``domain.places``)."""
        ...

    def add_artifact(self, artifact: StoredArtifact) -> None:
        """Insert an artifact that no task made. Raises AlreadyExists if its id is taken."""
        ...

    def links(self, query: LinkQuery) -> Page[Link]:
        """A page of links; the total is -1 where nothing narrows the list down."""
        ...

    def producers(self, ids: Sequence[ArtifactId]) -> Mapping[ArtifactId, Link]:
        """Of each artifact the link to the task that made or first imported it, where that task's run still exists."""
        ...

    def links_of_artifacts(self, ids: Sequence[ArtifactId], roles: Sequence[LinkRole], limit: int) -> Sequence[Link]:
        """At most *limit* links of some artifacts in one of the roles, those of the newest tasks first."""
        ...

    def links_of_tasks(self, task_ids: Sequence[str], roles: Sequence[LinkRole], limit: int) -> Sequence[Link]:
        """At most *limit* links of some nodes in one of the roles."""
        ...
