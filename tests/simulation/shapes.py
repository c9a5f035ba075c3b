"""Shapes of parameter values, and values of a shape made from a seed."""

import hashlib
import json
import random
from dataclasses import dataclass
from typing import Final

from pinnace.domain.values import JsonValue
from pinnace.ir.model import ParameterType


@dataclass(frozen=True, slots=True)
class Shape:
    """The type of a parameter and, of a list, the shape of its elements.

    Attributes:
        json_text: The value is a string that holds a JSON list of ``element``.
    """

    type: ParameterType
    element: "Shape | None" = None
    json_text: bool = False


NUMBER: Final = Shape(ParameterType.INTEGER)
RATIO: Final = Shape(ParameterType.DOUBLE)
TEXT: Final = Shape(ParameterType.STRING)
FLAG: Final = Shape(ParameterType.BOOLEAN)
RECORD: Final = Shape(ParameterType.STRUCT)
LISTED_TEXT: Final = Shape(ParameterType.STRING, NUMBER, json_text=True)

SCALARS: Final = (NUMBER, RATIO, TEXT, FLAG, RECORD)
LISTS: Final = (
    *(Shape(ParameterType.LIST, element) for element in (NUMBER, TEXT, FLAG, RECORD)),
    Shape(ParameterType.LIST, Shape(ParameterType.LIST, NUMBER)),
    LISTED_TEXT,
)
ALL: Final = SCALARS + LISTS

WORDS: Final = ("oak", "elm", "ash", "it's", "", "a b")
RECORD_KEY: Final = "k"


def list_of(element: Shape) -> Shape:
    """The shape of a list."""
    return Shape(ParameterType.LIST, element)


def is_iterable(shape: Shape) -> bool:
    """Whether a loop can run over a value of that shape."""
    return shape.element is not None


def make_value(shape: Shape, source: random.Random, longest: int = 4) -> JsonValue:
    """A value of *shape*; lists have at most *longest* elements."""
    if shape.element is not None:
        values = [make_value(shape.element, source, 2) for _ in range(source.randint(0, longest))]
        return json.dumps(values) if shape.json_text else values
    match shape.type:
        case ParameterType.INTEGER:
            return source.randint(0, 5)
        case ParameterType.DOUBLE:
            return source.randint(0, 9) + 0.5
        case ParameterType.BOOLEAN:
            return source.random() < 0.5
        case ParameterType.STRUCT:
            return {RECORD_KEY: source.randint(0, 5), "s": source.choice(WORDS)}
        case _:
            return source.choice(WORDS[:3])


def canonical(value: object) -> str:
    """One text for one value: tells 1 from 1.0 and from true."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def stable_random(*parts: object) -> random.Random:
    """A random source that depends on *parts* alone, the same in every process."""
    digest = hashlib.blake2b("\x1f".join(map(str, parts)).encode(), digest_size=8).digest()
    return random.Random(int.from_bytes(digest, "big"))
