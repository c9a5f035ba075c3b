"""What is left of runs that were deleted: attempts that go on, and files."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from pinnace.domain.ids import RunId
from pinnace.domain.places import Places, place_of
from pinnace.domain.tasks import AttemptKey
from pinnace.errors import Unavailable
from pinnace.orchestrator.dispatch import Dispatcher
from pinnace.orchestrator.layout import Layout
from pinnace.orchestrator.notes import Note, Notes
from pinnace.orchestrator.removal import Removal
from pinnace.orchestrator.threads import Threads
from pinnace.ports.executor import Executor

_LOG = logging.getLogger(__name__)
_FIRST_PAUSE: Final = 60.0
_LONGEST_PAUSE: Final = 3600.0
_AT_ONCE: Final = 2
"""Removals under way. Tasks that begin and end need the threads for their own files."""


class Remains:
    """Ends the attempts of deleted runs, and removes their files when nothing writes there any more.

    The database knows nothing of such a run any more, so a note beside it says what is still to be done. It is written
    before the rows go, and stays while something of the run's files is left: because other runs use it, which is looked
    at again when one of them is deleted, or because its place cannot be reached, which is tried again.
    """

    def __init__(
        self, layout: Layout, executor: Executor, dispatcher: Dispatcher, threads: Threads, removal: Removal
    ) -> None:
        self._layout = layout
        self._executor = executor
        self._dispatcher = dispatcher
        self._threads = threads
        self._removal = removal
        self._notes = Notes(layout.deletions, lambda: removal.database)
        self._ending: dict[AttemptKey, asyncio.Future[None]] = {}
        self._works: dict[asyncio.Task[None], RunId] = {}
        self._pauses: dict[RunId, asyncio.Task[None]] = {}
        self._announced: dict[RunId, Note] = {}
        """In memory too: on a full disk there are no notes."""
        self._held: dict[RunId, Sequence[str]] = {}
        """Places of which something is used by other runs, or could not be removed."""
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def resume(self) -> None:
        """Go on where an earlier server stopped or was killed."""
        for note in await self._threads.run(self._notes.all):
            self._begin(note.run, partial(self._settle, note, lambda: None))

    async def announce(self, run: RunId, attempts: Iterable[AttemptKey], root: str = "") -> None:
        """Note that the rows of a run are about to be deleted; its *root* is looked up if it is not given."""
        self._announced[run] = await self._threads.run(partial(self._announce, run, tuple(attempts), root))

    def clear(self, run: RunId, attempts: Iterable[AttemptKey] = (), root: str = "") -> None:
        """Begin to clear up behind a run whose rows are gone; what was announced of it need not be said again."""
        self._begin(run, partial(self._clear, run, tuple(attempts), root))

    def release(self, freed: Sequence[str]) -> None:
        """Look again at what was kept in, or around, places that are named no more."""
        known = Places(freed)
        for run, places in list(self._held.items()):
            if any(known.covers(place) or known.any_in(place) for place in map(place_of, places)):
                self._begin(run, partial(self._look_again, run))

    def settle(self, run: RunId, go_on: Callable[[], object]) -> None:
        """See what has become of a run that was announced; if it is still there, it may *go_on*."""
        self._begin(run, partial(self._settle, self._announced.pop(run, Note(run)), go_on))

    async def cleared(self, run: RunId) -> None:
        """Wait until nothing is being cleared up behind a deleted run of this id: a client may use an id again."""
        while works := [work for work, deleted in self._works.items() if deleted == run]:
            await asyncio.wait(works)

    async def done(self) -> None:
        """Wait until all is removed that can be removed now."""
        while works := list(self._works):
            await asyncio.wait(works)

    def attempt_ended(self, key: AttemptKey) -> None:
        """Take note that nothing of an attempt runs any more."""
        ending = self._ending.get(key)
        if ending is not None and not ending.done():
            ending.set_result(None)

    async def close(self) -> None:
        """Give up what is not done yet; the next start goes on with it."""
        works = [*self._works, *self._pauses.values()]
        for work in works:
            work.cancel()
        await asyncio.gather(*works, return_exceptions=True)

    def _begin(self, run: RunId, work: Callable[[], Awaitable[None]]) -> None:
        task = asyncio.create_task(self._carry_out(run, work))
        self._works[task] = run
        task.add_done_callback(self._works.pop)

    async def _carry_out(self, run: RunId, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await work()
            except Unavailable as error:
                _LOG.warning("Nothing can be cleared up behind the deleted run %s at the moment: %s", run, error)
                await asyncio.sleep(_FIRST_PAUSE)
                continue
            except Exception:
                _LOG.exception("What is left of the deleted run %s waits for the next start.", run)
            return

    def _announce(self, run: RunId, attempts: Sequence[AttemptKey], root: str) -> Note:
        attempts = attempts or self._removal.underway(run)
        fresh = Note(run, tuple((key.node, key.attempt) for key in attempts), tuple(self._removal.places(run, root)))
        earlier = self._notes.read(run) or self._announced.get(run)
        if earlier is not None and not fresh.attempts:
            fresh = replace(fresh, attempts=earlier.attempts)
        note = fresh.with_places_of(earlier)
        self._notes.write(note)
        return note

    async def _clear(self, run: RunId, attempts: Sequence[AttemptKey], root: str) -> None:
        note = await self._threads.run(partial(self._announce, run, attempts, root))
        self._announced.pop(run, None)
        await self._finish(note)

    async def _settle(self, note: Note, go_on: Callable[[], object]) -> None:
        if await self._threads.run(partial(self._removal.exists, note.run)):
            await self._withdraw(note)
            go_on()
        else:
            await self._finish(note)

    async def _withdraw(self, note: Note) -> None:
        """Its own places are needed again; those that an earlier run of its id has left are not."""
        own = await self._threads.run(partial(self._removal.places, note.run))
        left = tuple(place for place in note.places if place not in own)
        await self._remember(replace(note, attempts=(), places=left))

    async def _finish(self, note: Note) -> None:
        await self._dispatcher.drain(note.run)
        await asyncio.gather(*(self._end(AttemptKey(note.run, *attempt)) for attempt in note.attempts))
        await self._remove(replace(note, attempts=()))

    async def _look_again(self, run: RunId) -> None:
        places = self._held.get(run)
        if places is not None:
            await self._remove(Note(run, (), tuple(places)))

    async def _remove(self, note: Note, last_pause: float = 0.0) -> None:
        """Remove what can be removed, and note the rest."""
        async with self._turns:
            left, error = await self._threads.move(partial(self._remove_all, note))
        await self._remember(replace(note, places=tuple(left)))
        if error is not None:
            pause = min(2 * last_pause, _LONGEST_PAUSE) or _FIRST_PAUSE
            kind = type(error).__name__
            _LOG.warning(
                "Files of the deleted run %s cannot be removed (%s: %s). It is tried again in %.0f seconds.",
                *(note.run, kind, error, pause),
            )
            self._try_again(note.run, pause)

    def _remove_all(self, note: Note) -> tuple[Sequence[str], Exception | None]:
        left: list[str] = []
        error: Exception | None = None
        for place in note.places:
            try:
                if not self._removal.remove(note.run, place):
                    left.append(place)
            except Exception as found:  # Each bucket's library has errors of its own.
                left.append(place)
                error = found
        return left, error

    def _try_again(self, run: RunId, pause: float) -> None:
        async def later() -> None:
            await asyncio.sleep(pause)
            del self._pauses[run]
            places = tuple(self._held.get(run, ()))
            self._begin(run, partial(self._remove, Note(run, (), places), pause))

        if run not in self._pauses:
            self._pauses[run] = asyncio.create_task(later())

    async def _remember(self, note: Note) -> None:
        self._held.pop(note.run, None)
        if note.places:
            self._held[note.run] = [*note.places]
            await self._threads.run(partial(self._notes.write, note))
        else:
            await self._threads.run(partial(self._notes.strike, note.run))

    async def _end(self, key: AttemptKey) -> None:
        self._ending[key] = asyncio.get_running_loop().create_future()
        try:
            directory = self._layout.attempt_directory(key.run, key.node, key.attempt)
            await self._executor.cancel(key, str(directory))
            await self._ending[key]
        finally:
            del self._ending[key]
