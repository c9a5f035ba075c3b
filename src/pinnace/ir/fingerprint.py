"""Cache keys: what makes two executions of a component the same."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Final

from pinnace.domain.artifacts import Artifact
from pinnace.domain.values import JsonObject, JsonValue
from pinnace.ir.executor_io import type_json
from pinnace.ir.model import Component, Container
from pinnace.ir.parameters import integral_numbers

ENVIRONMENT: Final = "environment"

_CREDENTIALS: Final = re.compile(r"(?<=://)[^/@\s\"']+@")


def fingerprint(
    component: Component,
    parameters: Mapping[str, JsonValue],
    artifacts: Mapping[str, Sequence[Artifact]],
    environment: str = "",
    cache_key: str = "",
) -> tuple[str, dict[str, str]]:
    """The cache key of an execution (SHA-256, hex) and the digests of its parts by name.

    The environment's digest is followed by a space and the environment itself.

    Not among the parts, as upstream: the names of component and task, resources, and the retry policy. Upstream knows
    input artifacts by their record; here it is their content where that is known (``design.md``, Caching).

    Args:
        component: Its interface and container, placeholders unresolved.
        parameters: Resolved input parameters.
        artifacts: Input artifacts.
        environment: What the code runs in: interpreter and resolved packages, opaque.
        cache_key: ``cachingOptions.cacheKey``; when set, only the component's name and this key count.
    """
    parts = {name: digest_of(value) for name, value in part_values(component, parameters, artifacts, cache_key).items()}
    if cache_key:
        return hashlib.sha256(f"{component.name}\0{cache_key}".encode()).hexdigest(), parts
    parts[ENVIRONMENT] = digest_of(environment)
    # What it was is known here alone: the server's Python may be another when somebody asks.
    shown = {**parts, ENVIRONMENT: f"{parts[ENVIRONMENT]} {without_credentials(environment)}"}
    return digest_of(parts), shown


def part_values(
    component: Component,
    parameters: Mapping[str, JsonValue],
    artifacts: Mapping[str, Sequence[Artifact]],
    cache_key: str = "",
) -> dict[str, JsonValue]:
    """What the parts of a fingerprint are made of, by name, but for the environment."""
    if cache_key:
        return {"component": component.name, "cacheKey": cache_key}
    container = component.implementation if isinstance(component.implementation, Container) else Container("")
    values: dict[str, JsonValue] = {
        "interface": _interface(component),
        "image": container.image,
        "command": [list(container.command), list(container.args)],
        "env": dict(container.env),
        "outputs": _outputs(component),
    }
    for name, value in parameters.items():
        values[f"parameter:{name}"] = integral_numbers(value)
    for name, items in artifacts.items():
        values[f"artifact:{name}"] = [identity(item) for item in items]
    return values


def digest_of(value: object) -> str:
    """SHA-256 of a JSON value, whatever the order of its keys."""
    return hashlib.sha256(_canonical(value).encode()).hexdigest()


def without_credentials(text: str) -> str:
    """The text without the user names and passwords of its URLs."""
    return _CREDENTIALS.sub("", text)


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


_canonical: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode
