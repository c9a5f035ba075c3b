"""GET /apis/pinnace/v1/status."""

from fastapi import APIRouter, Response

from pinnace.api.about import About
from pinnace.api.extensions.wire_base import shown, time_or_none
from pinnace.api.extensions.wire_status import WireServerStatus
from pinnace.services.views import ViewService


def status_routes(about: About, views: ViewService) -> APIRouter:
    """The one route about the server itself."""

    def status() -> Response:
        """What the server is and how much it holds."""
        counts = views.counts()
        return shown(
            WireServerStatus(
                version=about.version,
                data_directory=about.data_directory,
                address=about.address,
                started_at=time_or_none(about.started_at),
                runs_unfinished=counts.runs_unfinished,
                change_number=counts.change_number,
            )
        )

    router = APIRouter(tags=["status"])
    router.add_api_route(
        "/status", status, methods=["GET"], response_model=WireServerStatus, operation_id="getServerStatus"
    )
    return router
