"""The feed of changes, and what has changed in a run."""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import BindParameter, Connection, Select, bindparam, select, tuple_

from pinnace.domain.changes import Change, ChangeAction, PlacedTask, RunEvent
from pinnace.domain.ids import NodeId, RunId, iteration_node
from pinnace.domain.values import Instant
from pinnace.ports.changes import ChangePage
from pinnace.store import values
from pinnace.store.changes import AnyRow
from pinnace.store.dialects import CHANGE, FORGOTTEN
from pinnace.store.rows import task_from
from pinnace.store.tables import changes, counters, events, runs, tasks

_PLACE: Final = (tasks.c.first_sequence, tasks.c.first_index)
_PLACE_GIVEN: Final[Sequence[BindParameter[int]]] = (bindparam("sequence"), bindparam("index"))
_PLACE_TYPES: Final = (tasks.c.first_sequence.type, tasks.c.first_index.type)

_IN_ORDER: Final = (
    select(tasks)
    .where(tasks.c.run_id == bindparam("run"), tuple_(*_PLACE) > tuple_(*_PLACE_GIVEN, types=_PLACE_TYPES))
    .order_by(*_PLACE)
    .limit(bindparam("limit"))
)
# The first comparison is what an index is used for.
_CHANGED: Final = (
    select(tasks)
    .where(
        tasks.c.run_id == bindparam("run"),
        tasks.c.changed >= bindparam("number"),
        tuple_(tasks.c.changed, *_PLACE)
        > tuple_(bindparam("number"), *_PLACE_GIVEN, types=(tasks.c.changed.type, *_PLACE_TYPES)),
    )
    .order_by(tasks.c.changed, *_PLACE)
    .limit(bindparam("limit"))
)
_EVENTS: Final = (
    select(events.c.change_number, events.c.sequence, events.c.at, events.c.type, events.c.body)
    .where(events.c.run_id == bindparam("run"), events.c.sequence > bindparam("sequence"))
    .order_by(events.c.sequence)
    .limit(bindparam("limit"))
)
_LAST_SEQUENCE: Final = select(runs.c.last_sequence).where(runs.c.id == bindparam("run"))
_NUMBER_OF: Final = select(events.c.change_number).where(
    events.c.run_id == bindparam("run"), events.c.sequence == bindparam("sequence")
)


class SqlChanges:
    """``ports.changes.Changes`` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def page(self, after: int, limit: int, namespace: str | None, kinds: Collection[str]) -> ChangePage | None:
        """See the port."""
        standing = {row.name: row.value for row in self._connection.execute(select(counters))}
        if not standing[FORGOTTEN] <= after <= standing[CHANGE]:
            return None
        wanted = select(changes).where(changes.c.number > after).order_by(changes.c.number).limit(limit + 1)
        if namespace is not None:
            wanted = wanted.where(changes.c.namespace == namespace)
        if kinds:
            wanted = wanted.where(changes.c.kind.in_(sorted(kinds)))
        rows = self._connection.execute(wanted).all()
        has_more = len(rows) > limit
        found = [_change(row) for row in rows[:limit]]
        return ChangePage(found, found[-1].number if has_more else standing[CHANGE], has_more)

    def tasks_in_order(self, run: RunId, after: tuple[int, int], limit: int) -> Sequence[PlacedTask]:
        """See the port."""
        sequence, index = after
        return self._tasks(_IN_ORDER, {"run": run, "sequence": sequence, "index": index, "limit": limit})

    def tasks_changed(self, run: RunId, after: tuple[int, int, int], limit: int) -> Sequence[PlacedTask]:
        """See the port."""
        number, sequence, index = after
        parameters = {"run": run, "number": number, "sequence": sequence, "index": index, "limit": limit}
        return self._tasks(_CHANGED, parameters)

    def events(self, run: RunId, after: int, limit: int) -> Sequence[RunEvent]:
        """See the port."""
        rows = self._connection.execute(_EVENTS, {"run": run, "sequence": after, "limit": limit}).all()
        return [_event(row, self._top(row.body)) for row in rows]

    def sequence_at(self, run: RunId, number: int) -> int:
        """See the port. By bisection: numbers grow with the sequence, and no index leads from the one to the other."""
        low, high = 0, self._connection.execute(_LAST_SEQUENCE, {"run": run}).scalar() or 0
        while low < high:
            middle = (low + high + 1) // 2
            found = self._connection.execute(_NUMBER_OF, {"run": run, "sequence": middle}).scalar_one()
            low, high = (middle, high) if found <= number else (low, middle - 1)
        return low

    def _top(self, text: str) -> Mapping[str, Any]:
        """A kept JSON object; large values within it stay references."""
        found: Mapping[str, Any] = json.loads(text)
        return values.load(self._connection, [text])[0] if "$value" in found else found

    def _tasks(self, statement: Select[Any], parameters: dict[str, Any]) -> Sequence[PlacedTask]:
        rows = self._connection.execute(statement, parameters).all()
        bodies = values.load(self._connection, (row.body for row in rows))
        return [
            PlacedTask(task_from(row, body), row.changed, (row.first_sequence, row.first_index))
            for row, body in zip(rows, bodies, strict=True)
        ]


def _change(row: AnyRow) -> Change:
    summary = json.loads(row.summary)
    return Change(row.number, row.namespace, row.kind, row.id, ChangeAction(row.action), summary)


def _event(row: AnyRow, body: Mapping[str, Any]) -> RunEvent:
    """The event without its values. An iteration is named by its loop and its number, all else by its node."""
    node = body.get("node")
    if node is None and "loop" in body:
        node = iteration_node(NodeId(body["loop"]), body["index"])
    return RunEvent(row.change_number, row.sequence, Instant(row.at), row.type, node, body.get("attempt"))
