"""Who may speak to the server, checked before anything reads a body (``docs/reference/safety.md``).

The API runs code, so even on loopback it must not be reachable by a web page that the user has open, nor by other
users of the machine. In this order: the Host header must name this server (DNS rebinding); the caller must show the
token (but for the dashboard's own files) or, without one, be a process of our own user; a write must come from no other
origin; a body must be JSON (or a form, for uploads), since a page can send other types without being asked; and it must
not be too large.
"""

import hmac
import ipaddress
import re
from collections.abc import Collection
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pinnace.api.errors import error_response
from pinnace.api.peers import PeerCheck
from pinnace.errors import SetupError

MAX_BODY: Final = 34 * 1024 * 1024
"""Bytes of a request body: a pipeline of 32 MiB and the form around it."""

_READS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_PAGE_READS: Final = frozenset({"GET", "HEAD"})
_PORT: Final = re.compile(r":\d{1,5}$")
_LOOPBACK_NAMES: Final = frozenset({"localhost"})
_SAME: Final = frozenset({"same-origin", "none"})


@dataclass(frozen=True, slots=True)
class Policy:
    """What is let in.

    Attributes:
        token: If not "", every request but those for the public files must carry it as ``Authorization: Bearer``; then
            the caller's user is not asked.
        allowed_hosts: Names in the Host header besides loopback's.
        peers: Tells whose process calls; None asks nobody (where the system cannot tell).
        max_body: Bytes.
    """

    token: str = ""
    allowed_hosts: Collection[str] = ()
    peers: PeerCheck | None = None
    max_body: int = MAX_BODY


def check_bind_address(host: str) -> None:
    """Raise SetupError unless *host* is a loopback address: listening elsewhere needs users, which do not exist yet."""
    if not _is_loopback(host.strip("[]")):
        raise SetupError(
            f'The server listens on loopback only, and "{host}" is another address. '
            "Use 127.0.0.1, and reach it from elsewhere through an SSH tunnel."
        )


class _Refusal(Exception):
    """A request that is not let in."""

    def __init__(self, status: HTTPStatus, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class _NoToken(_Refusal):
    """A request without the token."""

    def __init__(self) -> None:
        super().__init__(
            HTTPStatus.UNAUTHORIZED, 16, "The token is missing or wrong. Send the server's token as a bearer token."
        )


async def refuse_without_token(scope: Scope, receive: Receive, send: Send) -> None:
    """The answer to a request that does not show the token."""
    await _refuse(_NoToken(), scope, receive, send)


async def _refuse(refusal: _Refusal, scope: Scope, receive: Receive, send: Send) -> None:
    response = error_response(refusal.status, refusal.code, str(refusal), scope["path"])
    if refusal.status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    await response(scope, receive, send)


class Guard:
    """The ring around the application.

    Args:
        public: Answers reads that do not show the token; None refuses them here.
    """

    def __init__(self, app: ASGIApp, policy: Policy, public: ASGIApp | None = None) -> None:
        self._app = app
        self._policy = policy
        self._public = public
        self._hosts = _LOOPBACK_NAMES | {name.lower() for name in policy.allowed_hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it with the reason why not."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return  # No WebSockets here; closing the connection unanswered is ASGI's way to refuse one.
        headers = Headers(scope=scope)
        try:
            self._check_host(headers)
            self._check_caller(scope, headers)
            if scope["method"] not in _READS:
                _check_origin(headers)
                _check_content_type(scope["path"], headers)
            self._check_length(headers)
        except _NoToken as refusal:
            if self._public is None or scope["method"] not in _PAGE_READS:
                await _refuse(refusal, scope, receive, send)
            else:
                await self._public(scope, receive, _hardened(send))
            return
        except _Refusal as refusal:
            await _refuse(refusal, scope, receive, send)
            return
        await self._app(scope, self._limited(receive), _hardened(send))

    def _check_host(self, headers: Headers) -> None:
        given = headers.getlist("host")
        name = _PORT.sub("", given[0]).strip("[]").lower() if len(given) == 1 else ""
        if name not in self._hosts and not _is_loopback(name):
            raise _Refusal(
                HTTPStatus.FORBIDDEN,
                7,
                f'This server does not answer to the host name "{name[:80]}". Use http://localhost with its port, '
                "or start it with this name among the allowed hosts.",
            )

    def _check_caller(self, scope: Scope, headers: Headers) -> None:
        if self._policy.token:
            scheme, _, token = headers.get("authorization", "").partition(" ")
            if scheme.lower() != "bearer" or not hmac.compare_digest(
                token.strip().encode(), self._policy.token.encode()
            ):
                raise _NoToken
        elif self._policy.peers is not None and not self._policy.peers.allows(scope.get("client"), scope.get("server")):
            raise _Refusal(
                HTTPStatus.FORBIDDEN,
                7,
                "This server belongs to another user of this machine. Start your own, or ask for its token.",
            )

    def _check_length(self, headers: Headers) -> None:
        length = headers.get("content-length", "0")
        if not length.isascii() or not length.isdigit() or int(length[:20]) > self._policy.max_body:
            raise _Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, 8, self._too_large())

    def _too_large(self) -> str:
        return f"The request is larger than {self._policy.max_body} bytes, which is the limit. Send less at a time."

    def _limited(self, receive: Receive) -> Receive:
        """*receive* that counts, for bodies that come without a length."""
        size = 0

        async def counted() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > self._policy.max_body:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, self._too_large())
            return message

        return counted


def _check_origin(headers: Headers) -> None:
    """Refuse writes that a page of another origin makes; clients that are no browsers send neither header."""
    origin = headers.get("origin")
    foreign = origin is not None and (urlsplit(origin).netloc.lower() != headers["host"].lower())
    site = headers.get("sec-fetch-site")
    if foreign or len(headers.getlist("origin")) > 1 or (site is not None and site.lower() not in _SAME):
        raise _Refusal(
            HTTPStatus.FORBIDDEN, 7, "A page of another site may not change anything here. Open this server's own page."
        )


def _check_content_type(path: str, headers: Headers) -> None:
    if headers.get("content-length", "0") == "0" and "transfer-encoding" not in headers:
        return
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    wanted = (
        "multipart/form-data"
        if path.endswith(("/pipelines/upload", "/pipelines/upload_version"))
        else "application/json"
    )
    if kind != wanted or len(headers.getlist("content-type")) > 1:
        raise _Refusal(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE, 3, f'The body has the type "{kind[:80]}". Send {wanted} to this address.'
        )


def _hardened(send: Send) -> Send:
    """*send* that keeps browsers from guessing types, framing pages and reading answers from other origins.

    An answer that says itself who may frame it is let be.
    """
    extra = [
        (b"x-content-type-options", b"nosniff"),
        (b"x-frame-options", b"DENY"),
        (b"cross-origin-resource-policy", b"same-origin"),
        (b"referrer-policy", b"no-referrer"),
    ]

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            own = list(message.get("headers", []))
            said = {name.lower() for name, _ in own}
            message = {**message, "headers": [*own, *(each for each in extra if each[0] not in said)]}
        await send(message)

    return sending


def _is_loopback(name: str) -> bool:
    try:
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
