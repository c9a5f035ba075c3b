"""Experiments."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, insert, select, update

from pinnace.domain.changes import EXPERIMENT, ChangeAction
from pinnace.domain.experiments import Experiment
from pinnace.domain.ids import ExperimentId
from pinnace.domain.listing import ListQuery, Page
from pinnace.domain.states import StorageState
from pinnace.domain.values import Instant
from pinnace.errors import AlreadyExists, NotFound
from pinnace.store.changes import AnyRow, ChangeRecorder
from pinnace.store.queries.listing import Listable, list_page
from pinnace.store.rows import experiment_from, experiment_values
from pinnace.store.tables import experiments

_LISTABLE: Final = Listable(
    kind="Experiment",
    table=experiments,
    fields={
        "id": experiments.c.id,
        "name": experiments.c.display_name,
        "created_at": experiments.c.created_at,
        "last_run_created_at": experiments.c.last_run_created_at,
        "description": experiments.c.description,
        "namespace": experiments.c.namespace,
        "storage_state": experiments.c.storage_state,
    },
)

_TOLD: Final = (experiments.c.namespace, experiments.c.display_name, experiments.c.storage_state)


class SqlExperiments:
    """``ports.store.Experiments`` on one connection."""

    def __init__(self, connection: Connection, recorder: ChangeRecorder) -> None:
        self._connection = connection
        self._recorder = recorder

    def add(self, experiment: Experiment) -> None:
        """See the port. An id that is taken counts as the name being taken."""
        taken = select(experiments.c.id).where(
            (experiments.c.id == experiment.id)
            | (
                (experiments.c.namespace == experiment.namespace)
                & (experiments.c.display_name == experiment.display_name)
            )
        )
        if self._connection.execute(taken).first() is not None:
            raise AlreadyExists(f"Experiment {experiment.display_name} exists already. Choose another name.")
        self._connection.execute(insert(experiments), experiment_values(experiment))
        self._note(ChangeAction.CREATED, experiment.id, experiment)

    def get(self, experiment: ExperimentId) -> Experiment:
        """See the port."""
        row = self._connection.execute(select(experiments).where(experiments.c.id == experiment)).one_or_none()
        if row is None:
            raise NotFound("Experiment", experiment)
        return experiment_from(row)

    def by_name(self, namespace: str, display_name: str) -> Experiment | None:
        """See the port."""
        row = self._connection.execute(
            select(experiments).where(experiments.c.namespace == namespace, experiments.c.display_name == display_name)
        ).one_or_none()
        return None if row is None else experiment_from(row)

    def list(self, query: ListQuery) -> Page[Experiment]:
        """See the port."""
        return list_page(self._connection, _LISTABLE, query, _experiments)

    def set_storage_state(self, experiment: ExperimentId, state: StorageState) -> None:
        """See the port."""
        changed = self._connection.execute(
            update(experiments)
            .where(experiments.c.id == experiment)
            .values(storage_state=state.value)
            .returning(*_TOLD)
        ).one_or_none()
        if changed is None:
            raise NotFound("Experiment", experiment)
        archived = state is StorageState.ARCHIVED
        self._note(ChangeAction.ARCHIVED if archived else ChangeAction.UNARCHIVED, experiment, changed)

    def touch(self, experiment: ExperimentId, at: Instant) -> None:
        """See the port. An experiment that is gone is no error. The feed has the run, which tells the same."""
        self._connection.execute(
            update(experiments).where(experiments.c.id == experiment).values(last_run_created_at=at)
        )

    def delete(self, experiment: ExperimentId) -> None:
        """See the port."""
        gone = self._connection.execute(
            delete(experiments).where(experiments.c.id == experiment).returning(*_TOLD)
        ).one_or_none()
        if gone is None:
            raise NotFound("Experiment", experiment)
        self._note(ChangeAction.DELETED, experiment, gone)

    def _note(self, action: ChangeAction, id_: str, told: AnyRow | Experiment) -> None:
        summary = {"display_name": told.display_name, "storage_state": str(told.storage_state)}
        self._recorder.note(EXPERIMENT, action, told.namespace, id_, **summary)


def _experiments(rows: Sequence[Row[Any]]) -> Sequence[Experiment]:
    return [experiment_from(row) for row in rows]
