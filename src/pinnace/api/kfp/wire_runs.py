"""Messages of ``run.proto``."""

from typing import Annotated, Any

from pinnace.api.kfp.wire_base import Int64, Message, OneOf, RuntimeState, Status, StorageState, Struct, Timestamp


class WireReference(Message, title="PipelineVersionReference"):
    """A stored pipeline and its version; without a version, in a request, its latest."""

    pipeline_id: str = ""
    pipeline_version_id: str = ""


class WireRuntimeConfig(Message):
    """Arguments of a pipeline, and where its artifacts go."""

    parameters: Struct | None = None
    pipeline_root: str = ""


class WireRuntimeStatus(Message):
    """A state, and when it was entered."""

    update_time: Timestamp = ""
    state: RuntimeState = ""
    error: Status | None = None


class WireExecutorDetail(Message, title="PipelineTaskExecutorDetail"):
    """Attempts by the name `NODE/NUMBER`: the last one, and those that failed."""

    main_job: str = ""
    pre_caching_check_job: str = ""
    failed_main_jobs: tuple[str, ...] = ()
    failed_pre_caching_check_jobs: tuple[str, ...] = ()


class WireChildTask(Message):
    """A task inside a task."""

    task_id: str = ""
    pod_name: str = ""


class WireTaskDetail(Message, title="PipelineTaskDetail"):
    """A node of a run.

    `inputs` and `outputs` map a name to `{"artifact_ids": […]}`, upstream's ArtifactList, or to `{"value": …}`
    for a parameter, which upstream has no place for.
    """

    run_id: str = ""
    task_id: str = ""
    display_name: str = ""
    create_time: Timestamp = ""
    start_time: Timestamp = ""
    end_time: Timestamp = ""
    executor_detail: WireExecutorDetail | None = None
    state: RuntimeState = ""
    execution_id: Int64 = 0
    error: Status | None = None
    inputs: dict[str, Struct] | None = None
    outputs: dict[str, Struct] | None = None
    parent_task_id: str = ""
    state_history: tuple[WireRuntimeStatus, ...] = ()
    pod_name: str = ""
    child_tasks: tuple[WireChildTask, ...] = ()


class WireRunDetails(Message):
    """The nodes of a run."""

    pipeline_context_id: Int64 = 0
    pipeline_run_context_id: Int64 = 0
    task_details: tuple[WireTaskDetail, ...] = ()


PluginState = Annotated[str, OneOf("PLUGIN_STATE_UNSPECIFIED", "PLUGIN_RUNNING", "PLUGIN_SUCCEEDED", "PLUGIN_FAILED")]
RenderType = Annotated[str, OneOf("UNSPECIFIED", "URL")]


class WireMetadataValue(Message):
    """One thing that a plugin tells, and whether it is a link."""

    value: Any = None
    render_type: RenderType = ""


class WirePluginOutput(Message):
    """What a plugin tells of a run."""

    entries: dict[str, WireMetadataValue] | None = None
    state: PluginState = ""
    state_message: str = ""


class WireRun(Message):
    """A run. A request names its pipeline by `pipeline_spec` or by `pipeline_version_reference`."""

    experiment_id: str = ""
    run_id: str = ""
    display_name: str = ""
    storage_state: StorageState = ""
    description: str = ""
    pipeline_version_id: str = ""
    pipeline_spec: Struct | None = None
    pipeline_version_reference: WireReference | None = None
    runtime_config: WireRuntimeConfig | None = None
    service_account: str = ""
    created_at: Timestamp = ""
    scheduled_at: Timestamp = ""
    finished_at: Timestamp = ""
    state: RuntimeState = ""
    error: Status | None = None
    run_details: WireRunDetails | None = None
    recurring_run_id: str = ""
    state_history: tuple[WireRuntimeStatus, ...] = ()
    plugins_input: dict[str, Struct] | None = None
    plugins_output: dict[str, WirePluginOutput] | None = None


class WireRuns(Message, title="ListRunsResponse"):
    """A page of runs."""

    runs: tuple[WireRun, ...] = ()
    total_size: int = 0
    next_page_token: str = ""
