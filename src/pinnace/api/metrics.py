"""``GET /metrics``, for Prometheus."""

from typing import Annotated

from fastapi import APIRouter, Header, Response

from pinnace.api.answers import content_types
from pinnace.ports.telemetry import MetricsPage


def metrics_routes(page: MetricsPage) -> APIRouter:
    """The route, which lies beside the APIs, where Prometheus looks."""
    router = APIRouter(tags=["status"])

    def metrics(
        accept: Annotated[str, Header(description="Decides between Prometheus' text formats.")] = "",
    ) -> Response:
        """Metrics of this server in Prometheus' text format, or in OpenMetrics."""
        content, content_type = page.render(accept)
        return Response(content, media_type=None, headers={"Content-Type": content_type})

    router.add_api_route(
        "/metrics",
        metrics,
        methods=["GET"],
        response_model=None,
        response_class=Response,
        responses=content_types("Metrics.", "text/plain", "application/openmetrics-text"),
        operation_id="readMetrics",
    )
    return router
