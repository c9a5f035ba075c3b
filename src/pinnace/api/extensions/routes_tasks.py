"""Tasks of a run in full, their outputs, and their logs."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from starlette.responses import StreamingResponse

from pinnace.api.answers import content, with_header
from pinnace.api.extensions.log_stream import follow_log, has_log, read_log
from pinnace.api.extensions.views import AttemptFiles, outputs_view, run_view, task_view
from pinnace.api.extensions.wire_base import shown
from pinnace.api.extensions.wire_runs import WireOutputsView, WireRunView
from pinnace.api.extensions.wire_tasks import WireTasksView
from pinnace.domain.ids import RunId
from pinnace.domain.tasks import TaskRecord
from pinnace.ports.logs import AttemptLogs
from pinnace.services.views import ViewService, attempt_of

PLAIN = "text/plain; charset=utf-8"
ATTEMPT = "X-Pinnace-Attempt"

_LOG = with_header(ATTEMPT, "The number of the attempt.", content("text/plain", "The log."))


class TaskRoutes:
    """Endpoints under ``/apis/pinnace/v1/runs/{run_id}``, and KFP's one for logs."""

    def __init__(self, views: ViewService, logs: AttemptLogs) -> None:
        self._views = views
        self._logs = logs

    def router(self) -> APIRouter:
        """The route table of our extension."""
        router = APIRouter(tags=["tasks"])
        one = "/runs/{run_id}"
        router.add_api_route(one, self.run, methods=["GET"], response_model=WireRunView, operation_id="getRunView")
        router.add_api_route(
            one + "/tasks", self.tasks, methods=["GET"], response_model=WireTasksView, operation_id="listTasksOfRun"
        )
        router.add_api_route(
            one + "/outputs", self.outputs, methods=["GET"], response_model=WireOutputsView, operation_id="getOutputs"
        )
        router.add_api_route(
            one + "/tasks/{node:path}/log",
            self.log,
            methods=["GET"],
            response_model=None,
            response_class=Response,
            responses=_LOG,
            operation_id="readTaskLog",
        )
        return router

    def kfp_router(self) -> APIRouter:
        """KFP's endpoint for logs, which never follows."""
        router = APIRouter(tags=["tasks"])
        router.add_api_route(
            "/runs/{run_id}/nodes/{node_id:path}/log",
            self.kfp_log,
            methods=["GET"],
            response_model=None,
            response_class=Response,
            responses=_LOG,
            operation_id="ReadRunLog",
        )
        return router

    def run(self, run_id: str) -> Response:
        """What upstream's message of a run has no place for."""
        run = self._views.run(RunId(run_id)).run
        return shown(run_view(run, str(self._logs.workspace(run.id))))

    def tasks(self, run_id: str) -> Response:
        """Every node of a run, with its attempts, values, artifacts and failure."""
        view = self._views.run(RunId(run_id), with_artifacts=True)
        return shown(WireTasksView(tasks=[task_view(task, view, self._files(task)) for task in view.tasks]))

    def outputs(self, run_id: str) -> Response:
        """Output parameters of a run and of its tasks."""
        return shown(outputs_view(self._views.run(RunId(run_id))))

    def log(
        self,
        run_id: str,
        node: str,
        attempt: Annotated[int | None, Query(ge=1, description="Its number; the last one by default.")] = None,
        offset: Annotated[int, Query(ge=0, description="The byte to begin at.")] = 0,
        follow: Annotated[bool, Query(description="Go on until the attempt ends.")] = False,
    ) -> Response:
        """The log of an attempt."""
        task = self._views.task(RunId(run_id), node)
        number = attempt_of(task, attempt).number
        path = self._logs.attempt_log(task.run, task.node, number)

        def ended() -> bool:
            return self._views.has_ended(task.run, task.node, number)

        headers = {ATTEMPT: str(number)}
        stream: Any = follow_log(path, offset, ended) if follow else read_log(path, offset)
        return StreamingResponse(stream, media_type=PLAIN, headers=headers)

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
