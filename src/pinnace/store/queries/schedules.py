"""Recurring runs."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from pinnace.domain.changes import RECURRING_RUN, ChangeAction
from pinnace.domain.ids import ExperimentId, RecurringRunId
from pinnace.domain.listing import ListQuery, Page
from pinnace.domain.schedules import RecurringRun
from pinnace.domain.values import Instant, JsonValue
from pinnace.errors import AlreadyExists, NotFound
from pinnace.store import values
from pinnace.store.changes import AnyRow, ChangeRecorder
from pinnace.store.queries import documents
from pinnace.store.queries.listing import Listable, list_page
from pinnace.store.queries.runs import UNFINISHED
from pinnace.store.schedule_rows import progress_values, recurring_from, recurring_values
from pinnace.store.tables import recurring_runs, runs

_LISTABLE: Final = Listable(
    kind="RecurringRun",
    table=recurring_runs,
    fields={
        "id": recurring_runs.c.id,
        "name": recurring_runs.c.display_name,
        "created_at": recurring_runs.c.created_at,
        "updated_at": recurring_runs.c.updated_at,
        "description": recurring_runs.c.description,
    },
    parent=recurring_runs.c.experiment_id,
)

_TOLD: Final = (
    recurring_runs.c.namespace,
    recurring_runs.c.id,
    recurring_runs.c.display_name,
    recurring_runs.c.experiment_id,
    recurring_runs.c.enabled,
)


class SqlSchedules:
    """``ports.schedules.Schedules`` on one connection."""

    def __init__(self, connection: Connection, recorder: ChangeRecorder) -> None:
        self._connection = connection
        self._recorder = recorder

    def add(self, recurring: RecurringRun) -> None:
        """See the port."""
        taken = select(recurring_runs.c.id).where(recurring_runs.c.id == recurring.id)
        if self._connection.execute(taken).first() is not None:
            raise AlreadyExists(f"Recurring run {recurring.id} exists already.")
        added = insert(recurring_runs).returning(*_TOLD)
        self._note(ChangeAction.CREATED, self._connection.execute(added, recurring_values(recurring)).all())

    def get(self, recurring: RecurringRunId) -> RecurringRun:
        """See the port."""
        row = self._connection.execute(select(recurring_runs).where(recurring_runs.c.id == recurring)).one_or_none()
        if row is None:
            raise NotFound("RecurringRun", recurring)
        return recurring_from(row)

    def list(self, query: ListQuery) -> Page[RecurringRun]:
        """See the port."""
        return list_page(self._connection, _LISTABLE, query, _recurring)

    def enabled(self) -> Sequence[RecurringRun]:
        """See the port."""
        return _recurring(self._connection.execute(select(recurring_runs).where(recurring_runs.c.enabled)).all())

    def due(self, now: Instant) -> Sequence[RecurringRun]:
        """See the port."""
        order = (recurring_runs.c.next_at, recurring_runs.c.id)
        chosen = select(recurring_runs).where(recurring_runs.c.next_at <= now).order_by(*order)
        return _recurring(self._connection.execute(chosen).all())

    def next_at(self, now: Instant) -> Instant | None:
        """See the port."""
        first = select(func.min(recurring_runs.c.next_at)).where(recurring_runs.c.next_at > now)
        return self._connection.execute(first).scalar()

    def unfinished(self, ids: Sequence[RecurringRunId]) -> Mapping[RecurringRunId, int]:
        """See the port."""
        found: dict[RecurringRunId, int] = {}
        for some in values.chunks(ids):
            counted = (
                select(runs.c.recurring_run_id, func.count())
                .where(runs.c.recurring_run_id.in_(some), runs.c.state.in_(UNFINISHED))
                .group_by(runs.c.recurring_run_id)
            )
            found.update({RecurringRunId(id_): count for id_, count in self._connection.execute(counted)})
        return found

    def update(self, recurring: RecurringRun) -> None:
        """See the port."""
        changed = self._connection.execute(
            update(recurring_runs)
            .where(recurring_runs.c.id == recurring.id)
            .values(progress_values(recurring))
            .returning(*_TOLD)
        ).all()
        if not changed:
            raise NotFound("RecurringRun", recurring.id)
        self._note(ChangeAction.UPDATED, changed)

    def disable_all(self, experiment: ExperimentId, now: Instant) -> None:
        """See the port."""
        changed = self._connection.execute(
            update(recurring_runs)
            .where(recurring_runs.c.experiment_id == experiment, recurring_runs.c.enabled)
            .values(enabled=False, next_at=None, updated_at=now)
            .returning(*_TOLD)
        ).all()
        self._note(ChangeAction.UPDATED, changed)

    def delete(self, recurring: RecurringRunId) -> None:
        """See the port."""
        gone = self._connection.execute(
            delete(recurring_runs).where(recurring_runs.c.id == recurring).returning(recurring_runs.c.document, *_TOLD)
        ).all()
        if not gone:
            raise NotFound("RecurringRun", recurring)
        documents.drop_unused(self._connection, [row.document for row in gone])
        self._note(ChangeAction.DELETED, gone)

    def _note(self, action: ChangeAction, rows: Sequence[AnyRow]) -> None:
        told = [(row.namespace, row.id, _summary(row)) for row in rows]
        self._recorder.note_all(RECURRING_RUN, action, told)


def _summary(row: AnyRow) -> dict[str, JsonValue]:
    return {"display_name": row.display_name, "experiment_id": row.experiment_id, "enabled": row.enabled}


def _recurring(rows: Sequence[Row[Any]]) -> Sequence[RecurringRun]:
    return [recurring_from(row) for row in rows]
