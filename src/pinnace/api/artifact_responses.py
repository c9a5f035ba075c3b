"""Answers that carry the content of an artifact: whole, in part, or packed.

Artifacts come from pipelines, whoever wrote them, so no browser may run one as a page of this server: everything is
sent to be saved, and what is asked to be shown is shown in a sandbox without scripts. Only HTML runs its own: reports
with plots need them. It has no origin then, may ask no server for anything, and only this server's pages may frame it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from fastapi import Request, Response
from starlette.exceptions import HTTPException
from starlette.responses import StreamingResponse

from pinnace.api.answers import Responses, answers, with_header
from pinnace.errors import InvalidInput
from pinnace.services.artifact_files import ArtifactFile, ArtifactFiles

_SANDBOX: Final = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:"
_REPORT: Final = (
    "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; "
    "img-src data: blob:; font-src data:; media-src data: blob:; worker-src blob:; form-action 'none'; "
    "base-uri 'none'; frame-ancestors 'self'"
)
_RANGE: Final = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9 !#$&()+,;=@^_`{}~.\[\]-]")
_NO_TAG: Final = re.compile(r"[^!#-~]")
_BYTES: Final = {"type": "string", "contentMediaType": "application/octet-stream"}
_ANY: Final = {"*/*": {"schema": _BYTES}}

KIND: Final = "X-Pinnace-Kind"

CONTENT: Final[Responses] = with_header(
    KIND,
    "`file`, or `directory` where a tar.gz was made of one.",
    {
        200: {
            "description": "The file; a directory as a tar.gz, whose length is not known beforehand.",
            "content": _ANY,
        },
        206: {"description": "The part of the file that `Range` asks for.", "content": _ANY},
        **answers(404, 416),
    },
)
"""What a route that answers with :func:`artifact_response` says of it."""


@dataclass(frozen=True, slots=True)
class _Part:
    """Some bytes of a file, or all of them."""

    start: int
    length: int
    is_whole: bool


def artifact_response(
    files: ArtifactFiles, file: ArtifactFile, request: Request, *, inline: bool = False, peek: int = 0
) -> Response:
    """The content of a file or directory, or what ``Range`` asks for of a file; to HEAD the headers alone.

    With *peek* it is only so many bytes of a file, as if there were no more.
    """
    headers = {
        "Content-Disposition": disposition(file.name, inline=inline),
        **_bounds(file, inline=inline),
        "Cache-Control": "private, no-cache",
        KIND: "directory" if file.is_directory else "file",
    }
    if peek and file.is_directory:
        raise InvalidInput("This is a directory: there are no first bytes of it to be seen. Download it, without peek.")
    size = min(peek, file.entry.size) if peek else file.entry.size
    if file.is_directory or size < 0:
        content = iter([files.head(file, peek)]) if peek else files.content(file)
        return _answer(request, 200, headers, file, content)
    headers["Accept-Ranges"] = "bytes"
    version = _NO_TAG.sub("", file.entry.version)
    if version and not peek:
        headers["ETag"] = f'"{version}"'
    part = _part(request, size, headers.get("ETag", ""))
    headers["Content-Length"] = str(part.length)
    if not part.is_whole:
        headers["Content-Range"] = f"bytes {part.start}-{part.start + part.length - 1}/{size}"
    return _answer(request, 200 if part.is_whole else 206, headers, file, files.content(file, part.start, part.length))


def _bounds(file: ArtifactFile, *, inline: bool) -> dict[str, str]:
    """What a browser may do with the content."""
    if inline and not file.is_directory and file.media_type == "text/html":
        return {"Content-Security-Policy": _REPORT, "X-Frame-Options": "SAMEORIGIN"}
    return {"Content-Security-Policy": _SANDBOX}


def disposition(name: str, *, inline: bool = False) -> str:
    """The header that names a download, for old readers in ASCII as well."""
    kind = "inline" if inline else "attachment"
    plain = _UNSAFE.sub("_", name)
    encoded = quote(name.encode("utf-8", "replace"), safe="")
    return f'{kind}; filename="{plain}"' + ("" if plain == name else f"; filename*=UTF-8''{encoded}")


def _answer(
    request: Request, status: int, headers: dict[str, str], file: ArtifactFile, content: Iterator[bytes]
) -> Response:
    kind = f"{file.media_type}; charset=utf-8" if file.media_type.startswith("text/") else file.media_type
    stream = iter(()) if request.method == "HEAD" else content
    return StreamingResponse(stream, status, {**headers, "Content-Type": kind})


def _part(request: Request, size: int, etag: str) -> _Part:
    """What of a file is asked for. Several ranges, and what is no range, mean all of it, as the standard allows."""
    whole = _Part(0, size, is_whole=True)
    matched = _RANGE.fullmatch(request.headers.get("range", "").strip())
    condition = request.headers.get("if-range")
    if matched is None or matched.group() == "bytes=-" or (condition is not None and condition != etag):
        return whole
    first, last = matched.groups()
    if not first:
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), min(int(last) + 1, size) if last else size
        if last and int(last) < start:
            return whole
    if start >= end:
        raise HTTPException(
            416, f"The file has {size} bytes. Ask for a range within them.", {"Content-Range": f"bytes */{size}"}
        )
    return _Part(start, end - start, is_whole=False)
