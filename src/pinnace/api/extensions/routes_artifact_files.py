"""What lies behind artifacts: downloads and previews."""

from collections.abc import Sequence
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response

from pinnace.api.artifact_responses import CONTENT, artifact_response
from pinnace.api.extensions.wire_artifact_files import WireArtifactEntry, WireArtifactPreview
from pinnace.api.extensions.wire_base import shown
from pinnace.domain.artifacts import Artifact
from pinnace.domain.ids import ArtifactId
from pinnace.ports.artifacts import ContentEntry
from pinnace.services.artifact_files import ArtifactFiles
from pinnace.services.media_types import file_name
from pinnace.services.previews import Preview, PreviewKind

_DEFAULT: Final = 256 * 1024
_MOST: Final = 4 << 20

Member = Annotated[
    str, Query(description='A file or directory in an artifact that is a directory, like "part/data.csv".')
]


class ArtifactFileRoutes:
    """Endpoints under ``/artifacts/{artifact_id}`` of our own API."""

    def __init__(self, files: ArtifactFiles) -> None:
        self._files = files

    def router(self) -> APIRouter:
        """The route table. It goes before a route of ``/artifacts/{artifact_id}``, which would take these too."""
        router = APIRouter(tags=["artifacts"])
        one = "/artifacts/{artifact_id}"
        router.add_api_route(
            one + ":download",
            self.download,
            methods=["GET"],
            response_model=None,
            response_class=Response,
            responses=CONTENT,
            operation_id="downloadArtifact",
        )
        router.add_api_route(one + ":download", self.download, methods=["HEAD"], include_in_schema=False)
        router.add_api_route(
            one + ":preview",
            self.preview,
            methods=["GET"],
            response_model=WireArtifactPreview,
            operation_id="previewArtifact",
        )
        return router

    def download(
        self,
        request: Request,
        artifact_id: str,
        path: Member = "",
        inline: Annotated[bool, Query(description="To be shown, in a sandbox, and not to be saved.")] = False,
    ) -> Response:
        """Download an artifact, or a file or directory in it."""
        file = self._files.file(self._files.artifact(ArtifactId(artifact_id)), path)
        return artifact_response(self._files, file, request, inline=inline)

    def preview(
        self,
        artifact_id: str,
        path: Member = "",
        most: Annotated[
            int, Query(alias="bytes", ge=1, le=_MOST, description="Bytes of content that are read at most.")
        ] = _DEFAULT,
    ) -> Response:
        """See how an artifact, or a file in it, begins."""
        artifact = self._files.artifact(ArtifactId(artifact_id))
        return shown(_to_wire(artifact, path, self._files.preview(artifact, path, most)))


def _to_wire(artifact: Artifact, member: str, preview: Preview) -> WireArtifactPreview:
    is_table = preview.kind is PreviewKind.TABLE
    return WireArtifactPreview(
        artifact_id=artifact.id,
        path=member,
        kind=preview.kind,
        name=_readable(file_name(artifact, member)),
        media_type=preview.media_type,
        size=_size(preview.size),
        truncated=preview.truncated,
        text=preview.text,
        columns=list(preview.columns) if is_table else None,
        rows=[list(row) for row in preview.rows] if is_table else None,
        image=preview.image,
        entries=_entries(preview.entries) if preview.kind is PreviewKind.DIRECTORY else None,
        metrics=dict(preview.metrics) if preview.metrics is not None else None,
    )


def _entries(entries: Sequence[ContentEntry]) -> list[WireArtifactEntry]:
    return [WireArtifactEntry(name=_readable(item.name), kind=item.kind, size=_size(item.size)) for item in entries]


def _readable(name: str) -> str:
    """File names need not be text."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _size(size: int) -> int | None:
    return size if size >= 0 else None
