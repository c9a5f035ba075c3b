"""Values as inputs take them, and conditions over them: part of the straight-line meaning of a pipeline."""

import json
from collections.abc import Mapping, Sequence
from typing import Final

from tests.simulation.scenario import Comparison

from pinnace.domain.values import JsonValue
from pinnace.ir.model import Component, ParameterSpec, ParameterType


class Unresolvable(Exception):
    """A node fails before it begins: an input or its condition cannot be had."""


def conform_all(
    component: Component, given: Mapping[str, JsonValue], *, is_dag: bool, item: str = "", hands_on: bool = False
) -> dict[str, JsonValue]:
    """The parameters that a component is given: nulls dropped, defaults filled in, types checked; surplus ones stay.

    A group inside a run *hands on* what is declared as text as it is; what takes it inside makes text of it.
    """
    declared = component.inputs.parameters
    values = {name: value for name, value in given.items() if name not in declared}
    for name, spec in declared.items():
        value = given.get(name)
        if value is not None:
            fitting = conform(spec, value)
            values[name] = value if hands_on and spec.type is ParameterType.STRING else fitting
        elif spec.has_default:
            values[name] = spec.default
        elif not spec.optional and spec.type is not ParameterType.TASK_CONFIG:
            if name != item:
                raise Unresolvable(name)
        elif is_dag:
            values[name] = None
    return values


_KINDS: Final[Mapping[ParameterType, type]] = {
    ParameterType.BOOLEAN: bool,
    ParameterType.LIST: list,
    ParameterType.STRUCT: dict,
}


def conform(spec: ParameterSpec, value: JsonValue) -> JsonValue:
    """A value as an input of that type takes it. Text takes anything; every other type only its own."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if spec.type is ParameterType.STRING and value is not None:
        value = text_of(value)
    elif spec.type in {ParameterType.INTEGER, ParameterType.DOUBLE}:
        if not is_number:
            raise Unresolvable(spec.type)
    elif spec.type in _KINDS and not isinstance(value, _KINDS[spec.type]):
        raise Unresolvable(spec.type)
    if value is None or (spec.literals and value not in spec.literals):
        raise Unresolvable("literals")
    return value


def text_of(value: JsonValue) -> str:
    """A value as text: what is text stays, anything else is compact JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, separators=(",", ":"))


def holds(chain: Sequence[Comparison], values: Mapping[str, JsonValue], component: Component) -> bool:
    """Whether a condition holds. As in CEL, one comparison that is false settles it, even beside an error."""
    texts = {name for name, spec in component.inputs.parameters.items() if spec.type is ParameterType.STRING}
    known = {n: text_of(v) if n in texts and v is not None else v for n, v in values.items()}
    answers = [_compare(test, known) for test in chain]
    if any(answer is False for answer in answers):
        return False
    if None in answers:
        raise Unresolvable("condition")
    return True


def _compare(test: Comparison, values: Mapping[str, JsonValue]) -> bool | None:
    value, literal = values.get(test.name), test.literal
    if value is None:
        return None
    if test.cast:
        value = int(value) if isinstance(value, str) else value
        assert isinstance(value, int)
        assert isinstance(literal, int)
        answer = {
            "==": value == literal,
            "!=": value != literal,
            "<": value < literal,
            "<=": value <= literal,
            ">": value > literal,
            ">=": value >= literal,
        }[test.operator]
    else:
        answer = (value == literal) == (test.operator == "==")
    return answer != test.negated
