"""Executors: the containers and importers that components name by label."""

from collections.abc import Mapping
from typing import Final

from pinnace.domain.artifacts import ArtifactType
from pinnace.domain.values import JsonValue
from pinnace.ir.diagnostics import Diagnostics, at
from pinnace.ir.model import Container, Importer, Resources
from pinnace.ir.protojson import Message

EXECUTORS_PATH: Final = "deploymentSpec.executors"

_REJECTED: Final = {
    "resolver": "Resolvers exist on Vertex AI only. Use an importer, or a component that finds the artifact.",
    "customJob": "Custom jobs exist on Vertex AI only. Use a container component.",
}


def parse_executors(message: Message, diagnostics: Diagnostics) -> dict[str, Container | Importer]:
    """Every executor of a deployment, by label. A faulty one is an empty container, so that its label stays known."""
    return {
        label: _executor(raw, at(EXECUTORS_PATH, label), diagnostics)
        for label, raw in message.get("executors", {}).items()
    }


def artifact_type(message: Message) -> ArtifactType:
    """The type that an ``ArtifactTypeSchema`` names; the general artifact where it names none."""
    version = message.get("schemaVersion", "")
    if "instanceSchema" in message:
        return ArtifactType("", version, message["instanceSchema"])
    title = message.get("schemaTitle") or message.get("schemaUri") or "system.Artifact"
    return ArtifactType(title, version or "0.0.1")


def constant(message: Message) -> JsonValue:
    """The value of a ``ValueOrRuntimeParameter`` in either of its two spellings. None where it has none."""
    if "constant" in message:
        value: JsonValue = message["constant"]
        return value
    for item in message.get("constantValue", {}).values():
        old: JsonValue = item
        return old
    return None


def _executor(message: Message, path: str, diagnostics: Diagnostics) -> Container | Importer:
    for kind, cure in _REJECTED.items():
        if kind in message:
            diagnostics.error(at(path, kind), cure, "unsupported")
            return Container("")
    if "container" in message:
        return _container(message["container"], at(path, "container"), diagnostics)
    if "importer" in message:
        return _importer(message["importer"], at(path, "importer"), diagnostics)
    diagnostics.error(path, "The executor says nothing of what to run. Give it a container or an importer.", "missing")
    return Container("")


def _container(message: Message, path: str, diagnostics: Diagnostics) -> Container:
    if not message.get("image"):
        diagnostics.error(at(path, "image"), "The container has no image. Set one.", "missing")
    if message.get("lifecycle", {}).get("preCacheCheck"):
        diagnostics.warning(at(path, "lifecycle"), "The check before the cache is not run; KFP does not run it either.")
    env: dict[str, str] = {}
    for index, entry in enumerate(message.get("env", [])):
        name = entry.get("name", "")
        if not name or "=" in name or "\0" in name:
            diagnostics.error(
                at(at(path, "env"), index), "An environment variable needs a name without = in it.", "value"
            )
        env[name] = entry.get("value", "")
    for field in ("command", "args"):
        for index, word in enumerate(message.get(field, [])):
            if "\0" in word:
                diagnostics.error(at(at(path, field), index), "No program can be given a NUL character.", "value")
    return Container(
        image=message.get("image", ""),
        command=tuple(message.get("command", [])),
        args=tuple(message.get("args", [])),
        env=env,
        resources=_resources(message.get("resources", {})),
    )


def _resources(message: Message) -> Resources:
    accelerator = message.get("accelerator", {})
    count = accelerator.get("resourceCount") or accelerator.get("count", "")
    return Resources(
        cpu_request=_quantity(message, "resourceCpuRequest", "cpuRequest", ""),
        cpu_limit=_quantity(message, "resourceCpuLimit", "cpuLimit", ""),
        memory_request=_quantity(message, "resourceMemoryRequest", "memoryRequest", "G"),
        memory_limit=_quantity(message, "resourceMemoryLimit", "memoryLimit", "G"),
        accelerator_type=accelerator.get("resourceType") or accelerator.get("type", ""),
        accelerator_count=str(count) if count else "",
    )


def _quantity(message: Message, field: str, old_field: str, unit: str) -> str:
    """The quantity as text; the older field holds a number of cores or of gigabytes, 0 for none."""
    if message.get(field):
        return str(message[field])
    number = message.get(old_field, 0.0)
    return f"{number:.6f}".rstrip("0").rstrip(".") + unit if number else ""


def _importer(message: Message, path: str, diagnostics: Diagnostics) -> Importer:
    uri_path = at(path, "artifactUri")
    source = message.get("artifactUri", {})
    uri_input = source.get("runtimeParameter", "")
    uri = constant(source)
    if not uri_input and not (isinstance(uri, str) and uri):
        diagnostics.error(
            uri_path, "The importer has no URI. Give it a constant, or the input that holds it.", "missing"
        )
    return Importer(
        type=artifact_type(message.get("typeSchema", {})),
        uri=uri if isinstance(uri, str) else "",
        uri_input=uri_input,
        metadata={
            **properties(message.get("properties", {})),
            **properties(message.get("customProperties", {})),
            **message.get("metadata", {}),
        },
        reimport=message.get("reimport", False),
        download_to_workspace=message.get("downloadToWorkspace", False),
    )


def properties(entries: Mapping[str, Message]) -> dict[str, JsonValue]:
    """The constants among the deprecated ``properties`` and ``customProperties`` of an artifact."""
    return {name: constant(entry) for name, entry in entries.items() if "runtimeParameter" not in entry}
