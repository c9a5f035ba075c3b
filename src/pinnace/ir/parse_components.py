"""Components: their interfaces, and the link to what they run."""

from collections.abc import Mapping

from pinnace.ir.diagnostics import Diagnostics, at, suggestion
from pinnace.ir.model import (
    ArtifactSpec,
    Component,
    Container,
    Dag,
    Implementation,
    Importer,
    InputsSpec,
    OutputsSpec,
    ParameterSpec,
    ParameterType,
    Passthrough,
)
from pinnace.ir.parse_dag import parse_dag
from pinnace.ir.parse_deployment import artifact_type, properties
from pinnace.ir.platform import KubernetesConfig
from pinnace.ir.protojson import Message

_OLD_TYPES = {"INT": ParameterType.INTEGER, "DOUBLE": ParameterType.DOUBLE, "STRING": ParameterType.STRING}


def parse_component(
    name: str,
    path: str,
    message: Message,
    executors: Mapping[str, Container | Importer],
    platform: Mapping[str, KubernetesConfig],
    diagnostics: Diagnostics,
) -> Component:
    """One entry of ``components``, or ``root``.

    A component whose implementation is faulty gets an empty one; its interface stays, so that its users can be checked.
    """
    inputs = message.get("inputDefinitions", {})
    outputs = message.get("outputDefinitions", {})
    if message.get("singlePlatformSpecs"):
        diagnostics.warning(
            at(path, "singlePlatformSpecs"), "Platform settings inside a component have no effect, as in KFP."
        )
    label = message.get("executorLabel", "")
    return Component(
        name=name,
        implementation=_implementation(path, message, executors, diagnostics),
        inputs=InputsSpec(
            {
                key: _input_parameter(raw, at(at(path, "inputDefinitions", "parameters"), key), diagnostics)
                for key, raw in inputs.get("parameters", {}).items()
            },
            {key: _input_artifact(raw) for key, raw in inputs.get("artifacts", {}).items()},
        ),
        outputs=OutputsSpec(
            {
                key: _parameter_type(raw, at(at(path, "outputDefinitions", "parameters"), key), diagnostics)
                for key, raw in outputs.get("parameters", {}).items()
            },
            {key: _output_artifact(raw) for key, raw in outputs.get("artifacts", {}).items()},
        ),
        executor_label=label,
        kubernetes=platform.get(label) if label else None,
        passthroughs=tuple(
            Passthrough(raw.get("field", "NONE"), raw.get("applyToTask", False))
            for raw in message.get("taskConfigPassthroughs", [])
        ),
    )


def _implementation(
    path: str, message: Message, executors: Mapping[str, Container | Importer], diagnostics: Diagnostics
) -> Implementation:
    if "dag" in message:
        return parse_dag(message["dag"], at(path, "dag"), diagnostics)
    if "executorLabel" not in message:
        diagnostics.error(
            path, "The component says nothing of what to run. Give it a dag or an executorLabel.", "missing"
        )
        return Dag({})
    label = message["executorLabel"]
    if label not in executors:
        diagnostics.error(
            at(path, "executorLabel"),
            f'There is no executor "{label[:80]}" in deploymentSpec.executors.{suggestion(label, executors)}',
            "unknown-executor",
        )
        return Container("")
    return executors[label]


def _parameter_type(message: Message, path: str, diagnostics: Diagnostics) -> ParameterType:
    name = message.get("parameterType", "PARAMETER_TYPE_ENUM_UNSPECIFIED")
    if name != "PARAMETER_TYPE_ENUM_UNSPECIFIED":
        return ParameterType(name)
    old = _OLD_TYPES.get(message.get("type", ""))
    if old is None:
        diagnostics.error(path, "The parameter has no type. Set parameterType.", "missing")
    return old or ParameterType.STRING


def _input_parameter(message: Message, path: str, diagnostics: Diagnostics) -> ParameterSpec:
    return ParameterSpec(
        type=_parameter_type(message, path, diagnostics),
        optional=message.get("isOptional", False),
        has_default="defaultValue" in message,
        default=message.get("defaultValue"),
        literals=tuple(message.get("literals", [])),
        description=message.get("description", ""),
    )


def _input_artifact(message: Message) -> ArtifactSpec:
    return ArtifactSpec(
        type=artifact_type(message.get("artifactType", {})),
        is_list=message.get("isArtifactList", False),
        optional=message.get("isOptional", False),
        description=message.get("description", ""),
    )


def _output_artifact(message: Message) -> ArtifactSpec:
    return ArtifactSpec(
        type=artifact_type(message.get("artifactType", {})),
        is_list=message.get("isArtifactList", False),
        metadata={
            **properties(message.get("properties", {})),
            **properties(message.get("customProperties", {})),
            **message.get("metadata", {}),
        },
        description=message.get("description", ""),
    )
