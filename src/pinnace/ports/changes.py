"""The feed of changes in the store, one of the repositories of ``ports.store.UnitOfWork``, and the news of a commit.

Nothing here is written by callers: the repositories note what they change themselves, in the same transaction, by the
same gapless counter as the events of runs. Numbers are therefore in the order of commits: who has read up to a number
in one transaction never finds a lower one later.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from pinnace.domain.changes import Change, PlacedTask, RunEvent
from pinnace.domain.ids import RunId


@dataclass(frozen=True, slots=True)
class News:
    """What a commit has changed: enough to know who should look.

    Attributes:
        runs: Runs of which anything changed.
        is_listed: Whether the feed has grown.
    """

    runs: frozenset[RunId]
    is_listed: bool


Listener: TypeAlias = Callable[[News], None]
"""Called in the thread of a writer, behind its commit. It must return at once and raise nothing."""


@dataclass(frozen=True, slots=True)
class ChangePage:
    """Some changes in their order; *upto* is the number to go on from."""

    changes: Sequence[Change]
    upto: int
    has_more: bool


class Changes(Protocol):
    """Reads the feed, and what has changed in a run."""

    def page(self, after: int, limit: int, namespace: str | None, kinds: Collection[str]) -> ChangePage | None:
        """Changes behind number *after*, at most *limit*, of all kinds if none is given.

        None if the feed does not reach back to *after*, or has not come so far: what was read before is of no use.
        """
        ...

    def tasks_in_order(self, run: RunId, after: tuple[int, int], limit: int) -> Sequence[PlacedTask]:
        """Nodes behind a place, in the order in which they came to be."""
        ...

    def tasks_changed(self, run: RunId, after: tuple[int, int, int], limit: int) -> Sequence[PlacedTask]:
        """Nodes behind a number of a change and a place, in the order of their last changes."""
        ...

    def events(self, run: RunId, after: int, limit: int) -> Sequence[RunEvent]:
        """Events behind sequence number *after*."""
        ...

    def sequence_at(self, run: RunId, number: int) -> int:
        """Sequence number of the run's last event up to a number of a change; 0 if there is none."""
        ...
