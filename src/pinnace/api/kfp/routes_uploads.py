"""Uploads of pipeline files. Upstream: ``pipeline_upload_server.go``.

The file is the form field ``uploadfile``; everything else is a query parameter. Errors have a body of their own, which
``api.errors`` knows by the path.
"""

import json
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, File, Query, Response, UploadFile

from pinnace.api.answers import answers
from pinnace.api.kfp.convert_library import pipeline_to_wire, version_to_wire
from pinnace.api.kfp.documents import SpecReader
from pinnace.api.kfp.paging import NAMESPACE
from pinnace.api.kfp.wire_base import answer
from pinnace.api.kfp.wire_pipelines import WirePipeline, WireVersion
from pinnace.domain.ids import PipelineId
from pinnace.errors import InvalidInput
from pinnace.services.packages import MAX_DOCUMENT, read_package
from pinnace.services.pipelines import Labels, PipelineService

_FILE: Final = "A pipeline as YAML or JSON, or a zip, tar.gz or tgz that holds one as pipeline.yaml."


@dataclass(frozen=True, slots=True)
class UploadParameters:
    """Query parameters of both uploads."""

    name: Annotated[str, Query(description="The unique name; else the display name, else that of the file.")] = ""
    display_name: Annotated[str, Query(description="The name that is shown; else the unique one.")] = ""
    description: Annotated[str, Query(description="What it is for.")] = ""
    tags: Annotated[str, Query(description='A JSON object of strings, like `{"team": "vision"}`.')] = ""
    code_source_url: Annotated[str, Query(description="Where the code of the version is.")] = ""
    namespace: Annotated[str, Query(description=NAMESPACE)] = ""

    def labels(self, file_name: str) -> Labels:
        """What the upload is called; the file's name stands in for missing names."""
        return Labels(
            name=self.name or self.display_name or file_name,
            display_name=self.display_name,
            description=self.description,
            tags=_tags(self.tags),
            code_source_url=self.code_source_url,
        )


class UploadRoutes:
    """Endpoints ``/pipelines/upload`` and ``/pipelines/upload_version``."""

    def __init__(self, pipelines: PipelineService, specs: SpecReader) -> None:
        self._pipelines = pipelines
        self._specs = specs

    def router(self) -> APIRouter:
        """The route table."""
        router = APIRouter(tags=["uploads"])
        router.add_api_route(
            "/pipelines/upload",
            self.upload,
            methods=["POST"],
            response_model=WirePipeline,
            operation_id="UploadPipeline",
            responses=answers(409),
        )
        router.add_api_route(
            "/pipelines/upload_version",
            self.upload_version,
            methods=["POST"],
            response_model=WireVersion,
            operation_id="UploadPipelineVersion",
            responses=answers(404, 409),
        )
        return router

    def upload(
        self, uploadfile: Annotated[UploadFile, File(description=_FILE)], query: Annotated[UploadParameters, Depends()]
    ) -> Response:
        """Make a pipeline with its first version from a file."""
        name, document = _read(uploadfile)
        return answer(pipeline_to_wire(self._pipelines.upload(query.labels(name), document)))

    def upload_version(
        self,
        uploadfile: Annotated[UploadFile, File(description=_FILE)],
        query: Annotated[UploadParameters, Depends()],
        pipelineid: Annotated[str, Query(description="The pipeline that gets the version.")] = "",
    ) -> Response:
        """Make a version of a pipeline from a file."""
        if not pipelineid:
            raise InvalidInput("pipelineid: the query parameter is missing. Name the pipeline that gets the version.")
        name, document = _read(uploadfile)
        version = self._pipelines.upload_version(PipelineId(pipelineid), query.labels(name), document)
        return answer(version_to_wire(version, self._specs(version.document)))


def _read(uploaded: UploadFile) -> tuple[str, bytes]:
    name = (uploaded.filename or "").replace("\\", "/").rpartition("/")[2]
    return name, read_package(name, uploaded.file.read(MAX_DOCUMENT + 1))


def _tags(text: str) -> dict[str, str]:
    if not text:
        return {}
    try:
        tags: Any = json.loads(text)
    except (ValueError, RecursionError):
        tags = None
    if not isinstance(tags, dict) or not all(isinstance(value, str) for value in tags.values()):
        raise InvalidInput('tags: this is not a JSON object of strings. Write it like {"team": "vision"}.')
    return tags
