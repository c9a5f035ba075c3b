"""Group commit: while one commit is under way, the next entries gather, and go into the database together."""

import asyncio
import logging
import time
from collections.abc import Sequence
from contextvars import Context
from functools import partial
from typing import Final

from pinnace.errors import Unavailable, VersionConflict
from pinnace.orchestrator.threads import Threads
from pinnace.ports.store import LogAppend, Store
from pinnace.ports.telemetry import NO_TELEMETRY, Telemetry

_LOG = logging.getLogger(__name__)
_RETRY_SECONDS: Final = 2.0


class Committer:
    """Commits the entries of all run loops, in the order in which they come."""

    def __init__(self, store: Store, threads: Threads, telemetry: Telemetry = NO_TELEMETRY) -> None:
        self._store = store
        self._threads = threads
        self._telemetry = telemetry
        self._waiting: list[tuple[LogAppend, asyncio.Future[None]]] = []
        self._in_doubt = False
        self._task: asyncio.Task[None] | None = None

    @property
    def is_stuck(self) -> bool:
        """Whether the database did not take the last commit, and entries wait for it to be writable again."""
        return self._in_doubt

    async def commit(self, entry: LogAppend) -> None:
        """Return when *entry* is durable.

        While the database cannot be written (a full disk, a server that restarts), the entry waits.

        Raises:
            VersionConflict: the run's history has grown.
            NotFound: the run was deleted.
        """
        done = asyncio.get_running_loop().create_future()
        self._waiting.append((entry, done))
        if self._task is None or self._task.done():
            # For all runs, so that its lines in the log are about none.
            self._task = asyncio.create_task(self._drain(), context=Context())
        await done

    async def _drain(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            began = time.monotonic()
            try:
                results = await self._threads.commit(partial(self._append, [entry for entry, _ in batch]))
            except Unavailable as error:
                _LOG.error("Nothing can be written, and no task starts until it can: %s", error)
                self._waiting, self._in_doubt = batch + self._waiting, True
                await asyncio.sleep(_RETRY_SECONDS)
                continue
            except Exception as error:
                results = [error] * len(batch)
            else:
                self._telemetry.committed(len(batch), time.monotonic() - began)
            self._in_doubt = False
            for (_, done), result in zip(batch, results, strict=True):
                if done.cancelled():
                    continue
                if result is None:
                    done.set_result(None)
                else:
                    done.set_exception(result)

    def _append(self, entries: Sequence[LogAppend]) -> Sequence[Exception | None]:
        results = self._store.append(entries)
        if not self._in_doubt:
            return results
        return [self._settled(entry, result) for entry, result in zip(entries, results, strict=True)]

    def _settled(self, entry: LogAppend, result: Exception | None) -> Exception | None:
        """The result of an entry that a failed commit may have stored all the same: that is no conflict."""
        if not isinstance(result, VersionConflict):
            return result
        with self._store.read() as uow:
            stored = uow.log.events(entry.run, entry.expected)
        return None if list(stored[: len(entry.events)]) == list(entry.events) else result
