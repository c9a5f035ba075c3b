"""``/storage``, ``/environments`` and ``/gc`` of our own API."""

from fastapi import APIRouter, Response

from pinnace.api.answers import answers
from pinnace.api.extensions.wire_base import shown
from pinnace.api.extensions.wire_storage import (
    GcRequest,
    WireEnvironments,
    WireGcReport,
    WireStorage,
    environment_view,
    report_view,
    storage_view,
)
from pinnace.services.garbage import GarbageService


class StorageRoutes:
    """Room, and its collection."""

    def __init__(self, garbage: GarbageService) -> None:
        self._garbage = garbage

    def router(self) -> APIRouter:
        """The route table."""
        router = APIRouter(tags=["storage"])
        router.add_api_route(
            "/storage", self.storage, methods=["GET"], response_model=WireStorage, operation_id="getStorage"
        )
        router.add_api_route(
            "/environments",
            self.environments,
            methods=["GET"],
            response_model=WireEnvironments,
            operation_id="listEnvironments",
        )
        router.add_api_route(
            "/gc",
            self.collect,
            methods=["POST"],
            response_model=WireGcReport,
            operation_id="collectGarbage",
            responses=answers(409),
        )
        return router

    def storage(self) -> Response:
        """What takes how much room."""
        return shown(storage_view(self._garbage.usage()))

    def environments(self) -> Response:
        """Python environments that were built for tasks."""
        return shown(WireEnvironments(environments=[environment_view(each) for each in self._garbage.environments()]))

    def collect(self, request: GcRequest) -> Response:
        """Remove what nothing needs, or say what would be removed."""
        report = self._garbage.collect(
            dry_run=request.dry_run, older_than=request.runs_older_than_seconds, limit=request.max_runs
        )
        return shown(report_view(report, dry_run=request.dry_run))
