"""Histories of runs, and the rows that follow from them in the same transaction."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.sql.expression import bindparam

from pinnace.domain.history import RecordedEvent
from pinnace.domain.ids import RunId
from pinnace.domain.states import RUN_TRANSITIONS, RunState
from pinnace.domain.values import Instant
from pinnace.errors import Conflict, NotFound, VersionConflict
from pinnace.ports.store import LogAppend, RunProgress
from pinnace.store import values
from pinnace.store.dialects import Database
from pinnace.store.large_values import LargeValues
from pinnace.store.rows import artifact_values, binding_json, failure_json, link_values, task_values
from pinnace.store.tables import artifacts, cache_entries, counters, events, runs, task_artifacts, tasks

_LENGTHEN = (
    update(runs)
    .where(runs.c.id == bindparam("run"), runs.c.last_sequence == bindparam("expected"))
    .values(last_sequence=bindparam("last"))
    .returning(runs.c.namespace, runs.c.creator)
)
_STATE = select(runs.c.state, runs.c.state_history).where(runs.c.id == bindparam("run"))
_CHANGE_STATE = (
    update(runs)
    .where(runs.c.id == bindparam("run"))
    .values(
        state=bindparam("becomes"),
        finished_at=bindparam("ended"),
        failure=bindparam("cause"),
        state_history=bindparam("history"),
    )
)
_LAST_SEQUENCE = select(runs.c.last_sequence).where(runs.c.id == bindparam("run"))
_TAKE_NUMBERS = (
    update(counters)
    .where(counters.c.name == "change")
    .values(value=counters.c.value + bindparam("count"))
    .returning(counters.c.value)
)
_ADD_EVENTS = insert(events)
_ADD_LINKS = insert(task_artifacts)
_DROP_LINKS = delete(task_artifacts).where(
    task_artifacts.c.run_id == bindparam("run"), task_artifacts.c.node == bindparam("of_node")
)


@dataclass(frozen=True, slots=True)
class _Owner:
    """Whose the run is, and what it makes."""

    namespace: str
    creator: str


class SqlRunLog:
    """``ports.store.RunLog`` on one connection."""

    def __init__(self, connection: Connection, database: Database) -> None:
        self._connection = connection
        self._database = database

    def append(self, entry: LogAppend) -> None:
        """See the port.

        Raises:
            VersionConflict: ``expected`` is not the run's last sequence number.
            NotFound: the run does not exist.
            Conflict: the run's state table forbids a step of ``progress``.
        """
        owner = self._lengthen(entry)
        if entry.progress is not None:
            self._change_state(entry.run, entry.progress)
        large = LargeValues()
        self._add_events(entry, large)
        self._add_artifacts(entry, owner)
        self._put_tasks(entry, owner, large)
        self._put_cache_entries(entry, owner, large)
        values.keep(self._connection, self._database, entry.run, large)

    def events(self, run: RunId, after: int = 0) -> Sequence[RecordedEvent]:
        """See the port."""
        rows = self._connection.execute(
            select(events.c.sequence, events.c.at, events.c.type, events.c.body)
            .where(events.c.run_id == run, events.c.sequence > after)
            .order_by(events.c.sequence)
        ).all()
        bodies = values.load(self._connection, (row.body for row in rows))
        return [
            RecordedEvent(row.sequence, Instant(row.at), row.type, body) for row, body in zip(rows, bodies, strict=True)
        ]

    def last_sequence(self, run: RunId) -> int:
        """See the port."""
        return self._connection.execute(select(runs.c.last_sequence).where(runs.c.id == run)).scalar() or 0

    def change_number(self) -> int:
        """See the port."""
        number: int = self._connection.execute(select(counters.c.value).where(counters.c.name == "change")).scalar_one()
        return number

    def _lengthen(self, entry: LogAppend) -> _Owner:
        """Move the run's last sequence number on, from the one that the entry expects."""
        last = entry.expected + len(entry.events)
        parameters = {"run": entry.run, "expected": entry.expected, "last": last}
        row = self._connection.execute(_LENGTHEN, parameters).one_or_none()
        if row is not None:
            return _Owner(row.namespace, row.creator)
        found = self._connection.execute(_LAST_SEQUENCE, {"run": entry.run}).scalar_one_or_none()
        if found is None:
            raise NotFound("Run", entry.run)
        raise VersionConflict(f"run {entry.run} is at event {found}, not {entry.expected}. Load it and decide again.")

    def _change_state(self, run: RunId, progress: RunProgress) -> None:
        row = self._connection.execute(_STATE, {"run": run}).one()
        change = {
            "run": run,
            "becomes": progress.state.value,
            "ended": progress.finished_at,
            "cause": None if progress.failure is None else json.dumps(failure_json(progress.failure)),
            "history": _longer_history(run, RunState(row.state), json.loads(row.state_history), progress),
        }
        self._connection.execute(_CHANGE_STATE, change)

    def _add_events(self, entry: LogAppend, large: LargeValues) -> None:
        count = len(entry.events)
        if [event.sequence for event in entry.events] != list(range(entry.expected + 1, entry.expected + count + 1)):
            raise ValueError(f"events of run {entry.run} are not numbered from {entry.expected + 1} on")
        if not count:
            return
        first = self._connection.execute(_TAKE_NUMBERS, {"count": count}).scalar_one() - count + 1
        self._connection.execute(
            _ADD_EVENTS,
            [
                {
                    "change_number": first + index,
                    "run_id": entry.run,
                    "sequence": event.sequence,
                    "at": event.at,
                    "type": event.type,
                    "body": large.encode(event.body),
                }
                for index, event in enumerate(entry.events)
            ],
        )

    def _add_artifacts(self, entry: LogAppend, owner: _Owner) -> None:
        # An artifact never changes: one that is known already (a cache hit hands it on) stays its first run's.
        if entry.artifacts:
            origin = {
                "namespace": owner.namespace,
                "creator": owner.creator,
                "run_id": entry.run,
                "created_at": entry.events[-1].at if entry.events else 0,
            }
            rows = [{**artifact_values(artifact), **origin} for artifact in entry.artifacts]
            self._database.upsert(self._connection, artifacts, rows, keep=artifacts.columns.keys())

    def _put_tasks(self, entry: LogAppend, owner: _Owner, large: LargeValues) -> None:
        if not entry.tasks:
            return
        place = entry.expected + len(entry.events)
        latest = {task.node: task for task in entry.tasks}
        rows = [
            {**task_values(task, large), "namespace": owner.namespace, "first_sequence": place, "first_index": index}
            for index, task in enumerate(latest.values())
        ]
        self._database.upsert(self._connection, tasks, rows, keep=["namespace", "first_sequence", "first_index"])
        self._connection.execute(_DROP_LINKS, [{"run": entry.run, "of_node": node} for node in latest])
        links = [link for task in latest.values() for link in link_values(task)]
        if links:
            self._connection.execute(_ADD_LINKS, links)

    def _put_cache_entries(self, entry: LogAppend, owner: _Owner, large: LargeValues) -> None:
        rows = [
            {
                "run_id": entry.run,
                "node": cached.node,
                "fingerprint": cached.fingerprint,
                "namespace": cached.namespace,
                "creator": owner.creator,
                "pipeline_name": cached.pipeline_name,
                "created_at": cached.created_at,
                "outputs": large.encode(binding_json(cached.outputs)),
                "parts": large.encode(cached.parts),
            }
            for cached in entry.cached
        ]
        if rows:
            self._database.upsert(self._connection, cache_entries, rows, keep=[])


def _longer_history(run: RunId, state: RunState, history: list[tuple[int, str]], progress: RunProgress) -> str:
    """The run's states with those that it entered now, each step allowed by the table of transitions."""
    steps = [entered for _, entered in progress.entered]
    if not history and steps[:1] == [state]:
        del steps[0]  # the state that the run was made with
    if (steps[-1] if steps else state) is not progress.state:
        steps.append(progress.state)
    for step in steps:
        if step not in RUN_TRANSITIONS[state]:
            raise Conflict(f"Run {run} is {state} and cannot become {step}. Look at its current state and try again.")
        state = step
    return json.dumps(history + [(at, entered.value) for at, entered in progress.entered])
