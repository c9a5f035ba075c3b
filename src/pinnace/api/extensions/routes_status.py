"""GET /apis/pinnace/v1/status."""

from fastapi import APIRouter, Response
from starlette.responses import JSONResponse

from pinnace.api.about import About
from pinnace.services.views import ViewService


def status_routes(about: About, views: ViewService) -> APIRouter:
    """What the server is and how much it holds."""

    def status() -> Response:
        counts = views.counts()
        return JSONResponse(
            {
                "version": about.version,
                "data_directory": about.data_directory,
                "address": about.address,
                "runs_unfinished": counts.runs_unfinished,
                "change_number": counts.change_number,
            }
        )

    router = APIRouter(tags=["status"])
    router.add_api_route("/status", status, methods=["GET"])
    return router
