"""Artifacts across runs, and why a task was, or was not, served by the cache."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from pinnace.api.extensions.lineage_views import artifact_view, cache_view, lineage_view
from pinnace.api.extensions.wire_base import shown
from pinnace.api.extensions.wire_lineage import WireArtifactView, WireCacheExpired, WireCacheView, WireLineage
from pinnace.domain.ids import ArtifactId, RunId
from pinnace.services.cache_explanations import CacheExplanations
from pinnace.services.lineage import MAX_DEPTH, Direction, LineageService


class LineageRoutes:
    """Endpoints under ``/artifacts`` and ``/runs/{run_id}/tasks`` of our own API."""

    def __init__(self, lineage: LineageService, cache: CacheExplanations) -> None:
        self._lineage = lineage
        self._cache = cache

    def router(self) -> APIRouter:
        """The route table."""
        router = APIRouter(tags=["lineage"])
        router.add_api_route(
            "/artifacts/{artifact_id}",
            self.artifact,
            methods=["GET"],
            response_model=WireArtifactView,
            operation_id="getArtifactView",
        )
        router.add_api_route(
            "/artifacts/{artifact_id}/lineage",
            self.lineage,
            methods=["GET"],
            response_model=WireLineage,
            operation_id="getLineage",
        )
        router.add_api_route(
            "/runs/{run_id}/tasks/{node:path}/cache",
            self.cache,
            methods=["GET"],
            response_model=WireCacheView,
            operation_id="explainCache",
        )
        router.add_api_route(
            "/runs/{run_id}/tasks/{node:path}/cache:expire",
            self.expire,
            methods=["POST"],
            response_model=WireCacheExpired,
            operation_id="expireCache",
        )
        return router

    def artifact(
        self,
        artifact_id: str,
        limit: Annotated[int, Query(ge=1, le=1000, description="At most so many tasks each way.")] = 100,
    ) -> Response:
        """Get an artifact with what made it and what used it."""
        return shown(artifact_view(self._lineage.get(ArtifactId(artifact_id), limit)))

    def lineage(
        self,
        artifact_id: str,
        direction: Annotated[Direction, Query(description="To what it was made of, to what came of it, or both.")] = (
            Direction.BOTH
        ),
        depth: Annotated[int, Query(ge=1, le=MAX_DEPTH, description="At most so many tasks away.")] = 5,
    ) -> Response:
        """Follow an artifact to where it came from and to what came of it, across runs."""
        return shown(lineage_view(self._lineage.lineage(ArtifactId(artifact_id), direction, depth)))

    def cache(self, run_id: str, node: str) -> Response:
        """See why a task was, or was not, served by the cache."""
        return shown(cache_view(self._cache.explain(RunId(run_id), node)))

    def expire(self, run_id: str, node: str) -> Response:
        """Make the cache forget what a task like this one would be given."""
        return shown(WireCacheExpired(expired=self._cache.expire(RunId(run_id), node)))
