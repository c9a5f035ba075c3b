"""Versions of pipelines."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, insert, select, update

from pinnace.domain.changes import PIPELINE_VERSION, ChangeAction
from pinnace.domain.ids import PipelineId, PipelineVersionId
from pinnace.domain.listing import ListQuery, Page
from pinnace.domain.pipelines import PipelineVersion
from pinnace.errors import AlreadyExists, NotFound
from pinnace.store.changes import ChangeRecorder, version_summary
from pinnace.store.queries import documents, tags
from pinnace.store.queries.listing import Listable, list_page
from pinnace.store.rows import version_from, version_values
from pinnace.store.tables import pipeline_versions, pipelines, version_tags

_LISTABLE: Final = Listable(
    kind="PipelineVersion",
    table=pipeline_versions,
    fields={
        "id": pipeline_versions.c.id,
        "name": pipeline_versions.c.name,
        "display_name": pipeline_versions.c.display_name,
        "created_at": pipeline_versions.c.created_at,
        "description": pipeline_versions.c.description,
    },
    parent=pipeline_versions.c.pipeline_id,
    tags=version_tags,
)


class SqlPipelineVersions:
    """``ports.store.PipelineVersions`` on one connection."""

    def __init__(self, connection: Connection, recorder: ChangeRecorder) -> None:
        self._connection = connection
        self._recorder = recorder

    def add(self, version: PipelineVersion) -> None:
        """See the port. An id that is taken counts as the name being taken."""
        namespace = self._connection.execute(
            select(pipelines.c.namespace).where(pipelines.c.id == version.pipeline)
        ).scalar()
        if namespace is None:
            raise NotFound("Pipeline", version.pipeline)
        taken = select(pipeline_versions.c.id).where(
            (pipeline_versions.c.id == version.id)
            | ((pipeline_versions.c.pipeline_id == version.pipeline) & (pipeline_versions.c.name == version.name))
        )
        if self._connection.execute(taken).first() is not None:
            raise AlreadyExists(f"Version {version.name} exists already in its pipeline. Choose another name.")
        self._connection.execute(insert(pipeline_versions), {**version_values(version), "namespace": namespace})
        tags.put(self._connection, version_tags, version.id, version.tags)
        told = self._connection.execute(select(pipeline_versions).where(pipeline_versions.c.id == version.id)).one()
        self._note(ChangeAction.CREATED, told)

    def get(self, version: PipelineVersionId) -> PipelineVersion:
        """See the port."""
        rows = self._connection.execute(select(pipeline_versions).where(pipeline_versions.c.id == version)).all()
        if not rows:
            raise NotFound("PipelineVersion", version)
        return self._versions(rows)[0]

    def latest(self, pipeline: PipelineId) -> PipelineVersion | None:
        """See the port."""
        rows = self._connection.execute(
            select(pipeline_versions)
            .where(pipeline_versions.c.pipeline_id == pipeline)
            .order_by(pipeline_versions.c.created_at.desc(), pipeline_versions.c.id.desc())
            .limit(1)
        ).all()
        return self._versions(rows)[0] if rows else None

    def list(self, query: ListQuery) -> Page[PipelineVersion]:
        """See the port."""
        return list_page(self._connection, _LISTABLE, query, self._versions)

    def update(self, version: PipelineVersion) -> None:
        """See the port."""
        changed = self._connection.execute(
            update(pipeline_versions)
            .where(pipeline_versions.c.id == version.id)
            .values(display_name=version.display_name)
            .returning(pipeline_versions)
        ).one_or_none()
        if changed is None:
            raise NotFound("PipelineVersion", version.id)
        tags.put(self._connection, version_tags, version.id, version.tags)
        self._note(ChangeAction.UPDATED, changed)

    def delete(self, version: PipelineVersionId) -> None:
        """See the port. A document that nothing else needs goes too."""
        gone = self._connection.execute(
            delete(pipeline_versions).where(pipeline_versions.c.id == version).returning(pipeline_versions)
        ).one_or_none()
        if gone is None:
            raise NotFound("PipelineVersion", version)
        documents.drop_unused(self._connection, [gone.document])
        self._note(ChangeAction.DELETED, gone)

    def _note(self, action: ChangeAction, row: Row[Any]) -> None:
        self._recorder.note(PIPELINE_VERSION, action, row.namespace, row.id, **version_summary(row))

    def _versions(self, rows: Sequence[Row[Any]]) -> Sequence[PipelineVersion]:
        tagged = tags.of(self._connection, version_tags, [row.id for row in rows])
        return [version_from(row, tagged[row.id]) for row in rows]
