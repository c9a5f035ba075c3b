"""The official library as the judge of what is a pipeline: what it takes we take, what it refuses we refuse."""

import copy
from collections.abc import Iterator
from typing import Any

import yaml
from google.protobuf import json_format
from kfp.pipeline_spec import pipeline_spec_pb2 as pb

from pinnace.ir.diagnostics import Diagnostics
from pinnace.ir.document import load_document
from pinnace.ir.model import Component, Constant, Container, Dag, Pipeline
from pinnace.ir.parse import inspect_document, parse_document
from pinnace.ir.protojson import read_message

_FREE = ("constant", "defaultValue", "metadata", "literals", "pvcSpecPatch", "config")
_NUMBERS_AND_ENUMS = ("parameterType", "strategy", "cpuLimit", "cpuRequest", "memoryRequest", "backoffFactor")
_LEAVES: list[Any] = [True, 3, 1.5, "x", "7", [], {}, [1], {"a": 1}, None]


def official(spec: Any) -> pb.PipelineSpec:
    message = json_format.ParseDict(spec, pb.PipelineSpec())
    deployment = spec.get("deploymentSpec") or {}
    json_format.ParseDict(deployment, pb.PipelineDeploymentConfig())
    return message


def is_taken(spec: Any) -> bool:
    diagnostics = Diagnostics()
    read_message("PipelineSpec", spec, "", diagnostics)
    return not diagnostics.errors


def is_officially_taken(spec: Any) -> bool:
    try:
        official(spec)
    except json_format.ParseError:
        return False
    return True


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Paths of all values whose form the schema prescribes."""
    if path:
        yield path
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        if key not in _FREE:
            yield from places(child, (*path, key))


def changed(spec: Any, path: tuple[Any, ...], value: Any) -> Any:
    result = copy.deepcopy(spec)
    target = result
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = value
    return result


def test_same_values(package: bytes) -> None:
    document = load_document(package)
    message = official(document.spec)
    pipeline = parse_document(document)
    assert pipeline.name == message.pipeline_info.name
    assert pipeline.display_name == message.pipeline_info.display_name
    assert pipeline.components.keys() == set(message.components)
    same_component(pipeline.root, message.root)
    for name, component in pipeline.components.items():
        same_component(component, message.components[name])
    same_executors(pipeline, document.spec)


def same_component(component: Component, message: pb.ComponentSpec) -> None:
    inputs = message.input_definitions
    assert component.inputs.parameters.keys() == set(inputs.parameters)
    for name, spec in component.inputs.parameters.items():
        given = inputs.parameters[name]
        assert spec.type == pb.ParameterType.ParameterTypeEnum.Name(given.parameter_type)
        assert spec.optional == given.is_optional
        assert spec.has_default == given.HasField("default_value")
        assert spec.default == json_format.MessageToDict(given.default_value) if spec.has_default else True
    assert component.inputs.artifacts.keys() == set(inputs.artifacts)
    for name, artifact in component.inputs.artifacts.items():
        assert artifact.type.schema_title == inputs.artifacts[name].artifact_type.schema_title
        assert artifact.is_list == inputs.artifacts[name].is_artifact_list
    assert component.outputs.artifacts.keys() == set(message.output_definitions.artifacts)
    assert component.outputs.parameters.keys() == set(message.output_definitions.parameters)
    if isinstance(component.implementation, Dag):
        same_dag(component.implementation, message.dag)
    else:
        assert component.executor_label == message.executor_label


def same_dag(dag: Dag, message: pb.DagSpec) -> None:
    assert dag.tasks.keys() == set(message.tasks)
    for key, task in dag.tasks.items():
        given = message.tasks[key]
        assert task.component == given.component_ref.name
        assert task.display_name == given.task_info.name
        assert list(task.depends_on) == list(given.dependent_tasks)
        assert task.condition == given.trigger_policy.condition
        assert (task.strategy == "ALL_UPSTREAM_TASKS_COMPLETED") == (given.trigger_policy.strategy == 2)
        assert (task.iterator is not None) == (given.WhichOneof("iterator") is not None)
        assert (task.retry is not None) == given.HasField("retry_policy")
        if task.retry:
            assert task.retry.max_retries == given.retry_policy.max_retry_count
            assert task.retry.backoff_seconds == given.retry_policy.backoff_duration.seconds
            assert task.retry.factor == given.retry_policy.backoff_factor
            assert task.retry.max_seconds == given.retry_policy.backoff_max_duration.seconds
        assert (task.caching is not None and task.caching.enabled) == given.caching_options.enable_cache
        assert (task.caching.key if task.caching else "") == given.caching_options.cache_key
        assert task.inputs.artifacts.keys() == set(given.inputs.artifacts)
        assert task.inputs.parameters.keys() == set(given.inputs.parameters)
        for name, binding in task.inputs.parameters.items():
            parameter = given.inputs.parameters[name]
            assert binding.selector == parameter.parameter_expression_selector
            if isinstance(binding.source, Constant):
                assert binding.source.value == json_format.MessageToDict(parameter.runtime_value.constant)


def same_executors(pipeline: Pipeline, spec: Any) -> None:
    deployment = json_format.ParseDict(spec["deploymentSpec"], pb.PipelineDeploymentConfig())
    containers = [item for item in pipeline.components.values() if isinstance(item.implementation, Container)]
    assert (
        containers
        or any(item.HasField("importer") for item in deployment.executors.values())
        or len(pipeline.components)
    )
    for component in containers:
        given = deployment.executors[component.executor_label].container
        container = component.implementation
        assert isinstance(container, Container)
        assert container.image == given.image
        assert list(container.command) == list(given.command)
        assert list(container.args) == list(given.args)
        assert container.env == {item.name: item.value for item in given.env}


def test_same_verdict_on_unknown_fields(package: bytes) -> None:
    spec: Any = yaml.safe_load(package.split(b"\n---\n")[0])
    for path in [(), *places(spec)]:
        target = spec
        for key in path:
            target = target[key]
        if isinstance(target, dict):
            broken = changed(spec, (*path, "surplus"), 1)
            assert is_taken(broken) == is_officially_taken(broken), path


def test_same_verdict_on_values_of_other_kinds(compiled: Any) -> None:
    for name in ("nested", "containers", "artifact_loop"):
        spec: Any = yaml.safe_load(compiled(name).split(b"\n---\n")[0])
        seen: set[Any] = set()
        for path in places(spec):
            if path[-1] in seen:
                continue
            seen.add(path[-1])
            for leaf in _LEAVES:
                broken = changed(spec, path, leaf)
                if not is_slip(path, leaf):
                    assert is_taken(broken) == is_officially_taken(broken), (path, leaf)
                else:
                    assert is_officially_taken(broken) or not is_taken(broken), (path, leaf)


def is_slip(path: tuple[Any, ...], leaf: Any) -> bool:
    """Where the Python library takes what the JSON mapping forbids, and Go's library refuses it."""
    return leaf == [] or (path[-1] in _NUMBERS_AND_ENUMS and leaf in (True, 1.5, "7"))


def test_both_spellings_of_fields(package: bytes) -> None:
    document = load_document(package)
    snake = json_format.MessageToDict(official(document.spec), preserving_proto_field_name=True)
    snake["deployment_spec"] = document.spec["deploymentSpec"]
    inspected = inspect_document(type(document)(snake, document.platform))
    assert inspected.pipeline == parse_document(document)
