"""Messages of ``pipeline.proto``."""

from pinnace.api.kfp.wire_base import Message, Status, Struct, Timestamp


class WireUrl(Message):
    """Url."""

    pipeline_url: str = ""


class WirePipeline(Message):
    """Pipeline. ``tags`` None is absent, which a PATCH tells from empty."""

    pipeline_id: str = ""
    display_name: str = ""
    name: str = ""
    description: str = ""
    created_at: Timestamp = ""
    namespace: str = ""
    error: Status | None = None
    tags: dict[str, str] | None = None


class WirePipelines(Message):
    """ListPipelinesResponse."""

    pipelines: tuple[WirePipeline, ...] = ()
    total_size: int = 0
    next_page_token: str = ""


class WireVersion(Message):
    """PipelineVersion. ``tags`` as in :class:`WirePipeline`."""

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


class WireVersions(Message):
    """ListPipelineVersionsResponse."""

    pipeline_versions: tuple[WireVersion, ...] = ()
    next_page_token: str = ""
    total_size: int = 0


class WirePipelineAndVersion(Message):
    """CreatePipelineAndVersionRequest."""

    pipeline: WirePipeline | None = None
    pipeline_version: WireVersion | None = None
