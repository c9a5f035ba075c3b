import pytest

from pinnace.cli.exits import CommandError
from pinnace.cli.parameters import convert, parse_parameters
from pinnace.domain.values import JsonObject, JsonValue


def pipeline_with(**inputs: JsonValue) -> JsonObject:
    return {"root": {"inputDefinitions": {"parameters": inputs}}}


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("5", "STRING", "5"),
        ("", "STRING", ""),
        ("-5", "NUMBER_INTEGER", -5),
        ("5", "NUMBER_DOUBLE", 5.0),
        ("1e-3", "NUMBER_DOUBLE", 0.001),
        ("TRUE", "BOOLEAN", True),
        ("no", "BOOLEAN", False),
        ("[1, 2]", "LIST", [1, 2]),
        ('{"a": null}', "STRUCT", {"a": None}),
    ],
)
def test_text_becomes_a_value_of_the_inputs_type(text: str, kind: str, value: JsonValue) -> None:
    converted = convert(text, kind)
    assert converted == value
    assert type(converted) is type(value)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("5.5", "NUMBER_INTEGER"),
        ("five", "NUMBER_DOUBLE"),
        ("nan", "NUMBER_DOUBLE"),
        ("inf", "NUMBER_DOUBLE"),
        ("maybe", "BOOLEAN"),
        ("{}", "LIST"),
        ("[]", "STRUCT"),
        ("[1,", "LIST"),
    ],
)
def test_text_of_another_type_is_refused(text: str, kind: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        convert(text, kind)


def test_all_faults_are_named_at_once_with_the_usage() -> None:
    spec = pipeline_with(
        rows={"parameterType": "NUMBER_INTEGER"},
        rate={"parameterType": "NUMBER_DOUBLE", "defaultValue": 0.5},
        note={"parameterType": "STRING", "isOptional": True},
    )
    with pytest.raises(CommandError) as caught:
        parse_parameters(["rate=fast", "colour=red", "rows"], spec)
    assert str(caught.value) == (
        "Parameters: rate is a number, and 'fast' is not; the pipeline has no input colour; "
        "-p rows is not of the form name=value; rows (a whole number) has no value. "
        "The pipeline takes rows (a whole number), rate (a number), note (text): -p rows=VALUE"
    )


def test_defaults_and_optional_inputs_are_left_to_the_server() -> None:
    spec = pipeline_with(
        rate={"parameterType": "NUMBER_DOUBLE", "defaultValue": 0.5},
        note={"parameterType": "STRING", "isOptional": True},
    )
    assert parse_parameters([], spec) == {}


def test_a_value_may_contain_the_sign_of_equality() -> None:
    assert parse_parameters(["q=a=b"], pipeline_with(q={"parameterType": "STRING"})) == {"q": "a=b"}


def test_a_pipeline_without_inputs_says_so() -> None:
    with pytest.raises(CommandError, match="The pipeline takes no parameters"):
        parse_parameters(["a=1"], {"root": {}})
