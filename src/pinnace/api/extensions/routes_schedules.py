"""What KFP's API does not tell of schedules: when they will act, how far they have come, what an expression means."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Query, Response

from pinnace.api.extensions.wire_base import shown
from pinnace.api.extensions.wire_schedules import (
    WireCronPreview,
    WireScheduleRow,
    WireScheduleRows,
    WireScheduleView,
    WireTimesView,
)
from pinnace.api.kfp.times import parse_timestamp
from pinnace.domain.ids import RecurringRunId
from pinnace.domain.schedules import RecurringRun
from pinnace.domain.values import Instant
from pinnace.services.cron import zone_of
from pinnace.services.schedules import Preview, ScheduleService

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MOST: Final = 100
_ROWS: Final = 200
_COUNT: Final = "How many times."
_NAMED: Final = "Only these. Without any: those that are enabled and come next."


class ScheduleRoutes:
    """Endpoints under ``/recurringruns`` and ``/cron`` of our own API."""

    def __init__(self, schedules: ScheduleService) -> None:
        self._schedules = schedules

    def router(self) -> APIRouter:
        """The route table."""
        router = APIRouter(tags=["recurring runs"])
        every, one = "/recurringruns", "/recurringruns/{recurring_run_id}"
        router.add_api_route(
            every, self.rows, methods=["GET"], response_model=WireScheduleRows, operation_id="listSchedules"
        )
        router.add_api_route(
            one, self.get, methods=["GET"], response_model=WireScheduleView, operation_id="getSchedule"
        )
        router.add_api_route(
            "/cron:preview", self.preview, methods=["GET"], response_model=WireCronPreview, operation_id="previewCron"
        )
        return router

    def rows(
        self,
        recurring_run_id: Annotated[list[str] | None, Query(max_length=_ROWS, description=_NAMED)] = None,
        count: Annotated[int, Query(ge=1, le=_ROWS, description="The most that come next.")] = 20,
    ) -> Response:
        """How far recurring runs have come, and when each comes next."""
        if recurring_run_id:
            found = self._schedules.several([RecurringRunId(each) for each in recurring_run_id])
        else:
            found = self._schedules.soonest(count)
        ordered = sorted(found, key=lambda each: (each.next_at is None, each.next_at or 0))
        return shown(WireScheduleRows(recurring_runs=[_row(each) for each in ordered]))

    def get(
        self, recurring_run_id: str, count: Annotated[int, Query(ge=1, le=_MOST, description=_COUNT)] = 5
    ) -> Response:
        """The next times of a recurring run, and how far it has come."""
        found = self._schedules.get(RecurringRunId(recurring_run_id))
        last = None if found.last_at is None else _times([found.last_at], "UTC")[0]
        times = _view(self._schedules.upcoming(found, count))
        return shown(
            WireScheduleView(
                **dict(times),
                recurring_run_id=found.id,
                enabled=found.enabled,
                last_time=last,
                runs_made=found.last_index,
                error=found.error or None,
            )
        )

    def preview(
        self,
        expression: Annotated[str, Query(description="Five or six fields, seconds first, or a name like `@daily`.")],
        time_zone: Annotated[str, Query(description="Where the expression names none; the server's by default.")] = "",
        count: Annotated[int, Query(ge=1, le=_MOST, description=_COUNT)] = 5,
        after: Annotated[str, Query(description="Only times later than this, in RFC 3339; else than now.")] = "",
    ) -> Response:
        """The next times that a cron expression names."""
        begin = parse_timestamp(after, "after") if after else None
        times = _view(self._schedules.preview(expression, time_zone, count, begin))
        return shown(WireCronPreview(**dict(times), expression=expression))


def _row(found: RecurringRun) -> WireScheduleRow:
    return WireScheduleRow(
        recurring_run_id=found.id,
        display_name=found.display_name,
        enabled=found.enabled,
        next_time=None if found.next_at is None else _times([found.next_at], "UTC")[0],
        last_time=None if found.last_at is None else _times([found.last_at], "UTC")[0],
        runs_made=found.last_index,
        error=found.error or None,
    )


def _view(preview: Preview) -> WireTimesView:
    return WireTimesView(
        time_zone=preview.zone,
        next_times=_times(preview.times, "UTC"),
        next_local_times=_times(preview.times, preview.zone),
        warnings=list(preview.warnings),
    )


def _times(instants: Sequence[Instant], zone: str) -> list[str]:
    moments = [_EPOCH + timedelta(microseconds=each) for each in instants]
    if zone == "UTC":
        return [moment.strftime("%Y-%m-%dT%H:%M:%SZ") for moment in moments]
    here = zone_of(zone)
    return [moment.astimezone(here).isoformat() for moment in moments]
