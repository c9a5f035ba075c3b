"""Artifacts with their neighbours, lineage, and what the cache knows of a task."""

from typing import Any, Literal

from pydantic import Field

from pinnace.api.extensions.wire_base import Time, View
from pinnace.domain.lineage import LinkRole
from pinnace.domain.states import NodePhase
from pinnace.services.cache_explanations import CacheStatus


class WireTaskBrief(View):
    """A node of a run, in a few words."""

    task_id: str
    run_id: str
    run_name: str = Field(description="The display name of the run.")
    node: str = Field(description="The path of the node within the run.")
    name: str = Field(description="The task's key in the pipeline.")
    display_name: str
    kind: str
    phase: NodePhase
    cached: bool
    created_at: Time
    started_at: Time | None
    ended_at: Time | None


class WireArtifactUse(View):
    """A task that had to do with an artifact, and how."""

    role: LinkRole
    key: str = Field(description="The input or output of the task.")
    index: int = Field(description="The place in a list of artifacts.")
    task: WireTaskBrief


class WireArtifactUses(View):
    """Tasks that had to do with an artifact, the newest first."""

    items: list[WireArtifactUse]
    truncated: bool = Field(description="Whether there are more. `artifact_tasks` of KFP's API lists all, in pages.")


class WireArtifactRecord(View):
    """An artifact as it was recorded."""

    artifact_id: str
    name: str
    type: str = Field(description="The title of its schema, like `system.Model`.")
    schema_version: str
    instance_schema: str
    description: str
    uri: str
    metadata: dict[str, Any]
    number_value: float | None
    digest: str = Field(description='SHA-256 of its content, "" where that is not known.')
    size: int | None = Field(description="In bytes, null where that is not known.")
    created_at: Time
    run_id: str | None = Field(description="The run that made it, which may be gone; null for a registered one.")


class WireArtifactView(WireArtifactRecord):
    """An artifact, what made it, and what it was used for."""

    producer: WireArtifactUse | None = Field(description="The task that made it, or first imported it.")
    reused_by: WireArtifactUses = Field(
        description="Tasks that the cache gave it to as theirs, or that imported it too."
    )
    used_by: WireArtifactUses = Field(description="Tasks that took it in, in any run.")


class WireLineageNode(View):
    """An artifact or a task: one of the two is there."""

    id: str = Field(description="The `artifact_id` or the `task_id`.")
    kind: Literal["ARTIFACT", "TASK"]
    artifact: WireArtifactRecord | None
    task: WireTaskBrief | None


class WireLineageEdge(View):
    """From a task to what it gave out, or from an artifact to what took it in."""

    source: str
    target: str
    role: LinkRole
    key: str
    index: int


class WireLineage(View):
    """Artifacts and tasks around an artifact."""

    nodes: list[WireLineageNode]
    edges: list[WireLineageEdge]
    truncated: bool = Field(description="Whether there is more than is shown, by depth or by number.")


class WireCacheEntry(View):
    """What an earlier task has left in the cache."""

    run_id: str
    task_id: str
    node: str
    created_at: Time


class WireCachePart(View):
    """One part of what the cache knows a task by."""

    name: str = Field(description="Like `image`, `command`, `parameter:x` or `artifact:data`.")
    digest: str
    value: Any = Field(
        description="The part itself, where it is known. Long texts are cut, passwords in URLs left out."
    )


class WireCacheDifference(View):
    """One part, here and in an earlier result."""

    name: str
    equal: bool
    here: WireCachePart | None = Field(description="Null if this task has no such part.")
    there: WireCachePart | None = Field(description="Null if the earlier task had no such part.")


class WireCacheComparison(View):
    """The earlier result that comes nearest, of the same component in runs of the same pipeline."""

    entry: WireCacheEntry
    parts: list[WireCacheDifference]


class WireCacheView(View):
    """Why a task was, or was not, served by the cache."""

    run_id: str
    task_id: str
    node: str
    status: CacheStatus
    reason: str = Field(description="In a sentence or two.")
    fingerprint: str
    parts: list[WireCachePart]
    source: WireCacheEntry | None = Field(description="Of a hit: the result that it was given.")
    nearest: WireCacheComparison | None = Field(description="Of a miss: what was there, and where it differs.")
    kept: bool = Field(description="Whether the cache holds a result under the fingerprint now.")


class WireCacheExpired(View):
    """How many results of earlier tasks the cache has forgotten."""

    expired: int
