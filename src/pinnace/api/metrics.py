"""``GET /metrics``, for Prometheus."""

from fastapi import APIRouter, Request, Response

from pinnace.api.answers import content_types
from pinnace.ports.telemetry import MetricsPage


def metrics_routes(page: MetricsPage) -> APIRouter:
    """The route, which lies beside the APIs, where Prometheus looks."""
    router = APIRouter(tags=["status"])

    def metrics(request: Request) -> Response:
        """Metrics of this server for Prometheus.

        In Prometheus' text format, or in OpenMetrics where the Accept header asks for it.
        """
        content, content_type = page.render(request.headers.get("accept", ""))
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
