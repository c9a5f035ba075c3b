"""The straight-line meaning of a pipeline: no events, no state, one recursive walk.

It was written from the rules and not from the engine, and shares no code with it. Where the rules leave open what
happens (which task failed, who had begun when a sibling failed, when the run was stopped), it asks ``Choices``; an
answer that the rules do not allow is the business of whoever answers.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from tests.simulation.channels import RECORD_SELECTOR, upstream
from tests.simulation.conformance import Unresolvable, conform, conform_all, holds, text_of
from tests.simulation.scenario import Outcome, Scenario
from tests.simulation.shapes import RECORD_KEY

from pinnace.domain.ids import ROOT, NodeId, child_node, iteration_node
from pinnace.domain.states import NodePhase
from pinnace.domain.values import JsonValue
from pinnace.ir.model import (
    Component,
    ComponentInput,
    Constant,
    Dag,
    FinalStatus,
    ItemsInput,
    ParameterBinding,
    RawItems,
    Task,
    TaskOutput,
    TriggerStrategy,
)

NOTHING: Final = Outcome()
_FINAL_STATES: Final = {
    NodePhase.SUCCEEDED: "COMPLETE",
    NodePhase.FAILED: "FAILED",
    NodePhase.CANCELED: "CANCELED",
    NodePhase.SKIPPED: "CANCELED",
}


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a node. ``inputs`` is None where it never came to have any."""

    phase: NodePhase
    outputs: Outcome = NOTHING
    inputs: Outcome | None = None


class Choices(Protocol):
    """What the rules leave open."""

    def kept(self, node: NodeId) -> Outcome | None:
        """What a node gave that had succeeded before the last retry around it, or None."""

    def held_back(self, node: NodeId) -> NodePhase | None:
        """How a node ended that never began since its DAG was failing or the run being stopped; else None."""

    def run(self, node: NodeId, component: Component, inputs: Outcome) -> Result:
        """What became of a container or importer task that began."""

    def opened(self, loop: NodeId, index: int) -> bool:
        """Whether an iteration began."""

    def items(self, loop: NodeId) -> Sequence[JsonValue] | None:
        """The items that the loop went over in an earlier life, or None."""

    def gave_up(self, group: NodeId) -> bool:
        """Whether a group that failed was canceled while it waited for its next try."""


@dataclass(slots=True)
class Interpreter:
    """Walks a scenario once; ``results`` has what became of every node."""

    scenario: Scenario
    choices: Choices
    results: dict[NodeId, Result] = field(default_factory=dict)

    def run(self) -> Result:
        """The root's result."""
        root = self.scenario.pipeline.root
        try:
            inputs = Outcome(conform_all(root, dict(self.scenario.parameters), is_dag=True))
        except Unresolvable:
            return self._keep(ROOT, Result(NodePhase.FAILED))
        return self._keep(ROOT, self._dag(ROOT, root, inputs))

    def group(
        self,
        node: NodeId,
        loop: Task | None,
        component: Component,
        inputs: Outcome,
        items: Sequence[JsonValue] | None,
    ) -> Result:
        """What became of a DAG that began with *inputs*, or of a *loop* over *items*."""
        if loop is None:
            return self._dag(node, component, inputs)
        assert items is not None
        return self._loop(node, loop, component, inputs, items)

    def _keep(self, node: NodeId, result: Result) -> Result:
        self.results[node] = result
        return result

    def _dag(self, node: NodeId, component: Component, inputs: Outcome) -> Result:
        dag = component.implementation
        assert isinstance(dag, Dag)
        done: dict[str, Result] = {}
        for key in in_order(dag):
            child = child_node(node, key)
            done[key] = self._keep(child, self._task(child, dag.tasks[key], inputs, done))
        phases = {result.phase for result in done.values()}
        phase = _group_phase(phases)
        if phase is NodePhase.FAILED and self.choices.gave_up(node):
            phase = NodePhase.CANCELED
        if phase is not NodePhase.SUCCEEDED:
            return Result(phase, inputs=inputs)
        parameters: dict[str, JsonValue] = {}
        artifacts: dict[str, tuple[str, ...]] = {}
        for name, selectors in dag.output_parameters.items():
            for chosen in (s for s in selectors if done[s.task].phase is NodePhase.SUCCEEDED):
                if chosen.key in done[chosen.task].outputs.parameters:
                    parameters[name] = done[chosen.task].outputs.parameters[chosen.key]
                break
        for name, selectors in dag.output_artifacts.items():
            for chosen in (s for s in selectors if done[s.task].phase is NodePhase.SUCCEEDED):
                if chosen.key in done[chosen.task].outputs.artifacts:
                    artifacts[name] = done[chosen.task].outputs.artifacts[chosen.key]
                break
        return Result(phase, Outcome(parameters, artifacts), inputs)

    def _task(self, node: NodeId, task: Task, scope: Outcome, done: Mapping[str, Result]) -> Result:
        kept = self.choices.kept(node)
        if kept is not None:
            return Result(NodePhase.SUCCEEDED, kept)
        held_back = self.choices.held_back(node)
        if held_back is not None:
            return Result(held_back)
        if task.strategy is TriggerStrategy.SUCCEEDED and any(
            done[key].phase is not NodePhase.SUCCEEDED for key in upstream(task)
        ):
            return Result(NodePhase.SKIPPED)
        component = self.scenario.pipeline.components[task.component]
        try:
            inputs = self._inputs(task, component, scope, done)
            if task.condition and not holds(self.scenario.conditions[task.condition], inputs.parameters, component):
                return Result(NodePhase.SKIPPED)
            if task.iterator is None:
                return self._execute(node, component, inputs)
            items = self.choices.items(node)
            return self._loop(node, task, component, inputs, _items(task, inputs) if items is None else items)
        except Unresolvable:
            return Result(NodePhase.FAILED)

    def _execute(self, node: NodeId, component: Component, inputs: Outcome) -> Result:
        if isinstance(component.implementation, Dag):
            return self._dag(node, component, inputs)
        return self.choices.run(node, component, inputs)

    def _loop(
        self, node: NodeId, task: Task, component: Component, inputs: Outcome, items: Sequence[JsonValue]
    ) -> Result:
        outputs: list[Outcome] = []
        phases = set()
        for index, item in enumerate(items):
            iteration = iteration_node(node, index)
            kept = self.choices.kept(iteration)
            if kept is not None:
                result = Result(NodePhase.SUCCEEDED, kept)
            elif not self.choices.opened(node, index):
                phases.add(NodePhase.CANCELED)
                continue
            else:
                result = self._keep(iteration, self._iteration(iteration, task, component, inputs, item))
            phases.add(result.phase)
            outputs.append(result.outputs)
        phase = _group_phase(phases)
        if phase is NodePhase.FAILED and self.choices.gave_up(node):
            phase = NodePhase.CANCELED
        if phase is not NodePhase.SUCCEEDED:
            return Result(phase, inputs=inputs)
        return Result(
            phase,
            Outcome(
                {
                    name: [given.parameters[name] for given in outputs if name in given.parameters]
                    for name in component.outputs.parameters
                },
                {
                    name: tuple(artifact for given in outputs for artifact in given.artifacts.get(name, ()))
                    for name in component.outputs.artifacts
                },
            ),
            inputs,
        )

    def _iteration(self, node: NodeId, task: Task, component: Component, inputs: Outcome, item: JsonValue) -> Result:
        iterator = task.iterator
        assert iterator is not None
        parameters, artifacts = dict(inputs.parameters), dict(inputs.artifacts)
        if isinstance(iterator.items, ItemsInput) and not _uses(component, iterator.items.name):
            parameters.pop(iterator.items.name, None)
            artifacts.pop(iterator.items.name, None)
        if iterator.over_artifacts:
            artifacts[iterator.item_input] = (str(item),)
            return self._execute(node, component, Outcome(parameters, artifacts))
        parameters[iterator.item_input] = item
        if not isinstance(component.implementation, Dag):
            try:
                parameters[iterator.item_input] = conform(component.inputs.parameters[iterator.item_input], item)
            except Unresolvable:
                return Result(NodePhase.FAILED)
        return self._execute(node, component, Outcome(parameters, artifacts))

    def _inputs(self, task: Task, component: Component, scope: Outcome, done: Mapping[str, Result]) -> Outcome:
        given = {name: _value(binding, scope, done) for name, binding in task.inputs.parameters.items()}
        given = {
            name: _filled(value, task.key, given)
            if isinstance(task.inputs.parameters[name].source, Constant)
            else value
            for name, value in given.items()
        }
        item = task.iterator.item_input if task.iterator is not None else ""
        is_dag = isinstance(component.implementation, Dag)
        is_loop = task.iterator is not None
        parameters = conform_all(component, given, is_dag=is_dag and not is_loop, item=item, hands_on=is_dag)
        artifacts: dict[str, tuple[str, ...]] = {}
        for name, source in task.inputs.artifacts.items():
            held = (
                done[source.task].outputs.artifacts.get(source.key)
                if isinstance(source, TaskOutput)
                else scope.artifacts.get(source.name)
            )
            if held is not None:
                artifacts[name] = held
        for name, spec in component.inputs.artifacts.items():
            if name not in artifacts and not spec.optional and name != item:
                raise Unresolvable(name)
        return Outcome(parameters, artifacts)


def in_order(dag: Dag) -> list[str]:
    """The tasks of a DAG, each behind those that it waits for."""
    found: list[str] = []

    def visit(key: str) -> None:
        if key not in found:
            for producer in sorted(upstream(dag.tasks[key])):
                visit(producer)
            found.append(key)

    for key in dag.tasks:
        visit(key)
    return found


def _value(binding: ParameterBinding, scope: Outcome, done: Mapping[str, Result]) -> JsonValue:
    source = binding.source
    value: JsonValue
    match source:
        case Constant():
            value = source.value
        case ComponentInput():
            value = scope.parameters.get(source.name)
        case FinalStatus():
            value = {"state": _FINAL_STATES[done[source.task].phase], "pipelineTaskName": source.task}
        case TaskOutput():
            value = done[source.task].outputs.parameters.get(source.key)
    if not binding.selector or value is None:
        return value
    assert binding.selector == RECORD_SELECTOR
    if not isinstance(value, dict) or RECORD_KEY not in value:
        raise Unresolvable(binding.selector)
    return value[RECORD_KEY]


def _filled(value: JsonValue, task: str, given: Mapping[str, JsonValue]) -> JsonValue:
    """A constant with its placeholders filled in, those that the generator uses."""
    if not isinstance(value, str) or "{{$" not in value:
        return value
    for name, other in given.items():
        if other is not None:
            value = value.replace(f"{{{{$.inputs.parameters['{name}']}}}}", text_of(other))
    return value.replace("{{$.pipeline_task_name}}", task)


def _items(task: Task, inputs: Outcome) -> Sequence[JsonValue]:
    assert task.iterator is not None
    items = task.iterator.items
    if isinstance(items, RawItems):
        return items.values
    if task.iterator.over_artifacts:
        return list(inputs.artifacts.get(items.name, ()))
    value = inputs.parameters.get(items.name)
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            raise Unresolvable(items.name) from None
    if not isinstance(value, list):
        raise Unresolvable(items.name)
    return value


def _uses(component: Component, name: str) -> bool:
    """Whether what runs in an iteration reads an input; code may read all of them."""
    dag = component.implementation
    if not isinstance(dag, Dag):
        return name in component.inputs.parameters or name in component.inputs.artifacts
    read = [binding.source for task in dag.tasks.values() for binding in task.inputs.parameters.values()]
    held = [source for task in dag.tasks.values() for source in task.inputs.artifacts.values()]
    return ComponentInput(name) in [*read, *held]


def _group_phase(phases: set[NodePhase]) -> NodePhase:
    for phase in (NodePhase.FAILED, NodePhase.CANCELED):
        if phase in phases:
            return phase
    return NodePhase.SUCCEEDED
