"""A document without faults, and what is said when one thing in it is changed."""

import copy
from typing import Any

from pinnace.ir.diagnostics import Severity
from pinnace.ir.document import Document
from pinnace.ir.parse import inspect_document

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
