"""The platform document: settings for Kubernetes, per executor and for the whole pipeline."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from pinnace.domain.values import JsonObject, JsonValue
from pinnace.ir.diagnostics import Diagnostics, at
from pinnace.ir.platform import KubernetesConfig, PipelineConfig
from pinnace.ir.protojson import Message, read_message

_KUBERNETES: Final = "kubernetes"
_PULL_POLICIES: Final = ("", "Always", "IfNotPresent", "Never")


@dataclass(frozen=True, slots=True)
class Platform:
    """What a platform document says about Kubernetes. ``executors`` is keyed by executor label."""

    executors: Mapping[str, KubernetesConfig] = field(default_factory=dict)
    config: PipelineConfig = field(default_factory=PipelineConfig)


def parse_platform(document: JsonObject | None, diagnostics: Diagnostics) -> Platform:
    """Read a platform document, None for none. Platforms other than Kubernetes get a warning."""
    if document is None:
        return Platform()
    platforms = read_message("PlatformSpec", document, "", diagnostics).get("platforms", {})
    for name in platforms:
        if name != _KUBERNETES:
            diagnostics.warning(at("platforms", name), "Only settings for kubernetes are used; these have no effect.")
    path = at("platforms", _KUBERNETES)
    spec = platforms.get(_KUBERNETES, {})
    executors = {
        label: _executor(raw, at(at(path, "deploymentSpec", "executors"), label), diagnostics)
        for label, raw in spec.get("deploymentSpec", {}).get("executors", {}).items()
    }
    config = _pipeline_config(spec.get("pipelineConfig", {}), at(path, "pipelineConfig"), diagnostics)
    return Platform(executors, config)


def _executor(raw: JsonValue, path: str, diagnostics: Diagnostics) -> KubernetesConfig:
    message = read_message("KubernetesExecutorConfig", raw, path, diagnostics)
    pod = message.get("podMetadata", {})
    policy = message.get("imagePullPolicy", "")
    if policy not in _PULL_POLICIES:
        diagnostics.error(
            at(path, "imagePullPolicy"), f'"{policy}" is no pull policy. Use Always, Never or IfNotPresent.', "value"
        )
    return KubernetesConfig(
        active_deadline_seconds=_seconds(message, "activeDeadlineSeconds", path, diagnostics),
        labels=pod.get("labels", {}),
        annotations=pod.get("annotations", {}),
        raw=message,
    )


def _pipeline_config(message: Message, path: str, diagnostics: Diagnostics) -> PipelineConfig:
    return PipelineConfig(
        active_deadline_seconds=_seconds(message, "activeDeadlineSeconds", path, diagnostics),
        ttl_seconds=_seconds(message, "resourceTtlOnCompletion", path, diagnostics),
        ttl_on_success_seconds=_seconds(message, "resourceTtlOnSuccess", path, diagnostics),
        ttl_on_failure_seconds=_seconds(message, "resourceTtlOnFailure", path, diagnostics),
        workspace_size=message.get("workspace", {}).get("size", ""),
        raw=message,
    )


def _seconds(message: Message, field: str, path: str, diagnostics: Diagnostics) -> int:
    value: int = message.get(field, 0)
    if value < 0:
        diagnostics.error(at(path, field), "The number of seconds is negative. Set 0 for no limit.", "value")
    return max(value, 0)
