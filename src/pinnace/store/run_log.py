"""Histories of runs, and the rows that follow from them in the same transaction."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.sql.expression import bindparam

from pinnace.domain.changes import RUN, ChangeAction
from pinnace.domain.history import RecordedEvent
from pinnace.domain.ids import RunId
from pinnace.domain.states import RUN_TRANSITIONS, RunState
from pinnace.domain.values import Instant
from pinnace.errors import Conflict, NotFound, ResultGone, VersionConflict
from pinnace.ports.store import LogAppend, RunProgress
from pinnace.store import values
from pinnace.store.changes import RUN_COLUMNS, ChangeRecorder, run_summary
from pinnace.store.dialects import Database
from pinnace.store.large_values import LargeValues
from pinnace.store.lineage_rows import link_values
from pinnace.store.rows import artifact_values, binding_json, failure_json, task_values
from pinnace.store.tables import artifacts, cache_entries, counters, events, runs, task_artifacts, tasks

_LENGTHEN = (
    update(runs)
    .where(runs.c.id == bindparam("run"), runs.c.last_sequence == bindparam("expected"))
    .values(last_sequence=bindparam("last"))
    .returning(runs.c.namespace, runs.c.creator)
)
_STATE = select(*RUN_COLUMNS, runs.c.state_history).where(runs.c.id == bindparam("run"))
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
_SET_ROOT = update(runs).where(runs.c.id == bindparam("run")).values(artifact_root=bindparam("root"))
_LAST_SEQUENCE = select(runs.c.last_sequence).where(runs.c.id == bindparam("run"))
# What never changes of a node; a database touches no index of columns that an update leaves out.
_FIXED = ("id", "parent_id", "parent", "name", "kind", "created_at", "namespace", "first_sequence", "first_index")
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

    def __init__(self, connection: Connection, database: Database, recorder: ChangeRecorder) -> None:
        self._connection = connection
        self._database = database
        self._recorder = recorder

    def append(self, entry: LogAppend) -> None:
        """See the port.

        Raises:
            VersionConflict: ``expected`` is not the run's last sequence number.
            NotFound: the run does not exist.
            ResultGone: an artifact of ``taken`` was deleted.
            Conflict: the run's state table forbids a step of ``progress``.
        """
        owner = self._lengthen(entry)
        self._check_taken(entry)
        number = self._take_numbers(entry)
        large = LargeValues()
        self._add_events(entry, number, large)
        if entry.progress is not None:
            number += 1
            self._change_state(entry.run, entry.progress, number)
        self._recorder.touch(entry.run)
        self._add_artifacts(entry, owner)
        self._put_tasks(entry, owner, number, large)
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

    def _take_numbers(self, entry: LogAppend) -> int:
        """Take a number for each event, and one for a change of the run's state; returns that of the last event."""
        count = len(entry.events)
        if [event.sequence for event in entry.events] != list(range(entry.expected + 1, entry.expected + count + 1)):
            raise ValueError(f"events of run {entry.run} are not numbered from {entry.expected + 1} on")
        if not count:
            raise ValueError(f"nothing can change in run {entry.run} without an event")
        return self._recorder.take(count + (entry.progress is not None)) + count - 1

    def _change_state(self, run: RunId, progress: RunProgress, number: int) -> None:
        row = self._connection.execute(_STATE, {"run": run}).one()
        change = {
            "run": run,
            "becomes": progress.state.value,
            "ended": progress.finished_at,
            "cause": None if progress.failure is None else json.dumps(failure_json(progress.failure)),
            "history": _longer_history(run, RunState(row.state), json.loads(row.state_history), progress),
        }
        self._connection.execute(_CHANGE_STATE, change)
        changed = (row.namespace, run, run_summary(row, state=progress.state.value))
        self._recorder.put(number, RUN, ChangeAction.STATE_CHANGED, [changed])
        if progress.artifact_root:
            self._connection.execute(_SET_ROOT, {"run": run, "root": progress.artifact_root})

    def _check_taken(self, entry: LogAppend) -> None:
        taken = set(entry.taken)
        there = 0
        for some in values.chunks(taken):
            count = select(func.count()).select_from(artifacts).where(artifacts.c.id.in_(some))
            there += self._connection.execute(count).scalar_one()
        if there < len(taken):
            raise ResultGone(f"A result that run {entry.run} takes from the cache has been deleted.")

    def _add_events(self, entry: LogAppend, last: int, large: LargeValues) -> None:
        first = last - len(entry.events) + 1
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

    def _put_tasks(self, entry: LogAppend, owner: _Owner, number: int, large: LargeValues) -> None:
        if not entry.tasks:
            return
        place = entry.expected + len(entry.events)
        latest = {task.node: task for task in entry.tasks}
        rows = [
            {
                **task_values(task, large),
                "namespace": owner.namespace,
                "changed": number,
                "first_sequence": place,
                "first_index": index,
            }
            for index, task in enumerate(latest.values())
        ]
        self._database.upsert(self._connection, tasks, rows, keep=_FIXED)
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
                "component": cached.component,
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
