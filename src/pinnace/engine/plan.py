"""The plan of a run: the pipeline with everything worked out that does not depend on values.

A component's DAG is planned once, however often it is used; nodes of a run point to their place in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pinnace.ir.model import (
    Component,
    ComponentInput,
    Container,
    Dag,
    FinalStatus,
    Importer,
    ItemsInput,
    Pipeline,
    Task,
    TaskOutput,
    TriggerStrategy,
)
from pinnace.ir.placeholders import RunContext

_EXIT_HANDLER: Final = "comp-exit-handler-"
_NO_CONTEXT: Final = RunContext("", "", "", "", "", "")


class NodeKind(StrEnum):
    """What a node does."""

    DAG = "DAG"
    LOOP = "LOOP"
    CONTAINER = "CONTAINER"
    IMPORTER = "IMPORTER"

    @property
    def is_group(self) -> bool:
        """Whether it has children instead of attempts."""
        return self in {NodeKind.DAG, NodeKind.LOOP}


@dataclass(frozen=True, slots=True)
class PlanTask:
    """A task in its DAG.

    Attributes:
        depends_on: Tasks that must have ended, listed or implied by the inputs.
        dependents: The other way round.
        is_exit: Whether it runs although the run is being stopped: the exit task of an ExitHandler, also of one in a
            nested pipeline that had begun.
        rescued: Whether it may still begin once another task of the DAG has failed: it runs whatever its upstream
            ended as, or depends on such a task.
        keeps_items: Whether the iterations of this loop see the input that holds the items, since they use it.
    """

    task: Task
    component: Component
    depends_on: tuple[str, ...] = ()
    dependents: tuple[str, ...] = ()
    is_exit: bool = False
    rescued: bool = False
    keeps_items: bool = False

    @property
    def body(self) -> NodeKind:
        """What one execution of it does, leaving the loop aside."""
        implementation = self.component.implementation
        if isinstance(implementation, Dag):
            return NodeKind.DAG
        return NodeKind.IMPORTER if isinstance(implementation, Importer) else NodeKind.CONTAINER


@dataclass(frozen=True, slots=True)
class Plan:
    """A planned pipeline. ``dags`` has the tasks of every DAG by component name."""

    pipeline: Pipeline
    root: PlanTask
    dags: Mapping[str, Mapping[str, PlanTask]]
    context: RunContext

    def tasks_of(self, component: Component) -> Mapping[str, PlanTask]:
        """The tasks of a DAG component, in the order of the document."""
        return self.dags[component.name]


def build_plan(pipeline: Pipeline, context: RunContext | None = None) -> Plan:
    """Plan a valid pipeline. ``context`` holds the values of the run's placeholders."""
    dags = {
        component.name: _plan_dag(pipeline, component.implementation)
        for component in (pipeline.root, *pipeline.components.values())
        if isinstance(component.implementation, Dag)
    }
    root = PlanTask(Task(key="root", component=pipeline.root.name, display_name="root"), pipeline.root)
    return Plan(pipeline, root, dags, context or _NO_CONTEXT)


def _plan_dag(pipeline: Pipeline, dag: Dag) -> Mapping[str, PlanTask]:
    upstream = {key: _upstream(task) for key, task in dag.tasks.items()}
    dependents: dict[str, list[str]] = {key: [] for key in dag.tasks}
    for key, producers in upstream.items():
        for producer in producers:
            dependents[producer].append(key)
    rescued = _rescued(dag, dependents)
    return {
        key: PlanTask(
            task=task,
            component=pipeline.components[task.component],
            depends_on=upstream[key],
            dependents=tuple(dependents[key]),
            is_exit=_is_exit(dag, task, upstream[key]),
            rescued=key in rescued,
            keeps_items=_keeps_items(task, pipeline.components[task.component]),
        )
        for key, task in dag.tasks.items()
    }


def _upstream(task: Task) -> tuple[str, ...]:
    """Tasks that *task* waits for, each once: those that it lists, then the producers of its inputs."""
    sources = [binding.source for binding in task.inputs.parameters.values()]
    producers = [source.task for source in sources if isinstance(source, TaskOutput | FinalStatus)]
    producers += [source.task for source in task.inputs.artifacts.values() if isinstance(source, TaskOutput)]
    return tuple(dict.fromkeys((*task.depends_on, *producers)))


def _rescued(dag: Dag, dependents: Mapping[str, list[str]]) -> set[str]:
    found: set[str] = set()
    stack = [key for key, task in dag.tasks.items() if task.strategy is TriggerStrategy.COMPLETED]
    while stack:
        key = stack.pop()
        if key not in found:
            found.add(key)
            stack.extend(dependents[key])
    return found


def _is_exit(dag: Dag, task: Task, upstream: tuple[str, ...]) -> bool:
    if task.strategy is not TriggerStrategy.COMPLETED:
        return False
    sources = (binding.source for binding in task.inputs.parameters.values())
    takes_status = any(isinstance(source, FinalStatus) for source in sources)
    return takes_status or any(dag.tasks[key].component.startswith(_EXIT_HANDLER) for key in upstream)


def _keeps_items(task: Task, component: Component) -> bool:
    if task.iterator is None or not isinstance(task.iterator.items, ItemsInput):
        return False
    return task.iterator.items.name in _inputs_used(component)


def _inputs_used(component: Component) -> set[str]:
    """Inputs of a component that its tasks read. A container may read any."""
    implementation = component.implementation
    if isinstance(implementation, Container | Importer):
        return {*component.inputs.parameters, *component.inputs.artifacts}
    used: set[str] = set()
    for task in implementation.tasks.values():
        sources = [binding.source for binding in task.inputs.parameters.values()]
        used |= {source.name for source in sources if isinstance(source, ComponentInput)}
        used |= {source.name for source in task.inputs.artifacts.values() if isinstance(source, ComponentInput)}
    return used
