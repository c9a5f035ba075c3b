"""Artifacts: what tasks hand to each other as files."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from pinnace.domain.ids import ArtifactId, RunId
from pinnace.domain.values import Instant, JsonValue

KINDS: Final[Mapping[str, str]] = {
    "Artifact": "system.Artifact",
    "Model": "system.Model",
    "Dataset": "system.Dataset",
    "HTML": "system.HTML",
    "Markdown": "system.Markdown",
    "Metric": "system.Metrics",
    "ClassificationMetric": "system.ClassificationMetrics",
    "SlicedClassificationMetric": "system.SlicedClassificationMetrics",
}
"""Schema titles by the short names that upstream has announced for them."""

MAX_NAME: Final = 500
"""Characters of an artifact's name."""

_KIND_OF: Final[Mapping[str, str]] = {title: kind for kind, title in KINDS.items()}


@dataclass(frozen=True, slots=True)
class ArtifactType:
    """The type of an artifact: a schema title (``system.Dataset``) or a whole instance schema."""

    schema_title: str = "system.Artifact"
    schema_version: str = "0.0.1"
    instance_schema: str = ""

    @property
    def kind(self) -> str:
        """The type as one of ``KINDS``; one of somebody's own is an ``Artifact``."""
        return _KIND_OF.get(self.schema_title, "Artifact")


@dataclass(frozen=True, slots=True)
class Artifact:
    """One published artifact.

    Attributes:
        id: Stable; survives cache hits, since a hit hands on the same artifact.
        name: The name that its producer gave it, by default the output's key.
        type: Its type.
        uri: Where its content lies: an absolute path or a URL.
        metadata: What the producer recorded with it.
        custom_path: Where in the task the content was written instead of where the uri maps to; else "".
        digest: SHA-256 of the content with its scheme (``sha256:…``, ``tree:…``, ``etag:…``), or "" if not known.
        size: Bytes, or -1 when not known.
    """

    id: ArtifactId
    name: str
    type: ArtifactType
    uri: str
    metadata: Mapping[str, JsonValue] = field(default_factory=dict)
    custom_path: str = ""
    digest: str = ""
    size: int = -1


@dataclass(frozen=True, slots=True)
class StoredArtifact:
    """An artifact with what the store knows of where it came from.

    Attributes:
        run: The run that made it (it may be gone), or "" for one that a client registered.
        description: Of a registered one.
        number_value: Of a registered metric.
    """

    artifact: Artifact
    created_at: Instant
    run: RunId = RunId("")
    namespace: str = "default"
    creator: str = ""
    description: str = ""
    number_value: float | None = None
