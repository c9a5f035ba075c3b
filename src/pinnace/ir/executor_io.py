"""ExecutorInput and ExecutorOutput: the documents that a task is given and leaves behind."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pinnace.domain.artifacts import Artifact, ArtifactType
from pinnace.domain.values import JsonObject, JsonValue
from pinnace.errors import InvalidInput
from pinnace.ir.parameters import integral_numbers

_OUTPUT_FIELDS: Final = frozenset({"parameterValues", "parameter_values", "parameters", "artifacts"})
_ARTIFACT_FIELDS: Final = frozenset(
    {
        "name",
        "type",
        "uri",
        "metadata",
        "customPath",
        "custom_path",
        "properties",
        "customProperties",
        "custom_properties",
    }
)
_OLD_VALUES: Final = ("intValue", "doubleValue", "stringValue", "int_value", "double_value", "string_value")


class ExecutorOutputError(InvalidInput):
    """The file in which a task reports its outputs is not of the form that KFP prescribes."""


@dataclass(frozen=True, slots=True)
class InputArtifact:
    """An artifact that a task is given.

    ``uri``, where set, stands in the document instead of the artifact's own: the path to a local copy. The SDK reads
    nothing but the URI of an input, so that a copy elsewhere must be named by it. ``custom_path`` is for placeholders.
    """

    artifact: Artifact
    uri: str = ""
    custom_path: str = ""


@dataclass(frozen=True, slots=True)
class OutputArtifact:
    """An artifact that a task is to make."""

    type: ArtifactType
    uri: str
    metadata: Mapping[str, JsonValue] = field(default_factory=dict)
    custom_path: str = ""


@dataclass(frozen=True, slots=True)
class ReportedArtifact:
    """What a task says of an artifact that it made; "" and {} where it says nothing."""

    name: str = ""
    uri: str = ""
    metadata: Mapping[str, JsonValue] = field(default_factory=dict)
    custom_path: str = ""


@dataclass(frozen=True, slots=True)
class ExecutorOutput:
    """What a task reports of its outputs. Values are not checked against the component's interface here."""

    parameters: Mapping[str, JsonValue] = field(default_factory=dict)
    artifacts: Mapping[str, tuple[ReportedArtifact, ...]] = field(default_factory=dict)


def executor_input(
    parameters: Mapping[str, JsonValue],
    artifacts: Mapping[str, Sequence[InputArtifact]],
    output_parameters: Mapping[str, str],
    output_artifacts: Mapping[str, OutputArtifact],
    output_file: str,
) -> JsonObject:
    """The ``ExecutorInput`` of a task, in proto-JSON.

    Args:
        parameters: Resolved values; what has no value is not among them.
        artifacts: Input artifacts; a list keeps its order.
        output_parameters: For each output parameter the file that the task writes it to.
        output_artifacts: For each output artifact its place.
        output_file: Where the task writes its ``ExecutorOutput``.
    """
    inputs: JsonObject = {}
    if parameters:
        inputs["parameterValues"] = {name: integral_numbers(value) for name, value in parameters.items()}
    if artifacts:
        inputs["artifacts"] = {
            name: {"artifacts": [_input_artifact(item) for item in items]} for name, items in artifacts.items()
        }
    outputs: JsonObject = {"outputFile": output_file}
    if output_parameters:
        outputs["parameters"] = {name: {"outputFile": path} for name, path in output_parameters.items()}
    if output_artifacts:
        outputs["artifacts"] = {
            name: {"artifacts": [_artifact(name, item.type, item.uri, item.metadata, item.custom_path)]}
            for name, item in output_artifacts.items()
        }
    return {"inputs": inputs, "outputs": outputs}


def type_json(artifact_type: ArtifactType) -> JsonObject:
    """An ``ArtifactTypeSchema`` in proto-JSON."""
    if artifact_type.instance_schema:
        schema: JsonObject = {"instanceSchema": artifact_type.instance_schema}
    else:
        schema = {"schemaTitle": artifact_type.schema_title}
    return schema | ({"schemaVersion": artifact_type.schema_version} if artifact_type.schema_version else {})


def _input_artifact(item: InputArtifact) -> JsonObject:
    artifact = item.artifact
    return _artifact(artifact.name, artifact.type, item.uri or artifact.uri, artifact.metadata, item.custom_path)


def _artifact(
    name: str, artifact_type: ArtifactType, uri: str, metadata: Mapping[str, JsonValue], custom_path: str
) -> JsonObject:
    document: JsonObject = {
        "name": name,
        "type": type_json(artifact_type),
        "uri": uri,
        "metadata": integral_numbers(dict(metadata)),
    }
    if custom_path:
        document["customPath"] = custom_path
    return document


def parse_executor_output(document: JsonValue) -> ExecutorOutput:
    """Read an ``ExecutorOutput``.

    Numbers that JSON has no form for (a loss that became NaN) are kept as text in metadata, as proto-JSON spells them.

    Raises:
        ExecutorOutputError: A field is unknown or of the wrong kind, or an output parameter is not a number of JSON's.
    """
    top = _object(document, "The document")
    for key in top.keys() - _OUTPUT_FIELDS:
        raise ExecutorOutputError(f'The executor output has an unknown field "{key}".')
    parameters: dict[str, JsonValue] = {}
    for name, old in _object(top.get("parameters"), "parameters").items():
        parameters[name] = _old_value(name, old)
    for key in ("parameter_values", "parameterValues"):
        for name, value in _object(top.get(key), key).items():
            parameters[name] = _finite_value(name, value)
    artifacts: dict[str, tuple[ReportedArtifact, ...]] = {}
    for name, entry in _object(top.get("artifacts"), "artifacts").items():
        entries = _object(entry, f"artifacts.{name}")
        for key in entries.keys() - {"artifacts"}:
            raise ExecutorOutputError(f'The executor output has an unknown field "{key}" in artifacts.{name}.')
        items = entries.get("artifacts")
        items = [] if items is None else items
        if not isinstance(items, list):
            raise ExecutorOutputError(
                f"The executor output has something else than a list in artifacts.{name}.artifacts."
            )
        artifacts[name] = tuple(
            _reported(item, f"artifacts.{name}.artifacts[{index}]") for index, item in enumerate(items)
        )
    return ExecutorOutput(parameters, artifacts)


def _reported(item: JsonValue, path: str) -> ReportedArtifact:
    artifact = _object(item, path)
    for key in artifact.keys() - _ARTIFACT_FIELDS:
        raise ExecutorOutputError(f'The executor output has an unknown field "{key}" in {path}.')
    metadata = _object(artifact.get("metadata"), f"{path}.metadata")
    return ReportedArtifact(
        name=_text(artifact.get("name"), f"{path}.name"),
        uri=_text(artifact.get("uri"), f"{path}.uri"),
        metadata={key: _spelled_out(value) for key, value in metadata.items()},
        custom_path=_text(artifact.get("customPath") or artifact.get("custom_path"), f"{path}.customPath"),
    )


def _object(value: JsonValue, path: str) -> JsonObject:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ExecutorOutputError(f"The executor output has something else than a mapping in {path}.")
    return value


def _text(value: JsonValue, path: str) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ExecutorOutputError(f"The executor output has something else than text in {path}.")
    return value


def _old_value(name: str, value: JsonValue) -> JsonValue:
    fields = _object(value, f"parameters.{name}")
    for key, item in fields.items():
        if key not in _OLD_VALUES:
            raise ExecutorOutputError(f'The executor output has an unknown field "{key}" in parameters.{name}.')
        if key in {"intValue", "int_value"} and isinstance(item, str):
            try:
                return int(item)
            except ValueError as error:
                raise ExecutorOutputError(f"The executor output has no whole number in parameters.{name}.") from error
        return _finite_value(name, item)
    return None


def _finite_value(name: str, value: JsonValue) -> JsonValue:
    if not _is_finite(value):
        raise ExecutorOutputError(
            f'The output parameter "{name}" is or holds NaN or an infinity, which JSON cannot hold.'
        )
    return integral_numbers(value)


def _is_finite(value: JsonValue) -> bool:
    match value:
        case float():
            return math.isfinite(value)
        case list():
            return all(map(_is_finite, value))
        case dict():
            return all(map(_is_finite, value.values()))
        case _:
            return True


def _spelled_out(value: JsonValue) -> JsonValue:
    match value:
        case float() if math.isnan(value):
            return "NaN"
        case float() if math.isinf(value):
            return "Infinity" if value > 0 else "-Infinity"
        case list():
            return [_spelled_out(item) for item in value]
        case dict():
            return {key: _spelled_out(item) for key, item in value.items()}
        case _:
            return integral_numbers(value)
