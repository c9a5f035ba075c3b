"""Runs: made, read, stopped, retried, archived and deleted."""

import uuid
from collections.abc import Callable, Iterable, Mapping

from pinnace.domain.ids import ExperimentId, RunId
from pinnace.domain.listing import ListQuery, Page
from pinnace.domain.runs import Run
from pinnace.domain.states import RunState, StorageState
from pinnace.errors import Conflict, FailedPrecondition, InvalidInput, NotFound
from pinnace.ports.clock import Clock
from pinnace.ports.control import RunControl
from pinnace.ports.store import Store, UnitOfWork
from pinnace.services.experiments import ExperimentService
from pinnace.services.macros import Moment, fill_in
from pinnace.services.run_making import (
    RunRequest,
    RunToAdd,
    add_run,
    check_labels,
    checked_pipeline,
    experiment_in,
    source_in,
)


class RunService:
    """Use-cases on runs."""

    def __init__(
        self,
        store: Store,
        control: RunControl,
        clock: Clock,
        new_id: Callable[[], str],
        experiments: ExperimentService,
    ) -> None:
        self._store = store
        self._control = control
        self._clock = clock
        self._new_id = new_id
        self._experiments = experiments

    def create(self, request: RunRequest) -> Run:
        """Insert a run with its first event, then wake its loop.

        Raises:
            InvalidPipeline: with every fault of the document, or of the arguments.
            InvalidInput: name, id or pipeline root is wrong.
            NotFound: there is no such experiment, pipeline or version.
            AlreadyExists: the id is taken.
        """
        check_labels(request)
        run_id = _checked_id(request.id) or RunId(self._new_id())
        now = self._clock.now()
        parameters = fill_in(request.parameters, Moment(run_id, now, request.scheduled_at))
        with self._store.read() as uow:
            source = source_in(uow, request.source)
        name = checked_pipeline(source.document, parameters)
        with self._store.write() as uow:
            experiment = experiment_in(uow, request.experiment, lambda unit: self._experiments.default_in(unit).id)
            run = add_run(uow, RunToAdd(run_id, request, source, name, experiment, parameters), now)
        self._control.wake(run.id)
        return run

    def get(self, run: RunId) -> Run:
        """Raises NotFound."""
        with self._store.read() as uow:
            return uow.runs.get(run)

    def list(self, query: ListQuery) -> Page[Run]:
        """One page. Raises NotFound if ``query.parent`` is not an experiment."""
        with self._store.read() as uow:
            if query.parent is not None:
                uow.experiments.get(ExperimentId(query.parent))
            return uow.runs.list(query)

    def document(self, digest: str) -> bytes:
        """A submitted document, byte for byte. Raises NotFound."""
        with self._store.read() as uow:
            return uow.pipelines.document(digest)

    def documents(self, digests: Iterable[str]) -> Mapping[str, bytes]:
        """Those of the documents that are still there."""
        with self._store.read() as uow:
            return uow.pipelines.documents(digests)

    def terminate(self, run: RunId, by: str) -> None:
        """Stop a run; *by* names who asked. A second request stops exit tasks too.

        Raises:
            NotFound: there is no such run.
            InvalidInput: it has ended.
            Unavailable: the server is shutting down.
        """
        ended = InvalidInput(f"Failed to terminate a run {run}. It has ended already")
        if self.get(run).state.is_terminal:
            raise ended
        try:
            self._control.terminate(run, by)
        except Conflict as error:
            raise ended from error

    def retry(self, run: RunId, by: str) -> None:
        """Run again what did not succeed.

        Raises:
            NotFound: there is no such run.
            Conflict: it has not ended, or succeeded.
            Unavailable: the server is shutting down.
        """
        state = self.get(run).state
        if state not in {RunState.FAILED, RunState.CANCELED}:
            raise Conflict(f"Failed to retry run {run}: it is {state}, and only a run that failed can be retried")
        self._control.retry(run, by)

    def archive(self, run: RunId) -> None:
        """Put the run away; a running one goes on. Raises NotFound."""
        with self._store.write() as uow:
            uow.runs.set_storage_state(run, StorageState.ARCHIVED, self._clock.now())

    def unarchive(self, run: RunId) -> None:
        """Bring the run back.

        Raises:
            NotFound: there is no such run.
            FailedPrecondition: its experiment is archived.
        """
        with self._store.write() as uow:
            experiment = uow.runs.get(run).experiment
            if _is_archived(uow, experiment):
                raise FailedPrecondition(
                    f"Failed to unarchive run {run} as experiment {experiment} must be un-archived first"
                )
            uow.runs.set_storage_state(run, StorageState.AVAILABLE, self._clock.now())

    def delete(self, run: RunId) -> None:
        """Stop the run if it goes on, and remove it with all that only it holds: history, files, artifacts.

        Files go behind the caller's back, once the rows are gone; a server that is killed meanwhile finishes when it is
        started again.

        Raises:
            NotFound: there is no such run.
            Unavailable: the run is still there.
        """
        self.get(run)
        try:
            self._control.forget(run)
            with self._store.write() as uow:
                freed = uow.runs.delete(run)
        except Exception:
            self._control.recall(run)
            raise
        self._control.clear(run, freed)


def _checked_id(text: str) -> RunId | None:
    """A client's run id; it must be a UUID, since ids become names of directories."""
    if not text:
        return None
    try:
        parsed = str(uuid.UUID(text))
    except ValueError:
        parsed = ""
    if parsed != text.lower():
        raise InvalidInput(f'run_id: "{text[:80]}" is not a UUID. Leave it out to get one.')
    return RunId(parsed)


def _is_archived(uow: UnitOfWork, experiment: ExperimentId) -> bool:
    try:
        return uow.experiments.get(experiment).storage_state is StorageState.ARCHIVED
    except NotFound:
        return False
