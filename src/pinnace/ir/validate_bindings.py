"""Checks of what tasks' inputs are bound to: sources exist, required inputs have one, types can fit."""

from typing import Final

from pinnace.domain.values import JsonValue
from pinnace.ir.diagnostics import at, suggestion
from pinnace.ir.expressions import check
from pinnace.ir.model import (
    Component,
    ComponentInput,
    Constant,
    Dag,
    FinalStatus,
    ItemsInput,
    ParameterBinding,
    ParameterSpec,
    ParameterType,
    Task,
    TaskOutput,
)
from pinnace.ir.parameters import ParameterError, check_literals, conform, kind_of
from pinnace.ir.validate_tasks import Scope

_CHANNEL: Final = "pipelinechannel--"
_ADDED: Final = frozenset(
    {
        "base_image",
        "cpu_request",
        "cpu_limit",
        "memory_request",
        "memory_limit",
        "accelerator_type",
        "accelerator_count",
    }
)
_LOOP_ITEM: Final = "loop-item"
_PLACEHOLDER: Final = "{{$"
_NUMBERS: Final = frozenset({ParameterType.INTEGER, ParameterType.DOUBLE})
_STRUCTS: Final = frozenset({ParameterType.STRUCT, ParameterType.FINAL_STATUS, ParameterType.TASK_CONFIG})


def check_bindings(scope: Scope) -> None:
    """The inputs of every task of a DAG."""
    for key, task in scope.dag.tasks.items():
        path = f"{scope.task_path(key)}.inputs"
        _check_parameter_sources(task, path, scope)
        _check_artifact_sources(task, path, scope)
        component = scope.components.get(task.component)
        if component is not None:
            _check_surplus(task, component, path, scope)
            _check_missing(task, component, path, scope)
            _check_types(task, component, path, scope)


def _check_parameter_sources(task: Task, path: str, scope: Scope) -> None:
    for name, binding in task.inputs.parameters.items():
        place = at(f"{path}.parameters", name)
        fault = check(binding.selector) if binding.selector else None
        if fault:
            scope.diagnostics.error(f"{place}.parameterExpressionSelector", fault, "expression")
        match binding.source:
            case ComponentInput(source) if source not in scope.component.inputs.parameters:
                scope.diagnostics.error(
                    place,
                    f'The enclosing component has no input parameter "{source[:80]}".'
                    f"{suggestion(source, scope.component.inputs.parameters)}",
                    "unknown-input",
                )
            case TaskOutput() as output:
                scope.check_output(output, place, artifact=False)
            case FinalStatus(producer):
                scope.check_task_name(producer, place)
            case _:
                pass


def _check_artifact_sources(task: Task, path: str, scope: Scope) -> None:
    for name, source in task.inputs.artifacts.items():
        place = at(f"{path}.artifacts", name)
        if isinstance(source, TaskOutput):
            scope.check_output(source, place, artifact=True)
        elif source.name not in scope.component.inputs.artifacts:
            scope.diagnostics.error(
                place,
                f'The enclosing component has no input artifact "{source.name[:80]}".'
                f"{suggestion(source.name, scope.component.inputs.artifacts)}",
                "unknown-input",
            )


def _check_surplus(task: Task, component: Component, path: str, scope: Scope) -> None:
    """The compiler itself adds inputs to containers: for images, resources and what placeholders in them refer to."""
    items = task.iterator.items if task.iterator else None
    allowed = {items.name} if isinstance(items, ItemsInput) else set()
    for kind, bound, declared in (
        ("parameters", [*task.inputs.parameters], component.inputs.parameters),
        ("artifacts", [*task.inputs.artifacts], component.inputs.artifacts),
    ):
        for name in bound:
            added = (name.startswith(_CHANNEL) or name in _ADDED) and not isinstance(component.implementation, Dag)
            if name not in declared and name not in allowed and not added:
                scope.diagnostics.error(
                    at(f"{path}.{kind}", name),
                    f'The component "{component.name}" has no such input.{suggestion(name, declared)}',
                    "unknown-input",
                )


def _check_missing(task: Task, component: Component, path: str, scope: Scope) -> None:
    item = task.iterator.item_input if task.iterator else ""
    for name, spec in component.inputs.parameters.items():
        needed = not spec.optional and not spec.has_default and spec.type is not ParameterType.TASK_CONFIG
        if needed and name != item and name not in task.inputs.parameters:
            scope.diagnostics.error(
                at(f"{path}.parameters", name),
                f'The component "{component.name}" needs this input. Bind it, or give it a default.',
                "missing-input",
            )
    for name, artifact in component.inputs.artifacts.items():
        if not artifact.optional and name != item and name not in task.inputs.artifacts:
            scope.diagnostics.error(
                at(f"{path}.artifacts", name),
                f'The component "{component.name}" needs this input artifact. Bind it, or make it optional.',
                "missing-input",
            )


def _check_types(task: Task, component: Component, path: str, scope: Scope) -> None:
    for name, binding in task.inputs.parameters.items():
        spec = component.inputs.parameters.get(name)
        if spec is None or binding.selector:
            continue
        fault = _type_fault(name, spec, binding, scope)
        if fault:
            scope.diagnostics.error(at(f"{path}.parameters", name), fault, "type-mismatch")


def _type_fault(name: str, spec: ParameterSpec, binding: ParameterBinding, scope: Scope) -> str:
    match binding.source:
        case Constant(value) if value is not None and not _has_placeholder(value):
            try:
                check_literals(name, spec, conform(name, spec.type, value))
            except ParameterError as error:
                return f"{error}. Change the value or the type."
        case ComponentInput(source) if _LOOP_ITEM not in source:
            # An item of a list of unknown type is declared as a string, whatever it is.
            given = scope.component.inputs.parameters.get(source)
            if given and not given.optional and not _can_be(given.type, spec.type):
                return _mismatch(name, spec.type, given.type)
        case TaskOutput(producer_key, key):
            producer = scope.component_of(producer_key)
            given_type = producer.outputs.parameters.get(key) if producer else None
            looped = scope.dag.tasks[producer_key].iterator is not None if producer_key in scope.dag.tasks else True
            if given_type and not looped and not _can_be(given_type, spec.type):
                return _mismatch(name, spec.type, given_type)
        case _:
            pass
    return ""


def _mismatch(name: str, expected: ParameterType, given: ParameterType) -> str:
    return f'input parameter "{name}" type mismatch: expect {expected}, got {given}. Change one of the types.'


def _can_be(given: ParameterType, expected: ParameterType) -> bool:
    groups = (_NUMBERS, _STRUCTS)
    return expected in {given, ParameterType.STRING} or any(given in group and expected in group for group in groups)


def _has_placeholder(value: JsonValue) -> bool:
    match kind_of(value), value:
        case "string", str(text):
            return _PLACEHOLDER in text
        case "list", list(items):
            return any(map(_has_placeholder, items))
        case "struct", dict(fields):
            return any(map(_has_placeholder, fields)) or any(map(_has_placeholder, fields.values()))
        case _:
            return False
