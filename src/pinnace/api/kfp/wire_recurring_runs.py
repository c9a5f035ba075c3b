"""Messages of ``recurring_run.proto``."""

from typing import Annotated, Any, Final

from pydantic import BeforeValidator

from pinnace.api.kfp.wire_base import Int64, Message, Status, Struct, Timestamp
from pinnace.api.kfp.wire_runs import WireReference, WireRuntimeConfig

ENABLE: Final = "ENABLE"
DISABLE: Final = "DISABLE"
_MODES: Final = ("MODE_UNSPECIFIED", ENABLE, DISABLE)


def _mode(value: Any) -> Any:
    """An enum of protobuf comes by name or by number."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < len(_MODES):
        return _MODES[value]
    if value not in {"", *_MODES}:
        raise ValueError(f"must be one of {', '.join(_MODES)}")
    return value


class WireCronSchedule(Message):
    """CronSchedule."""

    start_time: Timestamp = ""
    end_time: Timestamp = ""
    cron: str = ""


class WirePeriodicSchedule(Message):
    """PeriodicSchedule."""

    start_time: Timestamp = ""
    end_time: Timestamp = ""
    interval_second: Int64 = 0


class WireTrigger(Message):
    """Trigger: at most one of the two."""

    cron_schedule: WireCronSchedule | None = None
    periodic_schedule: WirePeriodicSchedule | None = None


class WireRecurringRun(Message):
    """RecurringRun."""

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
    mode: Annotated[str, BeforeValidator(_mode)] = ""
    created_at: Timestamp = ""
    updated_at: Timestamp = ""
    status: str = ""
    error: Status | None = None
    no_catchup: bool = False
    namespace: str = ""
    experiment_id: str = ""
    plugins_input: dict[str, Struct] | None = None


class WireRecurringRuns(Message):
    """ListRecurringRunsResponse. Its list is in camel case in the proto file too."""

    recurringRuns: tuple[WireRecurringRun, ...] = ()  # noqa: N815
    total_size: int = 0
    next_page_token: str = ""
