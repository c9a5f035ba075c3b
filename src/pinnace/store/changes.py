"""How repositories note what they change in the feed of changes, and from where change numbers come."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from pinnace.domain.changes import RUN, ChangeAction
from pinnace.domain.ids import RunId
from pinnace.domain.runs import Run
from pinnace.domain.values import JsonValue
from pinnace.ports.changes import News
from pinnace.store.dialects import CHANGE, FORGOTTEN
from pinnace.store.tables import changes, counters, runs

AnyRow: TypeAlias = Row[*tuple[Any, ...]]
"""A row of whatever columns."""

Noted: TypeAlias = tuple[str, str, dict[str, JsonValue]]
"""Namespace, id and summary of a changed object."""

KEPT: Final = 100_000
"""Rows of the feed that stay."""

_TRIMMED_EVERY: Final = 1_000

RUN_COLUMNS: Final = (runs.c.namespace, runs.c.display_name, runs.c.experiment_id, runs.c.state, runs.c.storage_state)
"""What the feed tells of a run."""

_TAKE: Final = (
    update(counters)
    .where(counters.c.name == CHANGE)
    .values(value=counters.c.value + bindparam("count"))
    .returning(counters.c.value)
)
_ADD: Final = insert(changes)


@dataclass(slots=True)
class FeedGrowth:
    """How many rows a store has added since it has dropped old ones. It begins as if that were long ago."""

    rows: int = _TRIMMED_EVERY


@dataclass(slots=True)
class ChangeRecorder:
    """Gives one transaction its change numbers, and notes in the feed what it changes."""

    connection: Connection
    growth: FeedGrowth
    _runs: set[RunId] = field(default_factory=set)
    _is_listed: bool = False

    def take(self, count: int) -> int:
        """The first of *count* new numbers."""
        last: int = self.connection.execute(_TAKE, {"count": count}).scalar_one()
        return last - count + 1

    def note(self, kind: str, action: ChangeAction, namespace: str, id_: str, **summary: JsonValue) -> None:
        """Note a change of one object."""
        self.note_all(kind, action, [(namespace, id_, summary)])

    def note_all(self, kind: str, action: ChangeAction, objects: Sequence[Noted]) -> None:
        """Note the same change of some objects."""
        if objects:
            self.put(self.take(len(objects)), kind, action, objects)

    def put(self, first: int, kind: str, action: ChangeAction, objects: Sequence[Noted]) -> None:
        """The same with numbers that are taken already."""
        rows = [
            {
                "number": first + index,
                "namespace": namespace,
                "kind": kind,
                "id": id_,
                "action": action.value,
                "summary": json.dumps(summary),
            }
            for index, (namespace, id_, summary) in enumerate(objects)
        ]
        self.connection.execute(_ADD, rows)
        self._is_listed = True
        if kind == RUN:
            self._runs.update(RunId(id_) for _, id_, _ in objects)
        self.growth.rows += len(rows)
        if self.growth.rows >= _TRIMMED_EVERY:
            self.growth.rows = 0
            _trim(self.connection)

    def touch(self, run: RunId) -> None:
        """Let those who follow a run know that it changed, though no list shows it."""
        self._runs.add(run)

    def news(self) -> News | None:
        """What the transaction changed; None if that is nothing that anybody follows."""
        return News(frozenset(self._runs), self._is_listed) if self._runs or self._is_listed else None


def run_summary(run: AnyRow | Run, **changed: JsonValue) -> dict[str, JsonValue]:
    """What lists show of a run and may change, or tells in which list it stands."""
    experiment = run.experiment if isinstance(run, Run) else run.experiment_id
    return {
        "display_name": run.display_name,
        "experiment_id": experiment,
        "state": str(run.state),
        "storage_state": str(run.storage_state),
        **changed,
    }


def version_summary(row: AnyRow) -> dict[str, JsonValue]:
    """The same of a pipeline version."""
    return {"pipeline_id": row.pipeline_id, "name": row.name, "display_name": row.display_name}


def _trim(connection: Connection) -> None:
    """Drop all rows but the newest ``KEPT``, and remember up to where."""
    oldest = select(changes.c.number).order_by(changes.c.number.desc()).offset(KEPT).limit(1)
    horizon = connection.execute(oldest).scalar()
    if horizon is not None:
        connection.execute(delete(changes).where(changes.c.number <= horizon))
        connection.execute(update(counters).where(counters.c.name == FORGOTTEN).values(value=horizon))
