"""Messages of ``run.proto``."""

from pinnace.api.kfp.wire_base import Int64, Message, Status, Struct, Timestamp


class WireReference(Message):
    """PipelineVersionReference."""

    pipeline_id: str = ""
    pipeline_version_id: str = ""


class WireRuntimeConfig(Message):
    """RuntimeConfig."""

    parameters: Struct | None = None
    pipeline_root: str = ""


class WireRuntimeStatus(Message):
    """RuntimeStatus."""

    update_time: Timestamp = ""
    state: str = ""
    error: Status | None = None


class WireExecutorDetail(Message):
    """PipelineTaskExecutorDetail."""

    main_job: str = ""
    pre_caching_check_job: str = ""
    failed_main_jobs: tuple[str, ...] = ()
    failed_pre_caching_check_jobs: tuple[str, ...] = ()


class WireChildTask(Message):
    """PipelineTaskDetail.ChildTask."""

    task_id: str = ""
    pod_name: str = ""


class WireTaskDetail(Message):
    """PipelineTaskDetail.

    ``inputs`` and ``outputs`` map a name to ``{"artifact_ids": […]}``, upstream's ArtifactList, or to ``{"value": …}``
    for a parameter, which upstream has no place for (``docs/reference/differences.md``).
    """

    run_id: str = ""
    task_id: str = ""
    display_name: str = ""
    create_time: Timestamp = ""
    start_time: Timestamp = ""
    end_time: Timestamp = ""
    executor_detail: WireExecutorDetail | None = None
    state: str = ""
    execution_id: Int64 = 0
    error: Status | None = None
    inputs: dict[str, Struct] | None = None
    outputs: dict[str, Struct] | None = None
    parent_task_id: str = ""
    state_history: tuple[WireRuntimeStatus, ...] = ()
    pod_name: str = ""
    child_tasks: tuple[WireChildTask, ...] = ()


class WireRunDetails(Message):
    """RunDetails."""

    pipeline_context_id: Int64 = 0
    pipeline_run_context_id: Int64 = 0
    task_details: tuple[WireTaskDetail, ...] = ()


class WireRun(Message):
    """Run."""

    experiment_id: str = ""
    run_id: str = ""
    display_name: str = ""
    storage_state: str = ""
    description: str = ""
    pipeline_version_id: str = ""
    pipeline_spec: Struct | None = None
    pipeline_version_reference: WireReference | None = None
    runtime_config: WireRuntimeConfig | None = None
    service_account: str = ""
    created_at: Timestamp = ""
    scheduled_at: Timestamp = ""
    finished_at: Timestamp = ""
    state: str = ""
    error: Status | None = None
    run_details: WireRunDetails | None = None
    recurring_run_id: str = ""
    state_history: tuple[WireRuntimeStatus, ...] = ()
    plugins_input: dict[str, Struct] | None = None
    plugins_output: dict[str, Struct] | None = None


class WireRuns(Message):
    """ListRunsResponse."""

    runs: tuple[WireRun, ...] = ()
    total_size: int = 0
    next_page_token: str = ""
