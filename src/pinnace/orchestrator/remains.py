"""What is left of runs that were deleted: attempts that go on, and files."""

import asyncio
import logging
import shutil
from collections.abc import Iterable
from pathlib import Path

from pinnace.domain.ids import RunId
from pinnace.domain.tasks import AttemptKey
from pinnace.errors import Unavailable
from pinnace.orchestrator.dispatch import Dispatcher
from pinnace.orchestrator.layout import Layout
from pinnace.orchestrator.threads import Threads
from pinnace.ports.executor import Executor

_LOG = logging.getLogger(__name__)


class Remains:
    """Ends the attempts of deleted runs, and removes their files when nothing writes there any more."""

    def __init__(self, layout: Layout, executor: Executor, dispatcher: Dispatcher, threads: Threads) -> None:
        self._layout = layout
        self._executor = executor
        self._dispatcher = dispatcher
        self._threads = threads
        self._ending: dict[AttemptKey, asyncio.Future[None]] = {}
        self._works: dict[asyncio.Task[None], RunId] = {}

    def clear(self, run: RunId, attempts: Iterable[AttemptKey]) -> None:
        """Begin to clear up behind a run whose loop has ended. Artifacts stay: other runs may hold them."""
        work = asyncio.create_task(self._clear(run, list(attempts)))
        self._works[work] = run
        work.add_done_callback(self._works.pop)

    async def cleared(self, run: RunId) -> None:
        """Wait until nothing of deleted runs of this id is left: a client may use an id again."""
        while works := [work for work, deleted in self._works.items() if deleted == run]:
            await asyncio.wait(works)

    def attempt_ended(self, key: AttemptKey) -> None:
        """Take note that nothing of an attempt runs any more."""
        ending = self._ending.get(key)
        if ending is not None and not ending.done():
            ending.set_result(None)

    async def close(self) -> None:
        """Give up what is not done yet."""
        works = list(self._works)
        for work in works:
            work.cancel()
        await asyncio.gather(*works, return_exceptions=True)

    async def _clear(self, run: RunId, attempts: list[AttemptKey]) -> None:
        await self._dispatcher.drain(run)
        try:
            await asyncio.gather(*(self._end(key) for key in attempts))
        except Unavailable:
            _LOG.warning("The server stops before all of the deleted run %s has ended; some files of it stay.", run)
            return
        await self._threads.move(lambda: _remove(self._layout.directories(run)))

    async def _end(self, key: AttemptKey) -> None:
        self._ending[key] = asyncio.get_running_loop().create_future()
        try:
            directory = self._layout.attempt_directory(key.run, key.node, key.attempt)
            await self._executor.cancel(key, str(directory))
            await self._ending[key]
        finally:
            del self._ending[key]


def _remove(directories: Iterable[Path]) -> None:
    for directory in directories:
        shutil.rmtree(directory, ignore_errors=True)
