"""Small valid objects for tests of stores and of what stands on them. Everything has a default but its identity."""

from collections.abc import Sequence

from pinnace.domain.artifacts import Artifact, ArtifactType
from pinnace.domain.environments import EnvironmentMode
from pinnace.domain.experiments import Experiment
from pinnace.domain.history import RecordedEvent
from pinnace.domain.ids import (
    ROOT,
    ArtifactId,
    ExperimentId,
    NodeId,
    PipelineId,
    PipelineVersionId,
    RecurringRunId,
    RunId,
)
from pinnace.domain.pipelines import PipelineVersion, StoredPipeline
from pinnace.domain.runs import Run
from pinnace.domain.schedules import IntervalTrigger, RecurringRun
from pinnace.domain.states import NodePhase, RunState, StorageState
from pinnace.domain.tasks import NodeBinding, TaskRecord
from pinnace.domain.values import Instant, JsonValue


def a_run(
    name: str,
    *,
    at: int = 1,
    experiment: str = "experiment",
    namespace: str = "default",
    state: RunState = RunState.PENDING,
    storage_state: StorageState = StorageState.AVAILABLE,
    finished_at: int | None = None,
    description: str = "",
    document: str = "document",
    parameters: dict[str, JsonValue] | None = None,
    environment: EnvironmentMode | None = None,
    recurring_run: str | None = None,
) -> Run:
    """A run whose id is its name."""
    return Run(
        id=RunId(name),
        display_name=name,
        experiment=ExperimentId(experiment),
        document=document,
        pipeline_name="pipeline",
        created_at=Instant(at),
        scheduled_at=Instant(at),
        state=state,
        namespace=namespace,
        description=description,
        parameters=parameters or {},
        storage_state=storage_state,
        finished_at=None if finished_at is None else Instant(finished_at),
        environment=environment,
        recurring_run=None if recurring_run is None else RecurringRunId(recurring_run),
    )


def a_recurring_run(
    name: str, *, at: int = 1, experiment: str = "experiment", document: str = "document", next_at: int | None = None
) -> RecurringRun:
    """A recurring run whose id is its name, every minute; it is enabled if its next time is given."""
    return RecurringRun(
        id=RecurringRunId(name),
        display_name=name,
        experiment=ExperimentId(experiment),
        created_at=Instant(at),
        updated_at=Instant(at),
        trigger=IntervalTrigger(60),
        document=document,
        enabled=next_at is not None,
        next_at=None if next_at is None else Instant(next_at),
    )


def some_events(first: int, count: int, body: dict[str, JsonValue] | None = None) -> Sequence[RecordedEvent]:
    """*count* events numbered from *first* on."""
    numbers = range(first, first + count)
    return [RecordedEvent(n, Instant(n), "Noted", {"n": n} if body is None else body) for n in numbers]


def a_task(
    run: str,
    node: str,
    *,
    phase: NodePhase = NodePhase.WAITING,
    parameters: dict[str, JsonValue] | None = None,
    inputs: dict[str, tuple[str, ...]] | None = None,
    outputs: dict[str, tuple[str, ...]] | None = None,
) -> TaskRecord:
    """A container task; inputs and outputs are ids of artifacts by key, parameters are inputs too."""
    return TaskRecord(
        run=RunId(run),
        node=NodeId(node),
        parent=ROOT,
        name=node,
        display_name=node,
        kind="CONTAINER",
        phase=phase,
        created_at=Instant(1),
        inputs=NodeBinding(parameters or {}, _ids(inputs)),
        outputs=NodeBinding({}, _ids(outputs)),
    )


def an_artifact(name: str, *, uri: str = "") -> Artifact:
    """A data set whose id is its name."""
    return Artifact(ArtifactId(name), name, ArtifactType("system.Dataset"), uri or f"/artifacts/{name}", {"rows": 3})


def an_experiment(
    name: str, *, at: int = 1, namespace: str = "default", last_run_created_at: int | None = None
) -> Experiment:
    """An experiment whose id is its name."""
    last = None if last_run_created_at is None else Instant(last_run_created_at)
    return Experiment(ExperimentId(name), name, Instant(at), namespace, last_run_created_at=last)


def a_pipeline(
    name: str, *, at: int = 1, namespace: str = "default", tags: dict[str, str] | None = None
) -> StoredPipeline:
    """A pipeline whose id is its name."""
    return StoredPipeline(PipelineId(name), name, name, Instant(at), namespace, tags=tags or {})


def a_version(
    pipeline: str, name: str, *, at: int = 1, document: str = "document", tags: dict[str, str] | None = None
) -> PipelineVersion:
    """A version whose id is made of its pipeline's and its own name."""
    return PipelineVersion(
        id=PipelineVersionId(f"{pipeline}/{name}"),
        pipeline=PipelineId(pipeline),
        name=name,
        display_name=name,
        document=document,
        created_at=Instant(at),
        tags=tags or {},
    )


def _ids(artifacts: dict[str, tuple[str, ...]] | None) -> dict[str, tuple[ArtifactId, ...]]:
    return {key: tuple(ArtifactId(each) for each in ids) for key, ids in (artifacts or {}).items()}
