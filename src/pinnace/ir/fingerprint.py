"""Cache keys: what makes two executions of a component the same."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Final

from pinnace.domain.artifacts import Artifact
from pinnace.domain.values import JsonObject, JsonValue
from pinnace.ir.executor_io import type_json
from pinnace.ir.model import Component, Container
from pinnace.ir.parameters import integral_numbers


def fingerprint(
    component: Component,
    parameters: Mapping[str, JsonValue],
    artifacts: Mapping[str, Sequence[Artifact]],
    environment: str = "",
    cache_key: str = "",
) -> tuple[str, dict[str, str]]:
    """The cache key of an execution (SHA-256, hex) and the digests of its parts by name.

    Not among the parts, as upstream: the names of component and task, resources, and the retry policy. Upstream knows
    input artifacts by their record; here it is their content where that is known (``design.md``, Caching).

    Args:
        component: Its interface and container, placeholders unresolved.
        parameters: Resolved input parameters.
        artifacts: Input artifacts.
        environment: What the code runs in: interpreter and resolved packages, opaque.
        cache_key: ``cachingOptions.cacheKey``; when set, only the component's name and this key count.
    """
    if cache_key:
        parts = {"component": _digest(component.name), "cacheKey": _digest(cache_key)}
        return hashlib.sha256(f"{component.name}\0{cache_key}".encode()).hexdigest(), parts
    container = component.implementation if isinstance(component.implementation, Container) else Container("")
    parts = {
        "interface": _digest(_interface(component)),
        "image": _digest(container.image),
        "command": _digest([list(container.command), list(container.args)]),
        "env": _digest(dict(container.env)),
        "outputs": _digest(_outputs(component)),
        "environment": _digest(environment),
    }
    for name, value in parameters.items():
        parts[f"parameter:{name}"] = _digest(integral_numbers(value))
    for name, items in artifacts.items():
        parts[f"artifact:{name}"] = _digest([identity(item) for item in items])
    return _digest(parts), parts


def identity(artifact: Artifact) -> JsonObject:
    """What makes two artifacts the same input: content (else the record itself), type and metadata."""
    content = {"digest": artifact.digest} if artifact.digest else {"id": artifact.id, "uri": artifact.uri}
    return {**content, "type": type_json(artifact.type), "metadata": integral_numbers(dict(artifact.metadata))}


def _interface(component: Component) -> JsonValue:
    parameters: JsonObject = {
        name: [spec.type, spec.has_default, integral_numbers(spec.default)]
        for name, spec in component.inputs.parameters.items()
    }
    artifacts: JsonObject = {
        name: [type_json(spec.type), spec.is_list] for name, spec in component.inputs.artifacts.items()
    }
    return [parameters, artifacts]


def _outputs(component: Component) -> JsonValue:
    parameters: JsonObject = {name: str(item) for name, item in component.outputs.parameters.items()}
    artifacts: JsonObject = {
        name: [type_json(spec.type), spec.is_list, integral_numbers(dict(spec.metadata))]
        for name, spec in component.outputs.artifacts.items()
    }
    return [parameters, artifacts]


def _digest(value: object) -> str:
    return hashlib.sha256(_canonical(value).encode()).hexdigest()


_canonical: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode
