"""Checks of tasks and of the outputs of DAGs: everything that is named exists."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from pinnace.ir.diagnostics import Diagnostics, at, suggestion
from pinnace.ir.expressions import check
from pinnace.ir.model import Component, Dag, ItemsInput, Task, TaskOutput

_REFERENCE: Final = re.compile(r"inputs\.parameter_values\['([^']*)'\]")
_BRANCHES: Final = ("||", "?", "has(")


@dataclass(frozen=True, slots=True)
class Scope:
    """A DAG under check. ``path`` is the DAG's."""

    component: Component
    dag: Dag
    components: Mapping[str, Component]
    path: str
    diagnostics: Diagnostics

    def task_path(self, key: str) -> str:
        """The path of a task."""
        return at(f"{self.path}.tasks", key)

    def component_of(self, task_key: str) -> Component | None:
        """The component of a task, None where either is unknown."""
        task = self.dag.tasks.get(task_key)
        return self.components.get(task.component) if task else None

    def check_task_name(self, key: str, path: str) -> bool:
        """Whether the DAG has the task; records a fault when not."""
        if key in self.dag.tasks:
            return True
        self.diagnostics.error(
            path, f'There is no task "{key[:80]}" in this DAG.{suggestion(key, self.dag.tasks)}', "unknown-task"
        )
        return False

    def check_output(self, output: TaskOutput, path: str, *, artifact: bool) -> None:
        """Record a fault unless the task exists and gives the output."""
        if not self.check_task_name(output.task, path):
            return
        producer = self.component_of(output.task)
        if producer is None:
            return
        kind = "artifact" if artifact else "parameter"
        declared: Iterable[str] = producer.outputs.artifacts if artifact else producer.outputs.parameters
        if output.key not in declared:
            self.diagnostics.error(
                path,
                f'The task "{output.task}" has no output {kind} "{output.key[:80]}".{suggestion(output.key, declared)}',
                "unknown-output",
            )
            return
        dag = producer.implementation
        if isinstance(dag, Dag) and output.key not in (dag.output_artifacts if artifact else dag.output_parameters):
            self.diagnostics.error(
                path,
                f'The component "{producer.name}" declares the output "{output.key}", but its dag does not say which '
                "task gives it. Add it to dag.outputs.",
                "unknown-output",
            )


def check_tasks(scope: Scope) -> None:
    """Components, dependencies, iterators and conditions of every task of a DAG."""
    for key, task in scope.dag.tasks.items():
        path = scope.task_path(key)
        if task.component and task.component not in scope.components:
            scope.diagnostics.error(
                f"{path}.componentRef.name",
                f'There is no component "{task.component[:80]}".{suggestion(task.component, scope.components)}',
                "unknown-component",
            )
        for index, name in enumerate(task.depends_on):
            scope.check_task_name(name, at(f"{path}.dependentTasks", index))
        _check_condition(task, path, scope)
        _check_iterator(task, path, scope)


def check_outputs(scope: Scope) -> None:
    """The sources of a DAG's outputs."""
    for key, selectors in scope.dag.output_parameters.items():
        for selector in selectors:
            scope.check_output(selector, at(f"{scope.path}.outputs.parameters", key), artifact=False)
    for key, selectors in scope.dag.output_artifacts.items():
        for selector in selectors:
            scope.check_output(selector, at(f"{scope.path}.outputs.artifacts", key), artifact=True)


def _check_condition(task: Task, path: str, scope: Scope) -> None:
    if not task.condition:
        return
    path = f"{path}.triggerPolicy.condition"
    fault = check(task.condition)
    if fault:
        scope.diagnostics.error(path, fault, "expression")
    elif not any(word in task.condition for word in _BRANCHES):
        for name in _REFERENCE.findall(task.condition):
            if name not in task.inputs.parameters:
                scope.diagnostics.error(
                    path,
                    f'The condition needs the input "{name}", which the task does not have.'
                    f"{suggestion(name, task.inputs.parameters)}",
                    "unknown-input",
                )


def _check_iterator(task: Task, path: str, scope: Scope) -> None:
    if task.iterator is None:
        return
    over_artifacts = task.iterator.over_artifacts
    path = f"{path}.{'artifactIterator' if over_artifacts else 'parameterIterator'}"
    items = task.iterator.items
    bound: Iterable[str] = task.inputs.artifacts if over_artifacts else task.inputs.parameters
    if isinstance(items, ItemsInput) and items.name not in bound:
        scope.diagnostics.error(
            f"{path}.items",
            f'The loop takes its items from the input "{items.name[:80]}", which the task does not have.'
            f"{suggestion(items.name, bound)}",
            "unknown-input",
        )
    component = scope.components.get(task.component)
    if component is None:
        return
    declared: Iterable[str] = component.inputs.artifacts if over_artifacts else component.inputs.parameters
    if task.iterator.item_input not in declared:
        scope.diagnostics.error(
            f"{path}.itemInput",
            f'The component "{component.name}" has no input "{task.iterator.item_input[:80]}" for the item.'
            f"{suggestion(task.iterator.item_input, declared)}",
            "unknown-input",
        )
