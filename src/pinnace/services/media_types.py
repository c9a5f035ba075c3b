"""What a file of an artifact is called and which media type it has, when it leaves the server."""

import mimetypes
from typing import Final

from pinnace.domain.artifacts import Artifact

HTML: Final = "system.HTML"
MARKDOWN: Final = "system.Markdown"
BINARY: Final = "application/octet-stream"

_BY_TYPE: Final = {HTML: ("text/html", ".html"), MARKDOWN: ("text/markdown", ".md")}
# A table of our own: what the machine has in /etc/mime.types would make answers differ from machine to machine.
_TABLE: Final = mimetypes.MimeTypes(())
for _suffix, _type in (
    (".ipynb", "application/x-ipynb+json"),
    (".jsonl", "application/x-ndjson"),
    (".log", "text/plain"),
    (".md", "text/markdown"),
    (".onnx", BINARY),
    (".parquet", "application/vnd.apache.parquet"),
    (".toml", "application/toml"),
    (".webp", "image/webp"),
    (".yaml", "application/yaml"),
    (".yml", "application/yaml"),
):
    _TABLE.add_type(_type, _suffix)


def file_name(artifact: Artifact, member: str = "") -> str:
    """What the file, or directory, is called: the last part of its path, with a suffix where its type asks for one."""
    name = (member or artifact.uri.rstrip("/")).rpartition("/")[2] or artifact.name
    known = _BY_TYPE.get(artifact.type.schema_title)
    return name + known[1] if known is not None and not member and "." not in name else name


def media_type(artifact: Artifact, member: str = "") -> str:
    """The media type of a file, by its name and by the type of the artifact."""
    known = _BY_TYPE.get(artifact.type.schema_title)
    guessed, encoding = _TABLE.guess_type(f"x/{file_name(artifact, member)}")
    if encoding is not None:
        return "application/gzip" if encoding == "gzip" else BINARY
    return guessed or (known[0] if known is not None and not member else BINARY)
