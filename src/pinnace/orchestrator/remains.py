"""What is left of runs that were deleted: attempts that go on, and files."""

import asyncio
import contextlib
import json
import logging
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from pinnace.domain.ids import NodeId, RunId
from pinnace.domain.tasks import AttemptKey
from pinnace.errors import Unavailable
from pinnace.orchestrator.dispatch import Dispatcher
from pinnace.orchestrator.layout import Layout, segment
from pinnace.orchestrator.threads import Threads
from pinnace.ports.executor import Executor

_LOG = logging.getLogger(__name__)
_NOTE: Final = ".json"
_DRAFT: Final = ".draft"


@dataclass(frozen=True, slots=True)
class _Note:
    """A run that is being deleted, and its attempts that were not over."""

    run: RunId
    attempts: list[tuple[NodeId, int]]


class Remains:
    """Ends the attempts of deleted runs, and removes their files when nothing writes there any more.

    The database knows nothing of such a run any more, so a note beside it says what is still to be done.
    """

    def __init__(self, layout: Layout, executor: Executor, dispatcher: Dispatcher, threads: Threads) -> None:
        self._layout = layout
        self._executor = executor
        self._dispatcher = dispatcher
        self._threads = threads
        self._ending: dict[AttemptKey, asyncio.Future[None]] = {}
        self._works: dict[asyncio.Task[None], RunId] = {}

    async def resume(self, exists: Callable[[RunId], bool]) -> None:
        """Go on where an earlier server was killed. A run that *exists* was not deleted in the end."""
        for note in await self._threads.run(self._notes):
            if await self._threads.run(partial(exists, note.run)):
                await self._threads.run(partial(self._strike, note.run))
            else:
                self.clear(note.run, [AttemptKey(note.run, node, attempt) for node, attempt in note.attempts])

    def clear(self, run: RunId, attempts: Iterable[AttemptKey]) -> None:
        """Begin to clear up behind a run whose loop has ended. Artifacts stay: other runs may hold them."""
        attempts = list(attempts)
        self._write(_Note(run, [(key.node, key.attempt) for key in attempts]))
        work = asyncio.create_task(self._clear(run, attempts))
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
        await self._threads.run(lambda: self._strike(run))

    async def _end(self, key: AttemptKey) -> None:
        self._ending[key] = asyncio.get_running_loop().create_future()
        try:
            directory = self._layout.attempt_directory(key.run, key.node, key.attempt)
            await self._executor.cancel(key, str(directory))
            await self._ending[key]
        finally:
            del self._ending[key]

    def _write(self, note: _Note) -> None:
        """Without it, on a full disk, a server that is killed now leaves tasks of the run behind."""
        with contextlib.suppress(OSError):
            self._layout.deletions.mkdir(mode=0o700, exist_ok=True)
            draft = self._place(note.run).with_suffix(_DRAFT)
            draft.write_text(json.dumps({"run": note.run, "attempts": note.attempts}), encoding="utf-8")
            draft.replace(self._place(note.run))

    def _notes(self) -> list[_Note]:
        found = []
        for path in self._layout.deletions.glob(f"*{_NOTE}"):
            with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
                content = json.loads(path.read_text(encoding="utf-8"))
                attempts = [(NodeId(node), int(attempt)) for node, attempt in content["attempts"]]
                found.append(_Note(RunId(content["run"]), attempts))
        return found

    def _strike(self, run: RunId) -> None:
        self._place(run).unlink(missing_ok=True)

    def _place(self, run: RunId) -> Path:
        return self._layout.deletions / f"{segment(run)}{_NOTE}"


def _remove(directories: Iterable[Path]) -> None:
    for directory in directories:
        shutil.rmtree(directory, ignore_errors=True)
