"""Faults that concern more than one place: names, cycles, platform settings, older spellings."""

import copy
from typing import Any

import pytest
from tests.unit.ir.sound_pipeline import DATA, SPEC, TASKS, TEXT, broken, faults

from pinnace.errors import InvalidPipeline
from pinnace.ir.document import Document
from pinnace.ir.parse import inspect_document, parse_document
from pinnace.ir.validate_names import pipeline_name_fault


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
