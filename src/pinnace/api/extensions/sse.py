"""Server-sent events: streams that hold no thread and no database connection while they wait for a commit.

Each stream reads for itself, from its own place. What a client does not take stays in the database: at most one portion
waits for it in memory. A stream that takes long to read, since it is large or since there are many, reads less often.
"""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from typing import Final, Protocol

from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from pinnace.domain.ids import RunId
from pinnace.errors import Unavailable
from pinnace.ports.changes import Listener, News

_READERS: Final = 4
_HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
_RECONNECT: Final = b"retry: 1000\n\n"


@dataclass(frozen=True, slots=True)
class Pace:
    """How often streams speak, in seconds.

    Attributes:
        heartbeat: After that time of silence the database is read all the same, and the client gets a sign of life.
        shortest: Between two reads.
        longest: The same, however long a read takes.
        share: Times a read's own length are waited until the next.
        outage: Between two reads while the database does not answer.
    """

    heartbeat: float = 15.0
    shortest: float = 0.1
    longest: float = 2.0
    share: float = 4.0
    outage: float = 2.0

    def pause(self, took: float) -> float:
        """How long to wait after a read that took so long."""
        return min(self.longest, max(self.shortest, self.share * took))


@dataclass(frozen=True, slots=True)
class Portion:
    """What there is to send now, whether there is more already, and whether nothing will follow."""

    frames: bytes
    has_more: bool = False
    is_last: bool = False


class Source(Protocol):
    """What one stream tells. It keeps the place that its client has reached."""

    @property
    def run(self) -> RunId | None:
        """The run whose commits are waited for; None: those that the feed of changes shows."""
        ...

    def read(self) -> Portion:
        """The next portion. Blocks; called by one thread at a time."""
        ...

    def bookmark(self) -> bytes:
        """A sign of life, with the place if it has moved."""
        ...


def frame(event: str, data: str, number: int | None = None) -> bytes:
    """One message; *data* is JSON on one line. With a number it is a place from which a client can resume."""
    place = "" if number is None else f"id: {number}\n"
    return f"{place}event: {event}\ndata: {data}\n\n".encode()


def place_frame(number: int | None) -> bytes:
    """A message that browsers show to nobody, and from whose place they resume."""
    return b": \n\n" if number is None else f"id: {number}\n\n".encode()


class EventStreams:
    """All open streams of a server.

    Args:
        listen: Where commits are told.
        pace: How often streams speak.
    """

    def __init__(self, listen: Callable[[Listener], None], pace: Pace = Pace()) -> None:
        self._pace = pace
        self._lock = threading.Lock()
        self._waiters: tuple[_Waiter, ...] = ()
        self._is_closed = False
        self._readers = asyncio.Semaphore(_READERS)
        listen(self._heard)

    @property
    def count(self) -> int:
        """How many streams are open."""
        return len(self._waiters)

    def stream(self, source: Source) -> "EventStreamResponse":
        """A stream of what *source* tells."""
        return EventStreamResponse(self, source)

    def close(self) -> None:
        """End every stream, and those that come later too."""
        with self._lock:
            self._is_closed = True
            waiters = self._waiters
        for waiter in waiters:
            waiter.close()

    def _heard(self, news: News) -> None:
        for waiter in self._waiters:
            if news.is_listed if waiter.run is None else waiter.run in news.runs:
                waiter.ring()

    @contextlib.contextmanager
    def waiting(self, run: RunId | None) -> "Iterator[_Waiter]":
        """A stream's bell for the time that it is open."""
        waiter = _Waiter(run)
        with self._lock:
            self._waiters = (*self._waiters, waiter)
            if self._is_closed:
                waiter.close()
        try:
            yield waiter
        finally:
            with self._lock:
                self._waiters = tuple(other for other in self._waiters if other is not waiter)

    async def frames(self, source: Source, waiter: "_Waiter") -> AsyncIterator[bytes]:
        """What is sent on a stream until it ends."""
        loop = asyncio.get_running_loop()
        yield _RECONNECT
        spoke = loop.time()
        while not waiter.is_closed:
            waiter.reset()
            began = loop.time()
            portion = await self._read(source)
            pause = self._pace.outage if portion is None else self._pace.pause(loop.time() - began)
            frames = b"" if portion is None else portion.frames
            if not frames and loop.time() - spoke >= self._pace.heartbeat:
                frames = source.bookmark()
            if frames:
                yield frames
                spoke = loop.time()
            if portion is not None and portion.is_last:
                return
            if portion is None or not portion.has_more:
                await waiter.pause(pause)
                await waiter.news(spoke + self._pace.heartbeat - loop.time())

    async def _read(self, source: Source) -> Portion | None:
        """The next portion; None while the database does not answer."""
        async with self._readers:
            try:
                return await run_in_threadpool(source.read)
            except Unavailable:
                return None


class EventStreamResponse(StreamingResponse):
    """The response that carries a stream."""

    media_type = "text/event-stream"

    def __init__(self, streams: EventStreams, source: Source) -> None:
        super().__init__((), headers=_HEADERS)
        self._streams = streams
        self._source = source

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the source or the client ends it, or the server."""
        with self._streams.waiting(self._source.run) as waiter:
            self.body_iterator = self._streams.frames(self._source, waiter)
            await super().__call__(scope, receive, send)


class _Waiter:
    """One stream's bell, rung in the threads of writers and heard on the stream's event loop."""

    def __init__(self, run: RunId | None) -> None:
        self.run = run
        self._loop = asyncio.get_running_loop()
        self._news = asyncio.Event()
        self._closed = asyncio.Event()
        self._is_rung = False

    @property
    def is_closed(self) -> bool:
        """Whether the stream is to end."""
        return self._closed.is_set()

    def reset(self) -> None:
        """Hear what is committed from now on. What was before is in the database."""
        self._news.clear()
        self._is_rung = False

    def ring(self) -> None:
        """Something was committed. While the stream has not looked yet, once is enough."""
        if not self._is_rung:
            self._is_rung = True
            self._call(self._news.set)

    def close(self) -> None:
        """End the stream."""
        self._call(self._closed.set)
        self._call(self._news.set)

    async def pause(self, seconds: float) -> None:
        """Return after that time, or when the stream is to end."""
        await _within(self._closed, seconds)

    async def news(self, seconds: float) -> None:
        """Return when there is something to look at, or after that time."""
        await _within(self._news, seconds)

    def _call(self, what: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):  # The event loop is closed, and its streams with it.
            self._loop.call_soon_threadsafe(what)


async def _within(event: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), max(0.0, seconds))
