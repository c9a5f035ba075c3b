"""What a node is given: bindings of the document turned into values, as KFP's driver does it.

Differences from upstream (``backend/src/v2/driver/resolve.go``) are listed in ``docs/reference/differences.md``.
"""

import json
from collections.abc import Mapping
from enum import Enum
from typing import Final, Literal, TypeAlias

from pinnace.domain.ids import ArtifactId, child_node, task_uuid
from pinnace.domain.states import NodePhase
from pinnace.domain.tasks import NodeBinding
from pinnace.domain.values import JsonValue
from pinnace.engine.nodes import Node, RunSnapshot
from pinnace.engine.plan import NodeKind, Plan
from pinnace.ir.expressions import ExpressionError, select
from pinnace.ir.model import (
    ArtifactSource,
    ComponentInput,
    Constant,
    FinalStatus,
    InputsSpec,
    ItemsInput,
    ParameterBinding,
    ParameterSpec,
    ParameterType,
    RawItems,
    TaskOutput,
)
from pinnace.ir.parameters import ParameterError, check_literals, conform, to_text
from pinnace.ir.placeholders import resolve_constant


class InputError(Exception):
    """A node's inputs cannot be made. The text says which, and why."""


class _Missing(Enum):
    """Stands for "nothing was given", which null is not: null is a value until it meets an input."""

    MISSING = 0


_MISSING: Final = _Missing.MISSING
_Given: TypeAlias = JsonValue | Literal[_Missing.MISSING]

_FINAL_STATES: Mapping[NodePhase, str] = {
    NodePhase.SUCCEEDED: "COMPLETE",
    NodePhase.FAILED: "FAILED",
    NodePhase.CANCELED: "CANCELED",
    NodePhase.SKIPPED: "CANCELED",
}
"""What a pipeline sees on a cluster (MLMD's states), although ``dsl.PipelineTaskFinalStatus`` documents SUCCEEDED."""


def resolve_inputs(plan: Plan, state: RunSnapshot, node: Node) -> NodeBinding:
    """The inputs of a node that is about to begin.

    A loop gets what its task binds, its items among it; an iteration what the loop got, with its item.

    Raises:
        InputError: an input that is required has no value, or a value does not fit its type.
    """
    if node.parent is None:
        return NodeBinding(_conform(node, dict(state.parameters)))
    if node.index is not None:
        return _iteration_inputs(state, node, node.index)
    bindings = node.place.task.inputs
    scope = state.nodes[node.parent]
    given = {name: _parameter(plan, state, scope, binding) for name, binding in bindings.parameters.items()}
    values = _conform(node, _resolve_constants(plan, state, node, given))
    return NodeBinding(values, _artifacts(state, scope, node, bindings.artifacts))


def loop_items(node: Node, inputs: NodeBinding) -> tuple[JsonValue, ...]:
    """What a loop iterates over. Artifacts are given by their ids.

    Raises:
        InputError: the items are no list.
    """
    iterator = node.place.task.iterator
    assert iterator is not None
    if isinstance(iterator.items, RawItems):
        return iterator.items.values
    name = iterator.items.name
    if iterator.over_artifacts:
        return tuple(inputs.artifacts.get(name, ()))
    value = inputs.parameters.get(name)
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError as error:
            raise InputError(f'the loop items of input "{name}" are a string that is no JSON list: {error}') from None
    if not isinstance(value, list):
        raise InputError(f'the loop items of input "{name}" must be a list, but are {json.dumps(value)[:80]}')
    return tuple(value)


def _iteration_inputs(state: RunSnapshot, node: Node, index: int) -> NodeBinding:
    assert node.parent is not None
    loop = state.nodes[node.parent]
    iterator = loop.place.task.iterator
    assert iterator is not None
    assert loop.items is not None
    parameters = dict(loop.inputs.parameters)
    artifacts = dict(loop.inputs.artifacts)
    if isinstance(iterator.items, ItemsInput) and not loop.place.keeps_items:
        parameters.pop(iterator.items.name, None)
        artifacts.pop(iterator.items.name, None)
    item = loop.items[index]
    if iterator.over_artifacts:
        artifacts[iterator.item_input] = (ArtifactId(str(item)),)
    else:
        parameters[iterator.item_input] = _item(node, iterator.item_input, item)
    return NodeBinding(parameters, artifacts)


def condition_values(node: Node, inputs: NodeBinding) -> dict[str, JsonValue]:
    """The inputs of a node as its condition sees them: what is declared as text is text, as the compiler has it."""
    declared = node.place.component.inputs.parameters
    return {
        name: to_text(value)
        if value is not None and name in declared and declared[name].type is ParameterType.STRING
        else value
        for name, value in inputs.parameters.items()
    }


def _item(node: Node, name: str, item: JsonValue) -> JsonValue:
    """The item as the iteration sees it. A DAG takes it as it is (see ``_taken``)."""
    spec = node.place.component.inputs.parameters.get(name)
    return item if spec is None or node.kind is NodeKind.DAG else _fit(name, spec, item)


def _conform(node: Node, given: Mapping[str, _Given]) -> dict[str, JsonValue]:
    """Types, defaults and nulls of a node's parameters, by its component's interface.

    What a component does not declare stays: the SDK binds the image and the resources of a task in this way.
    """
    iterator = node.place.task.iterator
    declared = node.place.component.inputs.parameters
    values = {name: value for name, value in given.items() if name not in declared and value is not _MISSING}
    for name, spec in declared.items():
        value = given.get(name, _MISSING)
        if value is None and spec.optional:
            value = _MISSING
        if value is _MISSING:
            if spec.has_default:
                values[name] = spec.default
            elif not spec.optional and spec.type is not ParameterType.TASK_CONFIG:
                if iterator is None or iterator.item_input != name:
                    raise InputError(f'the required input "{name}" has no value')
            elif node.kind is NodeKind.DAG:
                values[name] = None
            continue
        if value is None:
            raise InputError(f'the required input "{name}" is null')
        values[name] = _taken(node, name, spec, value)
    return values


def _taken(node: Node, name: str, spec: ParameterSpec, value: JsonValue) -> JsonValue:
    """A value as the node takes it: as its type has it, but that a DAG inside a run hands on what is declared as text.

    The SDK's compiler declares items of untyped lists as text; the tasks inside know better what they are.
    """
    fitting = _fit(name, spec, value)
    hands_on = node.place.body is NodeKind.DAG and node.parent is not None and spec.type is ParameterType.STRING
    return value if hands_on else fitting


def _fit(name: str, spec: ParameterSpec, value: JsonValue) -> JsonValue:
    try:
        fitting = conform(name, spec.type, value)
        check_literals(name, spec, fitting)
        return fitting
    except ParameterError as error:
        raise InputError(str(error)) from None


def _resolve_constants(plan: Plan, state: RunSnapshot, node: Node, given: Mapping[str, _Given]) -> dict[str, _Given]:
    """Placeholders in constants may name the other inputs of the task, as an f-string in a pipeline does."""
    values = {name: value for name, value in given.items() if value is not _MISSING}
    task = node.place.task
    identity = task_uuid(state.run, node.id)
    resolved: dict[str, _Given] = dict(given)
    for name, binding in task.inputs.parameters.items():
        if isinstance(binding.source, Constant):
            resolved[name] = resolve_constant(values[name], plan.context, task.key, identity, values)
    return resolved


def _parameter(plan: Plan, state: RunSnapshot, scope: Node, binding: ParameterBinding) -> _Given:
    source = binding.source
    value: _Given
    if isinstance(source, Constant):
        value = source.value
    elif isinstance(source, ComponentInput):
        value = scope.inputs.parameters.get(source.name)
    elif isinstance(source, FinalStatus):
        value = _final_status(plan, state.nodes[child_node(scope.id, source.task)])
    else:
        producer = state.nodes[child_node(scope.id, source.task)]
        value = producer.outputs.parameters.get(source.key, _MISSING)
    if not binding.selector or value is _MISSING:
        return value
    try:
        return select(binding.selector, value)
    except ExpressionError as error:
        raise InputError(f"the value picked by {binding.selector} cannot be had: {error}") from None


def _final_status(plan: Plan, producer: Node) -> dict[str, JsonValue]:
    error: dict[str, JsonValue] = {}
    if producer.failure is not None:
        error = {"code": 13, "message": producer.failure.message}
    return {
        "state": _FINAL_STATES[producer.phase],
        "error": error,
        "pipelineJobResourceName": plan.context.job_resource_name,
        "pipelineTaskName": producer.place.task.key,
    }


def _artifacts(
    state: RunSnapshot, scope: Node, node: Node, bindings: Mapping[str, ArtifactSource]
) -> dict[str, tuple[ArtifactId, ...]]:
    interface: InputsSpec = node.place.component.inputs
    iterator = node.place.task.iterator
    found = {}
    for name, source in bindings.items():
        if isinstance(source, TaskOutput):
            given = state.nodes[child_node(scope.id, source.task)].outputs.artifacts.get(source.key)
        else:
            given = scope.inputs.artifacts.get(source.name)
        if given is not None:
            found[name] = given
    for name, spec in interface.artifacts.items():
        is_item = iterator is not None and iterator.item_input == name
        if name not in found and not spec.optional and not is_item:
            raise InputError(f'the required input artifact "{name}" was not produced')
    return found
