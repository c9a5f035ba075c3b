"""Runs, their nodes and artifacts."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, case, delete, exists, func, insert, select, tuple_, update

from pinnace.domain.artifacts import Artifact
from pinnace.domain.changes import RUN, ChangeAction
from pinnace.domain.ids import ArtifactId, ExperimentId, NodeId, RunId
from pinnace.domain.listing import ListQuery, Page
from pinnace.domain.places import place_of
from pinnace.domain.runs import Run
from pinnace.domain.states import RunState, StorageState
from pinnace.domain.tasks import TaskRecord
from pinnace.domain.values import Instant
from pinnace.errors import AlreadyExists, NotFound
from pinnace.store import counts, values
from pinnace.store.changes import RUN_COLUMNS, AnyRow, ChangeRecorder, run_summary
from pinnace.store.dialects import Database
from pinnace.store.large_values import LargeValues
from pinnace.store.queries import documents
from pinnace.store.queries.listing import Listable, list_page
from pinnace.store.rows import artifact_from, run_from, run_values, task_from
from pinnace.store.tables import artifacts, run_counts, runs, task_artifacts, tasks

_LISTABLE: Final = Listable(
    kind="Run",
    table=runs,
    fields={
        "id": runs.c.id,
        "name": runs.c.display_name,
        "created_at": runs.c.created_at,
        "scheduled_at": runs.c.scheduled_at,
        "finished_at": runs.c.finished_at,
        "state": runs.c.state,
        "storage_state": runs.c.storage_state,
        "description": runs.c.description,
        "namespace": runs.c.namespace,
        "experiment_id": runs.c.experiment_id,
        "recurring_run_id": runs.c.recurring_run_id,
        "pipeline_id": runs.c.pipeline_id,
        "pipeline_version_id": runs.c.pipeline_version_id,
        "pipeline_name": runs.c.pipeline_name,
    },
    parent=runs.c.experiment_id,
    counts=counts.RUNS,
)

UNFINISHED: Final = [state.value for state in RunState if not state.is_terminal]
"""The states of runs that go on."""


class SqlRuns:
    """``ports.store.Runs`` on one connection."""

    def __init__(self, connection: Connection, database: Database, recorder: ChangeRecorder) -> None:
        self._connection = connection
        self._database = database
        self._recorder = recorder

    def add(self, run: Run) -> None:
        """See the port."""
        if self._connection.execute(select(runs.c.id).where(runs.c.id == run.id)).first() is not None:
            raise AlreadyExists(f"Run {run.id} exists already.")
        large = LargeValues()
        self._connection.execute(insert(runs), {**run_values(run, large), "last_sequence": 0})
        values.keep(self._connection, self._database, run.id, large)
        self._recorder.note(RUN, ChangeAction.CREATED, run.namespace, run.id, **run_summary(run))

    def get(self, run: RunId) -> Run:
        """See the port."""
        rows = self._connection.execute(select(runs).where(runs.c.id == run)).all()
        if not rows:
            raise NotFound("Run", run)
        return self._runs(rows)[0]

    def list(self, query: ListQuery) -> Page[Run]:
        """See the port."""
        return list_page(self._connection, _LISTABLE, query, self._runs)

    def last_success(self, before: Run) -> Run | None:
        """See the port."""
        here = tuple_(runs.c.created_at, runs.c.id) < tuple_(before.created_at, before.id)
        rows = self._connection.execute(
            select(runs)
            .where(
                runs.c.namespace == before.namespace,
                runs.c.state == RunState.SUCCEEDED.value,
                runs.c.pipeline_name == before.pipeline_name,
                here,
            )
            .order_by(runs.c.created_at.desc(), runs.c.id.desc())
            .limit(1)
        ).all()
        return self._runs(rows)[0] if rows else None

    def unfinished(self) -> Sequence[RunId]:
        """See the port."""
        ids = self._connection.execute(
            select(runs.c.id).where(runs.c.state.in_(UNFINISHED)).order_by(runs.c.created_at, runs.c.id)
        ).scalars()
        return [RunId(id_) for id_ in ids]

    def count_by_state(self) -> Mapping[RunState, int]:
        """See the port."""
        kept = select(run_counts.c.state, func.sum(run_counts.c.count)).group_by(run_counts.c.state)
        return {RunState(state): int(number) for state, number in self._connection.execute(kept)}

    def set_storage_state(self, run: RunId, state: StorageState, at: Instant) -> None:
        """See the port."""
        since = case((runs.c.storage_state == StorageState.ARCHIVED.value, runs.c.archived_at), else_=at)
        archived_at = since if state is StorageState.ARCHIVED else None
        changed = self._connection.execute(
            update(runs)
            .where(runs.c.id == run)
            .values(storage_state=state.value, archived_at=archived_at)
            .returning(runs.c.id, *RUN_COLUMNS)
        ).all()
        if not changed:
            raise NotFound("Run", run)
        self._note(ChangeAction.UNARCHIVED if archived_at is None else ChangeAction.ARCHIVED, changed)

    def archive_all(self, experiment: ExperimentId, at: Instant) -> None:
        """See the port."""
        archived = StorageState.ARCHIVED.value
        changed = self._connection.execute(
            update(runs)
            .where(runs.c.experiment_id == experiment, runs.c.storage_state != archived)
            .values(storage_state=archived, archived_at=at)
            .returning(runs.c.id, *RUN_COLUMNS)
        ).all()
        self._note(ChangeAction.ARCHIVED, changed)

    def delete(self, run: RunId) -> Sequence[str]:
        """See the port. Values and the document that nothing else refers to go too."""
        found = self._connection.execute(select(runs.c.document, runs.c.artifact_root).where(runs.c.id == run)).first()
        if found is None:
            raise NotFound("Run", run)
        digests = values.referred_by(self._connection, run)
        touched = self._artifacts_of(run)
        gone = self._connection.execute(delete(runs).where(runs.c.id == run).returning(runs.c.id, *RUN_COLUMNS)).all()
        self._note(ChangeAction.DELETED, gone)
        values.drop_unused(self._connection, digests)
        documents.drop_unused(self._connection, [found.document])
        unused = ~exists().where(task_artifacts.c.artifact_id == artifacts.c.id)
        freed = [place_of(found.artifact_root)] if found.artifact_root else []
        for some in values.chunks(touched):
            drop = delete(artifacts).where(artifacts.c.id.in_(some), unused).returning(artifacts.c.place)
            freed += self._connection.execute(drop).scalars()
        return freed

    def tasks(self, runs: Sequence[RunId]) -> Mapping[RunId, Sequence[TaskRecord]]:
        """See the port."""
        rows: list[Row[Any]] = []
        for some in values.chunks(runs):
            rows += self._connection.execute(
                select(tasks)
                .where(tasks.c.run_id.in_(some))
                .order_by(tasks.c.run_id, tasks.c.first_sequence, tasks.c.first_index)
            ).all()
        found: dict[RunId, list[TaskRecord]] = {run: [] for run in runs}
        bodies = values.load(self._connection, (row.body for row in rows))
        for row, body in zip(rows, bodies, strict=True):
            found[row.run_id].append(task_from(row, body))
        return found

    def task(self, run: RunId, node: NodeId) -> TaskRecord:
        """See the port."""
        row = self._connection.execute(select(tasks).where(tasks.c.run_id == run, tasks.c.node == node)).one_or_none()
        if row is None:
            raise NotFound("Task", f"{node} of run {run}")
        (body,) = values.load(self._connection, [row.body])
        return task_from(row, body)

    def artifacts(self, ids: Sequence[ArtifactId]) -> Mapping[ArtifactId, Artifact]:
        """See the port."""
        found: dict[ArtifactId, Artifact] = {}
        for some in values.chunks(ids):
            for row in self._connection.execute(select(artifacts).where(artifacts.c.id.in_(some))):
                found[ArtifactId(row.id)] = artifact_from(row)
        return found

    def artifacts_at(self, places: Sequence[str]) -> Sequence[Artifact]:
        """See the port."""
        found: list[Artifact] = []
        for some in values.chunks(places):
            at = artifacts.c.place.in_(some)
            found += map(artifact_from, self._connection.execute(select(artifacts).where(at).order_by(artifacts.c.id)))
        return found

    def _note(self, action: ChangeAction, rows: Sequence[AnyRow]) -> None:
        self._recorder.note_all(RUN, action, [(row.namespace, row.id, run_summary(row)) for row in rows])

    def _artifacts_of(self, run: RunId) -> Sequence[str]:
        """Artifacts that the run made, took in or handed on."""
        linked = select(task_artifacts.c.artifact_id).where(task_artifacts.c.run_id == run)
        made = select(artifacts.c.id).where(artifacts.c.run_id == run)
        return self._connection.execute(linked.union(made)).scalars().all()

    def _runs(self, rows: Sequence[Row[Any]]) -> Sequence[Run]:
        parameters = values.load(self._connection, (row.parameters for row in rows))
        return [run_from(row, given) for row, given in zip(rows, parameters, strict=True)]
