"""Tasks of a run in full, their outputs, and their logs."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from starlette.responses import JSONResponse, StreamingResponse

from pinnace.api.extensions.log_stream import follow_log, has_log, read_log
from pinnace.api.extensions.views import AttemptFiles, outputs_view, run_view, task_view
from pinnace.domain.ids import RunId
from pinnace.domain.tasks import TaskRecord
from pinnace.ports.logs import AttemptLogs
from pinnace.services.views import ViewService, attempt_of

PLAIN = "text/plain; charset=utf-8"


class TaskRoutes:
    """Endpoints under ``/apis/pinnace/v1/runs/{run_id}``, and KFP's one for logs."""

    def __init__(self, views: ViewService, logs: AttemptLogs) -> None:
        self._views = views
        self._logs = logs

    def router(self) -> APIRouter:
        """The route table of our extension."""
        router = APIRouter(tags=["tasks"])
        router.add_api_route("/runs/{run_id}", self.run, methods=["GET"])
        router.add_api_route("/runs/{run_id}/tasks", self.tasks, methods=["GET"])
        router.add_api_route("/runs/{run_id}/outputs", self.outputs, methods=["GET"])
        router.add_api_route("/runs/{run_id}/tasks/{node:path}/log", self.log, methods=["GET"])
        return router

    def kfp_router(self) -> APIRouter:
        """KFP's endpoint for logs, which never follows."""
        router = APIRouter(tags=["tasks"])
        router.add_api_route("/runs/{run_id}/nodes/{node_id:path}/log", self.kfp_log, methods=["GET"])
        return router

    def run(self, run_id: str) -> Response:
        """What upstream's message of a run has no place for."""
        run = self._views.run(RunId(run_id)).run
        return JSONResponse(run_view(run, str(self._logs.workspace(run.id))))

    def tasks(self, run_id: str) -> Response:
        """Every node of a run, with its attempts, values, artifacts and failure."""
        view = self._views.run(RunId(run_id), with_artifacts=True)
        return JSONResponse({"tasks": [task_view(task, view, self._files(task)) for task in view.tasks]})

    def outputs(self, run_id: str) -> Response:
        """Output parameters of a run and of its tasks."""
        return JSONResponse(outputs_view(self._views.run(RunId(run_id))))

    def log(
        self,
        run_id: str,
        node: str,
        attempt: Annotated[int | None, Query(ge=1)] = None,
        offset: Annotated[int, Query(ge=0)] = 0,
        follow: bool = False,
    ) -> Response:
        """The log of an attempt, the last one by default, from byte ``offset`` on; ``follow`` goes on until it ends."""
        task = self._views.task(RunId(run_id), node)
        number = attempt_of(task, attempt).number
        path = self._logs.attempt_log(task.run, task.node, number)

        def ended() -> bool:
            return self._views.has_ended(task.run, task.node, number)

        headers = {"X-Pinnace-Attempt": str(number)}
        content: Any = follow_log(path, offset, ended) if follow else read_log(path, offset)
        return StreamingResponse(content, media_type=PLAIN, headers=headers)

    def kfp_log(self, run_id: str, node_id: str) -> Response:
        """The log of the last attempt as it is now."""
        return self.log(run_id, node_id)

    def _files(self, task: TaskRecord) -> dict[int, AttemptFiles]:
        return {
            item.number: AttemptFiles(
                directory=str(self._logs.attempt_directory(task.run, task.node, item.number)),
                has_log=has_log(self._logs.attempt_log(task.run, task.node, item.number)),
            )
            for item in task.attempts
        }
