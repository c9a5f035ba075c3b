"""Runs that ended long ago: archived, and deleted, when their time has come."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from pinnace.domain.ids import RunId
from pinnace.domain.runs import Run
from pinnace.domain.states import StorageState
from pinnace.domain.values import Instant, after
from pinnace.errors import NotFound
from pinnace.ports.clock import Clock
from pinnace.ports.store import Store

_LOG = logging.getLogger(__name__)
_SLICE: Final = 100
"""Runs that one transaction archives."""

_PAUSE_SECONDS: Final = 0.01
"""Between two transactions, for others that write."""


@dataclass(frozen=True, slots=True)
class Periods:
    """How long runs are kept, in seconds; 0 for ever.

    Attributes:
        available: From the end of a run until it is archived.
        archived: From the end of an archived run, or from its archiving if that came later, until it is deleted.
    """

    available: float = 0.0
    archived: float = 0.0


@dataclass(frozen=True, slots=True)
class Swept:
    """How many runs were archived and deleted."""

    archived: int = 0
    deleted: int = 0


class RetentionService:
    """Archives and deletes runs by their age, a few at a time. A run that goes on is never old.

    Args:
        delete: Deletes one run; raises NotFound.
    """

    def __init__(self, store: Store, clock: Clock, delete: Callable[[RunId], None], periods: Periods) -> None:
        self._store = store
        self._clock = clock
        self._delete = delete
        self._periods = periods
        self._ended = threading.Event()

    @property
    def is_on(self) -> bool:
        """Whether any run is ever old."""
        return self._periods.available > 0 or self._periods.archived > 0

    def end(self) -> None:
        """Make a sweep that is under way stop behind the run it is at, and every later one do nothing."""
        self._ended.set()

    def sweep(self) -> Swept:
        """Archive and delete what is old now. Raises Unavailable; what was done until then stays done."""
        deleted = 0
        while not self._ended.is_set() and (old := self.to_delete(_SLICE)):
            deleted += self.delete(old, lambda run: run.storage_state is StorageState.ARCHIVED)
        swept = Swept(self._archive(), deleted)
        if swept != Swept():
            _LOG.info("Retention: %d archived, %d deleted.", swept.archived, swept.deleted)
        return swept

    def to_archive(self, limit: int) -> list[RunId]:
        """Runs that are to be archived now, the longest over first."""
        return self._old(self._periods.available, limit, StorageState.AVAILABLE)

    def to_delete(self, limit: int) -> list[RunId]:
        """Archived runs that are to be deleted now, the longest over first."""
        return self._old(self._periods.archived, limit, StorageState.ARCHIVED)

    def older_than(self, seconds: float, limit: int) -> list[RunId]:
        """Runs, archived or not, that ended longer ago than that."""
        return self._old(seconds, limit, None)

    def delete(self, runs: list[RunId], still: Callable[[Run], bool] = lambda _: True) -> int:
        """Delete some runs, each in a transaction of its own, but for those that go on again or are not *still* old.

        Returns how many were deleted. Raises Unavailable.
        """
        done = 0
        for run in runs:
            if self._ended.wait(_PAUSE_SECONDS):
                break
            try:
                with self._store.read() as uow:
                    found = uow.runs.get(run)
                if found.state.is_terminal and still(found):
                    self._delete(run)
                    done += 1
            except NotFound:
                continue  # Somebody was faster.
        return done

    def archive(self, runs: list[RunId]) -> int:
        """Archive some runs, a slice a transaction; how many there were. Raises Unavailable."""
        done = 0
        for start in range(0, len(runs), _SLICE):
            if self._ended.wait(_PAUSE_SECONDS):
                break
            done += self._archive_slice(runs[start : start + _SLICE])
        return done

    def _archive(self) -> int:
        archived = 0
        while not self._ended.is_set() and (old := self.to_archive(_SLICE)):
            archived += self.archive(old)
        return archived

    def _archive_slice(self, runs: list[RunId]) -> int:
        done = 0
        with self._store.write() as uow:
            there = uow.storage.existing(runs)
            for run in runs:
                # It may have been retried since it was found.
                if run in there and uow.runs.get(run).state.is_terminal:
                    uow.runs.set_storage_state(run, StorageState.ARCHIVED, self._clock.now())
                    done += 1
        return done

    def _old(self, period: float, limit: int, state: StorageState | None) -> list[RunId]:
        if period <= 0:
            return []
        before: Instant = after(self._clock.now(), -period)
        with self._store.read() as uow:
            return list(uow.storage.ended(before, limit, state))
