"""Reads proto-JSON by the tables of ``schema``: checked, with camelCase keys, and only the fields that are there.

The rules are those of Protocol Buffers' JSON mapping: keys in camelCase or as in the proto, null for "not set",
64-bit integers as text too, enums by name or number, durations as seconds with an ``s``.
"""

import math
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from pinnace.domain.values import JsonValue
from pinnace.ir.diagnostics import Diagnostics, at, suggestion
from pinnace.ir.schema import ENUMS, MESSAGES, ONEOFS

Message = dict[str, Any]
"""A message that was read: text, numbers (seconds for durations), lists, maps and messages, by camelCase name."""

_DURATION: Final = re.compile(r"-?\d+(\.\d{1,9})?s\Z")
_CAMEL: Final = re.compile(r"(?<!^)([A-Z])")


class _Wrong(Exception):
    """A value is not of its kind; the text says what belongs there."""


def read_message(name: str, value: JsonValue, path: str, diagnostics: Diagnostics) -> Message:
    """Message *name* out of *value*. Whatever is wrong goes to *diagnostics*, and is left out of the result."""
    if not isinstance(value, dict):
        diagnostics.error(path, f"A mapping belongs here, not {describe(value)}.", "type")
        return {}
    fields = MESSAGES[name]
    result: Message = {}
    for key, item in value.items():
        field = key if key in fields else _SNAKE[name].get(key)
        if field is None:
            diagnostics.error(
                at(path, key), f'There is no field "{key}" here.{suggestion(key, fields)}', "unknown-field"
            )
        elif field in result:
            diagnostics.error(at(path, key), "This field stands here twice, in two spellings. Keep one.", "duplicate")
        elif item is not None or fields[field] == "value":
            _read_field(result, field, fields[field], item, at(path, key), diagnostics)
    for group in ONEOFS.get(name, ()):
        found = [field for field in result if field in group]
        if len(found) > 1:
            diagnostics.error(path, f"Only one of {', '.join(found)} may be set. Keep one of them.", "oneof")
    return result


def describe(value: JsonValue) -> str:
    """What *value* is, in words for a message."""
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case list():
            return "a list"
        case _:
            return "a mapping"


def _read_field(result: Message, field: str, kind: str, value: JsonValue, path: str, diagnostics: Diagnostics) -> None:
    if kind.endswith("[]"):
        if not isinstance(value, list):
            diagnostics.error(path, f"A list belongs here, not {describe(value)}.", "type")
            return
        items: Message = {}
        for index, item in enumerate(value):
            _read_one(items, str(index), kind[:-2], item, at(path, index), diagnostics)
        result[field] = list(items.values())
    elif kind.endswith("{}"):
        if not isinstance(value, dict):
            diagnostics.error(path, f"A mapping belongs here, not {describe(value)}.", "type")
            return
        entries: Message = {}
        for key, item in value.items():
            _read_one(entries, key, kind[:-2], item, at(path, key), diagnostics)
        result[field] = entries
    else:
        _read_one(result, field, kind, value, path, diagnostics)


def _read_one(result: Message, key: str, kind: str, value: JsonValue, path: str, diagnostics: Diagnostics) -> None:
    if kind in MESSAGES:
        result[key] = read_message(kind, value, path, diagnostics)
        return
    try:
        result[key] = _read_enum(kind, value) if kind in ENUMS else _SCALARS[kind](value)
    except _Wrong as wrong:
        diagnostics.error(path, f"{wrong}, not {describe(value)}.", "type")
    except ValueError as error:
        diagnostics.error(path, str(error), "type")


def _read_enum(kind: str, value: JsonValue) -> str:
    names = ENUMS[kind]
    if isinstance(value, str):
        if value not in names:
            raise ValueError(f'"{value[:80]}" is not a value of this field.{suggestion(value, names)}')
        return value
    number = _read_int32(value)
    if not 0 <= number < len(names):
        raise ValueError(f"{number} is not a value of this field. Use a name, such as {names[-1]}.")
    return names[number]


def _read_string(value: JsonValue) -> str:
    if not isinstance(value, str):
        raise _Wrong("Text belongs here; put it in quotes")
    return value


def _read_bool(value: JsonValue) -> bool:
    if not isinstance(value, bool):
        raise _Wrong("true or false belongs here")
    return value


def _read_integer(value: JsonValue, bits: int) -> int:
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,19}", value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise _Wrong("A whole number belongs here")
    if not -(2 ** (bits - 1)) <= value < 2 ** (bits - 1):
        raise ValueError(f"{value} is too large for this field.")
    return value


def _read_int32(value: JsonValue) -> int:
    return _read_integer(value, 32)


def _read_int64(value: JsonValue) -> int:
    return _read_integer(value, 64)


def _read_double(value: JsonValue) -> float:
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            raise _Wrong("A number belongs here") from None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _Wrong("A number belongs here")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ValueError("A finite number belongs here.")
    return number


def _read_duration(value: JsonValue) -> float:
    """Seconds."""
    if not isinstance(value, str) or not _DURATION.match(value):
        raise _Wrong('Seconds with an "s" belong here, such as "12s" or "1.5s"')
    return float(value[:-1])


def _read_struct(value: JsonValue) -> Mapping[str, JsonValue]:
    if not isinstance(value, dict):
        raise _Wrong("A mapping belongs here")
    return value


_SCALARS: Final[Mapping[str, Callable[[JsonValue], Any]]] = {
    "string": _read_string,
    "bool": _read_bool,
    "int32": _read_int32,
    "int64": _read_int64,
    "double": _read_double,
    "duration": _read_duration,
    "value": lambda value: value,
    "struct": _read_struct,
}

_SNAKE: Final[Mapping[str, Mapping[str, str]]] = {
    name: {_CAMEL.sub(r"_\1", field).lower(): field for field in fields} for name, fields in MESSAGES.items()
}
