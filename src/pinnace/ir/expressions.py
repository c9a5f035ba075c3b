"""Conditions and selectors: the Common Expression Language as KFP's compiler and driver use it.

All numbers of the inputs are doubles, as on the wire. Unlike kinds are never equal; unlike numbers compare by value.
The compiler writes text literals without escapes, so an expression that does not parse is read once more by the
compiler's own grammar, in which a quote inside a literal can be told from its end.
"""

import json
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final, TypeAlias

import celpy
from celpy import celtypes
from celpy.celparser import CELParseError
from celpy.evaluation import CELEvalError

from pinnace.domain.values import JsonValue
from pinnace.errors import InvalidInput
from pinnace.ir.parameters import to_text
from pinnace.ir.yaml_reader import integral

_SUBVAR: Final = re.compile(r'parseJson\(string_value\)\["(?P<key>.*)"\]\Z', re.DOTALL)
_INPUT: Final = r"inputs\.parameter_values\['[^']*'\]"
_REFERENCE: Final = rf"(?:(?:int|double)\()*{_INPUT}\)*"
_OPERAND: Final = rf"(?:{_REFERENCE}|'.*?'|true|false|-?[\d.]+(?:e[+-]?\d+)?|double\(-?\d+\))"
_CLAUSE: Final = re.compile(
    rf"(?P<negation>!\()?(?P<left>{_OPERAND}) (?P<operator>==|!=|<=|>=|<|>) (?P<right>{_OPERAND})(?(negation)\))\Z",
    re.DOTALL,
)
_QUOTED_REFERENCE: Final = re.compile(rf"'({_REFERENCE})'\Z")
_ESCAPES: Final = {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_AND: Final = " && "
_MOST_CLAUSES: Final = 12
_SHOWN: Final = 300


class ExpressionError(InvalidInput):
    """An expression cannot be parsed or evaluated."""


_Cel: TypeAlias = Any
"""A value of celpy's, or an error that its operators pass on."""


class _Number(celtypes.DoubleType):
    """A double that remembers the integer it came from, beyond the 53 bits of a double too."""

    exact: int | None = None


def check(expression: str) -> str | None:
    """What is wrong with the syntax of a condition or selector, or None."""
    if _SUBVAR.match(expression):
        return None
    try:
        _program(expression)
    except ExpressionError as error:
        return str(error)
    return None


def evaluate_condition(expression: str, parameters: Mapping[str, JsonValue]) -> bool:
    """Whether the condition of a task holds. *parameters* are the task's resolved inputs.

    Raises:
        ExpressionError: It does not parse, refers to an input that is not there, or gives something else than a bool.
    """
    result = _evaluate(expression, {"inputs": {"parameter_values": dict(parameters)}})
    if not isinstance(result, celtypes.BoolType | bool):
        raise ExpressionError(f"The condition {_shown(expression)} gives {result!r}; it must give true or false.")
    return bool(result)


def select(expression: str, value: JsonValue) -> JsonValue:
    """The part of *value* that a ``parameterExpressionSelector`` picks.

    Raises:
        ExpressionError: It does not parse, or the value has no such part.
    """
    item = _SUBVAR.match(expression)
    if item is not None:
        return _subvar(expression, item["key"], value)
    fields: dict[str, JsonValue] = {"string_value": to_text(value)}
    match value:
        case bool():
            fields["bool_value"] = value
        case int() | float():
            fields["number_value"] = value
        case list():
            fields["list_value"] = value
        case dict():
            fields["struct_value"] = value
        case None:
            fields["null_value"] = None
        case _:
            pass
    return _to_json(_evaluate(expression, fields))


def _subvar(expression: str, key: str, value: JsonValue) -> JsonValue:
    """``parseJson(string_value)["key"]``, the one selector that the compiler writes."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError) as error:
            raise ExpressionError(f"{_shown(expression)}: the value is not JSON ({error}).") from error
    if not isinstance(value, dict) or key not in value:
        raise ExpressionError(f"{_shown(expression)}: the value has no key {key!r}.")
    return value[key]


def _evaluate(expression: str, fields: Mapping[str, JsonValue]) -> _Cel:
    try:
        context = {name: _to_cel(value) for name, value in fields.items()}
        return _program(expression).evaluate(context)
    except CELEvalError as error:
        raise ExpressionError(f"{_shown(expression)} cannot be evaluated: {_reason(error)}.") from error
    except (ValueError, TypeError, ArithmeticError, RecursionError) as error:
        raise ExpressionError(f"{_shown(expression)} cannot be evaluated: {error}.") from error


@lru_cache(maxsize=1024)
def _program(expression: str) -> _Cel:
    environment = celpy.Environment()
    try:
        tree = environment.compile(expression)
    except (CELParseError, RecursionError) as error:
        repaired = _repair(expression)
        if repaired is None:
            column = getattr(error, "column", None)
            place = f" (at character {column})" if column else ""
            raise ExpressionError(f"The expression {_shown(expression)} has a syntax error{place}.") from error
        tree = environment.compile(repaired)
    return environment.program(tree, functions=_FUNCTIONS)


def _repair(expression: str) -> str | None:
    """*expression* with its literals escaped, if it is one that the compiler writes."""
    clauses = _clauses(expression.split(_AND)) if expression.count(_AND) <= _MOST_CLAUSES else None
    return None if clauses is None else _AND.join(clauses)


def _clauses(pieces: list[str]) -> list[str] | None:
    """*pieces* as clauses; one clause takes several pieces where its literal holds what looks like an ``&&``."""
    if not pieces:
        return []
    for end in range(1, len(pieces) + 1):
        found = _CLAUSE.match(_AND.join(pieces[:end]))
        rest = _clauses(pieces[end:]) if found else None
        if found and rest is not None:
            clause = f"{_escaped(found['left'])} {found['operator']} {_escaped(found['right'])}"
            return [f"!({clause})" if found["negation"] else clause, *rest]
    return None


def _escaped(operand: str) -> str:
    quoted = _QUOTED_REFERENCE.match(operand)
    if quoted:
        # Comparing a number or bool with text, the compiler quotes the reference itself where it means its text.
        return f"string({quoted[1]})"
    if not operand.startswith("'"):
        return operand
    return "'" + "".join(_ESCAPES.get(character, character) for character in operand[1:-1]) + "'"


def _to_cel(value: JsonValue) -> _Cel:
    match value:
        case bool():
            return celtypes.BoolType(value)
        case int() | float():
            number = _Number(value)
            number.exact = value if isinstance(value, int) else None
            return number
        case str():
            return celtypes.StringType(value)
        case list():
            return celtypes.ListType([_to_cel(item) for item in value])
        case dict():
            return celtypes.MapType({celtypes.StringType(key): _to_cel(item) for key, item in value.items()})
        case _:
            return None


def _to_json(value: _Cel) -> JsonValue:
    match value:
        case None:
            return None
        case bool() | celtypes.BoolType():
            return bool(value)
        case _Number(exact=int(exact)):
            return exact
        case int():
            return int(value)
        case float():
            return integral(float(value))
        case list():
            return [_to_json(item) for item in value]
        case dict():
            return {str(key): _to_json(item) for key, item in value.items()}
        case _:
            return str(value)


def _exact(value: _Cel) -> _Cel:
    """A number as Python's own, which compares unlike numbers by value; None for what is no number."""
    if isinstance(value, celtypes.BoolType | bool) or not isinstance(value, int | float):
        return None
    exact = getattr(value, "exact", None)
    if exact is not None:
        return exact
    return int(value) if isinstance(value, int) else float(value)


def _equal(left: _Cel, right: _Cel) -> _Cel:
    for error in (left, right):
        if isinstance(error, CELEvalError):
            return error
    return celtypes.BoolType(_same(left, right))


def _same(left: _Cel, right: _Cel) -> bool:
    numbers = (_exact(left), _exact(right))
    if None not in numbers:
        return bool(numbers[0] == numbers[1])
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(_same(item, right[key]) for key, item in left.items())
    return (type(left) is type(right) and left is right) or _same_scalar(left, right)


def _same_scalar(left: _Cel, right: _Cel) -> bool:
    bools = (isinstance(left, celtypes.BoolType | bool), isinstance(right, celtypes.BoolType | bool))
    if any(bools):
        return all(bools) and bool(left) == bool(right)
    return type(left) is type(right) and bool(left == right)


def _not_equal(left: _Cel, right: _Cel) -> _Cel:
    equal = _equal(left, right)
    return equal if isinstance(equal, CELEvalError) else celtypes.BoolType(not equal)


def _ordering(compare: Callable[[_Cel, _Cel], bool]) -> Callable[[_Cel, _Cel], _Cel]:
    def ordered(left: _Cel, right: _Cel) -> _Cel:
        for error in (left, right):
            if isinstance(error, CELEvalError):
                return error
        numbers = (_exact(left), _exact(right))
        if None not in numbers:
            return celtypes.BoolType(compare(*numbers))
        if type(left) is not type(right):
            raise TypeError(f"{left!r} and {right!r} cannot be ordered")
        return celtypes.BoolType(compare(left, right))

    return ordered


def _int(value: _Cel) -> _Cel:
    exact = getattr(value, "exact", None)
    return celtypes.IntType(_not_null(value) if exact is None else exact)


def _double(value: _Cel) -> _Cel:
    return value if isinstance(value, _Number) else celtypes.DoubleType(_not_null(value))


def _not_null(value: _Cel) -> _Cel:
    if value is None:
        raise TypeError("null is no number")
    return value


def _string(value: _Cel) -> _Cel:
    return celtypes.StringType(to_text(_to_json(value)))


def _in(item: _Cel, container: _Cel) -> _Cel:
    if isinstance(container, CELEvalError):
        return container
    if not isinstance(container, list | dict):
        raise TypeError(f"{container!r} holds no items")
    return celtypes.BoolType(any(_same(item, other) for other in container))


def _parse_json(text: _Cel) -> _Cel:
    return _to_cel(json.loads(str(text)))


_FUNCTIONS: Final[dict[str, Any]] = {
    "parseJson": _parse_json,
    "int": _int,
    "double": _double,
    "string": _string,
    "_in_": _in,
    "_==_": _equal,
    "_!=_": _not_equal,
    "_<_": _ordering(lambda left, right: left < right),
    "_<=_": _ordering(lambda left, right: left <= right),
    "_>_": _ordering(lambda left, right: left > right),
    "_>=_": _ordering(lambda left, right: left >= right),
}


def _reason(error: CELEvalError) -> str:
    # What the library appends is its whole table of names.
    return " ".join(str(part).partition(" (in activation")[0] for part in error.args[:1]) + (
        f" {error.args[2]}" if len(error.args) > 2 and error.args[1] is KeyError else ""
    )


def _shown(expression: str) -> str:
    return expression if len(expression) <= _SHOWN else expression[:_SHOWN] + "…"
