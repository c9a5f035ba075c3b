"""Server-sent events of a server, through connections that break."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from pinnace.cli.client import Client, ServerError
from pinnace.cli.exits import NoServer
from pinnace.domain.values import JsonObject

_PATIENCE_SECONDS: Final = 10.0
_PAUSE_SECONDS: Final = 0.2


@dataclass(frozen=True, slots=True)
class Message:
    """One message."""

    event: str
    data: JsonObject


def follow(client: Client, path: str, last: str) -> Iterator[Message]:
    """The messages of a stream up to the event *last*.

    A connection that breaks is made again, and goes on behind the last message that came.

    Raises:
        NoServer: the server has not been there for a while.
        ServerError: the server refuses the request.
    """
    place, since = "", time.monotonic()
    while True:
        gone: NoServer | ServerError | None = None
        try:
            for line_place, message in _messages(client.events(path, place)):
                place, since = line_place or place, time.monotonic()
                yield message
                if message.event == last:
                    return
        except NoServer as error:
            gone = error
        except ServerError as error:
            if error.status != HTTPStatus.SERVICE_UNAVAILABLE:
                raise
            gone = error
        if gone is not None and time.monotonic() - since > _PATIENCE_SECONDS:
            raise gone
        time.sleep(_PAUSE_SECONDS)


def _messages(lines: Iterator[bytes]) -> Iterator[tuple[str, Message]]:
    """Messages with their places, "" where they have none, from the lines of a stream."""
    fields: dict[bytes, bytes] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(b": ")
            fields[name] = value
            continue
        if b"data" in fields:
            data = json.loads(fields[b"data"])
            yield fields.get(b"id", b"").decode(), Message(fields.get(b"event", b"message").decode(), data)
        fields = {}
