"""KFP's filter language. Upstream: ``filter.proto``, ``apiserver/filter/filter.go``."""

import json
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias
from urllib.parse import unquote

from pydantic import ValidationError

from pinnace.api.kfp.times import parse_timestamp
from pinnace.api.kfp.wire_base import Int32, Int64, Message
from pinnace.domain.listing import Operation, Predicate, Scalar
from pinnace.domain.values import SECOND
from pinnace.errors import InvalidInput

_OPERATIONS: Final[Mapping[str | int, Operation]] = {
    **{item.value: item for item in Operation},
    1: Operation.EQUALS,
    2: Operation.NOT_EQUALS,
    3: Operation.GREATER_THAN,
    5: Operation.GREATER_THAN_EQUALS,
    6: Operation.LESS_THAN,
    7: Operation.LESS_THAN_EQUALS,
    8: Operation.IN,
    9: Operation.IS_SUBSTRING,
}


_COMPARISONS: Final[Mapping[Operation, Callable[[str, str], bool]]] = {
    Operation.EQUALS: operator.eq,
    Operation.NOT_EQUALS: operator.ne,
    Operation.GREATER_THAN: operator.gt,
    Operation.GREATER_THAN_EQUALS: operator.ge,
    Operation.LESS_THAN: operator.lt,
    Operation.LESS_THAN_EQUALS: operator.le,
    Operation.IS_SUBSTRING: operator.contains,
}

_NOTHING: Final = Predicate("id", Operation.EQUALS, "")
"""What is true of nothing."""

_LAST_SECOND: Final = 253_402_300_799
"""The end of the year 9999; whoever compares with a later one gets the same answer."""


@dataclass(frozen=True, slots=True)
class Fields:
    """What a resource can be sorted and filtered by.

    Attributes:
        kind: The resource, for messages.
        names: Names on the wire and the store's name of each.
        times: Those of the store's names that are instants; the wire knows them in whole seconds.
        constants: Names on the wire of what is the same for all, and the value. To sort by one is to sort by id.
        tags: Whether ``tags.KEY`` can be asked for.
        rewrite: Turns a predicate in the wire's words into those of the domain.
    """

    kind: str
    names: Mapping[str, str]
    times: frozenset[str] = frozenset()
    constants: Mapping[str, str] = field(default_factory=dict)
    tags: bool = False
    rewrite: Callable[[Predicate], list[Predicate]] = field(default=lambda predicate: [predicate])

    def sorted_by(self, name: str) -> str | None:
        """The store's name of what a list is sorted by; None if it cannot be."""
        return "id" if name in self.constants else self.names.get(name)


class _IntValues(Message):
    values: tuple[Int32, ...] = ()


class _LongValues(Message):
    values: tuple[Int64, ...] = ()


class _StringValues(Message):
    values: tuple[str, ...] = ()


_Values: TypeAlias = _IntValues | _LongValues | _StringValues


class _WirePredicate(Message):
    operation: str | int = "OPERATION_UNSPECIFIED"
    key: str = ""
    int_value: Int32 | None = None
    long_value: Int64 | None = None
    string_value: str | None = None
    timestamp_value: str | None = None
    int_values: _IntValues | None = None
    long_values: _LongValues | None = None
    string_values: _StringValues | None = None


class _WireFilter(Message):
    predicates: tuple[_WirePredicate, ...] = ()


_VALUES: Final = tuple(name for name in _WirePredicate.model_fields if name not in {"operation", "key"})


def parse_filter(text: str, fields: Fields) -> tuple[Predicate, ...]:
    """The predicates of a filter; all must hold.

    *text* may be percent-encoded once more than HTTP has it, as upstream's interface sends it.

    Raises:
        InvalidInput: with the path to the fault.
    """
    if not text:
        return ()
    try:
        message = _WireFilter.model_validate(_load(text))
    except ValidationError as error:
        faults = "; ".join(
            _fault(".".join(map(str, item["loc"])), item["type"], item["msg"]) for item in error.errors()
        )
        raise InvalidInput(f"filter: {faults}") from error
    found: list[Predicate] = []
    for index, item in enumerate(message.predicates):
        for predicate in _predicates(item, fields, f"filter.predicates[{index}]"):
            found.extend(fields.rewrite(predicate))
    return tuple(found)


def _fault(path: str, kind: str, words: str) -> str:
    """One fault of a filter."""
    if kind == "extra_forbidden":
        return f'unknown field "{path}"'
    if kind == "model_type":
        words = "a JSON object belongs here"
    return f"{path}: {words}" if path else words


def _load(text: str) -> Any:
    for candidate in (text, unquote(text)):
        try:
            return json.loads(candidate)
        except (ValueError, RecursionError):
            continue
    raise InvalidInput('filter: this is not JSON. Send a filter like {"predicates": […]}.')


def _predicates(item: _WirePredicate, fields: Fields, where: str) -> list[Predicate]:
    name = item.key if item.key in fields.constants else _store_name(item.key, fields)
    given = [(key, getattr(item, key)) for key in _VALUES if getattr(item, key) is not None]
    if len(given) != 1:
        raise InvalidInput(f"{where}: {len(given)} values are given. Give one of {', '.join(_VALUES)}.")
    kind, raw = given[0]
    operation = _OPERATIONS.get(item.operation)
    if operation is None:
        raise InvalidInput(f'{where}.operation: there is no operation "{item.operation}". Use one like EQUALS.')
    if (operation is Operation.IN) != isinstance(raw, _Values):
        raise InvalidInput(f"{where}: {operation} does not go with {kind}. IN takes several values, all others one.")
    if operation is Operation.IS_SUBSTRING and kind != "string_value":
        raise InvalidInput(f"{where}: IS_SUBSTRING needs a string_value, not {kind}.")
    if name.startswith("tags.") and (operation is not Operation.EQUALS or kind != "string_value"):
        raise InvalidInput(f"{where}: tags can only be compared by EQUALS with a string_value.")
    if name in fields.times:
        return _on_seconds(name, operation, raw, kind, where)
    if kind == "timestamp_value":
        raise InvalidInput(f'{where}: "{item.key}" is not a time.')
    value: Scalar | tuple[Scalar, ...] = tuple(raw.values) if isinstance(raw, _Values) else raw
    if item.key in fields.constants:
        return [] if _holds(fields.constants[item.key], operation, value) else [_NOTHING]
    return [Predicate(name, operation, value)]


def _holds(constant: str, operation: Operation, value: Scalar | tuple[Scalar, ...]) -> bool:
    """Whether a comparison is true of what is the same for all."""
    if isinstance(value, tuple):
        return constant in value
    return _COMPARISONS[operation](constant, str(value))


def _store_name(key: str, fields: Fields) -> str:
    if fields.tags and key.startswith("tags.") and len(key) > len("tags."):
        return key
    if key not in fields.names:
        raise InvalidInput(
            f'no support for filtering on unrecognized field "{key}" of {fields.kind}. '
            f"Use one of {', '.join(sorted({*fields.names, *fields.constants}))}."
        )
    return fields.names[key]


def _on_seconds(name: str, operation: Operation, raw: Any, kind: str, where: str) -> list[Predicate]:
    """A comparison of times: clients see whole seconds, so whole seconds are what is compared."""
    if isinstance(raw, _IntValues | _LongValues):
        return [Predicate(name, operation, tuple(_possible(second) for second in raw.values), unit=SECOND)]
    if kind == "timestamp_value":
        second = parse_timestamp(raw, where) // SECOND
    elif isinstance(raw, int):
        second = _possible(raw)
    else:
        raise InvalidInput(f"{where}: a time is compared with a timestamp_value.")
    if operation is Operation.NOT_EQUALS:
        return [Predicate(name, operation, second, unit=SECOND)]
    start, end = second * SECOND, (second + 1) * SECOND
    match operation:
        case Operation.GREATER_THAN:
            return [Predicate(name, Operation.GREATER_THAN_EQUALS, end)]
        case Operation.GREATER_THAN_EQUALS:
            return [Predicate(name, Operation.GREATER_THAN_EQUALS, start)]
        case Operation.LESS_THAN:
            return [Predicate(name, Operation.LESS_THAN, start)]
        case Operation.LESS_THAN_EQUALS:
            return [Predicate(name, Operation.LESS_THAN, end)]
        case Operation.EQUALS:
            return [
                Predicate(name, Operation.GREATER_THAN_EQUALS, start),
                Predicate(name, Operation.LESS_THAN, end),
            ]
    raise InvalidInput(f"{where}: {operation} is not supported on times. Compare with GREATER_THAN or LESS_THAN.")


def _possible(second: int) -> int:
    """The nearest second that the store can hold."""
    return max(-_LAST_SECOND, min(second, _LAST_SECOND))
