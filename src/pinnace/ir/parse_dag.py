"""DAGs: their tasks and outputs."""

import json

from pinnace.domain.values import JsonValue
from pinnace.ir.diagnostics import Diagnostics, at
from pinnace.ir.model import (
    ArtifactSource,
    Caching,
    ComponentInput,
    Constant,
    Dag,
    FinalStatus,
    ItemsInput,
    Iterator,
    ParameterBinding,
    ParameterSource,
    RawItems,
    RetryPolicy,
    Task,
    TaskInputs,
    TaskOutput,
    TriggerStrategy,
)
from pinnace.ir.parse_deployment import constant
from pinnace.ir.protojson import Message
from pinnace.ir.yaml_reader import integral


def parse_dag(message: Message, path: str, diagnostics: Diagnostics) -> Dag:
    """A ``DagSpec``. A parameter without a source is null, after its fault is recorded."""
    tasks = {
        key: _task(key, raw, at(at(path, "tasks"), key), diagnostics) for key, raw in message.get("tasks", {}).items()
    }
    outputs = message.get("outputs", {})
    parameters: dict[str, tuple[TaskOutput, ...]] = {}
    for key, raw in outputs.get("parameters", {}).items():
        parameters[key] = tuple(
            TaskOutput(item.get("producerSubtask", ""), item.get("outputParameterKey", "")) for item in _selectors(raw)
        )
        if not parameters[key]:
            diagnostics.error(
                at(at(path, "outputs", "parameters"), key),
                "The output has no source. Set valueFromParameter.",
                "missing",
            )
    artifacts: dict[str, tuple[TaskOutput, ...]] = {}
    for key, raw in outputs.get("artifacts", {}).items():
        artifacts[key] = tuple(
            TaskOutput(item.get("producerSubtask", ""), item.get("outputArtifactKey", ""))
            for item in raw.get("artifactSelectors", [])
        )
        if not artifacts[key]:
            diagnostics.error(
                at(at(path, "outputs", "artifacts"), key), "The output has no source. Set artifactSelectors.", "missing"
            )
    return Dag(tasks, parameters, artifacts)


def _selectors(message: Message) -> list[Message]:
    if "valueFromParameter" in message:
        return [message["valueFromParameter"]]
    selectors: list[Message] = message.get("valueFromOneof", {}).get("parameterSelectors", [])
    return selectors


def _task(key: str, message: Message, path: str, diagnostics: Diagnostics) -> Task:
    policy = message.get("triggerPolicy", {})
    strategy = policy.get("strategy", "")
    component = message.get("componentRef", {}).get("name", "")
    if not component:
        diagnostics.error(at(path, "componentRef", "name"), "The task names no component. Set one.", "missing")
    caching = message.get("cachingOptions")
    return Task(
        key=key,
        component=component,
        display_name=message.get("taskInfo", {}).get("name", ""),
        inputs=_inputs(message.get("inputs", {}), at(path, "inputs"), diagnostics),
        depends_on=tuple(dict.fromkeys(message.get("dependentTasks", []))),
        condition=policy.get("condition", ""),
        strategy=TriggerStrategy.COMPLETED if strategy == TriggerStrategy.COMPLETED else TriggerStrategy.SUCCEEDED,
        iterator=_iterator(message, path, diagnostics),
        caching=None if caching is None else Caching(caching.get("enableCache", False), caching.get("cacheKey", "")),
        retry=_retry(message.get("retryPolicy"), at(path, "retryPolicy"), diagnostics),
    )


def _inputs(message: Message, path: str, diagnostics: Diagnostics) -> TaskInputs:
    parameters: dict[str, ParameterBinding] = {}
    for name, raw in message.get("parameters", {}).items():
        source = _parameter_source(raw, at(at(path, "parameters"), name), diagnostics)
        parameters[name] = ParameterBinding(source or Constant(None), raw.get("parameterExpressionSelector", ""))
    artifacts: dict[str, ArtifactSource] = {}
    for name, raw in message.get("artifacts", {}).items():
        if "taskOutputArtifact" in raw:
            output = raw["taskOutputArtifact"]
            artifacts[name] = TaskOutput(output.get("producerTask", ""), output.get("outputArtifactKey", ""))
        elif "componentInputArtifact" in raw:
            artifacts[name] = ComponentInput(raw["componentInputArtifact"])
        else:
            diagnostics.error(
                at(at(path, "artifacts"), name),
                "The input has no source. Set taskOutputArtifact or componentInputArtifact.",
                "missing",
            )
    return TaskInputs(parameters, artifacts)


def _parameter_source(message: Message, path: str, diagnostics: Diagnostics) -> ParameterSource | None:
    if "runtimeValue" in message:
        value = message["runtimeValue"]
        if "runtimeParameter" in value:
            diagnostics.error(
                at(path, "runtimeValue", "runtimeParameter"),
                "KFP does not resolve runtime parameters here. Use componentInputParameter.",
                "unsupported",
            )
        return Constant(constant(value))
    if "componentInputParameter" in message:
        return ComponentInput(message["componentInputParameter"])
    if "taskOutputParameter" in message:
        output = message["taskOutputParameter"]
        return TaskOutput(output.get("producerTask", ""), output.get("outputParameterKey", ""))
    if "taskFinalStatus" in message:
        return FinalStatus(message["taskFinalStatus"].get("producerTask", ""))
    diagnostics.error(
        path,
        "The input has no source. Set runtimeValue, componentInputParameter or taskOutputParameter.",
        "missing",
    )
    return None


def _iterator(message: Message, path: str, diagnostics: Diagnostics) -> Iterator | None:
    limit = message.get("iteratorPolicy", {}).get("parallelismLimit", 0)
    if limit < 0:
        diagnostics.error(
            at(path, "iteratorPolicy", "parallelismLimit"), "The limit is negative. Set 0 for no limit.", "value"
        )
    if "artifactIterator" in message:
        raw = message["artifactIterator"]
        name = raw.get("items", {}).get("inputArtifact", "")
        return Iterator(ItemsInput(name), raw.get("itemInput", ""), over_artifacts=True, parallelism=max(limit, 0))
    if "parameterIterator" not in message:
        return None
    raw = message["parameterIterator"]
    items = raw.get("items", {})
    source: RawItems | ItemsInput
    if "raw" in items:
        source = RawItems(_raw_items(items["raw"], at(path, "parameterIterator", "items", "raw"), diagnostics))
    else:
        source = ItemsInput(items.get("inputParameter", ""))
    return Iterator(source, raw.get("itemInput", ""), parallelism=max(limit, 0))


def _raw_items(text: str, path: str, diagnostics: Diagnostics) -> tuple[JsonValue, ...]:
    try:
        values = json.loads(text, parse_float=lambda number: integral(float(number)))
    except (ValueError, RecursionError, OverflowError):
        values = None
    if not isinstance(values, list):
        diagnostics.error(path, "The items of a loop must be a JSON list, such as [1, 2, 3].", "value")
        return ()
    return tuple(values)


def _retry(message: Message | None, path: str, diagnostics: Diagnostics) -> RetryPolicy | None:
    if message is None:
        return None
    for field, value in message.items():
        if value < 0:
            diagnostics.error(at(path, field), "The number is negative. Set 0 or more.", "value")
    return RetryPolicy(
        max_retries=message.get("maxRetryCount", 0),
        backoff_seconds=message.get("backoffDuration", 0.0),
        factor=message.get("backoffFactor") or 2.0,
        max_seconds=message.get("backoffMaxDuration") or 3600.0,
    )
