"""Lets retention act now and then."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pinnace.errors import Unavailable
from pinnace.orchestrator.threads import Threads
from pinnace.services.retention import RetentionService

_LOG = logging.getLogger(__name__)


@asynccontextmanager
async def retaining(retention: RetentionService, every: float) -> AsyncIterator[None]:
    """Sweep at once and then *every* so many seconds, for as long as the block lasts; a sweep is let come to a stop."""
    threads = Threads(workers=1, movers=1)
    task = asyncio.create_task(_sweep(retention, every, threads)) if retention.is_on else None
    try:
        yield
    finally:
        retention.end()
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        await asyncio.to_thread(threads.close)


async def _sweep(retention: RetentionService, every: float, threads: Threads) -> None:
    while True:
        try:
            await threads.run(retention.sweep)
        except Unavailable as error:
            _LOG.warning("Retention goes on in %.0f seconds: %s", every, error)
        except Exception:
            _LOG.exception("Retention has failed; it is tried again in %.0f seconds.", every)
        await asyncio.sleep(every)
