"""A small HTTP client for our own server: standard library only, so that every command starts fast, and no proxies."""

import http.client
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final
from urllib.parse import quote, urlencode, urlsplit

from pinnace.cli.exits import CommandError, NoServer
from pinnace.domain.values import JsonObject

_SUCCESS: Final = range(200, 300)
_CHUNK: Final = 65536


class ServerError(CommandError):
    """The server refused a request. ``status`` is the HTTP status."""

    def __init__(self, status: int, message: str) -> None:
        self.status = status
        super().__init__(message)


class Client:
    """Talks to one server. Connections are direct: proxy variables are not read.

    Args:
        address: Base URL, for instance ``http://127.0.0.1:8765``.
        token: Sent as a bearer token unless empty.
        timeout: Seconds that a single answer may take to begin.
    """

    def __init__(self, address: str, token: str = "", timeout: float = 60.0) -> None:
        self.address = address.rstrip("/")
        self._token = token
        self._timeout = timeout

    def get(self, path: str, **query: str | int) -> JsonObject:
        """GET a JSON object.

        Raises:
            NoServer: nothing listens at the address.
            ServerError: the server answered with an error.
        """
        return self._json("GET", path, None, query)

    def post(self, path: str, body: JsonObject | None = None, headers: Mapping[str, str] | None = None) -> JsonObject:
        """POST a JSON object; raises as :meth:`get`."""
        return self._json("POST", path, body if body is not None else {}, {}, headers)

    def stream(self, path: str, **query: str | int) -> Iterator[bytes]:
        """GET a body piece by piece, as it arrives; raises as :meth:`get`."""
        with self._exchange("GET", path, None, query, timeout=None) as response:
            while chunk := response.read1(_CHUNK):
                yield chunk

    def events(self, path: str, last: str = "") -> Iterator[bytes]:
        """GET the lines of a stream of events, from behind the message *last* on; raises as :meth:`get`.

        The server breaks its silence before long: a stream that says nothing for the timeout counts as broken.
        """
        headers = {"Accept": "text/event-stream", **({"Last-Event-ID": last} if last else {})}
        with self._exchange("GET", path, None, {}, self._timeout, headers) as response:
            pending = b""
            while chunk := response.read1(_CHUNK):
                *whole, pending = (pending + chunk).split(b"\n")
                yield from whole

    @contextmanager
    def opened(self, path: str, **query: str | int) -> Iterator[http.client.HTTPResponse]:
        """GET a body together with its headers, to be read in the block; raises as :meth:`get`.

        An OSError that leaves the block counts as the server's.
        """
        with self._exchange("GET", path, None, query, timeout=None) as response:
            yield response

    def _json(
        self,
        method: str,
        path: str,
        body: JsonObject | None,
        query: Mapping[str, str | int],
        headers: Mapping[str, str] | None = None,
    ) -> JsonObject:
        with self._exchange(method, path, body, query, self._timeout, headers) as response:
            content = response.read()
        if not content:
            return {}
        try:
            document = json.loads(content)
        except ValueError as error:
            raise CommandError(f"{self.address} does not answer as Pinnace does. Is it another server?") from error
        if not isinstance(document, dict):
            raise CommandError(f"{self.address} does not answer as Pinnace does. Is it another server?")
        return document

    @contextmanager
    def _exchange(
        self,
        method: str,
        path: str,
        body: JsonObject | None,
        query: Mapping[str, str | int],
        timeout: float | None,
        more_headers: Mapping[str, str] | None = None,
    ) -> Iterator[http.client.HTTPResponse]:
        parts = urlsplit(self.address)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.hostname or "", parts.port, timeout=timeout)
        headers = {"Accept": "application/json", **(more_headers or {})}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        content = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            content = json.dumps(body).encode()
        target = parts.path + path + (f"?{urlencode(query)}" if query else "")
        try:
            connection.request(method, target, content, headers)
            response = connection.getresponse()
            if response.status not in _SUCCESS:
                raise ServerError(response.status, _reason(response))
            yield response
        except (OSError, http.client.HTTPException) as error:
            raise NoServer(
                f"The server at {self.address} does not answer ({_cause(error)}). Start it with `pinnace up`."
            ) from error
        finally:
            connection.close()


def segment(text: str) -> str:
    """*text* as one segment of a URL's path."""
    return quote(text, safe="")


def _cause(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else "") or str(error) or type(error).__name__


def _reason(response: http.client.HTTPResponse) -> str:
    """The sentence of an error answer: KFP's short message where there is one."""
    fallback = f"The server answered {response.status} {response.reason}."
    try:
        body = json.loads(response.read())
    except ValueError:
        return fallback
    if not isinstance(body, dict):
        return fallback
    details = body.get("details")
    short = details[0].get("message") if isinstance(details, list) and details and isinstance(details[0], dict) else ""
    for text in (short, body.get("message"), body.get("error_message"), body.get("detail")):
        if isinstance(text, str) and text:
            return text
    return fallback
