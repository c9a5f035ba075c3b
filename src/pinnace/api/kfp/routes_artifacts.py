"""Artifacts and what ties them to tasks. Upstream: ``artifact_server.go`` of its next release."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Response

from pinnace.api.answers import answers
from pinnace.api.kfp.convert_artifacts import (
    ARTIFACT_FIELDS,
    LinkParameters,
    artifact_to_wire,
    link_query,
    link_to_wire,
    new_artifact,
)
from pinnace.api.kfp.paging import ListParameters
from pinnace.api.kfp.wire_artifacts import (
    WireArtifact,
    WireArtifacts,
    WireArtifactTask,
    WireArtifactTasks,
    WireCreateArtifactRequest,
)
from pinnace.api.kfp.wire_base import answer
from pinnace.domain.ids import ArtifactId
from pinnace.services.experiments import NAMESPACE
from pinnace.services.lineage import LineageService

ENGINE_ALONE = "This server's engine alone writes tasks and ties artifacts to them. Submit a run, and read what it did."
"""Why the calls are not there that belong to upstream's drivers."""


class ArtifactRoutes:
    """Endpoints under ``/artifacts`` and ``/artifact_tasks``."""

    def __init__(self, lineage: LineageService) -> None:
        self._lineage = lineage

    def router(self) -> APIRouter:
        """The route table."""
        router = APIRouter(tags=["artifacts"])
        router.add_api_route(
            "/artifacts",
            self.list,
            methods=["GET"],
            response_model=WireArtifacts,
            operation_id="ArtifactService_ListArtifacts",
        )
        router.add_api_route(
            "/artifacts",
            self.create,
            methods=["POST"],
            response_model=WireArtifact,
            operation_id="ArtifactService_CreateArtifact",
            responses=answers(404, 501),
        )
        router.add_api_route(
            "/artifacts/{artifact_id}",
            self.get,
            methods=["GET"],
            response_model=WireArtifact,
            operation_id="ArtifactService_GetArtifact",
        )
        router.add_api_route(
            "/artifact_tasks",
            self.links,
            methods=["GET"],
            response_model=WireArtifactTasks,
            operation_id="ArtifactService_ListArtifactTasks",
        )
        router.add_api_route(
            "/artifact_tasks",
            self.create_link,
            methods=["POST"],
            response_model=WireArtifactTask,
            operation_id="ArtifactService_CreateArtifactTask",
            responses=answers(501),
        )
        return router

    def list(self, page: Annotated[ListParameters, Depends()]) -> Response:
        """List artifacts."""
        found = self._lineage.list(page.query(ARTIFACT_FIELDS, NAMESPACE))
        return answer(
            WireArtifacts.model_construct(
                artifacts=tuple(artifact_to_wire(item) for item in found.items),
                total_size=found.total,
                next_page_token=page.next_token(found.next_token),
            )
        )

    def create(self, body: WireCreateArtifactRequest) -> Response:
        """Register an artifact that no task of this server made."""
        if body.task_id or body.type or body.producer_task_name or body.producer_key:
            raise HTTPException(501, f"{ENGINE_ALONE} Leave out everything but artifact and run_id.")
        return answer(artifact_to_wire(self._lineage.register(new_artifact(body))))

    def get(self, artifact_id: str) -> Response:
        """Get an artifact."""
        return answer(artifact_to_wire(self._lineage.record(ArtifactId(artifact_id))))

    def links(
        self, page: Annotated[ListParameters, Depends()], chosen: Annotated[LinkParameters, Depends()]
    ) -> Response:
        """List which tasks took artifacts in, and which gave them out.

        In the order of runs and tasks. DAGs and loops, which only hand on what the tasks inside gave out, are listed
        where ``task_ids`` names them.
        """
        query = link_query(page, chosen)
        if query is None:
            return answer(WireArtifactTasks())
        found = self._lineage.links(query)
        return answer(
            WireArtifactTasks.model_construct(
                artifact_tasks=tuple(link_to_wire(link, found.producers) for link in found.page.items),
                total_size=max(found.page.total, 0),
                next_page_token=page.next_token(found.page.next_token),
            )
        )

    def create_link(self) -> Response:
        """Refuse to tie an artifact to a task, which is the engine's to do."""
        raise HTTPException(501, ENGINE_ALONE)
