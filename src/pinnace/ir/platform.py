"""Platform configuration (``platforms.kubernetes``): per executor, and for the whole pipeline."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pinnace.domain.values import JsonValue


@dataclass(frozen=True, slots=True)
class KubernetesConfig:
    """``KubernetesExecutorConfig`` of one executor. ``raw`` keeps the validated document for what has no field here.

    Attributes:
        active_deadline_seconds: The task fails after that time; 0 for none.
        labels: Pod labels.
        annotations: Pod annotations.
        raw: The whole configuration in proto-JSON form.
    """

    active_deadline_seconds: int = 0
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    raw: Mapping[str, JsonValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PipelineConfig:
    """``pipelineConfig``: settings of a whole run. Seconds; 0 for none.

    ``workspace_size`` is a Kubernetes quantity; "" when the pipeline has no workspace.
    """

    active_deadline_seconds: int = 0
    ttl_seconds: int = 0
    ttl_on_success_seconds: int = 0
    ttl_on_failure_seconds: int = 0
    workspace_size: str = ""
    raw: Mapping[str, JsonValue] = field(default_factory=dict)
