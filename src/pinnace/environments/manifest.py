"""What lies in an environment's directory about itself."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

FILE: Final = "pinnace.json"


@dataclass(frozen=True, slots=True)
class Manifest:
    """How an environment was made, and what came of it.

    Attributes:
        mode: ``inherit`` for a layer on another interpreter, ``isolated`` for one that stands alone.
        requirements: What was asked for, in pip's syntax.
        index_urls: Indexes that were declared with it, without credentials.
        python: The interpreter that it was made from.
        python_version: That interpreter's full version.
        packages: What is in the environment itself: versions by name.
        size: Bytes on the disk. Files that are shared with uv's cache count in full.
        built_at: Seconds since 1970.
        build_seconds: How long it took.
    """

    mode: str
    requirements: tuple[str, ...]
    index_urls: tuple[str, ...]
    python: str
    python_version: str
    packages: Mapping[str, str] = field(default_factory=dict)
    size: int = 0
    built_at: float = 0.0
    build_seconds: float = 0.0


def write_manifest(environment: Path, manifest: Manifest) -> None:
    """Write it into an environment that is not used yet."""
    (environment / FILE).write_text(json.dumps(asdict(manifest), indent=2) + "\n", encoding="utf-8")


def read_manifest(environment: Path) -> Manifest | None:
    """The manifest, or None where there is none that can be read: then it is no finished environment."""
    try:
        fields = json.loads((environment / FILE).read_text(encoding="utf-8"))
        return Manifest(
            **{**fields, "requirements": tuple(fields["requirements"]), "index_urls": tuple(fields["index_urls"])}
        )
    except (OSError, ValueError, TypeError, KeyError):
        return None
