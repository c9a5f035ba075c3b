"""``dsl.TaskConfig``: a task's own configuration, handed to its code instead of, or beside, being applied to it.

The shape is that of upstream's ``TaskConfig`` (``backend/src/v2/driver/driver.go``): pieces of a pod's specification.
"""

from collections.abc import Mapping

from pinnace.domain.values import JsonObject, JsonValue
from pinnace.ir.model import Component, Container, ParameterType
from pinnace.ir.placeholders import resolve_text


def applies_to_task(component: Component, field: str) -> bool:
    """Whether configuration of that kind is applied to the task itself: always, unless it is passed through only."""
    chosen = [passthrough for passthrough in component.passthroughs if passthrough.field == field]
    return all(passthrough.apply_to_task for passthrough in chosen)


def with_task_config(
    component: Component, container: Container, parameters: dict[str, JsonValue]
) -> dict[str, JsonValue]:
    """*parameters* with the inputs of type TASK_CONFIG filled in."""
    names = [name for name, spec in component.inputs.parameters.items() if spec.type is ParameterType.TASK_CONFIG]
    for name in names:
        parameters[name] = _task_config(component, container, parameters)
    return parameters


def _task_config(component: Component, container: Container, parameters: Mapping[str, JsonValue]) -> JsonObject:
    raw = component.kubernetes.raw if component.kubernetes else {}
    selector = raw.get("nodeSelector")
    available: dict[str, tuple[str, JsonValue]] = {
        "ENV": ("env", [{"name": name, "value": value} for name, value in container.env.items()]),
        "RESOURCES": ("resources", _resources(container, parameters)),
        "KUBERNETES_TOLERATIONS": ("tolerations", raw.get("tolerations")),
        "KUBERNETES_NODE_SELECTOR": ("nodeSelector", selector.get("labels") if isinstance(selector, dict) else None),
        "KUBERNETES_AFFINITY": ("affinity", raw.get("nodeAffinity")),
    }
    wanted = {passthrough.field for passthrough in component.passthroughs}
    return {key: value for field, (key, value) in available.items() if field in wanted and value}


def _resources(container: Container, parameters: Mapping[str, JsonValue]) -> JsonValue:
    given = container.resources
    requests = {"cpu": given.cpu_request, "memory": given.memory_request}
    limits = {"cpu": given.cpu_limit, "memory": given.memory_limit}
    if given.accelerator_type and given.accelerator_count:
        limits[resolve_text(given.accelerator_type, parameters)] = given.accelerator_count
    amounts = {"requests": requests, "limits": limits}
    return {
        kind: {name: resolve_text(text, parameters) for name, text in values.items() if text}
        for kind, values in amounts.items()
        if any(values.values())
    }
