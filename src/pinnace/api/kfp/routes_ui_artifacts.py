"""Where upstream's UI gets the content of artifacts. Upstream: ``frontend/server/handlers/artifacts.ts``."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response

from pinnace.api.answers import answers
from pinnace.api.artifact_responses import CONTENT, artifact_response
from pinnace.api.kfp.ui_sources import uris_of
from pinnace.services.artifact_files import ArtifactFiles

UI_ARTIFACT_PATHS: Final = ("/artifacts/get", "/artifacts/{source}/{bucket}/{key:path}")
"""They lie between addresses of the dashboard, and come before them."""

Source = Annotated[str, Query(description="`minio`, `s3`, `gcs`, `http`, `https`, or `volume` or `file` for a path.")]
Bucket = Annotated[str, Query(description="The bucket, the host, or the beginning of the path.")]
Key = Annotated[str, Query(description="The rest. For a path without a bucket it is the whole path.")]


class UiArtifactRoutes:
    """``/artifacts``, as the server of the UI has it. Only what is recorded, and what lies in it, can be read."""

    def __init__(self, files: ArtifactFiles) -> None:
        self._files = files

    def router(self) -> APIRouter:
        """The route table."""
        router = APIRouter(tags=["ui server"])
        named, by_path = UI_ARTIFACT_PATHS
        for path, endpoint, name in (
            (named, self.get, "GetUiArtifact"),
            (by_path, self.download, "DownloadUiArtifact"),
        ):
            router.add_api_route(
                path,
                endpoint,
                methods=["GET"],
                response_model=None,
                response_class=Response,
                responses=CONTENT | answers(404),
                operation_id=name,
            )
            router.add_api_route(path, endpoint, methods=["HEAD"], include_in_schema=False)
        return router

    def get(
        self,
        request: Request,
        source: Source,
        bucket: Bucket = "",
        key: Key = "",
        peek: Annotated[int, Query(ge=0, description="Only so many bytes; 0 for all.")] = 0,
        namespace: Annotated[str, Query(description="Not used: there is one namespace.")] = "",
        provider_info: Annotated[
            str, Query(alias="providerInfo", description="Not used: the server knows its buckets.")
        ] = "",
    ) -> Response:
        """Content that is named by source, bucket and key."""
        del namespace, provider_info
        return self._answer(request, source, bucket, key, peek)

    def download(
        self,
        request: Request,
        source: str,
        bucket: str,
        key: str,
    ) -> Response:
        """Content that is named by the path of the request."""
        return self._answer(request, source, bucket, key, 0)

    def _answer(self, request: Request, source: str, bucket: str, key: str, peek: int) -> Response:
        artifact, member = self._files.at(*uris_of(source, bucket, key))
        return artifact_response(self._files, self._files.file(artifact, member), request, peek=peek)
