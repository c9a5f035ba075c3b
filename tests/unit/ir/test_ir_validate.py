"""Broken pipelines: each with the path of its fault, all faults of a file at once."""

import copy
from typing import Any

import pytest

from pinnace.errors import InvalidPipeline
from pinnace.ir.diagnostics import Severity
from pinnace.ir.document import Document
from pinnace.ir.parse import inspect_document, parse_document
from pinnace.ir.validate_names import pipeline_name_fault

TEXT = {"parameterType": "STRING"}
NUMBER = {"parameterType": "NUMBER_INTEGER"}
DATA = {"artifactType": {"schemaTitle": "system.Dataset", "schemaVersion": "0.0.1"}}

SPEC: dict[str, Any] = {
    "schemaVersion": "2.1.0",
    "sdkVersion": "kfp-2.17.0",
    "pipelineInfo": {"name": "train"},
    "deploymentSpec": {"executors": {"exec-work": {"container": {"image": "python"}}}},
    "components": {
        "comp-work": {
            "executorLabel": "exec-work",
            "inputDefinitions": {
                "parameters": {"text": TEXT, "count": {**NUMBER, "isOptional": True, "literals": [1, 2]}},
                "artifacts": {"data": {**DATA, "isOptional": True}},
            },
            "outputDefinitions": {"parameters": {"out": TEXT}, "artifacts": {"model": DATA}},
        },
        "comp-loop": {
            "dag": {
                "tasks": {
                    "inner": {
                        "componentRef": {"name": "comp-work"},
                        "inputs": {"parameters": {"text": {"componentInputParameter": "item"}}},
                    }
                },
                "outputs": {
                    "parameters": {
                        "all": {"valueFromParameter": {"producerSubtask": "inner", "outputParameterKey": "out"}}
                    }
                },
            },
            "inputDefinitions": {"parameters": {"item": TEXT}},
            "outputDefinitions": {"parameters": {"all": {"parameterType": "LIST"}}},
        },
    },
    "root": {
        "inputDefinitions": {"parameters": {"name": TEXT, "size": NUMBER}, "artifacts": {"given": DATA}},
        "dag": {
            "tasks": {
                "first": {
                    "componentRef": {"name": "comp-work"},
                    "inputs": {"parameters": {"text": {"componentInputParameter": "name"}}},
                },
                "second": {
                    "componentRef": {"name": "comp-work"},
                    "dependentTasks": ["first"],
                    "inputs": {
                        "parameters": {
                            "text": {"taskOutputParameter": {"producerTask": "first", "outputParameterKey": "out"}},
                            "count": {"runtimeValue": {"constant": 2.0}},
                        },
                        "artifacts": {
                            "data": {"taskOutputArtifact": {"producerTask": "first", "outputArtifactKey": "model"}}
                        },
                    },
                    "triggerPolicy": {"condition": "inputs.parameter_values['text'] == 'x'"},
                },
                "loop": {
                    "componentRef": {"name": "comp-loop"},
                    "parameterIterator": {"items": {"raw": '["a", "b"]'}, "itemInput": "item"},
                },
            }
        },
    },
}
TASKS = ("root", "dag", "tasks")


def broken(path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    spec = copy.deepcopy(SPEC)
    target = spec
    for key in path[:-1]:
        target = target.setdefault(key, {})
    if value is None:
        del target[path[-1]]
    else:
        target[path[-1]] = value
    return spec


def faults(spec: dict[str, Any], platform: Any = None) -> dict[str, str]:
    inspection = inspect_document(Document(spec, platform))
    return {item.path: item.message for item in inspection.diagnostics if item.severity is Severity.ERROR}


def test_the_pipeline_itself_is_sound() -> None:
    assert faults(SPEC) == {}


@pytest.mark.parametrize(
    ("place", "value", "path", "words"),
    [
        (("pipelineInfo", "name"), None, "pipelineInfo.name", "no name"),
        (("pipelineInfo", "name"), "../up", "pipelineInfo.name", "directory"),
        (("root",), None, "root", "no root"),
        (("root", "dag"), None, "root", "dag or an executorLabel"),
        (("pipelineinfo",), {"name": "x"}, "pipelineinfo", 'Did you mean "pipelineInfo"'),
        (
            ("components", "comp-work", "executorLabel"),
            "exec-wrok",
            "components.comp-work.executorLabel",
            '"exec-work"',
        ),
        (
            (*TASKS, "first", "componentRef", "name"),
            "comp-wrk",
            "root.dag.tasks.first.componentRef.name",
            '"comp-work"',
        ),
        ((*TASKS, "first", "componentRef"), None, "root.dag.tasks.first.componentRef.name", "names no component"),
        ((*TASKS, "second", "dependentTasks"), ["frist"], "root.dag.tasks.second.dependentTasks[0]", '"first"'),
        (
            (*TASKS, "second", "inputs", "parameters", "text", "taskOutputParameter", "producerTask"),
            "none",
            "root.dag.tasks.second.inputs.parameters.text",
            "no task",
        ),
        (
            (*TASKS, "second", "inputs", "parameters", "text", "taskOutputParameter", "outputParameterKey"),
            "uot",
            "root.dag.tasks.second.inputs.parameters.text",
            'Did you mean "out"',
        ),
        (
            (*TASKS, "second", "inputs", "artifacts", "data", "taskOutputArtifact", "outputArtifactKey"),
            "out",
            "root.dag.tasks.second.inputs.artifacts.data",
            'no output artifact "out"',
        ),
        (
            (*TASKS, "second", "inputs", "artifacts", "data"),
            {"componentInputArtifact": "taken"},
            "root.dag.tasks.second.inputs.artifacts.data",
            "no input artifact",
        ),
        (
            (*TASKS, "first", "inputs", "parameters", "text"),
            {"componentInputParameter": "nmae"},
            "root.dag.tasks.first.inputs.parameters.text",
            'Did you mean "name"',
        ),
        (
            (*TASKS, "first", "inputs", "parameters", "text"),
            {"taskFinalStatus": {"producerTask": "none"}},
            "root.dag.tasks.first.inputs.parameters.text",
            "no task",
        ),
        (
            (*TASKS, "first", "inputs", "parameters", "text"),
            {},
            "root.dag.tasks.first.inputs.parameters.text",
            "no source",
        ),
        (
            (*TASKS, "first", "inputs", "parameters", "text"),
            None,
            "root.dag.tasks.first.inputs.parameters.text",
            "needs this input",
        ),
        (
            (*TASKS, "first", "inputs", "parameters", "txt"),
            {"runtimeValue": {"constant": "x"}},
            "root.dag.tasks.first.inputs.parameters.txt",
            "no such input",
        ),
        (
            (*TASKS, "first", "inputs", "parameters", "text"),
            {"runtimeValue": {"runtimeParameter": "x"}},
            "root.dag.tasks.first.inputs.parameters.text.runtimeValue.runtimeParameter",
            "runtime parameters",
        ),
        (
            (*TASKS, "first", "inputs", "parameters", "count"),
            {"runtimeValue": {"constant": "2"}},
            "root.dag.tasks.first.inputs.parameters.count",
            "expect NUMBER_INTEGER, got string",
        ),
        (
            (*TASKS, "first", "inputs", "parameters", "count"),
            {"runtimeValue": {"constant": 3}},
            "root.dag.tasks.first.inputs.parameters.count",
            "allowed literal values: 1, 2",
        ),
        (
            (*TASKS, "first", "inputs", "parameters", "count"),
            {"componentInputParameter": "name"},
            "root.dag.tasks.first.inputs.parameters.count",
            "expect NUMBER_INTEGER, got STRING",
        ),
        (
            (*TASKS, "second", "inputs", "parameters", "count"),
            {"taskOutputParameter": {"producerTask": "first", "outputParameterKey": "out"}},
            "root.dag.tasks.second.inputs.parameters.count",
            "expect NUMBER_INTEGER, got STRING",
        ),
        (
            (*TASKS, "second", "triggerPolicy", "condition"),
            "inputs.parameter_values['text'] ==",
            "root.dag.tasks.second.triggerPolicy.condition",
            "syntax error",
        ),
        (
            (*TASKS, "second", "triggerPolicy", "condition"),
            "inputs.parameter_values['txt'] == 'x'",
            "root.dag.tasks.second.triggerPolicy.condition",
            'Did you mean "text"',
        ),
        (
            (*TASKS, "second", "inputs", "parameters", "text", "parameterExpressionSelector"),
            "parseJson(",
            "root.dag.tasks.second.inputs.parameters.text.parameterExpressionSelector",
            "syntax error",
        ),
        (
            (*TASKS, "first", "dependentTasks"),
            ["second"],
            "root.dag.tasks.first",
            "first waits for second waits for first",
        ),
        ((*TASKS, "first", "dependentTasks"), ["first"], "root.dag.tasks.first", "first waits for first"),
        (
            (*TASKS, "loop", "parameterIterator", "itemInput"),
            "itme",
            "root.dag.tasks.loop.parameterIterator.itemInput",
            'Did you mean "item"',
        ),
        (
            (*TASKS, "loop", "parameterIterator", "items"),
            {"inputParameter": "list"},
            "root.dag.tasks.loop.parameterIterator.items",
            "does not have",
        ),
        (
            (*TASKS, "loop", "parameterIterator", "items", "raw"),
            '{"a": 1}',
            "root.dag.tasks.loop.parameterIterator.items.raw",
            "JSON list",
        ),
        (
            (*TASKS, "loop", "iteratorPolicy"),
            {"parallelismLimit": -1},
            "root.dag.tasks.loop.iteratorPolicy.parallelismLimit",
            "negative",
        ),
        (
            (*TASKS, "first", "retryPolicy"),
            {"maxRetryCount": -1},
            "root.dag.tasks.first.retryPolicy.maxRetryCount",
            "negative",
        ),
        (
            (*TASKS, "first", "retryPolicy"),
            {"backoffDuration": "5 minutes"},
            "root.dag.tasks.first.retryPolicy.backoffDuration",
            "Seconds",
        ),
        (
            ("root", "dag", "outputs"),
            {"parameters": {"x": {"valueFromParameter": {"producerSubtask": "gone", "outputParameterKey": "out"}}}},
            "root.dag.outputs.parameters.x",
            "no task",
        ),
        (
            ("root", "dag", "outputs"),
            {"artifacts": {"x": {"artifactSelectors": []}}},
            "root.dag.outputs.artifacts.x",
            "no source",
        ),
        (
            ("components", "comp-loop", "dag", "tasks", "inner", "componentRef", "name"),
            "comp-loop",
            "components.comp-loop",
            "comp-loop contains comp-loop",
        ),
        (
            ("components", "comp-work", "inputDefinitions", "parameters", "count", "defaultValue"),
            3,
            "components.comp-work.inputDefinitions.parameters.count.defaultValue",
            "allowed literal values",
        ),
        (
            ("components", "comp-work", "inputDefinitions", "parameters", "count", "literals"),
            ["1"],
            "components.comp-work.inputDefinitions.parameters.count.literals[0]",
            "got string",
        ),
        (
            ("components", "comp-work", "inputDefinitions", "parameters", "text"),
            {},
            "components.comp-work.inputDefinitions.parameters.text",
            "no type",
        ),
        (("components", "comp-work", "dag"), {}, "components.comp-work", "Only one of"),
        (
            ("deploymentSpec", "executors", "exec-work"),
            {"resolver": {}},
            "deploymentSpec.executors.exec-work.resolver",
            "Vertex",
        ),
        (
            ("deploymentSpec", "executors", "exec-work"),
            {"customJob": {"customJob": {}}},
            "deploymentSpec.executors.exec-work.customJob",
            "Vertex",
        ),
        (("deploymentSpec", "executors", "exec-work"), {}, "deploymentSpec.executors.exec-work", "what to run"),
        (
            ("deploymentSpec", "executors", "exec-work", "container", "image"),
            "",
            "deploymentSpec.executors.exec-work.container.image",
            "no image",
        ),
        (
            ("deploymentSpec", "executors", "exec-work", "container", "env"),
            [{"name": "A=B", "value": "c"}],
            "deploymentSpec.executors.exec-work.container.env[0]",
            "without =",
        ),
        (
            ("deploymentSpec", "executors", "exec-work", "container", "args"),
            ["a\0b"],
            "deploymentSpec.executors.exec-work.container.args[0]",
            "NUL",
        ),
        (
            ("deploymentSpec", "executors", "exec-work", "container", "comand"),
            [],
            "deploymentSpec.executors.exec-work.container.comand",
            'Did you mean "command"',
        ),
        (
            ("deploymentSpec", "executors", "exec-work"),
            {"importer": {"typeSchema": {"schemaTitle": "system.Dataset"}}},
            "deploymentSpec.executors.exec-work.importer.artifactUri",
            "no URI",
        ),
    ],
)
def test_fault(place: tuple[Any, ...], value: Any, path: str, words: str) -> None:
    found = faults(broken(place, value))
    assert path in found
    assert words in found[path]


@pytest.mark.parametrize(
    "name", ["..", ".", "", " ", "a/b", "/etc", "..\\x", "a\0b", "a\nb", "a\x1b[31m", "x" * 300, "é" * 130]
)
def test_names_that_try_to_leave_their_directory(name: str) -> None:
    task = SPEC["root"]["dag"]["tasks"]["first"]
    assert any("name" in text for text in faults(broken((*TASKS, name), task)).values())
    component = SPEC["components"]["comp-work"]
    assert any("name" in text for text in faults(broken(("components", name), component)).values())
    outputs = ("components", "comp-work", "outputDefinitions", "parameters", name)
    assert any("name" in text for text in faults(broken(outputs, TEXT)).values())
    inputs = ("components", "comp-work", "inputDefinitions", "artifacts", name)
    assert any("name" in text for text in faults(broken(inputs, {**DATA, "isOptional": True})).values())


def test_every_fault_at_once() -> None:
    spec = broken(("pipelineInfo", "name"), None)
    spec["surplus"] = 1
    spec["components"]["comp-work"]["executorLabel"] = "gone"
    spec["root"]["dag"]["tasks"]["first"]["inputs"]["parameters"]["text"] = {"componentInputParameter": "gone"}
    spec["root"]["dag"]["tasks"]["second"]["dependentTasks"] = ["gone", "first"]
    with pytest.raises(InvalidPipeline) as raised:
        parse_document(Document(spec))
    assert [fault.path for fault in raised.value.faults] == [
        "surplus",
        "components.comp-work.executorLabel",
        "pipelineInfo.name",
        "root.dag.tasks.second.dependentTasks[0]",
        "root.dag.tasks.first.inputs.parameters.text",
    ]
    assert 'no executor "gone"' in str(raised.value)


def test_longer_cycle_is_named() -> None:
    spec = copy.deepcopy(SPEC)
    work = {
        "componentRef": {"name": "comp-work"},
        "inputs": {"parameters": {"text": {"runtimeValue": {"constant": "x"}}}},
    }
    for key, before in (("a", "c"), ("b", "a"), ("c", "b")):
        spec["root"]["dag"]["tasks"][key] = {**work, "dependentTasks": [before]}
    assert faults(spec) == {
        "root.dag.tasks.a": "Tasks wait for each other: a waits for c waits for b waits for a. "
        "Remove one of these dependencies."
    }


def test_platform_settings() -> None:
    config = {
        "secretAsEnv": [{"secretName": "s", "keyToEnv": [{"secretKey": "k", "envVar": "E"}], "optional": True}],
        "pod_metadata": {"labels": {"a": "b"}, "annotations": {"c": "d"}},
        "activeDeadlineSeconds": "60",
        "pvcMount": [{"pvcNameParameter": {"componentInputParameter": "name"}, "mountPath": "/data"}],
    }
    pipeline_config = {"workspace": {"size": "1Gi"}, "resourceTtlOnCompletion": 5, "activeDeadlineSeconds": 7}
    platform: dict[str, Any] = {
        "platforms": {
            "kubernetes": {"deploymentSpec": {"executors": {"exec-work": config}}, "pipelineConfig": pipeline_config}
        }
    }
    pipeline = parse_document(Document(SPEC, platform))
    settings = pipeline.components["comp-work"].kubernetes
    assert settings is not None
    assert (settings.active_deadline_seconds, settings.labels, settings.annotations) == (60, {"a": "b"}, {"c": "d"})
    assert settings.raw["podMetadata"] == {"labels": {"a": "b"}, "annotations": {"c": "d"}}
    assert (pipeline.config.workspace_size, pipeline.config.ttl_seconds) == ("1Gi", 5)
    assert pipeline.config.active_deadline_seconds == 7
    config["secretAsENV"] = []
    config["imagePullPolicy"] = "Sometimes"
    platform["platforms"]["kubernetes"]["deploymentSpec"]["executors"]["other"] = {}
    platform["platforms"]["vertex"] = {}
    inspection = inspect_document(Document(SPEC, platform))
    base = "platforms.kubernetes.deploymentSpec.executors"
    assert {(item.path, item.severity.value) for item in inspection.diagnostics} == {
        (f"{base}.exec-work.secretAsENV", "error"),
        (f"{base}.exec-work.imagePullPolicy", "error"),
        (f"{base}.other", "warning"),
        ("platforms.vertex", "warning"),
    }


def test_older_spellings_are_the_same_pipeline() -> None:
    old = copy.deepcopy(SPEC)
    work = old["components"]["comp-work"]["inputDefinitions"]["parameters"]
    work["text"] = {"type": "STRING"}
    work["count"] = {"type": 1, "isOptional": True, "literals": [1, 2]}
    old["root"]["dag"]["tasks"]["second"]["inputs"]["parameters"]["count"] = {
        "runtimeValue": {"constantValue": {"intValue": "2"}}
    }
    new = copy.deepcopy(SPEC)
    resources = {"resourceCpuLimit": "0.5", "resourceMemoryLimit": "1.5G"}
    accelerator = {"resourceType": "nvidia.com/gpu", "resourceCount": "1"}
    new["deploymentSpec"]["executors"]["exec-work"]["container"]["resources"] = {
        **resources,
        "accelerator": accelerator,
    }
    old["deploymentSpec"]["executors"]["exec-work"]["container"]["resources"] = {
        "cpuLimit": 0.5,
        "memoryLimit": 1.5,
        "accelerator": {"type": "nvidia.com/gpu", "count": "1"},
    }
    assert parse_document(Document(old)) == parse_document(Document(new))


@pytest.mark.parametrize("name", ["train", "a", "0-x", "a" * 128])
def test_names_of_stored_pipelines(name: str) -> None:
    assert pipeline_name_fault(name) is None


@pytest.mark.parametrize("name", ["", "Train", "-a", "a_b", "a b", "a" * 129, "a\n", "é"])
def test_names_that_no_stored_pipeline_has(name: str) -> None:
    assert "lowercase alphanumeric" in str(pipeline_name_fault(name))
