"""The one mapping from errors to what clients see: HTTP status, gRPC code and body.

Upstream: gRPC-gateway's bodies are ``google.rpc.Status``; uploads, and reading an artifact, have a body of their own.
"""

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from pinnace.errors import (
    AlreadyExists,
    Conflict,
    FailedPrecondition,
    Forbidden,
    InvalidInput,
    NotFound,
    PinnaceError,
    Unavailable,
)


@dataclass(frozen=True, slots=True)
class Answer:
    """HTTP status and gRPC code."""

    status: HTTPStatus
    code: int


INTERNAL: Final = Answer(HTTPStatus.INTERNAL_SERVER_ERROR, 13)

ANSWERS: Final[dict[type[PinnaceError], Answer]] = {
    InvalidInput: Answer(HTTPStatus.BAD_REQUEST, 3),
    NotFound: Answer(HTTPStatus.NOT_FOUND, 5),
    AlreadyExists: Answer(HTTPStatus.CONFLICT, 6),
    Forbidden: Answer(HTTPStatus.FORBIDDEN, 7),
    FailedPrecondition: Answer(HTTPStatus.BAD_REQUEST, 9),
    Conflict: Answer(HTTPStatus.CONFLICT, 10),
    Unavailable: Answer(HTTPStatus.SERVICE_UNAVAILABLE, 14),
}

_CODES: Final = {400: 3, 401: 16, 403: 7, 404: 5, 405: 12, 409: 10, 413: 8, 415: 3, 416: 11, 501: 12, 503: 14}
HANDWRITTEN: Final = ("/pipelines/upload", "/pipelines/upload_version", ":read")
"""Ends of the paths that upstream serves beside its gateway, with errors of their own shape."""


def answer_for(error: PinnaceError) -> Answer:
    """How *error* is answered; an error that no client should see is an internal one."""
    for kind in type(error).__mro__:
        if kind in ANSWERS:
            return ANSWERS[kind]
    return INTERNAL


def error_response(status: int, code: int, message: str, path: str, *, details: bool = True) -> Response:
    """An error in the shape that clients of *path* read."""
    if path.endswith(HANDWRITTEN):
        body: dict[str, Any] = {"error_message": message, "error_details": message}
    else:
        body = {"code": code, "message": message}
        if details:
            body["details"] = [{"@type": "type.googleapis.com/google.rpc.Status", "code": code, "message": message}]
    return Response(json.dumps(body), status_code=status, media_type="application/json")


def add_error_handlers(app: FastAPI) -> None:
    """Make *app* answer every error through this module."""

    @app.exception_handler(PinnaceError)
    def known(request: Request, error: PinnaceError) -> Response:
        found = answer_for(error)
        message = "Internal Server Error" if found is INTERNAL else str(error)
        return error_response(found.status, found.code, message, request.url.path)

    @app.exception_handler(RequestValidationError)
    def unreadable(request: Request, error: RequestValidationError) -> Response:
        message = "; ".join(_fault(item) for item in error.errors())
        return error_response(HTTPStatus.BAD_REQUEST, 3, message, request.url.path)

    @app.exception_handler(HTTPException)
    def routing(request: Request, error: HTTPException) -> Response:
        code = _CODES.get(error.status_code, 2)
        bare = error.status_code == HTTPStatus.NOT_FOUND
        response = error_response(error.status_code, code, str(error.detail), request.url.path, details=not bare)
        response.headers.update(error.headers or {})
        return response

    @app.exception_handler(Exception)
    def unknown(request: Request, error: Exception) -> Response:  # noqa: ARG001 - Starlette passes and logs it
        return error_response(INTERNAL.status, INTERNAL.code, "Internal Server Error", request.url.path)


def _fault(item: dict[str, Any]) -> str:
    """One fault of a request, with its path."""
    place, *rest = [str(part) for part in item["loc"]]
    path = ".".join(rest) if rest else place
    if item["type"] == "extra_forbidden":
        return f'unknown field "{path}"'
    if item["type"] == "json_invalid":
        return f"the body is not JSON ({item.get('ctx', {}).get('error', item['msg'])})"
    return f"{path}: {str(item['msg']).removeprefix('Value error, ')}"
