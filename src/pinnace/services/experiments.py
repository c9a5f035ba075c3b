"""Experiments: made, read, archived and deleted."""

from collections.abc import Callable

from pinnace.domain.experiments import DEFAULT_EXPERIMENT, Experiment
from pinnace.domain.ids import ExperimentId
from pinnace.domain.listing import ListQuery, Page
from pinnace.domain.states import StorageState
from pinnace.errors import AlreadyExists, InvalidInput
from pinnace.ports.clock import Clock
from pinnace.ports.store import Store, UnitOfWork
from pinnace.services.names import check_name

NAMESPACE = "default"
"""The one namespace of a server without users. It is empty on the KFP wire."""


class ExperimentService:
    """Use-cases on experiments."""

    def __init__(self, store: Store, clock: Clock, new_id: Callable[[], str]) -> None:
        self._store = store
        self._clock = clock
        self._new_id = new_id

    def ensure_default(self) -> Experiment:
        """The experiment of runs that name none, made if it is missing. Called at every start."""
        with self._store.write() as uow:
            return self.default_in(uow)

    def default_in(self, uow: UnitOfWork) -> Experiment:
        """The same inside a write transaction of another use-case."""
        found = uow.experiments.by_name(NAMESPACE, DEFAULT_EXPERIMENT)
        if found is not None:
            return found
        experiment = self._new(
            DEFAULT_EXPERIMENT, "All runs created without specifying an experiment will be grouped here."
        )
        uow.experiments.add(experiment)
        return experiment

    def create(self, display_name: str, description: str = "") -> Experiment:
        """A new experiment.

        Raises:
            InvalidInput: the name is empty or too long.
            AlreadyExists: the name is taken, by an archived experiment too.
        """
        check_name("experiment", display_name)
        experiment = self._new(display_name, description)
        try:
            with self._store.write() as uow:
                uow.experiments.add(experiment)
        except AlreadyExists as error:
            raise AlreadyExists(
                f"Failed to create a new experiment. The name {display_name} already exists. Please specify a new name"
            ) from error
        return experiment

    def get(self, experiment: ExperimentId) -> Experiment:
        """Raises NotFound."""
        with self._store.read() as uow:
            return uow.experiments.get(experiment)

    def list(self, query: ListQuery) -> Page[Experiment]:
        """One page."""
        with self._store.read() as uow:
            return uow.experiments.list(query)

    def archive(self, experiment: ExperimentId) -> None:
        """Archive the experiment with every run of it, and disable its recurring runs; running ones go on.

        Raises:
            NotFound: there is none.
        """
        with self._store.write() as uow:
            uow.experiments.set_storage_state(experiment, StorageState.ARCHIVED)
            uow.runs.archive_all(experiment, self._clock.now())
            uow.schedules.disable_all(experiment, self._clock.now())

    def unarchive(self, experiment: ExperimentId) -> None:
        """Bring the experiment back, and it alone: its runs stay archived, as upstream. Raises NotFound."""
        with self._store.write() as uow:
            uow.experiments.set_storage_state(experiment, StorageState.AVAILABLE)

    def delete(self, experiment: ExperimentId) -> None:
        """Remove the experiment alone; its runs stay and keep its id.

        Raises:
            NotFound: there is none.
            InvalidInput: it is the default experiment.
        """
        with self._store.write() as uow:
            if uow.experiments.get(experiment).display_name == DEFAULT_EXPERIMENT:
                raise InvalidInput(
                    f"Failed to delete experiment {experiment}. The default experiment cannot be deleted"
                )
            uow.experiments.delete(experiment)

    def _new(self, display_name: str, description: str) -> Experiment:
        return Experiment(
            id=ExperimentId(self._new_id()),
            display_name=display_name,
            description=description,
            created_at=self._clock.now(),
            namespace=NAMESPACE,
        )
