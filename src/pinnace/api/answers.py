"""What a route says of its answers besides its model, so that the OpenAPI document is complete and true.

Whoever adds a route gives it:

- ``operation_id``: KFP's own (``RunService_GetRun``), or camel case in our API (``getRunOutputs``);
- ``response_model``: a ``Message`` in KFP's API, a ``View`` (``extensions/wire_base.py``) in ours;
- a docstring, whose first line becomes the summary, and a description of each query parameter;
- ``responses=answers(404, 409)`` for what can happen besides what always can. ``openapi`` knows by itself: 400, 401,
  403, 413, 500 and 503 everywhere, 404 where the path names something, 415 where a body may come;
- for what is no JSON: ``response_model=None``, ``response_class=Response``, ``responses=content("text/plain", "…")``;
- a description of its tag, and of parameters in its path, in the tables of ``openapi``.
"""

from http import HTTPStatus
from typing import Any, TypeAlias

Responses: TypeAlias = dict[int | str, dict[str, Any]]

DONE = "Done."
_TEXT = ("text/", "application/x-ndjson", "application/openmetrics-text")


def answers(*statuses: int) -> Responses:
    """Errors that a route can answer with."""
    return {status: {"description": HTTPStatus(status).phrase} for status in statuses}


def content(media_type: str, description: str) -> Responses:
    """A success that is text, or bytes."""
    return content_types(description, media_type)


def content_types(description: str, *media_types: str) -> Responses:
    """A success that is text, or bytes, of one of some types."""
    return {200: {"description": description, "content": {kind: {"schema": _schema(kind)} for kind in media_types}}}


def _schema(media_type: str) -> dict[str, Any]:
    text = media_type.startswith(_TEXT)
    return {"type": "string"} if text else {"type": "string", "contentMediaType": media_type}


def with_header(name: str, description: str, responses: Responses | None = None) -> Responses:
    """*responses* whose success has, or may have, a header of our own."""
    found = dict(responses or {})
    success = found.get(200, {"description": DONE})
    headers = {**success.get("headers", {}), name: {"description": description, "schema": {"type": "string"}}}
    return {**found, 200: {**success, "headers": headers}}
