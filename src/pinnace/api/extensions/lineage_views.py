"""JSON of artifacts with their neighbours, of lineage, and of what the cache knows."""

from pinnace.api.extensions.wire_base import time_of, time_or_none
from pinnace.api.extensions.wire_lineage import (
    WireArtifactRecord,
    WireArtifactUse,
    WireArtifactUses,
    WireArtifactView,
    WireCacheComparison,
    WireCacheDifference,
    WireCacheEntry,
    WireCachePart,
    WireCacheView,
    WireLineage,
    WireLineageEdge,
    WireLineageNode,
    WireTaskBrief,
)
from pinnace.domain.artifacts import StoredArtifact
from pinnace.domain.ids import task_uuid
from pinnace.domain.lineage import Graph, Link, LinkDirection, TaskBrief
from pinnace.ports.store import CacheEntry
from pinnace.services.cache_explanations import Difference, Explanation, Part
from pinnace.services.lineage import ArtifactDetails, Use, Uses


def artifact_view(found: ArtifactDetails) -> WireArtifactView:
    """An artifact with what made it and what used it."""
    return WireArtifactView(
        **artifact_record(found.stored).model_dump(),
        producer=None if found.producer is None else artifact_use(found.producer),
        reused_by=_uses(found.reused_by),
        used_by=_uses(found.used_by),
    )


def artifact_record(stored: StoredArtifact) -> WireArtifactRecord:
    """An artifact alone."""
    artifact = stored.artifact
    return WireArtifactRecord(
        artifact_id=artifact.id,
        name=artifact.name,
        type=artifact.type.schema_title,
        schema_version=artifact.type.schema_version,
        instance_schema=artifact.type.instance_schema,
        description=stored.description,
        uri=artifact.uri,
        metadata=dict(artifact.metadata),
        number_value=stored.number_value,
        digest=artifact.digest,
        size=artifact.size if artifact.size >= 0 else None,
        created_at=time_of(stored.created_at),
        run_id=stored.run or None,
    )


def lineage_view(graph: Graph) -> WireLineage:
    """A lineage as a graph."""
    artifacts = [
        WireLineageNode(id=each.artifact.id, kind="ARTIFACT", artifact=artifact_record(each), task=None)
        for each in graph.artifacts
    ]
    tasks = [
        WireLineageNode(id=each.task_id, kind="TASK", artifact=None, task=task_brief(each)) for each in graph.tasks
    ]
    return WireLineage(
        nodes=[*artifacts, *tasks], edges=[_edge(link) for link in graph.links], truncated=graph.truncated
    )


def cache_view(found: Explanation) -> WireCacheView:
    """What the cache knows of a task."""
    nearest = None
    if found.nearest is not None:
        parts = [_difference(each) for each in found.differences]
        nearest = WireCacheComparison(entry=_entry(found.nearest), parts=parts)
    return WireCacheView(
        run_id=found.task.run,
        task_id=task_uuid(found.task.run, found.task.node),
        node=found.task.node,
        status=found.status,
        reason=found.reason,
        fingerprint=found.task.fingerprint,
        parts=[_part(each) for each in found.parts],
        source=None if found.source is None else _entry(found.source),
        nearest=nearest,
        kept=found.kept,
    )


def _uses(uses: Uses) -> WireArtifactUses:
    return WireArtifactUses(items=[artifact_use(each) for each in uses.items], truncated=uses.truncated)


def artifact_use(use: Use) -> WireArtifactUse:
    """A task that had to do with an artifact."""
    return WireArtifactUse(role=use.link.role, key=use.link.key, index=use.link.index, task=task_brief(use.task))


def task_brief(task: TaskBrief) -> WireTaskBrief:
    """A node of a run in a few words."""
    return WireTaskBrief(
        task_id=task.task_id,
        run_id=task.run,
        run_name=task.run_name,
        node=task.node,
        name=task.name,
        display_name=task.display_name,
        kind=task.kind,
        phase=task.phase,
        cached=task.cached,
        created_at=time_of(task.created_at),
        started_at=time_or_none(task.started_at),
        ended_at=time_or_none(task.ended_at),
    )


def _edge(link: Link) -> WireLineageEdge:
    task = task_uuid(link.run, link.node)
    into = link.direction is LinkDirection.INPUT
    return WireLineageEdge(
        source=link.artifact if into else task,
        target=task if into else link.artifact,
        role=link.role,
        key=link.key,
        index=link.index,
    )


def _entry(entry: CacheEntry) -> WireCacheEntry:
    return WireCacheEntry(
        run_id=entry.run,
        task_id=task_uuid(entry.run, entry.node),
        node=entry.node,
        created_at=time_of(entry.created_at),
    )


def _part(part: Part) -> WireCachePart:
    return WireCachePart(name=part.name, digest=part.digest, value=part.value)


def _difference(difference: Difference) -> WireCacheDifference:
    return WireCacheDifference(
        name=difference.name,
        equal=difference.equal,
        here=None if difference.here is None else _part(difference.here),
        there=None if difference.there is None else _part(difference.there),
    )
