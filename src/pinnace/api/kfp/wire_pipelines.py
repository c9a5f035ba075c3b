"""Messages of ``pipeline.proto``."""

from pinnace.api.kfp.wire_base import Message, Status, Struct, Timestamp


class WireUrl(Message):
    """Where a package is."""

    pipeline_url: str = ""


class WirePipeline(Message):
    """A stored pipeline. Tags that are absent from a PATCH stay; `{}` removes them all."""

    pipeline_id: str = ""
    display_name: str = ""
    name: str = ""
    description: str = ""
    created_at: Timestamp = ""
    namespace: str = ""
    error: Status | None = None
    tags: dict[str, str] | None = None


class WirePipelines(Message, title="ListPipelinesResponse"):
    """A page of pipelines."""

    pipelines: tuple[WirePipeline, ...] = ()
    total_size: int = 0
    next_page_token: str = ""


class WireVersion(Message, title="PipelineVersion"):
    """A version of a stored pipeline, with its document. Tags as in a pipeline."""

    pipeline_id: str = ""
    pipeline_version_id: str = ""
    display_name: str = ""
    name: str = ""
    description: str = ""
    created_at: Timestamp = ""
    package_url: WireUrl | None = None
    code_source_url: str = ""
    pipeline_spec: Struct | None = None
    error: Status | None = None
    tags: dict[str, str] | None = None


class WireVersions(Message, title="ListPipelineVersionsResponse"):
    """A page of versions."""

    pipeline_versions: tuple[WireVersion, ...] = ()
    next_page_token: str = ""
    total_size: int = 0


class WirePipelineAndVersion(Message, title="CreatePipelineAndVersionRequest"):
    """A pipeline and its first version."""

    pipeline: WirePipeline | None = None
    pipeline_version: WireVersion | None = None
