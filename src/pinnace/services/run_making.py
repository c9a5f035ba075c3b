"""How a run comes to be, whoever asks for it: a client, or a schedule."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pinnace.domain.environments import EnvironmentMode
from pinnace.domain.ids import ExperimentId, RecurringRunId, RunId
from pinnace.domain.plugins import PluginsInput
from pinnace.domain.runs import PipelineReference, Run
from pinnace.domain.states import RunState
from pinnace.domain.values import Instant, JsonValue
from pinnace.engine.codec import encode
from pinnace.engine.events import RunCreated
from pinnace.errors import InvalidInput, InvalidPipeline, NotFound
from pinnace.ir.parameters import check_arguments
from pinnace.ir.parse import parse_pipeline
from pinnace.ports.store import LogAppend, UnitOfWork
from pinnace.services.experiments import NAMESPACE
from pinnace.services.names import MAX_RUN_NAME, check_name, check_pipeline_root
from pinnace.services.plugins import check_plugins_input


@dataclass(frozen=True, slots=True)
class RunRequest:
    """A run to be made.

    Attributes:
        source: The pipeline document, or the stored version that holds it. With an empty pipeline id the version is
            found by its own id alone; without a version it is the pipeline's latest.
        parameters: As submitted; nothing is converted but macros.
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
    plugins_input: PluginsInput = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Source:
    """A pipeline document, and the stored version that it comes from."""

    document: bytes
    reference: PipelineReference | None = None


def check_labels(request: RunRequest) -> None:
    """Raise InvalidInput unless name, pipeline root and words for plugins are ones that a run may have."""
    check_name("run", request.display_name, MAX_RUN_NAME)
    check_pipeline_root(request.pipeline_root)
    check_plugins_input(request.plugins_input)


def source_in(uow: UnitOfWork, source: bytes | PipelineReference) -> Source:
    """The document of a source.

    Raises:
        NotFound: there is no such pipeline or version.
        InvalidInput: the pipeline has no version.
    """
    if isinstance(source, bytes):
        return Source(source)
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
    return Source(document, PipelineReference(version.pipeline, version.id))


def checked_pipeline(document: bytes, parameters: Mapping[str, JsonValue]) -> str:
    """The name of a pipeline that can run with the given parameters. Raises InvalidPipeline, with every fault."""
    pipeline = parse_pipeline(document)
    faults = check_arguments(pipeline.root.inputs, parameters)
    if faults:
        raise InvalidPipeline(faults)
    return pipeline.name


def experiment_in(
    uow: UnitOfWork, experiment: ExperimentId | None, default: Callable[[UnitOfWork], ExperimentId]
) -> ExperimentId:
    """The experiment that is asked for, which must exist, or the default one. Raises NotFound."""
    return default(uow) if experiment is None else uow.experiments.get(experiment).id


@dataclass(frozen=True, slots=True)
class RunToAdd:
    """A run that has been checked. ``parameters`` are those of the request with macros replaced."""

    id: RunId
    request: RunRequest
    source: Source
    pipeline_name: str
    experiment: ExperimentId
    parameters: Mapping[str, JsonValue]
    recurring_run: RecurringRunId | None = None


def add_run(uow: UnitOfWork, wanted: RunToAdd, now: Instant) -> Run:
    """Insert a run with its first event; its loop is to be woken once that is committed.

    Raises:
        AlreadyExists: the id is taken.
    """
    request = wanted.request
    run = Run(
        id=wanted.id,
        display_name=request.display_name,
        experiment=wanted.experiment,
        document=uow.pipelines.add_document(wanted.source.document),
        pipeline_name=wanted.pipeline_name,
        created_at=now,
        scheduled_at=now if request.scheduled_at is None else request.scheduled_at,
        namespace=NAMESPACE,
        description=request.description,
        reference=wanted.source.reference,
        parameters=dict(wanted.parameters),
        pipeline_root=request.pipeline_root,
        service_account=request.service_account,
        caching=request.caching,
        environment=request.environment,
        plugins_input=request.plugins_input,
        recurring_run=wanted.recurring_run,
        state_history=((now, RunState.PENDING),),
    )
    uow.runs.add(run)
    created = RunCreated(at=now, parameters=run.parameters, caching=run.caching)
    uow.log.append(LogAppend(run=run.id, expected=0, events=[encode(created, 1)]))
    uow.experiments.touch(wanted.experiment, now)
    return run
