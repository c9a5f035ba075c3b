"""The pipeline as the engine reads it: KFP's PipelineSpec (``schemaVersion`` 2.1.0) as frozen dataclasses.

Field by field this follows ``api/v2alpha1/pipeline_spec.proto``; names are shortened where the proto repeats itself.
Mappings are read-only by convention and keep the order of the document.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from pinnace.domain.artifacts import ArtifactType
from pinnace.domain.values import JsonValue
from pinnace.ir.platform import KubernetesConfig, PipelineConfig


class ParameterType(StrEnum):
    """Type of a parameter, as the IR spells it."""

    DOUBLE = "NUMBER_DOUBLE"
    INTEGER = "NUMBER_INTEGER"
    STRING = "STRING"
    BOOLEAN = "BOOLEAN"
    LIST = "LIST"
    STRUCT = "STRUCT"
    FINAL_STATUS = "TASK_FINAL_STATUS"
    TASK_CONFIG = "TASK_CONFIG"


@dataclass(frozen=True, slots=True)
class ParameterSpec:
    """An input parameter. ``has_default`` tells a default of null from none."""

    type: ParameterType
    optional: bool = False
    has_default: bool = False
    default: JsonValue = None
    literals: tuple[JsonValue, ...] = ()
    description: str = ""


@dataclass(frozen=True, slots=True)
class ArtifactSpec:
    """An input or output artifact."""

    type: ArtifactType
    is_list: bool = False
    optional: bool = False
    metadata: Mapping[str, JsonValue] = field(default_factory=dict)
    description: str = ""


@dataclass(frozen=True, slots=True)
class InputsSpec:
    """What a component takes."""

    parameters: Mapping[str, ParameterSpec] = field(default_factory=dict)
    artifacts: Mapping[str, ArtifactSpec] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OutputsSpec:
    """What a component gives."""

    parameters: Mapping[str, ParameterType] = field(default_factory=dict)
    artifacts: Mapping[str, ArtifactSpec] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Constant:
    """A value written into the document; placeholders may stand in it."""

    value: JsonValue


@dataclass(frozen=True, slots=True)
class ComponentInput:
    """An input of the enclosing DAG."""

    name: str


@dataclass(frozen=True, slots=True)
class TaskOutput:
    """An output of another task of the same DAG."""

    task: str
    key: str


@dataclass(frozen=True, slots=True)
class FinalStatus:
    """The final status of another task of the same DAG (``PipelineTaskFinalStatus``)."""

    task: str


ParameterSource: TypeAlias = Constant | ComponentInput | TaskOutput | FinalStatus
ArtifactSource: TypeAlias = ComponentInput | TaskOutput


@dataclass(frozen=True, slots=True)
class ParameterBinding:
    """Where a task's parameter comes from, and the expression that picks a part of it ("" for all)."""

    source: ParameterSource
    selector: str = ""


@dataclass(frozen=True, slots=True)
class TaskInputs:
    """What a task's inputs are bound to."""

    parameters: Mapping[str, ParameterBinding] = field(default_factory=dict)
    artifacts: Mapping[str, ArtifactSource] = field(default_factory=dict)


class TriggerStrategy(StrEnum):
    """What must have become of the tasks that a task depends on."""

    SUCCEEDED = "ALL_UPSTREAM_TASKS_SUCCEEDED"
    COMPLETED = "ALL_UPSTREAM_TASKS_COMPLETED"


@dataclass(frozen=True, slots=True)
class RawItems:
    """Loop items written into the document."""

    values: tuple[JsonValue, ...]


@dataclass(frozen=True, slots=True)
class ItemsInput:
    """Loop items that arrive as an input of the task: a list, a string with a JSON list, or a list of artifacts."""

    name: str


@dataclass(frozen=True, slots=True)
class Iterator:
    """A task that runs once an item.

    Attributes:
        items: The items; the input that holds them is not seen by the iterations.
        item_input: The component's input that receives the item.
        over_artifacts: Whether the items are artifacts.
        parallelism: How many iterations may run at a time; 0 for any number.
    """

    items: RawItems | ItemsInput
    item_input: str
    over_artifacts: bool = False
    parallelism: int = 0


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and when a failed task is tried again. Seconds.

    ``max_seconds`` bounds the whole time from the start of the first attempt to the start of the last.
    """

    max_retries: int
    backoff_seconds: float = 0.0
    factor: float = 2.0
    max_seconds: float = 3600.0


@dataclass(frozen=True, slots=True)
class Caching:
    """``cachingOptions`` of a task. Where the document has none, the task has ``None`` instead of this."""

    enabled: bool
    key: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """A task of a DAG. ``depends_on`` holds only what the document lists; the plan adds producers of inputs."""

    key: str
    component: str
    display_name: str = ""
    inputs: TaskInputs = TaskInputs()
    depends_on: tuple[str, ...] = ()
    condition: str = ""
    strategy: TriggerStrategy = TriggerStrategy.SUCCEEDED
    iterator: Iterator | None = None
    caching: Caching | None = None
    retry: RetryPolicy | None = None


@dataclass(frozen=True, slots=True)
class Dag:
    """A graph of tasks. An output with several selectors takes the first whose task succeeded (``OneOf``)."""

    tasks: Mapping[str, Task]
    output_parameters: Mapping[str, tuple[TaskOutput, ...]] = field(default_factory=dict)
    output_artifacts: Mapping[str, tuple[TaskOutput, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Resources:
    """Resources of a container, unresolved: Kubernetes quantities or placeholders; "" where not given."""

    cpu_request: str = ""
    cpu_limit: str = ""
    memory_request: str = ""
    memory_limit: str = ""
    accelerator_type: str = ""
    accelerator_count: str = ""


@dataclass(frozen=True, slots=True)
class Container:
    """A command in an image. Command, args, image and resources may hold placeholders."""

    image: str
    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    resources: Resources = Resources()


@dataclass(frozen=True, slots=True)
class Importer:
    """A task that takes an existing file into the run as an artifact.

    ``uri`` is a constant (placeholders allowed) unless ``uri_input`` names the input that holds it.
    """

    type: ArtifactType
    uri: str = ""
    uri_input: str = ""
    metadata: Mapping[str, JsonValue] = field(default_factory=dict)
    reimport: bool = False
    download_to_workspace: bool = False


@dataclass(frozen=True, slots=True)
class Passthrough:
    """A part of the task's configuration that the component wants to see (``dsl.TaskConfig``)."""

    field: str
    apply_to_task: bool = False


Implementation: TypeAlias = Dag | Container | Importer


@dataclass(frozen=True, slots=True)
class Component:
    """A component: its interface and what it does.

    Attributes:
        name: Key in ``components``; ``root`` for the pipeline itself.
        executor_label: Key in ``deploymentSpec.executors``; "" for a DAG.
        kubernetes: The platform configuration of that executor, or None.
    """

    name: str
    implementation: Implementation
    inputs: InputsSpec = InputsSpec()
    outputs: OutputsSpec = OutputsSpec()
    executor_label: str = ""
    kubernetes: KubernetesConfig | None = None
    passthroughs: tuple[Passthrough, ...] = ()


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A whole pipeline with its platform configuration."""

    name: str
    root: Component
    components: Mapping[str, Component]
    display_name: str = ""
    description: str = ""
    sdk_version: str = ""
    schema_version: str = "2.1.0"
    default_root: str = ""
    config: PipelineConfig = field(default_factory=PipelineConfig)
