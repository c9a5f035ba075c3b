"""YAML to JSON values, safely: bounded depth, bounded aliases, no tags that make objects.

Scalars are read as ``yaml.safe_load`` reads them, since the KFP compiler writes with PyYAML and quotes exactly what
PyYAML would misread. Dates are the exception: JSON has none, so they stay strings.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Protocol

import yaml

from pinnace.domain.values import JsonObject, JsonValue

MAX_DEPTH: Final = 100
"""Levels of nesting. Protocol Buffers readers stop at the same depth."""

MAX_ALIASED: Final = 100_000
"""Values that aliases may add to a document by repeating what anchors marked."""

_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CONSTRUCTOR: Final = yaml.constructor.SafeConstructor()
_RESOLVER: Final[Any] = yaml.resolver.Resolver()
_PREFIX: Final = "tag:yaml.org,2002:"
_TEXT_TAGS: Final = frozenset({_PREFIX + "str", _PREFIX + "timestamp", _PREFIX + "value", "!"})
_SCALARS: Final[dict[str, Callable[[Any], Any]]] = {
    _PREFIX + "int": _CONSTRUCTOR.construct_yaml_int,
    _PREFIX + "float": _CONSTRUCTOR.construct_yaml_float,
    _PREFIX + "bool": _CONSTRUCTOR.construct_yaml_bool,
    _PREFIX + "null": _CONSTRUCTOR.construct_yaml_null,
}
_COLLECTION_TAGS: Final = frozenset({None, "!", _PREFIX + "seq", _PREFIX + "map"})


class _Mark(Protocol):
    """A place in the text, as both of PyYAML's parsers give it. Counts from 0."""

    @property
    def line(self) -> int: ...
    @property
    def column(self) -> int: ...


class YamlError(Exception):
    """The text is not YAML that can be read. The message names line and column where they are known."""


@dataclass(slots=True)
class _Node:
    """A value and how many values it holds, itself included, with every alias expanded."""

    value: Any
    weight: int
    is_merge: bool = False


def read_yaml(text: str) -> list[JsonValue]:
    """Every document of *text*, empty ones as None.

    Raises:
        YamlError: It is not YAML, or uses what a pipeline may not use.
    """
    try:
        return _Reader(yaml.parse(text, Loader=_LOADER)).documents()
    except yaml.MarkedYAMLError as error:
        problem = " ".join(part for part in (error.context, error.problem) if part)
        raise YamlError(f"{problem}{_place(error.problem_mark or error.context_mark)}") from error
    except yaml.reader.ReaderError as error:
        raise YamlError(f"character {error.character!r} is not allowed ({error.reason})") from error
    except yaml.YAMLError as error:
        raise YamlError(str(error)) from error


def integral(value: float) -> int | float:
    """*value* as an integer where it is one: the wire has one kind of number, and prints 5.0 as 5.

    From 1e21 on it stays a float, as such numbers are printed with an exponent.
    """
    return int(value) if value.is_integer() and abs(value) < 1e21 else value


def _place(mark: _Mark | None) -> str:
    return f" at line {mark.line + 1}, column {mark.column + 1}" if mark is not None else ""


class _Reader:
    """Builds values from PyYAML's events, which unlike its nodes take no recursion inside the C library."""

    def __init__(self, events: Iterator[Any]) -> None:
        self._events = events
        self._anchors: dict[str, _Node | None] = {}
        self._aliased = 0
        self._depth = 0

    def documents(self) -> list[JsonValue]:
        found: list[JsonValue] = []
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                self._anchors = {}
                found.append(self._node(next(self._events)).value)
        return found

    def _node(self, event: yaml.NodeEvent) -> _Node:
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        node = self._scalar(event) if isinstance(event, yaml.ScalarEvent) else self._collection(event)
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        return node

    def _collection(self, event: yaml.NodeEvent) -> _Node:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise YamlError(f"more than {MAX_DEPTH} levels of nesting{_place(event.start_mark)}")
        if isinstance(event, yaml.CollectionStartEvent) and event.tag not in _COLLECTION_TAGS:
            raise YamlError(f"the tag {event.tag!r} is not allowed here{_place(event.start_mark)}")
        node = self._mapping(event) if isinstance(event, yaml.MappingStartEvent) else self._sequence()
        self._depth -= 1
        return node

    def _alias(self, event: yaml.AliasEvent) -> _Node:
        if event.anchor not in self._anchors:
            raise YamlError(f"the alias *{event.anchor} has no anchor{_place(event.start_mark)}")
        node = self._anchors[event.anchor]
        if node is None:
            raise YamlError(f"the alias *{event.anchor} stands inside what it repeats{_place(event.start_mark)}")
        self._aliased += node.weight
        if self._aliased > MAX_ALIASED:
            raise YamlError(
                f"aliases repeat more than {MAX_ALIASED} values{_place(event.start_mark)}. Write the values out instead"
            )
        return node

    def _sequence(self) -> _Node:
        items: list[JsonValue] = []
        weight = 1
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            node = self._node(event)
            items.append(node.value)
            weight += node.weight
        return _Node(items, weight)

    def _mapping(self, start: yaml.NodeEvent) -> _Node:
        own: JsonObject = {}
        merged: JsonObject = {}
        weight = 1
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._node(event)
            value = self._node(next(self._events))
            weight += key.weight + value.weight
            if key.is_merge:
                _merge(merged, value.value, start)
                continue
            name = _key(key.value, event)
            if name in own:
                raise YamlError(f"the key {name!r} stands twice in one mapping{_place(event.start_mark)}")
            own[name] = value.value
        return _Node({**merged, **own}, weight)

    def _scalar(self, event: yaml.ScalarEvent) -> _Node:
        tag = event.tag
        if tag is None or (tag == "!" and event.implicit[0]):
            tag = _RESOLVER.resolve(yaml.ScalarNode, event.value, event.implicit)
        if tag == _PREFIX + "merge":
            return _Node("<<", 1, is_merge=True)
        if tag in _TEXT_TAGS:
            return _Node(event.value, 1)
        construct = _SCALARS.get(tag)
        if construct is None:
            raise YamlError(f"the tag {tag!r} is not allowed here{_place(event.start_mark)}")
        try:
            value = construct(yaml.ScalarNode(tag, event.value))
        except (ValueError, KeyError, OverflowError) as error:
            raise YamlError(f"{event.value[:40]!r} is not a value of its type{_place(event.start_mark)}") from error
        if isinstance(value, float):
            if not math.isfinite(value):
                raise YamlError(f"{event.value!r} is not a number that JSON has{_place(event.start_mark)}")
            value = integral(value)
        return _Node(value, 1)


def _key(value: JsonValue, event: yaml.NodeEvent) -> str:
    """A mapping key as JSON spells it."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    raise YamlError(f"a key must be text{_place(event.start_mark)}")


def _merge(into: JsonObject, value: JsonValue, start: yaml.NodeEvent) -> None:
    sources = value if isinstance(value, list) else [value]
    for source in sources:
        if not isinstance(source, dict):
            raise YamlError(f"the merge key << needs a mapping{_place(start.start_mark)}")
        for name, item in source.items():
            into.setdefault(name, item)
