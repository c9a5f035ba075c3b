"""The outermost ring: every request has an id, is counted, and leaves a line in the log, also one that is refused."""

import logging
import re
import time
import uuid
from collections.abc import Sequence
from http import HTTPStatus
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pinnace.ports.log_context import about
from pinnace.ports.telemetry import Telemetry

_LOG = logging.getLogger("pinnace.access")
_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,128}")
_HEADER: Final = b"x-request-id"
_FOLLOWS: Final = re.compile(rb"(?:^|&)follow=(?:true|t|1|yes|y|on)(?:&|$)", re.IGNORECASE)
"""A log that is followed lasts as long as its task."""
_NOTES: Final = "pinnace.route"
_UNREMARKABLE: Final = ("/healthz", "/metrics")
"""Ends of routes that programs ask every few seconds."""


class Observed:
    """Tells *telemetry* of every request.

    The id is the caller's ``X-Request-Id``, if it is a plain word, and goes back with the answer. Lines of the log
    that are written for the request have it.

    Args:
        access_level: The level of the line that each request leaves. Streams and health checks leave none.
    """

    def __init__(self, app: ASGIApp, telemetry: Telemetry, access_level: int = logging.DEBUG) -> None:
        self._app = app
        self._telemetry = telemetry
        self._level = access_level

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and observe the answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = _Request(scope, send)
        with about({"request_id": request.id, "method": scope["method"], "path": scope["path"]}):
            try:
                await self._app(request.scope, receive, request.send)
            finally:
                self._tell(request)

    def _tell(self, request: "_Request") -> None:
        seconds = time.monotonic() - request.began
        self._telemetry.answered(request.method, request.route, request.status, None if request.is_stream else seconds)
        if not request.is_stream and not request.route.endswith(_UNREMARKABLE):
            fields = {"status": request.status, "duration_ms": round(seconds * 1000, 3)}
            _LOG.log(self._level, "Request answered.", extra={"fields": fields})


class RouteNote:
    """The innermost ring: notes which route took the request, which only the application's own scope says.

    Args:
        prefixes: Of the APIs. FastAPI's routes know them or not, depending on its release.
    """

    def __init__(self, app: ASGIApp, prefixes: Sequence[str]) -> None:
        self._app = app
        self._prefixes = prefixes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        try:
            await self._app(scope, receive, send)
        finally:
            notes = scope.get(_NOTES)
            if notes is not None:
                notes.append(self._template(scope))

    def _template(self, scope: Scope) -> str:
        template: str = getattr(scope.get("route"), "path", "")
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        prefix = next((each for each in self._prefixes if path.startswith(each + "/")), "")
        return template if not template or template.startswith(prefix) else prefix + template


class _Request:
    """A request, and what is known of its answer. One without an answer counts as a fault of the server."""

    def __init__(self, scope: Scope, send: Send) -> None:
        given = Headers(scope=scope).getlist(_HEADER.decode())
        self.id = given[0] if len(given) == 1 and _ID.fullmatch(given[0]) else uuid.uuid4().hex
        self.method: str = scope["method"]
        self.status = int(HTTPStatus.INTERNAL_SERVER_ERROR)
        self.began = time.monotonic()
        self.is_stream = _FOLLOWS.search(scope.get("query_string", b"")) is not None
        self._notes: list[str] = []
        self.scope = {**scope, _NOTES: self._notes}
        self._send = send

    @property
    def route(self) -> str:
        """The template of the route; "" where none took the request."""
        return self._notes[-1] if self._notes else ""

    async def send(self, message: Message) -> None:
        """Send on, with the id."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = list(message.get("headers", []))
            if Headers(raw=headers).get("content-type", "").startswith("text/event-stream"):
                self.is_stream = True
            message = {**message, "headers": [*headers, (_HEADER, self.id.encode())]}
        await self._send(message)
