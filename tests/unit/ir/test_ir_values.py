import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinnace.ir.model import InputsSpec, ParameterSpec, ParameterType
from pinnace.ir.parameters import (
    ParameterError,
    check_arguments,
    check_literals,
    compact_json,
    conform,
    from_text,
    same,
    to_text,
)
from pinnace.ir.quantities import QuantityError, cores, count, size_bytes

T = ParameterType


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (T.INTEGER, 5, 5),
        (T.INTEGER, 5.0, 5),
        (T.INTEGER, 2**60, 2**60),
        (T.DOUBLE, 5.0, 5),
        (T.DOUBLE, 0.5, 0.5),
        (T.BOOLEAN, True, True),
        (T.STRING, "x", "x"),
        (T.STRING, 5.0, "5"),
        (T.STRING, 1e-05, "0.00001"),
        (T.STRING, True, "true"),
        (T.STRING, [1, "a", None, 2.0], '[1,"a",null,2]'),
        (T.STRING, {"a": "é"}, '{"a":"é"}'),
        (T.LIST, [1], [1]),
        (T.STRUCT, {"a": 1}, {"a": 1}),
        (T.FINAL_STATUS, {"state": "FAILED"}, {"state": "FAILED"}),
    ],
)
def test_conform(kind: T, value: Any, expected: Any) -> None:
    result = conform("x", kind, value)
    assert result == expected
    assert type(result) is type(expected)


@pytest.mark.parametrize(
    ("kind", "value", "got"),
    [
        (T.INTEGER, "5", "string"),
        (T.INTEGER, True, "bool"),
        (T.DOUBLE, "0.5", "string"),
        (T.BOOLEAN, 1, "number"),
        (T.BOOLEAN, "true", "string"),
        (T.LIST, "[1]", "string"),
        (T.LIST, {"a": 1}, "struct"),
        (T.STRUCT, [1], "list"),
        (T.STRUCT, None, "null"),
        (T.STRING, None, "null"),
    ],
)
def test_conform_is_strict(kind: T, value: Any, got: str) -> None:
    with pytest.raises(ParameterError, match=f'^input parameter "x" type mismatch: expect {kind}, got {got}$'):
        conform("x", kind, value)


def test_numbers_that_json_has_not() -> None:
    for value in (math.nan, math.inf):
        with pytest.raises(ParameterError):
            conform("x", T.DOUBLE, value)


def test_sameness() -> None:
    assert same(1, 1.0)
    assert same([{"a": 1}], [{"a": 1.0}])
    assert not same(1, True)
    assert not same("1", 1)
    assert not same({"a": 1}, {"a": 1, "b": 2})
    spec = ParameterSpec(T.INTEGER, literals=(1, 2))
    check_literals("x", spec, 2)
    with pytest.raises(ParameterError, match="allowed literal values: 1, 2"):
        check_literals("x", spec, 3)


def test_arguments_all_faults_at_once() -> None:
    inputs = InputsSpec(
        {
            "needed": ParameterSpec(T.STRING),
            "count": ParameterSpec(T.INTEGER),
            "flag": ParameterSpec(T.BOOLEAN, has_default=True, default=True),
            "mode": ParameterSpec(T.STRING, optional=True, literals=("a", "b")),
            "items": ParameterSpec(T.LIST, optional=True),
        }
    )
    found = check_arguments(inputs, {"count": "5", "flag": None, "mode": "c", "item": 1})
    assert [(item.path, item.message) for item in found] == [
        (
            "needed",
            "parameter needed is not optional, yet has neither default value nor user provided value",
        ),
        (
            "count",
            (
                "input parameter count requires type double or integer, "
                "but the parameter value is not of number value type"
            ),
        ),
        ("flag", "input parameter flag requires type bool, but the input parameter is not of bool value type"),
        ("mode", 'input parameter "mode" value "c" does not match any of the allowed literal values: "a", "b"'),
        ("item", 'parameter(s) provided are not required by pipeline: item. Did you mean "items"?'),
    ]
    assert not check_arguments(inputs, {"needed": "", "count": 5.0, "mode": "a", "items": []})


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (T.STRING, " a\n", " a\n"),
        (T.INTEGER, " 5\n", 5),
        (T.INTEGER, "-7", -7),
        (T.DOUBLE, "1.50\n", 1.5),
        (T.DOUBLE, "2.0", 2),
        (T.DOUBLE, "1e3", 1000),
        (T.BOOLEAN, "True\n", True),
        (T.BOOLEAN, "0", False),
        (T.LIST, "[1, 2.0]\n", [1, 2]),
        (T.STRUCT, '{"a": null}', {"a": None}),
    ],
)
def test_text_of_output_files(kind: T, text: str, value: Any) -> None:
    result = from_text(kind, text)
    assert result == value
    assert type(result) is type(value)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (T.INTEGER, "5.0"),
        (T.INTEGER, ""),
        (T.INTEGER, "1_000"),
        (T.DOUBLE, "nan"),
        (T.DOUBLE, "x"),
        (T.BOOLEAN, "yes"),
        (T.LIST, '{"a": 1}'),
        (T.LIST, "[1,"),
        (T.STRUCT, "[1]"),
        (T.STRUCT, '{"a": NaN}'),
        (T.LIST, "[" * 100_000),
    ],
)
def test_text_that_is_no_value(kind: T, text: str) -> None:
    with pytest.raises(ParameterError, match=str(kind)):
        from_text(kind, text)


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(json_values)
def test_text_forms_keep_the_value(value: Any) -> None:
    assert same(json.loads(compact_json(value)), value)
    if isinstance(value, list | dict):
        assert to_text(value) == compact_json(value)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        assert float(to_text(value)) == float(value)
        assert "e" not in to_text(value)


@pytest.mark.parametrize(
    ("text", "value"), [("2", 2.0), ("500m", 0.5), ("1.5", 1.5), ("1e1", 10.0), (".5", 0.5), ("100u", 0.0001)]
)
def test_cores(text: str, value: float) -> None:
    assert cores(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("512Mi", 512 * 2**20),
        ("1.5Gi", 3 * 2**29),
        ("2G", 2 * 10**9),
        ("1k", 1000),
        ("128974848", 128974848),
        ("1m", 1),
    ],
)
def test_sizes(text: str, value: int) -> None:
    assert size_bytes(text) == value


@pytest.mark.parametrize("text", ["", "x", "1X", "-1", "1 Gi", "1ki", "1e1000", "9" * 60, "1e5k", "0x10", "nan"])
def test_what_is_no_quantity(text: str) -> None:
    with pytest.raises(QuantityError):
        size_bytes(text)


def test_counts() -> None:
    assert count("2") == 2
    with pytest.raises(QuantityError, match="whole number"):
        count("1.5")
