"""Tasks and artifacts found by themselves, and the links between them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Column, Connection, Row, Select, insert, select

from pinnace.domain.artifacts import StoredArtifact
from pinnace.domain.changes import ARTIFACT, ChangeAction
from pinnace.domain.ids import ArtifactId, NodeId, RunId
from pinnace.domain.lineage import Link, LinkQuery, LinkRole, TaskBrief
from pinnace.domain.listing import ListQuery, Page
from pinnace.domain.states import NodePhase
from pinnace.domain.tasks import TaskRecord
from pinnace.domain.values import Instant
from pinnace.errors import AlreadyExists, NotFound
from pinnace.store import counts, values
from pinnace.store.changes import ChangeRecorder
from pinnace.store.lineage_rows import link_from, stored_artifact_from, stored_artifact_values
from pinnace.store.queries.links import list_links
from pinnace.store.queries.listing import Listable, list_page
from pinnace.store.rows import task_from
from pinnace.store.tables import artifacts, runs, task_artifacts, tasks

_FIELDS: Final[Mapping[str, "Column[Any]"]] = {
    "id": tasks.c.id,
    "run_id": tasks.c.run_id,
    "parent_id": tasks.c.parent_id,
    "name": tasks.c.name,
    "display_name": tasks.c.display_name,
    "kind": tasks.c.kind,
    "phase": tasks.c.phase,
    "few_phases": tasks.c.phase,
    "fingerprint": tasks.c.fingerprint,
    "created_at": tasks.c.created_at,
    "started_at": tasks.c.started_at,
    "ended_at": tasks.c.ended_at,
    "namespace": tasks.c.namespace,
}
_TASKS: Final = Listable(
    kind="Task",
    table=tasks,
    fields=_FIELDS,
    parent=tasks.c.run_id,
    counts=counts.TASKS,
    rare=frozenset({"id", "run_id", "parent_id", "few_phases"}),
)
_SUBTASKS: Final = replace(_TASKS, parent=tasks.c.parent_id)
_ARTIFACTS: Final = Listable(
    kind="Artifact",
    table=artifacts,
    fields={
        "id": artifacts.c.id,
        "name": artifacts.c.name,
        "kind": artifacts.c.kind,
        "uri": artifacts.c.uri,
        "description": artifacts.c.description,
        "created_at": artifacts.c.created_at,
        "namespace": artifacts.c.namespace,
        "run_id": artifacts.c.run_id,
        "place": artifacts.c.place,
    },
    parent=artifacts.c.run_id,
    counts=counts.ARTIFACTS,
    rare=frozenset({"id", "run_id", "place"}),
)
_LINK: Final = task_artifacts.c
_OLDEST_FIRST: Final = (_LINK.created_at, _LINK.run_id, _LINK.node, _LINK.key, _LINK.index)
_BRIEF: Final = (
    tasks.c.id,
    tasks.c.run_id,
    runs.c.display_name.label("run_name"),
    tasks.c.node,
    tasks.c.name,
    tasks.c.display_name,
    tasks.c.kind,
    tasks.c.phase,
    tasks.c.cached,
    tasks.c.created_at,
    tasks.c.iteration,
    tasks.c.started_at,
    tasks.c.ended_at,
)
_BRIEFS: Final = select(*_BRIEF).join(runs, runs.c.id == tasks.c.run_id)


class SqlLineage:
    """``ports.lineage.Lineage`` on one connection."""

    def __init__(self, connection: Connection, recorder: ChangeRecorder) -> None:
        self._connection = connection
        self._recorder = recorder

    def task(self, task_id: str) -> TaskRecord:
        """See the port."""
        rows = self._connection.execute(select(tasks).where(tasks.c.id == task_id)).all()
        if not rows:
            raise NotFound("Task", task_id)
        return self._tasks(rows)[0]

    def tasks(self, query: ListQuery) -> Page[TaskRecord]:
        """See the port."""
        return list_page(self._connection, _TASKS, query, self._tasks)

    def subtasks(self, query: ListQuery) -> Page[TaskRecord]:
        """See the port."""
        return list_page(self._connection, _SUBTASKS, query, self._tasks)

    def brief_page(self, query: ListQuery) -> Page[TaskBrief]:
        """See the port."""
        return list_page(self._connection, _TASKS, query, self._briefs)

    def children(self, task_id: str, limit: int) -> Sequence[TaskBrief]:
        """See the port."""
        rows = self._connection.execute(
            _BRIEFS.where(tasks.c.parent_id == task_id).order_by(tasks.c.created_at, tasks.c.id).limit(limit)
        )
        return [_brief_from(row) for row in rows]

    def briefs(self, task_ids: Sequence[str]) -> Mapping[str, TaskBrief]:
        """See the port."""
        found: dict[str, TaskBrief] = {}
        for some in values.chunks(task_ids):
            rows = self._connection.execute(_BRIEFS.where(tasks.c.id.in_(some)))
            found.update({row.id: _brief_from(row) for row in rows})
        return found

    def artifact(self, artifact: ArtifactId) -> StoredArtifact:
        """See the port."""
        row = self._connection.execute(select(artifacts).where(artifacts.c.id == artifact)).one_or_none()
        if row is None:
            raise NotFound("Artifact", artifact)
        return stored_artifact_from(row)

    def artifacts_by_id(self, ids: Sequence[ArtifactId]) -> Mapping[ArtifactId, StoredArtifact]:
        """See the port."""
        found: dict[ArtifactId, StoredArtifact] = {}
        for some in values.chunks(ids):
            rows = self._connection.execute(select(artifacts).where(artifacts.c.id.in_(some)))
            found.update({ArtifactId(row.id): stored_artifact_from(row) for row in rows})
        return found

    def artifacts(self, query: ListQuery) -> Page[StoredArtifact]:
        """See the port."""
        return list_page(self._connection, _ARTIFACTS, query, lambda rows: [stored_artifact_from(row) for row in rows])

    def add_artifact(self, artifact: StoredArtifact) -> None:
        """See the port."""
        taken = select(artifacts.c.id).where(artifacts.c.id == artifact.artifact.id)
        if self._connection.execute(taken).first() is not None:
            raise AlreadyExists(f"Artifact {artifact.artifact.id} exists already.")
        self._connection.execute(insert(artifacts), stored_artifact_values(artifact))
        made = artifact.artifact
        self._recorder.note(
            ARTIFACT, ChangeAction.CREATED, artifact.namespace, made.id, name=made.name, type=made.type.kind
        )

    def links(self, query: LinkQuery) -> Page[Link]:
        """See the port."""
        return list_links(self._connection, query)

    def producers(self, ids: Sequence[ArtifactId]) -> Mapping[ArtifactId, Link]:
        """See the port."""
        found: dict[ArtifactId, Link] = {}
        made = _LINK.role == LinkRole.PRODUCED.value
        for some in values.chunks(ids):
            # An import is a fresh making of the same record in every run: that of the first run counts.
            at_home = (
                select(task_artifacts)
                .join(artifacts, (artifacts.c.id == _LINK.artifact_id) & (artifacts.c.run_id == _LINK.run_id))
                .where(_LINK.artifact_id.in_(some), made)
            )
            for link in self._links(at_home.order_by(*_OLDEST_FIRST)):
                found.setdefault(link.artifact, link)
        for missing in [each for each in ids if each not in found]:
            oldest = select(task_artifacts).where(_LINK.artifact_id == missing, made).order_by(*_OLDEST_FIRST).limit(1)
            found.update({link.artifact: link for link in self._links(oldest)})
        return found

    def links_of_artifacts(self, ids: Sequence[ArtifactId], roles: Sequence[LinkRole], limit: int) -> Sequence[Link]:
        """See the port. Those of one portion of artifacts come before those of the next."""
        found: list[Link] = []
        for some in values.chunks(ids):
            chosen = select(task_artifacts).where(_LINK.artifact_id.in_(some), _LINK.role.in_(roles))
            newest_first = chosen.order_by(*(column.desc() for column in _OLDEST_FIRST))
            found += self._links(newest_first.limit(limit - len(found)))
        return found

    def links_of_tasks(self, task_ids: Sequence[str], roles: Sequence[LinkRole], limit: int) -> Sequence[Link]:
        """See the port."""
        found: list[Link] = []
        for some in values.chunks(task_ids):
            chosen = (
                select(task_artifacts)
                .join(tasks, (tasks.c.run_id == _LINK.run_id) & (tasks.c.node == _LINK.node))
                .where(tasks.c.id.in_(some), _LINK.role.in_(roles))
            )
            found += self._links(chosen.order_by(*_OLDEST_FIRST).limit(limit - len(found)))
        return found

    def _links(self, statement: Select[Any]) -> Iterable[Link]:
        return [link_from(row) for row in self._connection.execute(statement)]

    def _briefs(self, rows: Sequence[Row[Any]]) -> Sequence[TaskBrief]:
        found = self.briefs([row.id for row in rows])
        return [found[row.id] for row in rows]

    def _tasks(self, rows: Sequence[Row[Any]]) -> Sequence[TaskRecord]:
        bodies = values.load(self._connection, (row.body for row in rows))
        return [task_from(row, body) for row, body in zip(rows, bodies, strict=True)]


def _brief_from(row: Any) -> TaskBrief:
    return TaskBrief(
        task_id=row.id,
        run=RunId(row.run_id),
        run_name=row.run_name,
        node=NodeId(row.node),
        name=row.name,
        display_name=row.display_name,
        kind=row.kind,
        phase=NodePhase(row.phase),
        cached=row.cached,
        created_at=Instant(row.created_at),
        index=row.iteration,
        started_at=row.started_at,
        ended_at=row.ended_at,
    )
