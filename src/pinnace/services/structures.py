"""What a pipeline consists of, as people look at it: its interface, its graphs, and what each task takes from whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pinnace.domain.ids import PipelineId, PipelineVersionId, RunId
from pinnace.domain.values import JsonValue
from pinnace.engine.plan import NodeKind, PlanTask, build_plan
from pinnace.errors import NotFound
from pinnace.ir.model import (
    Component,
    ComponentInput,
    Constant,
    Container,
    Dag,
    Importer,
    ItemsInput,
    Iterator,
    ParameterSpec,
    Pipeline,
    Task,
    TaskOutput,
)
from pinnace.ir.parse import parse_pipeline
from pinnace.ports.store import Store


@dataclass(frozen=True, slots=True)
class DataEdge:
    """An output of one task that is an input of another, in the same graph."""

    producer: str
    output: str
    input: str
    is_artifact: bool


@dataclass(frozen=True, slots=True)
class TaskStructure:
    """A task in its graph.

    Attributes:
        kind: What one execution of it does, leaving the loop aside.
        depends_on: The tasks that must have ended before, all of them.
        edges: What it takes from them.
        given: The other inputs: a constant, or the name of an input of the graph behind ``$``.
        is_exit: Whether it also runs when the others fail or are stopped.
        loop: What it runs once for each of, in words; "" for no loop.
        parallelism: How many iterations may run at a time; 0 for any number.
        image: Of a container; "" for a graph.
    """

    key: str
    display_name: str
    component: str
    kind: NodeKind
    depends_on: Sequence[str]
    edges: Sequence[DataEdge]
    given: Mapping[str, JsonValue]
    condition: str
    is_exit: bool
    loop: str
    parallelism: int
    max_retries: int
    caching: bool
    image: str


@dataclass(frozen=True, slots=True)
class PipelineStructure:
    """A pipeline. ``graphs`` has the tasks of every component that is a graph; the pipeline's own is ``root``."""

    pipeline: Pipeline
    graphs: Mapping[str, Sequence[TaskStructure]]

    @property
    def inputs(self) -> Mapping[str, ParameterSpec]:
        """The pipeline's parameters."""
        return self.pipeline.root.inputs.parameters


class StructureService:
    """Reads structures out of stored documents."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def of_version(self, pipeline: PipelineId, version: PipelineVersionId) -> PipelineStructure:
        """Of a version of a pipeline. Raises NotFound."""
        with self._store.read() as uow:
            found = uow.versions.get(version)
            if found.pipeline != pipeline:
                raise NotFound("PipelineVersion", version)
            document = uow.pipelines.document(found.document)
        return structure_of(document)

    def of_run(self, run: RunId) -> PipelineStructure:
        """Of the document that a run was made with. Raises NotFound."""
        with self._store.read() as uow:
            document = uow.pipelines.document(uow.runs.get(run).document)
        return structure_of(document)


def structure_of(document: bytes) -> PipelineStructure:
    """The structure of a pipeline document.

    Raises:
        InvalidPipeline: with every fault of the document.
    """
    pipeline = parse_pipeline(document)
    plan = build_plan(pipeline)
    return PipelineStructure(
        pipeline, {name: [_task(planned) for planned in tasks.values()] for name, tasks in plan.dags.items()}
    )


def _task(planned: PlanTask) -> TaskStructure:
    task = planned.task
    return TaskStructure(
        key=task.key,
        display_name=task.display_name or task.key,
        component=task.component,
        kind=planned.body,
        depends_on=planned.depends_on,
        edges=_edges(task),
        given=_given(task),
        condition=task.condition,
        is_exit=planned.is_exit,
        loop=_loop(task.iterator),
        parallelism=task.iterator.parallelism if task.iterator is not None else 0,
        max_retries=task.retry.max_retries if task.retry is not None else 0,
        caching=task.caching is not None and task.caching.enabled,
        image=_image(planned.component),
    )


def _edges(task: Task) -> list[DataEdge]:
    found = [
        DataEdge(binding.source.task, binding.source.key, name, is_artifact=False)
        for name, binding in task.inputs.parameters.items()
        if isinstance(binding.source, TaskOutput)
    ]
    found += [
        DataEdge(source.task, source.key, name, is_artifact=True)
        for name, source in task.inputs.artifacts.items()
        if isinstance(source, TaskOutput)
    ]
    return found


def _given(task: Task) -> dict[str, JsonValue]:
    given: dict[str, JsonValue] = {}
    for name, binding in task.inputs.parameters.items():
        if isinstance(binding.source, ComponentInput):
            given[name] = f"${binding.source.name}"
        elif isinstance(binding.source, Constant):
            given[name] = binding.source.value
    for name, source in task.inputs.artifacts.items():
        if isinstance(source, ComponentInput):
            given[name] = f"${source.name}"
    return given


def _loop(iterator: Iterator | None) -> str:
    if iterator is None:
        return ""
    if isinstance(iterator.items, ItemsInput):
        return iterator.items.name
    count = len(iterator.items.values)
    return f"{count} item" if count == 1 else f"{count} items"


def _image(component: Component) -> str:
    implementation = component.implementation
    if isinstance(implementation, Dag | Importer):
        return ""
    return implementation.image if isinstance(implementation, Container) else ""
