import json
from typing import Any
from urllib.parse import quote

import pytest

from pinnace.api.kfp.convert_library import EXPERIMENT_FIELDS, PIPELINE_FIELDS
from pinnace.api.kfp.filters import parse_filter
from pinnace.domain.listing import Operation, Predicate
from pinnace.errors import InvalidInput

SECOND = 1_000_000


def parsed(**predicate: Any) -> list[tuple[str, str, Any]]:
    found = parse_filter(json.dumps({"predicates": [predicate]}), EXPERIMENT_FIELDS)
    return [(item.field, item.operation.value, item.value) for item in found]


@pytest.mark.parametrize(
    ("number", "name"),
    [(1, "EQUALS"), (2, "NOT_EQUALS"), (3, "GREATER_THAN"), (5, "GREATER_THAN_EQUALS"), (6, "LESS_THAN"),
     (7, "LESS_THAN_EQUALS"), (9, "IS_SUBSTRING")],
)  # fmt: skip
@pytest.mark.parametrize("spelling", ["string_value", "stringValue"])
def test_operations_by_name_and_by_number(number: int, name: str, spelling: str) -> None:
    for operation in (number, name):
        assert parsed(operation=operation, key="display_name", **{spelling: "x"}) == [("name", name, "x")]


def test_in_takes_several_values() -> None:
    for operation in (8, "IN"):
        found = parsed(operation=operation, key="id", stringValues={"values": ["a", "b"]})
        assert found == [("id", "IN", ("a", "b"))]
    assert parsed(operation=8, key="id", long_values={"values": ["5", 6]}) == [("id", "IN", (5, 6))]
    assert parsed(operation=1, key="id", longValue="5") == [("id", "EQUALS", 5)]


def test_all_predicates_are_kept() -> None:
    both = [{"operation": 1, "key": "id", "string_value": key} for key in "ab"]
    assert len(parse_filter(json.dumps({"predicates": both}), EXPERIMENT_FIELDS)) == 2
    assert parse_filter("", EXPERIMENT_FIELDS) == ()
    assert parse_filter("{}", EXPERIMENT_FIELDS) == ()


@pytest.mark.parametrize("value", ["x", "100%", "a+b", "%41", "é", '"quoted"', "a%2Bb"])
def test_a_second_percent_encoding_is_undone_and_a_missing_one_is_not(value: str) -> None:
    text = json.dumps({"predicates": [{"operation": "EQUALS", "key": "id", "stringValue": value}]})
    for sent in (text, quote(text)):
        assert parse_filter(sent, EXPERIMENT_FIELDS) == (Predicate("id", Operation.EQUALS, value),)


def test_times_are_compared_in_whole_seconds() -> None:
    second = 1_700_000_000
    expected = {
        "GREATER_THAN": [("GREATER_THAN_EQUALS", second + 1)],
        "GREATER_THAN_EQUALS": [("GREATER_THAN_EQUALS", second)],
        "LESS_THAN": [("LESS_THAN", second)],
        "LESS_THAN_EQUALS": [("LESS_THAN", second + 1)],
        "EQUALS": [("GREATER_THAN_EQUALS", second), ("LESS_THAN", second + 1)],
    }
    for operation, wanted in expected.items():
        for value in ({"timestamp_value": "2023-11-14T22:13:20.7Z"}, {"longValue": str(second)}):
            found = parsed(operation=operation, key="created_at", **value)
            assert found == [("created_at", name, at * SECOND) for name, at in wanted]
    later = parsed(operation=6, key="created_at", timestampValue="2023-11-15T00:13:20+02:00")
    assert later == [("created_at", "LESS_THAN", second * SECOND)]
    assert parsed(operation=6, key="created_at", longValue=str(2**63 - 1))[0][2] < 2**63


@pytest.mark.parametrize(
    ("predicate", "word"),
    [
        ({"operation": "EQUALS", "key": "no_such", "string_value": "x"}, "unrecognized field"),
        ({"operation": "EQUALS", "key": "tags.x", "string_value": "x"}, "unrecognized field"),
        ({"operation": 4, "key": "id", "string_value": "x"}, "operation"),
        ({"operation": "LIKE", "key": "id", "string_value": "x"}, "operation"),
        ({"key": "id", "string_value": "x"}, "operation"),
        ({"operation": "EQUALS", "key": "id"}, "0 values"),
        ({"operation": "EQUALS", "key": "id", "string_value": "x", "int_value": 1}, "2 values"),
        ({"operation": "EQUALS", "key": "id", "string_values": {"values": ["x"]}}, "IN takes several"),
        ({"operation": "IN", "key": "id", "string_value": "x"}, "IN takes several"),
        ({"operation": "IS_SUBSTRING", "key": "id", "int_value": 1}, "IS_SUBSTRING"),
        ({"operation": "EQUALS", "key": "id", "timestamp_value": "2023-11-14T22:13:20Z"}, "not a time"),
        ({"operation": "EQUALS", "key": "created_at", "timestamp_value": "yesterday"}, "not a time"),
        ({"operation": "EQUALS", "key": "created_at", "string_value": "x"}, "timestamp_value"),
        ({"operation": "IS_SUBSTRING", "key": "created_at", "string_value": "1"}, "timestamp_value"),
        ({"operation": "IN", "key": "created_at", "string_values": {"values": ["x"]}}, "timestamp_value"),
        ({"operation": "EQUALS", "key": "id", "string_value": 5}, "string_value"),
        ({"operation": "EQUALS", "key": "id", "int_value": 2**31}, "int_value"),
        ({"operation": "EQUALS", "key": "id", "long_value": str(2**63)}, "long_value"),
        ({"operation": "EQUALS", "key": "id", "value": "x"}, "value"),
    ],
)
def test_what_makes_no_sense_is_refused(predicate: dict[str, Any], word: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parsed(**predicate)
    assert word in str(refused.value)


@pytest.mark.parametrize("text", ["{not json", "[]", "5", '{"predicates": 5}', "[" * 100_000, '{"x": 1}', "%7B"])
def test_what_is_no_filter_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="filter"):
        parse_filter(text, PIPELINE_FIELDS)
