"""What KFP's API does not tell of schedules: when they will act, how far they have come, what an expression means."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Response
from starlette.responses import JSONResponse

from pinnace.domain.ids import RecurringRunId
from pinnace.domain.values import Instant
from pinnace.services.cron import zone_of
from pinnace.services.schedules import Preview, ScheduleService

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MOST: Final = 100


class ScheduleRoutes:
    """Endpoints under ``/recurringruns`` and ``/cron`` of our own API."""

    def __init__(self, schedules: ScheduleService) -> None:
        self._schedules = schedules

    def router(self) -> APIRouter:
        """The route table."""
        router = APIRouter(tags=["recurring runs"])
        router.add_api_route("/recurringruns/{recurring_run_id}", self.get, methods=["GET"])
        router.add_api_route("/cron:preview", self.preview, methods=["GET"])
        return router

    def get(self, recurring_run_id: str, count: Annotated[int, Query(ge=1, le=_MOST)] = 5) -> Response:
        """The next times of a recurring run, and how far it has come."""
        found = self._schedules.get(RecurringRunId(recurring_run_id))
        last = None if found.last_at is None else _times([found.last_at], "UTC")[0]
        return JSONResponse(
            {
                "recurring_run_id": found.id,
                "enabled": found.enabled,
                "last_time": last,
                "runs_made": found.last_index,
                "error": found.error or None,
                **_view(self._schedules.upcoming(found, count)),
            }
        )

    def preview(
        self,
        expression: Annotated[str, Query()],
        time_zone: Annotated[str, Query()] = "",
        count: Annotated[int, Query(ge=1, le=_MOST)] = 5,
    ) -> Response:
        """The next times that a cron expression names."""
        return JSONResponse({"expression": expression, **_view(self._schedules.preview(expression, time_zone, count))})


def _view(preview: Preview) -> dict[str, Any]:
    return {
        "time_zone": preview.zone,
        "next_times": _times(preview.times, "UTC"),
        "next_local_times": _times(preview.times, preview.zone),
        "warnings": list(preview.warnings),
    }


def _times(instants: Sequence[Instant], zone: str) -> list[str]:
    moments = [_EPOCH + timedelta(microseconds=each) for each in instants]
    if zone == "UTC":
        return [moment.strftime("%Y-%m-%dT%H:%M:%SZ") for moment in moments]
    here = zone_of(zone)
    return [moment.astimezone(here).isoformat() for moment in moments]
