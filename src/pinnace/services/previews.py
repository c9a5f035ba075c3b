"""What the first bytes of a file show a reader. Nothing here reads anything."""

import base64
import codecs
import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice
from typing import Final

from pinnace.domain.artifacts import Artifact
from pinnace.domain.values import JsonValue
from pinnace.ports.artifacts import ContentEntry
from pinnace.services.media_types import HTML, MARKDOWN, file_name, media_type

MOST_ROWS: Final = 100
_SAMPLE: Final = 10
_DATASET: Final = "system.Dataset"
_SEPARATORS: Final = {"text/csv": ",", "text/tab-separated-values": "\t"}
_IMAGES: Final = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif"}
_HIDDEN: Final = frozenset({"display_name", "store_session_info"})


class PreviewKind(StrEnum):
    """What a preview holds."""

    TEXT = "text"
    JSON = "json"
    TABLE = "table"
    MARKDOWN = "markdown"
    HTML = "html"
    IMAGE = "image"
    METRICS = "metrics"
    CLASSIFICATION_METRICS = "classification_metrics"
    SLICED_CLASSIFICATION_METRICS = "sliced_classification_metrics"
    DIRECTORY = "directory"
    BINARY = "binary"


_METRICS: Final[Mapping[str, PreviewKind]] = {
    "system.Metrics": PreviewKind.METRICS,
    "system.ClassificationMetrics": PreviewKind.CLASSIFICATION_METRICS,
    "system.SlicedClassificationMetrics": PreviewKind.SLICED_CLASSIFICATION_METRICS,
}


@dataclass(frozen=True, slots=True)
class Preview:
    """What a reader sees of an artifact, or of a file in it, without downloading it.

    Attributes:
        media_type: Of the file; "" for what is none.
        size: Bytes of the file; -1 where it is not known, and for what is no file.
        truncated: Whether there is more than is shown.
        text: For TEXT, JSON, MARKDOWN and HTML, and for a TABLE as well.
        columns: The first line of a TABLE.
        rows: The lines after it.
        image: A data URL, where the whole image was within the bound.
        entries: Of a DIRECTORY.
        metrics: What the producer recorded, for the kinds of metrics.
    """

    kind: PreviewKind
    media_type: str = ""
    size: int = -1
    truncated: bool = False
    text: str | None = None
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    image: str | None = None
    entries: Sequence[ContentEntry] = ()
    metrics: Mapping[str, JsonValue] | None = None


def metrics_preview(artifact: Artifact) -> Preview | None:
    """The preview of metrics, which are metadata; None for what is none, or where none were recorded."""
    kind = _METRICS.get(artifact.type.schema_title)
    told = {key: value for key, value in artifact.metadata.items() if key not in _HIDDEN}
    return Preview(kind, size=artifact.size, metrics=told) if kind is not None and told else None


def file_preview(artifact: Artifact, member: str, head: bytes, size: int, *, truncated: bool) -> Preview:
    """The preview of a file that begins with *head*; *truncated* says whether it goes on."""
    kind = media_type(artifact, member)
    bare = Preview(PreviewKind.BINARY, kind, size, truncated)
    image = _image_type(head)
    if image:
        url = None if truncated else f"data:{image};base64,{base64.b64encode(head).decode()}"
        return replace(bare, kind=PreviewKind.IMAGE, media_type=image, image=url)
    text = _decoded(head, final=not truncated)
    if text is None:
        return bare
    shown = replace(bare, kind=_kind_of_text(artifact, member, kind, text, truncated=truncated), text=text)
    separator = _separator(artifact, member, kind, text) if shown.kind is PreviewKind.TEXT else ""
    return _as_table(shown, text, separator) if separator else shown


def _image_type(head: bytes) -> str:
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for begin, kind in _IMAGES.items() if head.startswith(begin)), "")


def _decoded(head: bytes, *, final: bool) -> str | None:
    """UTF-8 text, of which the last character may be cut; None for anything else."""
    if b"\x00" in head:
        return None
    try:
        return codecs.getincrementaldecoder("utf-8-sig")().decode(head, final)
    except UnicodeDecodeError:
        return None


def _kind_of_text(artifact: Artifact, member: str, kind: str, text: str, *, truncated: bool) -> PreviewKind:
    title = "" if member else artifact.type.schema_title
    if kind == "text/html" or title == HTML:
        return PreviewKind.HTML
    if kind == "text/markdown" or title == MARKDOWN:
        return PreviewKind.MARKDOWN
    if text.lstrip()[:1] in {"{", "["} and (kind.endswith("json") if truncated else _is_json(text)):
        return PreviewKind.JSON
    return PreviewKind.TEXT


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _separator(artifact: Artifact, member: str, kind: str, text: str) -> str:
    """What separates the columns of a table; "" for what is none. A data set without a suffix is looked at."""
    if kind in _SEPARATORS:
        return _SEPARATORS[kind]
    if artifact.type.schema_title != _DATASET or "." in file_name(artifact, member):
        return ""
    lines = text.split("\n")[: _SAMPLE + 1]
    sample = "\n".join(lines[:-1] if len(lines) > _SAMPLE else lines)
    for separator in ",\t;":
        records = _records(sample, separator, _SAMPLE)
        if len(records) > 1 and len({len(row) for row in records}) == 1 < len(records[0]):
            return separator
    return ""


def _records(text: str, separator: str, most: int) -> list[list[str]]:
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        return list(islice((row for row in reader if row), most))
    except csv.Error:
        return []


def _as_table(shown: Preview, text: str, separator: str) -> Preview:
    records = _records(text, separator, MOST_ROWS + 3)
    whole = len(records) <= MOST_ROWS + 1
    if shown.truncated and whole:
        records = records[:-1]  # The last line may be cut.
    if not records:
        return shown
    rows = records[1 : MOST_ROWS + 1]
    return replace(
        shown,
        kind=PreviewKind.TABLE,
        columns=records[0],
        rows=rows,
        truncated=shown.truncated or len(records) > len(rows) + 1,
    )
