import json
import math
from typing import Any

import pytest
from google.protobuf import json_format
from kfp.pipeline_spec import pipeline_spec_pb2 as pb

from pinnace.domain.artifacts import Artifact, ArtifactType
from pinnace.domain.ids import ArtifactId
from pinnace.ir.executor_io import (
    ExecutorOutputError,
    InputArtifact,
    OutputArtifact,
    executor_input,
    parse_executor_output,
)
from pinnace.ir.fingerprint import fingerprint
from pinnace.ir.locations import artifact_path, local_path
from pinnace.ir.model import ArtifactSpec, Component, Container, InputsSpec, OutputsSpec, ParameterSpec, ParameterType

DATA = Artifact(
    ArtifactId("a-1"), "data", ArtifactType("system.Dataset"), "/store/data", {"rows": 3.0}, digest="sha256:x"
)


def test_executor_input_is_one() -> None:
    document = executor_input(
        {"x": 5.0, "y": [1.0, {"z": 2.5}]},
        {"data": [InputArtifact(DATA), InputArtifact(DATA, uri="/copy", custom_path="/there")]},
        {"out": "/tmp/out"},
        {"model": OutputArtifact(ArtifactType("", "", "title: my.Model"), "/store/model")},
        "/tmp/output_metadata.json",
    )
    message = json_format.ParseDict(document, pb.ExecutorInput())
    first, second = message.inputs.artifacts["data"].artifacts
    assert (first.uri, first.custom_path, first.type.schema_title) == ("/store/data", "", "system.Dataset")
    assert (second.uri, second.custom_path) == ("/copy", "/there")
    assert message.outputs.artifacts["model"].artifacts[0].name == "model"
    assert message.outputs.artifacts["model"].artifacts[0].type.instance_schema == "title: my.Model"
    assert message.outputs.output_file == "/tmp/output_metadata.json"
    text = json.dumps(document)
    assert '"x": 5,' in text
    assert '"y": [1, {"z": 2.5}]' in text
    assert '"rows": 3}' in text


def test_task_without_anything() -> None:
    assert executor_input({}, {}, {}, {}, "/o") == {"inputs": {}, "outputs": {"outputFile": "/o"}}


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("gs://b/k", "/gcs/b/k"),
        ("s3://b/k", "/s3/b/k"),
        ("minio://b/k", "/minio/b/k"),
        ("oci://reg/a/b:1", "/oci/reg_a_b:1/models"),
        ("/data/x", "/data/x"),
        ("https://host/x", "https://host/x"),
    ],
)
def test_paths_are_the_sdks(uri: str, path: str) -> None:
    from kfp import dsl

    assert local_path(uri) == path == dsl.Model(uri=uri).path
    in_workspace: dict[str, Any] = {"uri": uri, "metadata": {"_kfp_workspace": True}}
    assert artifact_path(in_workspace) == dsl.Model(uri=uri, metadata={"_kfp_workspace": True}).path


def test_executor_output() -> None:
    output = parse_executor_output(
        {
            "parameterValues": {"a": 5.0, "b": {"c": [1.0]}},
            "artifacts": {
                "model": {
                    "artifacts": [
                        {"name": "model", "uri": "/m", "metadata": {"loss": math.nan, "n": 1.0}, "custom_path": "/c"},
                        {"name": "m2", "customPath": "/d", "type": {"schemaTitle": "x"}},
                    ]
                },
                "none": {},
            },
        }
    )
    assert output.parameters == {"a": 5, "b": {"c": [1]}}
    assert type(output.parameters["a"]) is int
    first, second = output.artifacts["model"]
    assert (first.name, first.uri, first.custom_path) == ("model", "/m", "/c")
    assert first.metadata == {"loss": "NaN", "n": 1}
    assert (second.uri, second.custom_path, second.metadata) == ("", "/d", {})
    assert output.artifacts["none"] == ()
    assert parse_executor_output(None).parameters == {}
    assert parse_executor_output({"parameters": {"a": {"intValue": "7"}, "b": {"stringValue": "x"}}}).parameters == {
        "a": 7,
        "b": "x",
    }


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ([], "mapping"),
        ({"parameter": {}}, 'unknown field "parameter"'),
        ({"parameterValues": []}, "parameterValues"),
        ({"artifacts": {"m": []}}, "artifacts.m"),
        ({"artifacts": {"m": {"artifacts": {}}}}, "list"),
        ({"artifacts": {"m": {"artifacts": [{"path": "x"}]}}}, r'unknown field "path" in artifacts.m.artifacts\[0\]'),
        ({"artifacts": {"m": {"artifacts": [{"uri": 5}]}}}, "uri"),
        ({"artifacts": {"m": {"artifacts": [{"metadata": 5}]}}}, "metadata"),
        ({"parameterValues": {"loss": math.inf}}, '"loss"'),
        ({"parameterValues": {"all": [1, {"x": math.nan}]}}, '"all"'),
        ({"parameters": {"a": {"int": 1}}}, "unknown field"),
        ({"parameters": {"a": {"intValue": "x"}}}, "whole number"),
    ],
)
def test_bad_executor_output(document: Any, words: str) -> None:
    with pytest.raises(ExecutorOutputError, match=words):
        parse_executor_output(document)


def component(**changes: Any) -> Component:
    container = Container(
        changes.get("image", "python"), ("run",), tuple(changes.get("args", ())), changes.get("env", {"A": "b"})
    )
    return Component(
        name=changes.get("name", "comp-train"),
        implementation=container,
        inputs=InputsSpec({"x": ParameterSpec(ParameterType.DOUBLE)}, {"data": ArtifactSpec(DATA.type)}),
        outputs=changes.get("outputs", OutputsSpec({"y": ParameterType.STRING})),
    )


def key(**changes: Any) -> str:
    return fingerprint(
        component(**changes),
        changes.get("parameters", {"x": 1}),
        {"data": [changes.get("data", DATA)]},
        changes.get("environment", "py3.11"),
        changes.get("cache_key", ""),
    )[0]


@pytest.mark.parametrize(
    "changes",
    [
        {"image": "other"},
        {"args": ("--fast",)},
        {"env": {"A": "c"}},
        {"outputs": OutputsSpec({"y": ParameterType.LIST})},
        {"parameters": {"x": 2}},
        {"parameters": {}},
        {"data": Artifact(ArtifactId("a-1"), "data", DATA.type, "/store/data", {"rows": 3}, digest="sha256:y")},
        {"data": Artifact(ArtifactId("a-1"), "data", DATA.type, "/store/data", {"rows": 4}, digest="sha256:x")},
        {"environment": "py3.12"},
        {"cache_key": "k"},
    ],
)
def test_fingerprint_changes_with(changes: dict[str, Any]) -> None:
    assert key(**changes) != key()


def test_fingerprint_stays() -> None:
    again = Artifact(ArtifactId("a-2"), "other", DATA.type, "/elsewhere", {"rows": 3}, digest="sha256:x")
    assert key(data=again) == key(name="comp-train-2") == key(parameters={"x": 1.0}) == key()
    unknown = Artifact(ArtifactId("a-1"), "data", DATA.type, "/store/data")
    other = Artifact(ArtifactId("a-2"), "data", DATA.type, "/store/data")
    assert key(data=unknown) != key(data=other)


def test_cache_key_alone_counts() -> None:
    assert key(cache_key="k", image="other", parameters={}) == key(cache_key="k")
    assert key(cache_key="k", name="comp-other") != key(cache_key="k")


def test_parts_explain_a_miss() -> None:
    before = fingerprint(component(), {"x": 1}, {"data": [DATA]})[1]
    after = fingerprint(component(), {"x": 2}, {"data": [DATA]})[1]
    assert {name for name in before if before[name] != after[name]} == {"parameter:x"}
