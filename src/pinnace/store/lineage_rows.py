"""Rows and domain objects of artifacts with where they came from, and of what ties them to tasks."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row

from pinnace.domain.artifacts import StoredArtifact
from pinnace.domain.ids import ArtifactId, NodeId, RunId
from pinnace.domain.lineage import Link, LinkDirection, LinkRole, role_of
from pinnace.domain.tasks import TaskRecord
from pinnace.domain.values import Instant
from pinnace.store.rows import Values, artifact_from, artifact_values


def link_values(task: TaskRecord) -> Iterable[Values]:
    """The rows that tie a node to its artifacts."""
    for direction, binding in ((LinkDirection.INPUT, task.inputs), (LinkDirection.OUTPUT, task.outputs)):
        role = role_of(task, direction)
        for key, artifacts in binding.artifacts.items():
            for index, artifact in enumerate(artifacts):
                yield {
                    "run_id": task.run,
                    "node": task.node,
                    "direction": direction.value,
                    "key": key,
                    "index": index,
                    "artifact_id": artifact,
                    "role": role.value,
                    "created_at": task.created_at,
                }


def link_from(row: Row[Any]) -> Link:
    """The link of a row."""
    return Link(
        artifact=ArtifactId(row.artifact_id),
        run=RunId(row.run_id),
        node=NodeId(row.node),
        direction=LinkDirection(row.direction),
        role=LinkRole(row.role),
        key=row.key,
        index=row._mapping["index"],  # noqa: SLF001 - a row has a method of that name
        created_at=Instant(row.created_at),
    )


def stored_artifact_values(stored: StoredArtifact) -> Values:
    """The whole row of an artifact."""
    return {
        **artifact_values(stored.artifact),
        "namespace": stored.namespace,
        "creator": stored.creator,
        "run_id": stored.run,
        "created_at": stored.created_at,
        "description": stored.description,
        "number_value": stored.number_value,
    }


def stored_artifact_from(row: Row[Any]) -> StoredArtifact:
    """The artifact of a row with where it came from."""
    return StoredArtifact(
        artifact=artifact_from(row),
        created_at=Instant(row.created_at),
        run=RunId(row.run_id),
        namespace=row.namespace,
        creator=row.creator,
        description=row.description,
        number_value=row.number_value,
    )
