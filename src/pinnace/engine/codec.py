"""Events as versioned JSON and back. The form outlives every release: ``tests/replay`` holds histories of each.

A body has the event's fields by name; a field that has its default is left out, so that a field added later does not
change old histories. Enums are their values, tuples are lists, and mappings are objects.
"""

import dataclasses
import types
from collections.abc import Callable, Mapping
from enum import Enum
from functools import cache
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

from pinnace.domain.history import RecordedEvent
from pinnace.domain.values import JsonValue
from pinnace.engine.events import Event

_TYPES: Final[Mapping[str, type]] = {event.__name__: event for event in get_args(Event)}
_PLAIN: Final = frozenset({str, int, float, bool, types.NoneType})


class UnknownEvent(Exception):
    """A history holds an event that this release does not know: it was written by a newer one."""


def encode(event: Event, sequence: int) -> RecordedEvent:
    """The event as the *sequence*-th of its history."""
    body = _encode(event)
    assert isinstance(body, dict)
    return RecordedEvent(sequence, event.at, type(event).__name__, body)


def decode(recorded: RecordedEvent) -> Event:
    """The event that was recorded.

    Raises:
        UnknownEvent: this release has no such type.
    """
    if recorded.type not in _TYPES:
        raise UnknownEvent(f"The history has a {recorded.type}, which this release of Pinnace does not know.")
    event: Event = _decoder(_TYPES[recorded.type])(recorded.body)
    return event


def _encode(value: Any) -> JsonValue:
    plain: JsonValue = value
    if type(value) in _PLAIN:
        return plain
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: _encode(getattr(value, field.name))
            for field in _fields(type(value))
            if not _is_default(field, getattr(value, field.name))
        }
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, Mapping):
        return {key: _encode(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_encode(item) for item in value]
    return plain


@cache
def _fields(kind: Any) -> tuple["dataclasses.Field[Any]", ...]:
    return dataclasses.fields(kind)


def _is_default(field: "dataclasses.Field[Any]", value: Any) -> bool:
    if field.default is not dataclasses.MISSING:
        return bool(value == field.default) and type(value) is type(field.default)
    if field.default_factory is not dataclasses.MISSING:
        return bool(value == field.default_factory())
    return False


@cache
def _decoder(hint: Any) -> Callable[[Any], Any]:
    """How to read a value of a declared type. Values of parameters are JSON already and pass as they are."""
    origin, arguments = get_origin(hint), get_args(hint)
    if dataclasses.is_dataclass(hint):
        return _dataclass_decoder(hint)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint
    if origin in {Union, types.UnionType}:
        return _optional_decoder(arguments)
    if origin is tuple:
        item = _decoder(arguments[0])
        return lambda value: tuple(item(each) for each in value)
    if origin is Mapping:
        each = _decoder(arguments[1])
        return lambda value: {key: each(item) for key, item in value.items()}
    return _same


def _same(value: Any) -> Any:
    return value


def _optional_decoder(arguments: tuple[Any, ...]) -> Callable[[Any], Any]:
    """Of the unions only ``X | None`` is built from other things than JSON."""
    others = [argument for argument in arguments if argument is not types.NoneType]
    if len(others) != 1:
        return _same
    inner = _decoder(others[0])
    return lambda value: None if value is None else inner(value)


def _dataclass_decoder(kind: Any) -> Callable[[Any], Any]:
    hints = get_type_hints(kind)
    decoders = {field.name: _decoder(hints[field.name]) for field in dataclasses.fields(kind)}
    return lambda body: kind(**{name: decoders[name](value) for name, value in body.items()})
