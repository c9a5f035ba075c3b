"""What could go, what it takes, and its going: old runs, leftovers of runs, documents, environments."""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from pinnace.domain.values import after
from pinnace.errors import Conflict
from pinnace.ports.clock import Clock
from pinnace.ports.room import EnvironmentRoom, KeptEnvironment, Leftover, RunFiles, RunRoom
from pinnace.ports.storage import Amount
from pinnace.ports.store import Store
from pinnace.services.retention import RetentionService

_LOG = logging.getLogger(__name__)
_YOUNG_SECONDS: Final = 86_400.0
"""Directories that changed later may be those of a run that is just being made or deleted."""

_USAGE_HOLDS_SECONDS: Final = 60.0
_SLICE: Final = 100


@dataclass(frozen=True, slots=True)
class Report:
    """What was removed, or would be.

    Attributes:
        archived: Runs that become archived.
        deleted: Runs that are deleted.
        freed: Their files, as far as no other run uses them.
        leftovers: Directories of runs that do not exist.
        documents: Pipeline documents that nothing needs.
        environments: Those over the budget.
        more: Whether there are more old runs than one collection takes.
    """

    archived: int
    deleted: int
    freed: RunRoom
    leftovers: Sequence[Leftover]
    documents: Amount
    environments: Amount
    more: bool

    @property
    def size(self) -> int:
        """Bytes of it all."""
        files = self.freed.logs + self.freed.artifacts + self.freed.workspaces
        return files + sum(each.size for each in self.leftovers) + self.documents.size + self.environments.size


@dataclass(frozen=True, slots=True)
class Usage:
    """What takes how many bytes."""

    database: int
    files: RunRoom
    environments: int


class GarbageService:
    """Collects what nothing needs any more, when somebody asks for it.

    Args:
        ticks: Seconds of a clock that never goes back.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        retention: RetentionService,
        files: RunFiles,
        environments: EnvironmentRoom,
        ticks: Callable[[], float],
    ) -> None:
        self._store = store
        self._clock = clock
        self._retention = retention
        self._files = files
        self._environments = environments
        self._ticks = ticks
        self._collecting = threading.Lock()
        self._looking = threading.Lock()
        self._usage: tuple[float, Usage] | None = None

    def collect(self, *, dry_run: bool, older_than: float | None, limit: int) -> Report:
        """Remove what is not needed, or only say what would be removed.

        Files of deleted runs go behind the caller's back, right afterwards.

        Args:
            dry_run: Whether all stays as it is.
            older_than: Delete also runs, archived or not, that ended longer ago than so many seconds.
            limit: The most runs to delete.

        Raises:
            Conflict: somebody is at it already.
            Unavailable: the database cannot be written; what was done until then stays done.
        """
        if not self._collecting.acquire(blocking=False):
            raise Conflict("The server collects garbage already. Try again when it is done.")
        try:
            return self._collect(dry_run, older_than, limit)
        finally:
            self._collecting.release()

    def environments(self) -> Sequence[KeptEnvironment]:
        """Python environments that were built for tasks, the last used first."""
        return self._environments.kept()

    def usage(self) -> Usage:
        """What takes how much, as it was at most a minute ago, or before the look that somebody takes just now."""
        known = self._usage
        if known is not None and (self._ticks() - known[0] < _USAGE_HOLDS_SECONDS or self._looking.locked()):
            return known[1]
        with self._looking:
            latest = self._usage
            if latest is None or latest is known:
                latest = self._usage = self._ticks(), self._look()
            return latest[1]

    def _look(self) -> Usage:
        with self._store.read() as uow:
            database = uow.storage.size()
        return Usage(database, self._files.usage(), self._environments.size())

    def _collect(self, dry_run: bool, older_than: float | None, limit: int) -> Report:
        old = self._retention.to_delete(limit + 1)
        if older_than is not None:
            old = list(dict.fromkeys([*old, *self._retention.older_than(older_than, limit + 1)]))
        gone = frozenset(old)
        aging = [run for run in self._retention.to_archive(limit + 1) if run not in gone]
        taken, archived = old[:limit], aging[:limit]
        freed = self._files.freed(taken)
        leftovers = self._files.leftovers(after(self._clock.now(), -_YOUNG_SECONDS))
        with self._store.read() as uow:
            documents = uow.storage.unused_documents()
        environments = self._environments.surplus()
        if not dry_run:
            self._retention.delete(taken)
            self._retention.archive(archived)
            leftovers = [each for each in leftovers if self._removed(each)]
            self._drop_documents()
            environments = self._environments.shrink()
            self._usage = None
        more = len(old) > limit or len(aging) > limit
        return Report(len(archived), len(taken), freed, leftovers, documents, environments, more)

    def _removed(self, leftover: Leftover) -> bool:
        try:
            self._files.remove(leftover)
        except OSError as error:
            _LOG.warning("%s cannot be removed: %s", leftover.path, error)
            return False
        return True

    def _drop_documents(self) -> None:
        dropped = _SLICE
        while dropped == _SLICE:
            with self._store.write() as uow:
                dropped = uow.storage.drop_unused_documents(_SLICE)
