"""JSON values as pipelines pass them, and instants in time."""

from typing import Final, NewType, TypeAlias

JsonValue: TypeAlias = "str | int | float | bool | list[JsonValue] | dict[str, JsonValue] | None"
"""A value of a pipeline parameter. Integers are ``int``, never an integral ``float``."""

JsonObject: TypeAlias = dict[str, JsonValue]

Instant = NewType("Instant", int)
"""Microseconds since the epoch, UTC. The only form of time below the wire."""

SECOND: Final = 1_000_000


def after(start: Instant, seconds: float) -> Instant:
    """The instant *seconds* after *start*."""
    return Instant(start + round(seconds * SECOND))
