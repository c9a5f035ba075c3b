"""Versions of pipelines. Upstream: ``pipeline_server.go``."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from pinnace.api.answers import answers
from pinnace.api.kfp.convert_library import VERSION_FIELDS, version_labels, version_to_wire
from pinnace.api.kfp.documents import SpecReader
from pinnace.api.kfp.paging import ListParameters
from pinnace.api.kfp.wire_base import Empty, answer
from pinnace.api.kfp.wire_pipelines import WireVersion, WireVersions
from pinnace.domain.ids import PipelineId, PipelineVersionId
from pinnace.domain.pipelines import PipelineVersion
from pinnace.errors import InvalidInput
from pinnace.services.packages import PackageUrls
from pinnace.services.pipelines import PipelineService


class VersionRoutes:
    """Endpoints under ``/pipelines/{pipeline_id}/versions``."""

    def __init__(self, pipelines: PipelineService, packages: PackageUrls, specs: SpecReader) -> None:
        self._pipelines = pipelines
        self._packages = packages
        self._specs = specs

    def router(self) -> APIRouter:
        """The route table."""
        router = APIRouter(tags=["versions"])
        many = "/pipelines/{pipeline_id}/versions"
        one = many + "/{pipeline_version_id}"
        router.add_api_route(
            many,
            self.create,
            methods=["POST"],
            response_model=WireVersion,
            operation_id="PipelineService_CreatePipelineVersion",
            responses=answers(409),
        )
        router.add_api_route(
            many,
            self.list,
            methods=["GET"],
            response_model=WireVersions,
            operation_id="PipelineService_ListPipelineVersions",
        )
        router.add_api_route(
            one,
            self.get,
            methods=["GET"],
            response_model=WireVersion,
            operation_id="PipelineService_GetPipelineVersion",
        )
        router.add_api_route(
            one,
            self.update,
            methods=["PATCH"],
            response_model=WireVersion,
            operation_id="PipelineService_UpdatePipelineVersion",
        )
        router.add_api_route(
            one,
            self.delete,
            methods=["DELETE"],
            response_model=Empty,
            operation_id="PipelineService_DeletePipelineVersion",
        )
        return router

    def create(self, pipeline_id: str, body: WireVersion) -> Response:
        """Make a version whose package is at a URL."""
        if body.pipeline_id not in {"", pipeline_id}:
            raise InvalidInput("pipeline_id: the body names another pipeline than the path. Name the same one.")
        pipeline = self._pipelines.get(PipelineId(pipeline_id))
        labels = version_labels(body)
        document = self._packages.read(labels.package_url)
        return answer(self._wire(self._pipelines.upload_version(pipeline.id, labels, document)))

    def list(self, pipeline_id: str, page: Annotated[ListParameters, Depends()]) -> Response:
        """List a pipeline's versions."""
        found = self._pipelines.list_versions(PipelineId(pipeline_id), page.query(VERSION_FIELDS))
        specs = self._specs.all(version.document for version in found.items)
        return answer(
            WireVersions.model_construct(
                pipeline_versions=tuple(version_to_wire(item, specs.get(item.document)) for item in found.items),
                total_size=found.total,
                next_page_token=page.next_token(found.next_token),
            )
        )

    def get(self, pipeline_id: str, pipeline_version_id: str) -> Response:
        """Get a version with its document."""
        return answer(self._wire(self._pipelines.version(*_key(pipeline_id, pipeline_version_id))))

    def update(self, pipeline_id: str, pipeline_version_id: str, body: WireVersion) -> Response:
        """Change display name and tags."""
        key = _key(pipeline_id, pipeline_version_id)
        return answer(self._wire(self._pipelines.update_version(*key, body.display_name, body.tags)))

    def delete(self, pipeline_id: str, pipeline_version_id: str) -> Response:
        """Delete a version."""
        self._pipelines.delete_version(*_key(pipeline_id, pipeline_version_id))
        return answer(Empty())

    def _wire(self, version: PipelineVersion) -> WireVersion:
        return version_to_wire(version, self._specs(version.document))


def _key(pipeline_id: str, version_id: str) -> tuple[PipelineId, PipelineVersionId]:
    return PipelineId(pipeline_id), PipelineVersionId(version_id)
