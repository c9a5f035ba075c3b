import json
from typing import Any

import pytest
import yaml

from pinnace.errors import InvalidPipeline
from pinnace.ir.document import MAX_BYTES, load_document

SPEC: dict[str, Any] = {"schemaVersion": "2.1.0", "pipelineInfo": {"name": "p"}, "root": {"dag": {}}}
PLATFORM: dict[str, Any] = {"platforms": {"kubernetes": {"deploymentSpec": {"executors": {}}}}}
TEXT = "schemaVersion: 2.1.0\npipelineInfo: {name: p}\n"


def fault(content: bytes | str) -> str:
    with pytest.raises(InvalidPipeline) as raised:
        load_document(content.encode() if isinstance(content, str) else content)
    return str(raised.value)


@pytest.mark.parametrize(
    "content",
    [
        yaml.safe_dump_all([SPEC, PLATFORM]),
        yaml.safe_dump_all([PLATFORM, SPEC]),
        "---\n" + yaml.safe_dump(SPEC) + "---\n---\n" + yaml.safe_dump(PLATFORM),
        json.dumps({"pipeline_spec": SPEC, "platform_spec": PLATFORM}),
        json.dumps({"pipelineSpec": SPEC, "platformSpec": PLATFORM}, indent=2),
        yaml.safe_dump({"pipeline_spec": SPEC, "platform_spec": PLATFORM}),
        "\ufeff" + json.dumps({"pipeline_spec": SPEC, "platform_spec": PLATFORM}),
    ],
)
def test_every_form_of_package(content: str) -> None:
    document = load_document(content.encode())
    assert document.spec == SPEC
    assert document.platform == PLATFORM


@pytest.mark.parametrize("content", [json.dumps(SPEC), yaml.safe_dump(SPEC), json.dumps({"pipeline_spec": SPEC})])
def test_without_platform(content: str) -> None:
    assert load_document(content.encode()).platform is None


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "empty"),
        ("# only a comment\n---\n", "empty"),
        ("just text", "top level is no mapping"),
        ("- a\n- b\n", "top level is no mapping"),
        ("a: b: c", "line 1, column 5"),
        ("a: [1, 2\nb: 3\n", "line 2"),
        ("a: 'x\n", "line 2"),
        ("\ta: 1", "line 1"),
        (b"PK\x03\x04\xff\xfe\x00", "not text"),
        (b"a: \x00", "binary"),
        (b"\xff\xfeabc", "not text"),
        (TEXT + "x: !!python/object/apply:os.system [ls]\n", "tag"),
        (TEXT + "x: !custom 1\n", "tag"),
        (TEXT + "x: 1\nx: 2\n", "twice"),
        (TEXT + "x: .nan\n", "not a number"),
        (TEXT + "x: *nowhere\n", "alias"),
        (TEXT + "x: &a [*a]\n", "inside what it repeats"),
        ('{"schemaVersion": "2.1.0", "x": NaN}', "not a number"),
        ('{"schemaVersion": "2.1.0", "x": 1e999}', "not a number"),
        ('{"schemaVersion": "2.1.0", "x": 1, "x": 2}', "twice"),
        (TEXT + "---\n" + TEXT, "more than one pipeline"),
        (yaml.safe_dump_all([SPEC, PLATFORM, PLATFORM]), "more than one platform"),
        (yaml.safe_dump(PLATFORM), "no pipeline"),
        (json.dumps({"pipeline_spec": SPEC, "runtime": {}}), "no field"),
        (json.dumps({"pipeline_spec": [SPEC]}), "mapping"),
        ("schemaVersion: 2.0.0\nroot: {}\n", "2.0.0"),
        ("schemaVersion: 2.1\nroot: {}\n", "2.1"),
        ("root: {}\n", "schemaVersion"),
        ("hello: world\n", "not a pipeline"),
        ("apiVersion: argoproj.io/v1alpha1\nkind: Workflow\n", "SDK 1.x"),
        ("[" * 5000, "levels of nesting"),
        ('{"a":' * 5000 + "1" + "}" * 5000, "nesting"),
        ("a: " + "[" * 200 + "]" * 200, "levels of nesting"),
        ('{"a": ' + "[" * 150 + "]" * 150 + "}", "levels of nesting"),
        ("{{$.x}}", "line 1"),
    ],
)
def test_bad_files_are_explained(content: bytes | str, words: str) -> None:
    assert words in fault(content)


def test_file_that_is_too_large() -> None:
    assert "33,554,432" in fault(b" " * (MAX_BYTES + 1))


def test_aliases_may_not_explode() -> None:
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    message = fault(TEXT + "\n".join(levels))
    assert "aliases repeat" in message
    assert "line" in message


def test_few_aliases_are_fine() -> None:
    document = load_document((TEXT + "base: &b {x: 1, y: 2}\nother: *b\nmerged: {<<: *b, y: 3}\n").encode())
    assert document.spec["other"] == {"x": 1, "y": 2}
    assert document.spec["merged"] == {"x": 1, "y": 3}


def test_scalars_are_read_as_the_compiler_wrote_them() -> None:
    values: dict[str, Any] = {
        "strings": [
            "on",
            "yes",
            "no",
            "1e5",
            "2020-01-01",
            "1:30",
            "0o7",
            "012",
            "=",
            "<<",
            "null",
            "~",
            "1_000",
            ".5",
        ],
        "bools": [True, False],
        "numbers": [1, 1.5, 1e-5, -3],
        "nothing": None,
        "multi": "a\nb\n\n  c: 'd' \"e\"\n",
        "unicode": "한국어 ✓",
        "on": {"yes": "no"},
    }
    written = TEXT + yaml.safe_dump(values)
    read = load_document(written.encode()).spec
    assert {key: read[key] for key in values} == values


def test_dates_and_equal_signs_stay_text() -> None:
    read = load_document((TEXT + "date: 2020-01-01\ntime: 2020-01-01T10:00:00Z\nequal: =\n").encode()).spec
    assert (read["date"], read["time"], read["equal"]) == ("2020-01-01", "2020-01-01T10:00:00Z", "=")


@pytest.mark.parametrize("template", ['{{"schemaVersion": "2.1.0", "x": {}}}', "schemaVersion: 2.1.0\nx: {}\n"])
def test_integral_floats_are_integers(template: str) -> None:
    for text, value in [("5.0", 5), ("1.5", 1.5), ("9007199254740993", 9007199254740993), ("1.0e+25", 1e25)]:
        read = load_document(template.format(text).encode()).spec["x"]
        assert read == value
        assert type(read) is type(value)
