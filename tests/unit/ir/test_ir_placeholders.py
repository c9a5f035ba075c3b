import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinnace.domain.artifacts import Artifact, ArtifactType
from pinnace.domain.ids import ArtifactId
from pinnace.ir.executor_io import InputArtifact, OutputArtifact, executor_input
from pinnace.ir.placeholders import RunContext, context_values, resolve_command, resolve_constant, resolve_text

CONTEXT = RunContext(
    job_name="my run",
    job_resource_name="pipe-abc",
    job_uuid="u-1",
    create_time="2026-01-02T03:04:05Z",
    schedule_time="2026-01-02T03:00:00Z",
    pipeline_root="/root",
    workspace_path="/kfp-workspace",
)
DATASET = ArtifactType("system.Dataset")
DATA = Artifact(ArtifactId("1"), "data", DATASET, "gs://bucket/data", {"rows": 3, "note": 'a "b"'})
PLAIN = Artifact(ArtifactId("2"), "plain", DATASET, "/store/plain")

DOCUMENT = executor_input(
    {
        "text": 'it\'s "x"\n',
        "number": 5.0,
        "tiny": 1e-7,
        "flag": True,
        "list": [1, "a"],
        "map": {"k": 2.0},
        "null": None,
    },
    {"data": [InputArtifact(DATA), InputArtifact(PLAIN)], "plain": [InputArtifact(PLAIN)], "none": []},
    {"out": "/tmp/out"},
    {
        "model": OutputArtifact(ArtifactType("system.Model"), "/store/model", {"a": 1}),
        "far": OutputArtifact(DATASET, "s3://b/k"),
    },
    "/tmp/output_metadata.json",
)


def resolve(*words: str) -> tuple[str, ...]:
    return resolve_command(words, DOCUMENT, context_values(CONTEXT, "task", "t-1"), absent=["absent"])


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("plain", "plain"),
        ("{{$.inputs.parameters['text']}}", 'it\'s "x"\n'),
        ("a{{$.inputs.parameters['number']}}b{{$.inputs.parameters['flag']}}", "a5btrue"),
        ("{{$.inputs.parameters['tiny']}}", "0.0000001"),
        ("{{$.inputs.parameters['list']}}", '[1,"a"]'),
        ("{{$.inputs.parameters['map']}}", '{"k":2}'),
        ("{{$.inputs.parameters['null']}}", ""),
        ("{{$.inputs.parameters['absent']}}", ""),
        ("{{$.inputs.parameters['unknown']}}", "{{$.inputs.parameters['unknown']}}"),
        ('{{$.inputs.parameters["number"]}}', "5"),
        ("{{$.inputs.parameters[''number'']}}", "5"),
        ("{{$.inputs.artifacts['data'].uri}}", "gs://bucket/data"),
        ("{{$.inputs.artifacts['data'].path}}", "/gcs/bucket/data"),
        ("{{$.inputs.artifacts['plain'].path}}", "/store/plain"),
        ("{{$.inputs.artifacts['data'].name}}", "data"),
        ("{{$.inputs.artifacts['data'].metadata['rows']}}", "3"),
        ("{{$.inputs.artifacts['data'].metadata['other']}}", ""),
        ("{{$.inputs.artifacts['data'].metadata}}", '{"rows":3,"note":"a \\"b\\""}'),
        ("{{$.inputs.artifacts['none'].path}}", "{{$.inputs.artifacts['none'].path}}"),
        ("{{$.outputs.artifacts['model'].path}}", "/store/model"),
        ("{{$.outputs.artifacts['far'].path}}", "/s3/b/k"),
        ("{{$.outputs.artifacts['model'].metadata}}", '{"a":1}'),
        ("{{$.outputs.parameters['out'].output_file}}", "/tmp/out"),
        ("{{$.outputs.output_file}}", "/tmp/output_metadata.json"),
        ("{{$.outputMetadataUri}}", "/tmp/output_metadata.json"),
        ("{{$.pipeline_job_name}}/{{$.pipeline_task_name}}", "my run/task"),
        ("{{$.pipeline_google_cloud_location}}", "{{$.pipeline_google_cloud_location}}"),
        ("{{$.json_escape[1]}} {{x}} {$} {{$", "{{$.json_escape[1]}} {{x}} {$} {{$"),
    ],
)
def test_words(word: str, expected: str) -> None:
    assert resolve(word) == (expected,)


def test_whole_list_of_artifacts() -> None:
    (word,) = resolve("{{$.inputs.artifacts['data']}}")
    assert [item["uri"] for item in json.loads(word)] == ["gs://bucket/data", "/store/plain"]


@pytest.mark.parametrize(
    ("structure", "expected"),
    [
        ({"Concat": ["a=", "{{$.inputs.parameters['number']}}", "!"]}, ["a=5!"]),
        ({"IfPresent": {"InputName": "text", "Then": "yes", "Else": "no"}}, ["yes"]),
        ({"IfPresent": {"InputName": "absent", "Then": "yes", "Else": "no"}}, ["no"]),
        ({"IfPresent": {"InputName": "absent", "Then": "yes"}}, []),
        ({"IfPresent": {"InputName": "null", "Then": "yes", "Else": ["--no", "x"]}}, ["--no", "x"]),
        (
            {"IfPresent": {"InputName": "data", "Then": ["--data", "{{$.inputs.artifacts['data'].path}}"]}},
            ["--data", "/gcs/bucket/data"],
        ),
        ({"IfPresent": {"InputName": "none", "Then": ["--data"]}}, []),
        (
            {
                "IfPresent": {
                    "InputName": "text",
                    "Then": ["--t", {"Concat": ["<", {"IfPresent": {"InputName": "absent", "Then": "x"}}, ">"]}],
                }
            },
            ["--t", "<>"],
        ),
        (
            {
                "Concat": [
                    "a",
                    {"IfPresent": {"InputName": "flag", "Then": {"Concat": ["b", "{{$.inputs.parameters['flag']}}"]}}},
                ]
            },
            ["abtrue"],
        ),
        ({"IfPresent": {"InputName": "absent", "Then": "x", "Else": {"Concat": ["p", "q"]}}}, ["pq"]),
    ],
)
@pytest.mark.parametrize("spacing", [None, (",", ":")])
def test_structures(structure: Any, expected: list[str], spacing: tuple[str, str] | None) -> None:
    assert resolve("before", json.dumps(structure, separators=spacing), "after") == ("before", *expected, "after")


@pytest.mark.parametrize(
    "word", ['{"Concat": ["a"', '{"Other": 1}', '{"Concat": ["a"], "x": 1}', "{", "{}", "{'a': 1}"]
)
def test_what_only_looks_like_a_structure(word: str) -> None:
    assert resolve(word) == (word,)


def test_values_are_not_searched_again() -> None:
    document = executor_input({"a": "{{$.inputs.parameters['b']}}", "b": "{{$.pipeline_job_name}}"}, {}, {}, {}, "/o")
    command = resolve_command(["{{$.inputs.parameters['a']}}"], document, {"pipeline_job_name": "secret"})
    assert command == ("{{$.pipeline_job_name}}",)


@given(st.text(), st.dictionaries(st.text(max_size=5), st.text() | st.integers() | st.none(), max_size=3))
def test_no_value_breaks_the_json(text: str, nested: dict[str, Any]) -> None:
    values: dict[str, Any] = {"x": text, "said": "<{{$.inputs.parameters['x']}}>", "map": nested}
    document = executor_input(values, {}, {}, {}, "/o")
    word, plain = resolve_command(["{{$}}", "{{$.inputs.parameters['x']}}"], document)
    read = json.loads(word)["inputs"]["parameterValues"]
    assert plain == text
    if "{{$" not in text and "{{$" not in json.dumps(nested):
        assert read == {"x": text, "said": f"<{text}>", "map": nested}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("{{$.pipeline_job_name}}", "my run"),
        ("{{$.pipeline_job_resource_name}}", "pipe-abc"),
        ("{{$.pipeline_job_uuid}}", "u-1"),
        ("{{$.pipeline_task_name}}", "task"),
        ("{{$.pipeline_task_uuid}}", "t-1"),
        ("{{$.pipeline_job_create_time_utc}}", "2026-01-02T03:04:05Z"),
        ("at {{$.pipeline_job_schedule_time_utc}}", "at 2026-01-02T03:00:00Z"),
        ("{{$.pipeline_root}}/x", "/root/x"),
        ("{{$.workspace_path}}/x", "/kfp-workspace/x"),
        ("{{$.inputs.parameters['n']}}!", "5!"),
        ("{{$.inputs.parameters['n']}}", "5"),
        (["{{$.inputs.parameters['n']}}", "{{$.inputs.parameters['n']}}!"], [5, "5!"]),
        ({"{{$.inputs.parameters['s']}}": {"a": "{{$.inputs.parameters['l']}}"}}, {'q"': {"a": [1]}}),
        ("{{$.inputs.parameters['other']}}", "{{$.inputs.parameters['other']}}"),
        (5, 5),
        (None, None),
        (True, True),
    ],
)
def test_constants(value: Any, expected: Any) -> None:
    result = resolve_constant(value, CONTEXT, "task", "t-1", {"n": 5, "s": 'q"', "l": [1]})
    assert result == expected
    assert type(result) is type(expected)


def test_images() -> None:
    text = "repo/{{$.inputs.parameters['pipelinechannel--train-Output']}}:{{$.inputs.parameters['tag']}}"
    assert resolve_text(text, {"pipelinechannel--train-Output": "image", "tag": 3}) == "repo/image:3"
