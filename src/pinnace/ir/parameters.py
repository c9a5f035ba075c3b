"""Values of parameters: their types, their text forms, and the check of a run's arguments."""

import json
import math
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from pinnace.domain.values import JsonValue
from pinnace.errors import InvalidInput
from pinnace.ir.diagnostics import Diagnostic, suggestion
from pinnace.ir.model import InputsSpec, ParameterSpec, ParameterType
from pinnace.ir.yaml_reader import integral

_NUMBERS: Final = (ParameterType.INTEGER, ParameterType.DOUBLE)
_STRUCTS: Final = (ParameterType.STRUCT, ParameterType.FINAL_STATUS, ParameterType.TASK_CONFIG)
_KINDS: Final[Mapping[ParameterType, str]] = {
    **dict.fromkeys(_NUMBERS, "number"),
    ParameterType.STRING: "string",
    ParameterType.BOOLEAN: "bool",
    ParameterType.LIST: "list",
    **dict.fromkeys(_STRUCTS, "struct"),
}
_ARGUMENT_KINDS: Final[Mapping[str, str]] = {"number": "double or integer"}
_TRUE: Final = frozenset({"1", "t", "T", "TRUE", "true", "True"})
_FALSE: Final = frozenset({"0", "f", "F", "FALSE", "false", "False"})
_INTEGER_TEXT: Final = re.compile(r"[+-]?[0-9]{1,19}\Z")
_SHOWN: Final = 200


class ParameterError(InvalidInput):
    """A value does not fit the parameter that it is for."""


def kind_of(value: JsonValue) -> str:
    """``null``, ``bool``, ``number``, ``string``, ``list`` or ``struct``."""
    match value:
        case None:
            return "null"
        case bool():
            return "bool"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "list"
        case _:
            return "struct"


def conform(name: str, spec_type: ParameterType, value: JsonValue) -> JsonValue:
    """*value* as the parameter *name* of that type receives it (``V2/driver/resolve.go``).

    STRING takes anything but null, and makes text of it; every other type takes its own kind only. As in KFP a
    NUMBER_INTEGER may hold a fraction; an integral number becomes an ``int`` whatever its type.

    Raises:
        ParameterError: The value is of another kind.
    """
    kind = kind_of(value)
    if spec_type is ParameterType.STRING and kind != "null":
        return to_text(value)
    if kind != _KINDS[spec_type]:
        raise ParameterError(f'input parameter "{name}" type mismatch: expect {spec_type}, got {kind}')
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ParameterError(f'input parameter "{name}" is {value}, which JSON has no way to write')
        return integral(value)
    return value


def check_literals(name: str, spec: ParameterSpec, value: JsonValue) -> None:
    """Raise ``ParameterError`` unless *value* is one of the values that *spec* allows."""
    if spec.literals and not any(same(value, literal) for literal in spec.literals):
        allowed = ", ".join(json.dumps(item) for item in spec.literals)
        shown = _shown(value)
        raise ParameterError(
            f'input parameter "{name}" value {shown} does not match any of the allowed literal values: {allowed}'
        )


def same(left: JsonValue, right: JsonValue) -> bool:
    """Equality of JSON values: 1 is 1.0, and true is not 1."""
    if kind_of(left) != kind_of(right):
        return False
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(item, right[key]) for key, item in left.items())
    return left == right


def check_arguments(inputs: InputsSpec, arguments: Mapping[str, JsonValue]) -> list[Diagnostic]:
    """Every fault of the arguments of a run, in upstream's words (``V2Spec.validatePipelineJobInputs``)."""
    found: list[Diagnostic] = []
    for name, spec in inputs.parameters.items():
        if name in arguments:
            message = _argument_fault(name, spec, arguments[name])
            if message:
                found.append(Diagnostic(name, message, "argument"))
        elif not spec.optional and not spec.has_default:
            message = f"parameter {name} is not optional, yet has neither default value nor user provided value"
            found.append(Diagnostic(name, message, "missing-argument"))
    surplus = [name for name in arguments if name not in inputs.parameters]
    if surplus:
        hint = suggestion(surplus[0], inputs.parameters) if len(surplus) == 1 else ""
        message = f"parameter(s) provided are not required by pipeline: {', '.join(surplus)}.{hint}"
        found.append(Diagnostic(surplus[0], message, "surplus-argument"))
    return found


def _argument_fault(name: str, spec: ParameterSpec, value: JsonValue) -> str:
    expected = _KINDS[spec.type]
    if spec.type in {ParameterType.FINAL_STATUS, ParameterType.TASK_CONFIG}:
        return f"input parameter {name} requires type {spec.type}, which is invalid for root component"
    if kind_of(value) != expected:
        wanted = _ARGUMENT_KINDS.get(expected, expected)
        what = "parameter value" if expected == "number" else "input parameter"
        return f"input parameter {name} requires type {wanted}, but the {what} is not of {expected} value type"
    try:
        conform(name, spec.type, value)
        check_literals(name, spec, value)
    except ParameterError as error:
        return str(error)
    return ""


def from_text(spec_type: ParameterType, text: str) -> JsonValue:
    """The value that an output file's text stands for (upstream's ``TextToPbValue``).

    Raises:
        ParameterError: The text is not a value of the type.
    """
    stripped = text.strip()
    match spec_type:
        case ParameterType.STRING:
            return text
        case ParameterType.INTEGER if _INTEGER_TEXT.match(stripped):
            return int(stripped)
        case ParameterType.DOUBLE if (number := _double(stripped)) is not None:
            return integral(number)
        case ParameterType.BOOLEAN if stripped in _TRUE | _FALSE:
            return stripped in _TRUE
        case ParameterType.LIST | ParameterType.STRUCT | ParameterType.FINAL_STATUS | ParameterType.TASK_CONFIG:
            value = _json(text)
            if kind_of(value) == _KINDS[spec_type]:
                return value
        case _:
            pass
    raise ParameterError(f"{_shown(text)} is not a value of type {spec_type}")


def _double(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) and "_" not in text else None


def _json(text: str) -> JsonValue:
    try:
        value: JsonValue = json.loads(
            text, parse_float=lambda number: integral(float(number)), parse_constant=_no_number
        )
    except (ValueError, RecursionError, OverflowError):
        return None
    return value


def _no_number(name: str) -> float:
    raise ValueError(name)


def to_text(value: JsonValue) -> str:
    """*value* as it stands in a command or arrives at a STRING parameter.

    Numbers in the shortest decimal form without an exponent, ``true`` and ``false``, lists and structs as compact
    JSON, null as nothing.
    """
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return format(Decimal(repr(integral(value))), "f")
        case _:
            return compact_json(value)


def compact_json(value: JsonValue) -> str:
    """JSON without spaces, integral numbers without ``.0``, all text kept as it is."""
    return json.dumps(integral_numbers(value), separators=(",", ":"), ensure_ascii=False)


def integral_numbers(value: JsonValue) -> JsonValue:
    """*value* with every integral float in it as an integer."""
    match value:
        case float():
            return integral(value)
        case dict():
            return {key: integral_numbers(item) for key, item in value.items()}
        case list():
            return [integral_numbers(item) for item in value]
        case _:
            return value


def _shown(value: JsonValue) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
