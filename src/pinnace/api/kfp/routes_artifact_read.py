"""Content of artifacts inside JSON. Upstream: ``ReadArtifact`` of ``run_server.go`` and ``run_artifact_server.go``."""

import base64
from http import HTTPStatus
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Response
from starlette.exceptions import HTTPException

from pinnace.api.answers import answers
from pinnace.api.kfp.wire_artifact_read import WireArtifactData
from pinnace.api.kfp.wire_base import answer
from pinnace.domain.ids import ArtifactId, RunId
from pinnace.domain.tasks import TaskRecord
from pinnace.errors import FailedPrecondition, NotFound
from pinnace.ports.logs import AttemptLogs
from pinnace.services.artifact_files import ArtifactFiles
from pinnace.services.views import ViewService, attempt_of

MOST: Final = 16 << 20
"""Bytes of content that are answered: the whole answer is in memory, ours and the client's."""

_LOG: Final = "main-logs"
"""Upstream's name for the log of a task."""


class ArtifactReadRoutes:
    """One endpoint under ``/runs``."""

    def __init__(self, views: ViewService, files: ArtifactFiles, logs: AttemptLogs) -> None:
        self._views = views
        self._files = files
        self._logs = logs

    def router(self) -> APIRouter:
        """The route table."""
        router = APIRouter(tags=["runs"])
        router.add_api_route(
            "/runs/{run_id}/nodes/{node_id:path}/artifacts/{artifact_name}:read",
            self.read,
            methods=["GET"],
            response_model=WireArtifactData,
            responses=answers(501),
            operation_id="RunService_ReadArtifact",
        )
        return router

    def read(self, run_id: str, node_id: str, artifact_name: str) -> Response:
        """Read a small output artifact of a task, or its log, which is called ``main-logs``."""
        task = self._views.task(RunId(run_id), node_id)
        ids = task.outputs.artifacts.get(artifact_name, ())
        if not ids and artifact_name == _LOG:
            content = self._log(task)
        elif not ids:
            raise NotFound("Artifact", f"{artifact_name} of task {task.node} of run {run_id}")
        elif len(ids) > 1:
            raise FailedPrecondition(f"{artifact_name} is a list of {len(ids)} artifacts. Download them one by one.")
        else:
            content = self._artifact(ids[0])
        return answer(WireArtifactData(data=base64.b64encode(content).decode()))

    def _artifact(self, artifact: ArtifactId) -> bytes:
        file = self._files.file(self._files.artifact(artifact))
        address = f"/apis/pinnace/v1/artifacts/{artifact}:download"
        if file.is_directory:
            raise HTTPException(
                HTTPStatus.NOT_IMPLEMENTED,
                f"The artifact is a directory, which is not read here. Get it from {address}.",
            )
        content = self._files.head(file, MOST + 1)
        if len(content) > MOST:
            raise FailedPrecondition(f"The artifact has more than {MOST >> 20} MiB. Get it from {address}.")
        return content

    def _log(self, task: TaskRecord) -> bytes:
        path = self._logs.attempt_log(task.run, task.node, attempt_of(task, None).number)
        content = _first_bytes(path, MOST + 1)
        if len(content) > MOST:
            raise FailedPrecondition(f"The log has more than {MOST >> 20} MiB. Read it as a log.")
        return content


def _first_bytes(path: Path, most: int) -> bytes:
    """Nothing for a log that was not begun."""
    try:
        with path.open("rb") as file:
            return file.read(most)
    except (FileNotFoundError, NotADirectoryError):
        return b""
