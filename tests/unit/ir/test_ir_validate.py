"""Broken pipelines: each with the path of its fault, all faults of a file at once."""

from typing import Any

import pytest
from tests.unit.ir.sound_pipeline import SPEC, TASKS, broken, faults


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
