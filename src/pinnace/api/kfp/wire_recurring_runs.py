"""Messages of ``recurring_run.proto``."""

from typing import Annotated, Final

from pinnace.api.kfp.wire_base import Int64, Message, OneOf, Status, Struct, Timestamp
from pinnace.api.kfp.wire_runs import WireReference, WireRuntimeConfig

ENABLE: Final = "ENABLE"
DISABLE: Final = "DISABLE"

Mode = Annotated[str, OneOf("MODE_UNSPECIFIED", ENABLE, DISABLE)]
RecurringRunStatus = Annotated[str, OneOf("STATUS_UNSPECIFIED", "ENABLED", "DISABLED")]


class WireCronSchedule(Message):
    """At the times that an expression names. Its first field is seconds."""

    start_time: Timestamp = ""
    end_time: Timestamp = ""
    cron: str = ""


class WirePeriodicSchedule(Message):
    """Every so many seconds."""

    start_time: Timestamp = ""
    end_time: Timestamp = ""
    interval_second: Int64 = 0


class WireTrigger(Message):
    """When runs are made: at most one of the two; neither means once."""

    cron_schedule: WireCronSchedule | None = None
    periodic_schedule: WirePeriodicSchedule | None = None


class WireRecurringRun(Message):
    """A schedule that makes runs."""

    recurring_run_id: str = ""
    display_name: str = ""
    description: str = ""
    pipeline_version_id: str = ""
    pipeline_spec: Struct | None = None
    pipeline_version_reference: WireReference | None = None
    runtime_config: WireRuntimeConfig | None = None
    service_account: str = ""
    max_concurrency: Int64 = 0
    trigger: WireTrigger | None = None
    mode: Mode = ""
    created_at: Timestamp = ""
    updated_at: Timestamp = ""
    status: RecurringRunStatus = ""
    error: Status | None = None
    no_catchup: bool = False
    namespace: str = ""
    experiment_id: str = ""
    plugins_input: dict[str, Struct] | None = None


class WireRecurringRuns(Message, title="ListRecurringRunsResponse"):
    """A page of recurring runs. Its list is in camel case in the proto file too."""

    recurringRuns: tuple[WireRecurringRun, ...] = ()  # noqa: N815
    total_size: int = 0
    next_page_token: str = ""
