"""Pipelines."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, insert, select, update

from pinnace.domain.changes import PIPELINE, PIPELINE_VERSION, ChangeAction
from pinnace.domain.ids import PipelineId
from pinnace.domain.listing import ListQuery, Page
from pinnace.domain.pipelines import StoredPipeline
from pinnace.errors import AlreadyExists, NotFound
from pinnace.store.changes import AnyRow, ChangeRecorder, version_summary
from pinnace.store.queries import documents, tags
from pinnace.store.queries.listing import Listable, list_page
from pinnace.store.rows import pipeline_from, pipeline_values
from pinnace.store.tables import pipeline_tags, pipeline_versions, pipelines

_LISTABLE: Final = Listable(
    kind="Pipeline",
    table=pipelines,
    fields={
        "id": pipelines.c.id,
        "name": pipelines.c.name,
        "display_name": pipelines.c.display_name,
        "created_at": pipelines.c.created_at,
        "description": pipelines.c.description,
        "namespace": pipelines.c.namespace,
    },
    tags=pipeline_tags,
)

_TOLD: Final = (pipelines.c.namespace, pipelines.c.name, pipelines.c.display_name)


class SqlPipelines:
    """``ports.store.Pipelines`` on one connection."""

    def __init__(self, connection: Connection, recorder: ChangeRecorder) -> None:
        self._connection = connection
        self._recorder = recorder

    def add(self, pipeline: StoredPipeline) -> None:
        """See the port. An id that is taken counts as the name being taken."""
        taken = select(pipelines.c.id).where(
            (pipelines.c.id == pipeline.id)
            | ((pipelines.c.namespace == pipeline.namespace) & (pipelines.c.name == pipeline.name))
        )
        if self._connection.execute(taken).first() is not None:
            raise AlreadyExists(
                f"Pipeline {pipeline.name} exists already. Choose another name, or add a version to it."
            )
        self._connection.execute(insert(pipelines), pipeline_values(pipeline))
        tags.put(self._connection, pipeline_tags, pipeline.id, pipeline.tags)
        self._note(ChangeAction.CREATED, pipeline.id, pipeline)

    def get(self, pipeline: PipelineId) -> StoredPipeline:
        """See the port."""
        rows = self._connection.execute(select(pipelines).where(pipelines.c.id == pipeline)).all()
        if not rows:
            raise NotFound("Pipeline", pipeline)
        return self._pipelines(rows)[0]

    def by_name(self, namespace: str, name: str) -> StoredPipeline | None:
        """See the port."""
        rows = self._connection.execute(
            select(pipelines).where(pipelines.c.namespace == namespace, pipelines.c.name == name)
        ).all()
        return self._pipelines(rows)[0] if rows else None

    def list(self, query: ListQuery) -> Page[StoredPipeline]:
        """See the port."""
        return list_page(self._connection, _LISTABLE, query, self._pipelines)

    def update(self, pipeline: StoredPipeline) -> None:
        """See the port."""
        changed = self._connection.execute(
            update(pipelines)
            .where(pipelines.c.id == pipeline.id)
            .values(display_name=pipeline.display_name)
            .returning(*_TOLD)
        ).one_or_none()
        if changed is None:
            raise NotFound("Pipeline", pipeline.id)
        tags.put(self._connection, pipeline_tags, pipeline.id, pipeline.tags)
        self._note(ChangeAction.UPDATED, pipeline.id, changed)

    def delete(self, pipeline: PipelineId) -> None:
        """See the port. Documents that nothing else needs go too."""
        versions = self._connection.execute(
            select(pipeline_versions).where(pipeline_versions.c.pipeline_id == pipeline)
        ).all()
        gone = self._connection.execute(
            delete(pipelines).where(pipelines.c.id == pipeline).returning(*_TOLD)
        ).one_or_none()
        if gone is None:
            raise NotFound("Pipeline", pipeline)
        documents.drop_unused(self._connection, [version.document for version in versions])
        with_it = [(version.namespace, version.id, version_summary(version)) for version in versions]
        self._recorder.note_all(PIPELINE_VERSION, ChangeAction.DELETED, with_it)
        self._note(ChangeAction.DELETED, pipeline, gone)

    def add_document(self, content: bytes) -> str:
        """See the port."""
        return documents.add(self._connection, content)

    def document(self, digest: str) -> bytes:
        """See the port."""
        return documents.get(self._connection, digest)

    def documents(self, digests: Iterable[str]) -> Mapping[str, bytes]:
        """See the port."""
        return documents.get_all(self._connection, digests)

    def _note(self, action: ChangeAction, id_: str, told: AnyRow | StoredPipeline) -> None:
        self._recorder.note(PIPELINE, action, told.namespace, id_, name=told.name, display_name=told.display_name)

    def _pipelines(self, rows: Sequence[Row[Any]]) -> Sequence[StoredPipeline]:
        tagged = tags.of(self._connection, pipeline_tags, [row.id for row in rows])
        return [pipeline_from(row, tagged[row.id]) for row in rows]
