"""How late an event loop comes to what is due: while it is busy, requests and runs wait that long too."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

_SECONDS: Final = 1.0


@contextmanager
def watched_loop(loop: asyncio.AbstractEventLoop, lagged: Callable[[float], None]) -> Iterator[None]:
    """Tell *lagged* once a second, for as long as the block lasts, by how many seconds the loop was late."""

    def look(due: float) -> None:
        lagged(max(0.0, loop.time() - due))
        timers.append(wait())
        del timers[0]

    def wait() -> asyncio.TimerHandle:
        due = loop.time() + _SECONDS
        return loop.call_at(due, look, due)

    timers = [wait()]
    try:
        yield
    finally:
        timers[0].cancel()
