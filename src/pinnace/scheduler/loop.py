"""Waits until a schedule is due, and lets it act."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Final

from pinnace.domain.values import SECOND
from pinnace.orchestrator.threads import Threads
from pinnace.ports.clock import Clock
from pinnace.services.firing import Fired, Firing

_LOG = logging.getLogger(__name__)

_LONGEST_SECONDS: Final = 30.0
"""Clocks jump and machines sleep: what is due is looked up at least this often."""

_WAITING_SECONDS: Final = 1.0
"""How soon a schedule is looked at again whose runs have yet to end."""

_RETRY_SECONDS: Final = 5.0


class Alarm:
    """Wakes the loop because a schedule has changed. Safe to ring from any thread, before and after the loop's life."""

    def __init__(self) -> None:
        self._wake: Callable[[], object] | None = None

    def ring(self) -> None:
        """Make the loop look again, now."""
        wake = self._wake
        if wake is not None:
            # The event loop may have closed a moment ago; then nobody is left to look.
            with suppress(RuntimeError):
                wake()

    def connect(self, wake: Callable[[], object] | None) -> None:
        """Say what to call, which must be safe in any thread; None for nothing."""
        self._wake = wake


@asynccontextmanager
async def ticking(firing: Firing, clock: Clock, alarm: Alarm) -> AsyncIterator[None]:
    """Let recurring runs act for as long as the block lasts; on leaving, the one that acts is let finish."""
    loop = asyncio.get_running_loop()
    changed = asyncio.Event()
    alarm.connect(lambda: loop.call_soon_threadsafe(changed.set))
    threads = Threads(workers=1, movers=1)
    task = asyncio.create_task(_tick(firing, clock, changed, threads))
    try:
        yield
    finally:
        alarm.connect(None)
        firing.end()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        threads.close()


async def _tick(firing: Firing, clock: Clock, changed: asyncio.Event, threads: Threads) -> None:
    aligned = False
    while True:
        changed.clear()
        try:
            if not aligned:
                await threads.run(firing.realign)
                aligned = True
            seconds = _pause(await threads.run(firing.fire_due), clock)
        except Exception as error:
            # The database may be down; nothing is lost by looking later.
            _LOG.error("Recurring runs wait, and are tried again in %.0f seconds: %s", _RETRY_SECONDS, error)
            seconds = _RETRY_SECONDS
        with suppress(TimeoutError):
            await asyncio.wait_for(changed.wait(), seconds)


def _pause(fired: Fired, clock: Clock) -> float:
    """Seconds until something may be due."""
    if fired.acted:
        return 0.0
    seconds = _WAITING_SECONDS if fired.waiting else _LONGEST_SECONDS
    if fired.next_at is not None:
        seconds = min(seconds, (fired.next_at - clock.now()) / SECOND)
    return max(0.0, seconds)
