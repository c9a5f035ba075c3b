"""When schedules act."""

from pydantic import Field

from pinnace.api.extensions.wire_base import Time, View


class WireTimesView(View):
    """Times to come, as if each of them was met."""

    time_zone: str
    next_times: list[Time] = Field(description="In UTC.")
    next_local_times: list[Time] = Field(description="The same in the time zone.")
    warnings: list[str] = Field(description="What the author may not have meant.")


class WireCronPreview(WireTimesView):
    """What a cron expression means."""

    expression: str


class WireScheduleRow(View):
    """How far a recurring run has come, for a row of a list."""

    recurring_run_id: str
    display_name: str
    enabled: bool
    next_time: Time | None = Field(description="When it acts next; null while it is disabled, or has come to its end.")
    last_time: Time | None = Field(description="The time of the schedule for which it acted last.")
    runs_made: int
    error: str | None = Field(description="Why there is no run for the last time.")


class WireScheduleRows(View):
    """Rows in the order of their next times; what has none comes last."""

    recurring_runs: list[WireScheduleRow]


class WireScheduleView(WireTimesView):
    """How far a recurring run has come, and when it comes next."""

    recurring_run_id: str
    enabled: bool
    last_time: Time | None = Field(description="The time of the schedule for which it acted last.")
    runs_made: int
    error: str | None = Field(description="Why there is no run for the last time.")
