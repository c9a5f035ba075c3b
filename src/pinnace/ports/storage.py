"""What the store knows about room: who names which place, what is old enough to go; a repository of ``UnitOfWork``."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Protocol

from pinnace.domain.ids import RunId
from pinnace.domain.states import StorageState
from pinnace.domain.values import Instant


@dataclass(frozen=True, slots=True)
class Naming:
    """A place that something needs.

    Attributes:
        place: See ``domain.places``.
        runs: With the last of these it is needed no more. Empty where no run goes with it.
        size: Bytes of the artifact; -1 where that is not known, and for a root.
    """

    place: str
    runs: frozenset[RunId]
    size: int = -1

    def is_needed_without(self, gone: AbstractSet[RunId]) -> bool:
        """Whether something needs it still when some runs are gone."""
        return not self.runs or not self.runs <= gone


@dataclass(frozen=True, slots=True)
class Amount:
    """How many things there are, and their bytes."""

    count: int = 0
    size: int = 0


class Storage(Protocol):
    """Room in the database and behind it."""

    def named(self, place: str) -> Sequence[Naming]:
        """What is needed at a place, in it or around it: by artifacts, and, in it only, by runs as their root."""
        ...

    def existing(self, runs: Sequence[RunId]) -> AbstractSet[RunId]:
        """Those of the runs that exist."""
        ...

    def ended(self, before: Instant, limit: int, state: StorageState | None = None) -> Sequence[RunId]:
        """Runs that ended before that time, the longest ago first.

        *state* takes only those of that storage state; an ARCHIVED one must also have been archived before that time.
        """
        ...

    def unused_documents(self) -> Amount:
        """Documents that no run, recurring run or version needs."""
        ...

    def drop_unused_documents(self, limit: int) -> int:
        """Remove such documents, at most *limit*; how many were removed."""
        ...

    def size(self) -> int:
        """Bytes of the database."""
        ...

    def identity(self) -> str:
        """What tells this database from every other, but for copies of it."""
        ...
