"""Recurring runs in the store; one of the repositories of ``ports.store.UnitOfWork``."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from pinnace.domain.ids import ExperimentId, RecurringRunId
from pinnace.domain.listing import ListQuery, Page
from pinnace.domain.schedules import RecurringRun
from pinnace.domain.values import Instant


class Schedules(Protocol):
    """Recurring runs."""

    def add(self, recurring: RecurringRun) -> None:
        """Insert one. Raises AlreadyExists if its id is taken."""
        ...

    def get(self, recurring: RecurringRunId) -> RecurringRun:
        """Raises NotFound."""
        ...

    def list(self, query: ListQuery) -> Page[RecurringRun]:
        """Fields: id name created_at updated_at description. ``query.parent`` is an experiment."""
        ...

    def enabled(self) -> Sequence[RecurringRun]:
        """Every one that is enabled."""
        ...

    def due(self, now: Instant) -> Sequence[RecurringRun]:
        """Those whose ``next_at`` has come, the longest due first."""
        ...

    def next_at(self, now: Instant) -> Instant | None:
        """The first ``next_at`` later than *now*; None if there is none."""
        ...

    def unfinished(self, ids: Sequence[RecurringRunId]) -> Mapping[RecurringRunId, int]:
        """How many runs of each have not ended; those without any may be missing."""
        ...

    def update(self, recurring: RecurringRun) -> None:
        """Replace what changes: whether it is enabled, and how far its schedule has come. Raises NotFound."""
        ...

    def disable_all(self, experiment: ExperimentId, now: Instant) -> None:
        """Disable every one of an experiment that is enabled."""
        ...

    def delete(self, recurring: RecurringRunId) -> None:
        """Remove it; its runs stay. A document that nothing else needs goes too. Raises NotFound."""
        ...
