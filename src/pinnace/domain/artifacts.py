"""Artifacts: what tasks hand to each other as files."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pinnace.domain.ids import ArtifactId
from pinnace.domain.values import JsonValue


@dataclass(frozen=True, slots=True)
class ArtifactType:
    """The type of an artifact: a schema title (``system.Dataset``) or a whole instance schema."""

    schema_title: str = "system.Artifact"
    schema_version: str = "0.0.1"
    instance_schema: str = ""


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
