"""What KFP's API does not tell of schedules: when they will act, how far they have come, what an expression means."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Query, Response

from pinnace.api.extensions.wire_base import shown
from pinnace.api.extensions.wire_schedules import WireCronPreview, WireScheduleView, WireTimesView
from pinnace.domain.ids import RecurringRunId
from pinnace.domain.values import Instant
from pinnace.services.cron import zone_of
from pinnace.services.schedules import Preview, ScheduleService

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MOST: Final = 100
_COUNT: Final = "How many times."


class ScheduleRoutes:
    """Endpoints under ``/recurringruns`` and ``/cron`` of our own API."""

    def __init__(self, schedules: ScheduleService) -> None:
        self._schedules = schedules

    def router(self) -> APIRouter:
        """The route table."""
        router = APIRouter(tags=["recurring runs"])
        one = "/recurringruns/{recurring_run_id}"
        router.add_api_route(
            one, self.get, methods=["GET"], response_model=WireScheduleView, operation_id="getSchedule"
        )
        router.add_api_route(
            "/cron:preview", self.preview, methods=["GET"], response_model=WireCronPreview, operation_id="previewCron"
        )
        return router

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
    ) -> Response:
        """The next times that a cron expression names."""
        times = _view(self._schedules.preview(expression, time_zone, count))
        return shown(WireCronPreview(**dict(times), expression=expression))


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
