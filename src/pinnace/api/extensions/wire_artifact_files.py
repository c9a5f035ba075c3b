"""What an artifact shows without being downloaded."""

from typing import Any

from pydantic import Field

from pinnace.api.extensions.wire_base import View
from pinnace.ports.artifacts import EntryKind
from pinnace.services.previews import PreviewKind


class WireArtifactEntry(View):
    """An entry of a directory."""

    name: str
    kind: EntryKind = Field(description="A `link` leads out of the artifact or to nothing, and is not followed.")
    size: int | None = Field(description="Bytes of a file, null where that is not known.")


class WireArtifactPreview(View):
    """What a reader sees of an artifact, or of a file in it. Which fields are filled follows from `kind`."""

    artifact_id: str
    path: str = Field(description='The file in the artifact; "" for the artifact itself.')
    kind: PreviewKind
    name: str = Field(description="What a download is called.")
    media_type: str = Field(description='Of a file; "" for what is none.')
    size: int | None = Field(description="Bytes of a file, null where that is not known.")
    truncated: bool = Field(description="Whether there is more than is shown.")
    text: str | None = Field(description="For `text`, `json`, `markdown`, `html` and `table`: how the file begins.")
    columns: list[str] | None = Field(description="For `table`: its first line.")
    rows: list[list[str]] | None = Field(description="For `table`: the lines after it, at most 100.")
    image: str | None = Field(description="For `image`: a data URL, null where the image is larger than was asked for.")
    entries: list[WireArtifactEntry] | None = Field(description="For `directory`: by name, at most 1000.")
    metrics: dict[str, Any] | None = Field(description="For the kinds of metrics: what the task recorded.")
