"""A submitted file to the pipeline that the engine reads, with every fault of the file at once."""

from dataclasses import dataclass

from pinnace.errors import InvalidPipeline
from pinnace.ir.diagnostics import Diagnostic, Diagnostics, at
from pinnace.ir.document import Document, load_document
from pinnace.ir.model import Component, Dag, Pipeline
from pinnace.ir.parse_components import parse_component
from pinnace.ir.parse_deployment import parse_executors
from pinnace.ir.parse_platform import parse_platform
from pinnace.ir.platform import PipelineConfig
from pinnace.ir.protojson import Message, read_message
from pinnace.ir.validate import validate


@dataclass(frozen=True, slots=True)
class Inspection:
    """What a look at a document found. ``pipeline`` is None when there are errors among the diagnostics."""

    pipeline: Pipeline | None
    diagnostics: tuple[Diagnostic, ...]


def parse_pipeline(content: bytes) -> Pipeline:
    """The pipeline in a file.

    Raises:
        InvalidPipeline: It cannot run. Carries every fault.
    """
    return parse_document(load_document(content))


def parse_document(document: Document) -> Pipeline:
    """The pipeline in a document that was read before.

    Raises:
        InvalidPipeline: It cannot run. Carries every fault.
    """
    inspection = inspect_document(document)
    if inspection.pipeline is None:
        raise InvalidPipeline([item for item in inspection.diagnostics if item.severity == "error"])
    return inspection.pipeline


def inspect_document(document: Document) -> Inspection:
    """Parse and validate, with the warnings too."""
    diagnostics = Diagnostics()
    spec = read_message("PipelineSpec", document.spec, "", diagnostics)
    platform = parse_platform(document.platform, diagnostics)
    executors = parse_executors(spec.get("deploymentSpec", {}), diagnostics)
    components = {
        name: parse_component(name, at("components", name), raw, executors, platform.executors, diagnostics)
        for name, raw in spec.get("components", {}).items()
    }
    if "root" in spec:
        root = parse_component("root", "root", spec["root"], executors, platform.executors, diagnostics)
    else:
        diagnostics.error("root", "The pipeline has no root. Compile it again and send the whole file.", "missing")
        root = Component("root", Dag({}))
    for label in platform.executors.keys() - executors.keys():
        path = at("platforms.kubernetes.deploymentSpec.executors", label)
        diagnostics.warning(path, "The pipeline has no executor of this name; its settings have no effect.")
    pipeline = _pipeline(spec, root, components, platform.config, diagnostics)
    validate(pipeline, diagnostics)
    found = tuple(dict.fromkeys(diagnostics.found))
    return Inspection(None if diagnostics.errors else pipeline, found)


def _pipeline(
    spec: Message, root: Component, components: dict[str, Component], config: PipelineConfig, diagnostics: Diagnostics
) -> Pipeline:
    info = spec.get("pipelineInfo", {})
    if not info.get("name"):
        diagnostics.error("pipelineInfo.name", "The pipeline has no name. Set one.", "missing")
    return Pipeline(
        name=info.get("name", ""),
        root=root,
        components=components,
        display_name=info.get("displayName", ""),
        description=info.get("description", ""),
        sdk_version=spec.get("sdkVersion", ""),
        default_root=spec.get("defaultPipelineRoot", ""),
        config=config,
    )
