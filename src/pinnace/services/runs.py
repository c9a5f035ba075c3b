"""Runs: made, read, stopped, retried, archived and deleted."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pinnace.domain.environments import EnvironmentMode
from pinnace.domain.ids import ExperimentId, RunId
from pinnace.domain.listing import ListQuery, Page
from pinnace.domain.runs import PipelineReference, Run
from pinnace.domain.states import RunState, StorageState
from pinnace.domain.values import Instant, JsonValue
from pinnace.engine.codec import encode
from pinnace.engine.events import RunCreated
from pinnace.errors import Conflict, FailedPrecondition, InvalidInput, InvalidPipeline, NotFound
from pinnace.ir.parameters import check_arguments
from pinnace.ir.parse import parse_pipeline
from pinnace.ports.clock import Clock
from pinnace.ports.control import RunControl
from pinnace.ports.store import LogAppend, Store, UnitOfWork
from pinnace.services.experiments import NAMESPACE, ExperimentService
from pinnace.services.names import MAX_RUN_NAME, check_name, check_pipeline_root


@dataclass(frozen=True, slots=True)
class RunRequest:
    """A run to be made.

    Attributes:
        source: The pipeline document, or the stored version that holds it. With an empty pipeline id the version is
            found by its own id alone; without a version it is the pipeline's latest.
        parameters: As submitted; nothing is converted.
        experiment: None for the default experiment.
        id: The id that the client wants, "" for a new one.
        caching: False switches the cache off for the whole run.
        environment: How Python environments are made for its tasks; None leaves it to the server.
    """

    display_name: str
    source: bytes | PipelineReference
    parameters: Mapping[str, JsonValue] = field(default_factory=dict)
    pipeline_root: str = ""
    experiment: ExperimentId | None = None
    id: str = ""
    description: str = ""
    service_account: str = ""
    scheduled_at: Instant | None = None
    caching: bool | None = None
    environment: EnvironmentMode | None = None


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
        check_name("run", request.display_name, MAX_RUN_NAME)
        check_pipeline_root(request.pipeline_root)
        run_id = _checked_id(request.id) or RunId(self._new_id())
        document, reference = self._source(request.source)
        pipeline = parse_pipeline(document)
        faults = check_arguments(pipeline.root.inputs, request.parameters)
        if faults:
            raise InvalidPipeline(faults)
        now = self._clock.now()
        with self._store.write() as uow:
            experiment = self._experiment_in(uow, request.experiment)
            run = Run(
                id=run_id,
                display_name=request.display_name,
                experiment=experiment,
                document=uow.pipelines.add_document(document),
                pipeline_name=pipeline.name,
                created_at=now,
                scheduled_at=now if request.scheduled_at is None else request.scheduled_at,
                namespace=NAMESPACE,
                description=request.description,
                reference=reference,
                parameters=dict(request.parameters),
                pipeline_root=request.pipeline_root,
                service_account=request.service_account,
                caching=request.caching,
                environment=request.environment,
                state_history=((now, RunState.PENDING),),
            )
            uow.runs.add(run)
            created = RunCreated(at=now, parameters=run.parameters, caching=run.caching)
            uow.log.append(LogAppend(run=run.id, expected=0, events=[encode(created, 1)]))
            uow.experiments.touch(experiment, now)
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
            uow.runs.set_storage_state(run, StorageState.ARCHIVED)

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
            uow.runs.set_storage_state(run, StorageState.AVAILABLE)

    def delete(self, run: RunId) -> None:
        """Stop the run if it goes on, and remove it with its history. Its artifacts stay. Raises NotFound."""
        self.get(run)
        self._control.forget(run)
        with self._store.write() as uow:
            uow.runs.delete(run)

    def _source(self, source: bytes | PipelineReference) -> tuple[bytes, PipelineReference | None]:
        if isinstance(source, bytes):
            return source, None
        with self._store.read() as uow:
            if source.version is None:
                uow.pipelines.get(source.pipeline)
                version = uow.versions.latest(source.pipeline)
                if version is None:
                    raise InvalidInput(f"Pipeline {source.pipeline} has no version yet. Upload one first.")
            else:
                version = uow.versions.get(source.version)
                if source.pipeline and version.pipeline != source.pipeline:
                    raise NotFound("PipelineVersion", source.version)
            document = uow.pipelines.document(version.document)
        return document, PipelineReference(version.pipeline, version.id)

    def _experiment_in(self, uow: UnitOfWork, experiment: ExperimentId | None) -> ExperimentId:
        if experiment is None:
            return self._experiments.default_in(uow).id
        return uow.experiments.get(experiment).id


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
