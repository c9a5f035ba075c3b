"""Pipelines. Upstream: ``pipeline_server.go``."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from pinnace.api.answers import answers
from pinnace.api.kfp.convert_library import PIPELINE_FIELDS, pipeline_to_wire, version_labels
from pinnace.api.kfp.paging import NAMESPACE as IGNORED_NAMESPACE
from pinnace.api.kfp.paging import ListParameters
from pinnace.api.kfp.wire_base import Empty, answer
from pinnace.api.kfp.wire_pipelines import WirePipeline, WirePipelineAndVersion, WirePipelines
from pinnace.domain.ids import PipelineId
from pinnace.errors import InvalidInput
from pinnace.services.experiments import NAMESPACE
from pinnace.services.packages import PackageUrls
from pinnace.services.pipelines import Labels, PipelineService


class PipelineRoutes:
    """Endpoints under ``/pipelines``."""

    def __init__(self, pipelines: PipelineService, packages: PackageUrls) -> None:
        self._pipelines = pipelines
        self._packages = packages

    def router(self) -> APIRouter:
        """The route table."""
        router = APIRouter(tags=["pipelines"])
        one = "/pipelines/{pipeline_id}"
        router.add_api_route(
            "/pipelines",
            self.create,
            methods=["POST"],
            response_model=WirePipeline,
            operation_id="PipelineService_CreatePipeline",
            responses=answers(409),
        )
        router.add_api_route(
            "/pipelines",
            self.list,
            methods=["GET"],
            response_model=WirePipelines,
            operation_id="PipelineService_ListPipelines",
        )
        router.add_api_route(
            "/pipelines/create",
            self.create_with_version,
            methods=["POST"],
            response_model=WirePipeline,
            operation_id="PipelineService_CreatePipelineAndVersion",
            responses=answers(409),
        )
        router.add_api_route(
            "/pipelines/names/{name:path}",
            self.by_name,
            methods=["GET"],
            response_model=WirePipeline,
            operation_id="PipelineService_GetPipelineByName",
        )
        router.add_api_route(
            one, self.get, methods=["GET"], response_model=WirePipeline, operation_id="PipelineService_GetPipeline"
        )
        router.add_api_route(
            one,
            self.update,
            methods=["PATCH"],
            response_model=WirePipeline,
            operation_id="PipelineService_UpdatePipeline",
        )
        router.add_api_route(
            one, self.delete, methods=["DELETE"], response_model=Empty, operation_id="PipelineService_DeletePipeline"
        )
        return router

    def create(self, body: WirePipeline) -> Response:
        """Make a pipeline without versions."""
        return answer(pipeline_to_wire(self._pipelines.create(_labels(body))))

    def create_with_version(self, body: WirePipelineAndVersion) -> Response:
        """Make a pipeline with its first version, whose package is at a URL."""
        if body.pipeline is None or body.pipeline_version is None:
            raise InvalidInput("The body must hold both pipeline and pipeline_version. Add what is missing.")
        pipeline = _labels(body.pipeline)
        version = version_labels(body.pipeline_version)
        if not (version.name or version.display_name):
            version = replace(version, name=pipeline.name, display_name=pipeline.display_name)
        self._pipelines.check_free(pipeline)
        document = self._packages.read(version.package_url)
        return answer(pipeline_to_wire(self._pipelines.upload(pipeline, document, version)))

    def list(self, page: Annotated[ListParameters, Depends()]) -> Response:
        """List pipelines."""
        found = self._pipelines.list(page.query(PIPELINE_FIELDS, NAMESPACE))
        return answer(
            WirePipelines(
                pipelines=tuple(pipeline_to_wire(item) for item in found.items),
                total_size=found.total,
                next_page_token=page.next_token(found.next_token),
            )
        )

    def get(self, pipeline_id: str) -> Response:
        """Get a pipeline."""
        return answer(pipeline_to_wire(self._pipelines.get(PipelineId(pipeline_id))))

    def by_name(self, name: str, namespace: Annotated[str, Query(description=IGNORED_NAMESPACE)] = "") -> Response:
        """Get a pipeline by its name."""
        del namespace
        return answer(pipeline_to_wire(self._pipelines.by_name(name)))

    def update(self, pipeline_id: str, body: WirePipeline) -> Response:
        """Change display name and tags."""
        changed = self._pipelines.update(PipelineId(pipeline_id), body.display_name, body.tags)
        return answer(pipeline_to_wire(changed))

    def delete(
        self, pipeline_id: str, cascade: Annotated[str, Query(description="`true`: with its versions.")] = ""
    ) -> Response:
        """Delete a pipeline. Runs that were made from it stay."""
        self._pipelines.delete(PipelineId(pipeline_id), cascade=cascade.lower() in {"true", "1"})
        return answer(Empty())


def _labels(body: WirePipeline) -> Labels:
    return Labels(name=body.name, display_name=body.display_name, description=body.description, tags=body.tags or {})
