"""Stored pipelines and their versions."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pinnace.domain.ids import PipelineId, PipelineVersionId
from pinnace.domain.values import Instant


@dataclass(frozen=True, slots=True)
class StoredPipeline:
    """A pipeline: a name over its versions. ``name`` is unique in its namespace and never changes."""

    id: PipelineId
    name: str
    display_name: str
    created_at: Instant
    namespace: str = "default"
    creator: str = ""
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PipelineVersion:
    """A version: one submitted document. ``name`` is unique in its pipeline and never changes.

    ``document`` is the SHA-256 under which the submitted bytes are stored.
    """

    id: PipelineVersionId
    pipeline: PipelineId
    name: str
    display_name: str
    document: str
    created_at: Instant
    creator: str = ""
    description: str = ""
    package_url: str = ""
    code_source_url: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
