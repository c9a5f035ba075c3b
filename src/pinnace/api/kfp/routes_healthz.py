"""GET /healthz."""

import json

from fastapi import APIRouter, Response

from pinnace.api.about import About
from pinnace.api.kfp.wire_healthz import WireHealthz


def healthz_routes(about: About) -> APIRouter:
    """The endpoint that every client asks first. Upstream writes it by hand, so that ``multi_user`` is always there."""
    body = json.dumps(
        {"commit_sha": "unknown", "tag_name": about.version, "multi_user": False, "pipeline_store": "database"}
    )

    def healthz() -> Response:
        """Whether the server answers, and what kind it is."""
        return Response(body, media_type="application/json")

    router = APIRouter(tags=["healthz"])
    router.add_api_route(
        "/healthz", healthz, methods=["GET"], response_model=WireHealthz, operation_id="HealthzService_GetHealthz"
    )
    return router
