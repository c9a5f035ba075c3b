"""Pipelines."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, insert, select, update

from pinnace.domain.ids import PipelineId
from pinnace.domain.listing import ListQuery, Page
from pinnace.domain.pipelines import StoredPipeline
from pinnace.errors import AlreadyExists, NotFound
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


class SqlPipelines:
    """``ports.store.Pipelines`` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

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
            update(pipelines).where(pipelines.c.id == pipeline.id).values(display_name=pipeline.display_name)
        )
        if changed.rowcount == 0:
            raise NotFound("Pipeline", pipeline.id)
        tags.put(self._connection, pipeline_tags, pipeline.id, pipeline.tags)

    def delete(self, pipeline: PipelineId) -> None:
        """See the port. Documents that nothing else needs go too."""
        needed = (
            self._connection.execute(
                select(pipeline_versions.c.document).where(pipeline_versions.c.pipeline_id == pipeline)
            )
            .scalars()
            .all()
        )
        if self._connection.execute(delete(pipelines).where(pipelines.c.id == pipeline)).rowcount == 0:
            raise NotFound("Pipeline", pipeline)
        documents.drop_unused(self._connection, needed)

    def add_document(self, content: bytes) -> str:
        """See the port."""
        return documents.add(self._connection, content)

    def document(self, digest: str) -> bytes:
        """See the port."""
        return documents.get(self._connection, digest)

    def _pipelines(self, rows: Sequence[Row[Any]]) -> Sequence[StoredPipeline]:
        tagged = tags.of(self._connection, pipeline_tags, [row.id for row in rows])
        return [pipeline_from(row, tagged[row.id]) for row in rows]
