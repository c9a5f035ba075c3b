"""Tasks of a run in full, and their outputs."""

from fastapi import APIRouter, Response

from pinnace.api.extensions.views import files_of, outputs_view, run_view, task_view
from pinnace.api.extensions.wire_base import shown, time_of
from pinnace.api.extensions.wire_run_changes import WireChangesSinceSuccess, WireRunDifference, WireSuccess
from pinnace.api.extensions.wire_runs import WireOutputsView, WireRunView
from pinnace.api.extensions.wire_tasks import WireTasksView
from pinnace.domain.ids import RunId
from pinnace.ports.logs import AttemptLogs
from pinnace.services.changes import ChangeService
from pinnace.services.run_changes import ChangesSinceSuccess
from pinnace.services.views import ViewService


class TaskRoutes:
    """Endpoints under ``/apis/pinnace/v1/runs/{run_id}``."""

    def __init__(self, views: ViewService, changes: ChangeService, logs: AttemptLogs) -> None:
        self._views = views
        self._changes = changes
        self._logs = logs

    def router(self) -> APIRouter:
        """The route table."""
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
            one + "/changes-since-success",
            self.changes_since_success,
            methods=["GET"],
            response_model=WireChangesSinceSuccess,
            operation_id="getChangesSinceSuccess",
        )
        return router

    def run(self, run_id: str) -> Response:
        """What upstream's message of a run has no place for."""
        run, change_number = self._changes.run(RunId(run_id))
        return shown(run_view(run, change_number, str(self._logs.workspace(run.id))))

    def tasks(self, run_id: str) -> Response:
        """Every node of a run, with its attempts, values, artifacts and failure."""
        view = self._views.run(RunId(run_id), with_artifacts=True)
        return shown(WireTasksView(tasks=[task_view(task, view, files_of(task, self._logs)) for task in view.tasks]))

    def outputs(self, run_id: str) -> Response:
        """Output parameters of a run and of its tasks."""
        return shown(outputs_view(self._views.run(RunId(run_id))))

    def changes_since_success(self, run_id: str) -> Response:
        """What is different from the last run of the same pipeline that succeeded before."""
        return shown(_changes_view(self._views.changes_since_success(RunId(run_id))))


def _changes_view(found: ChangesSinceSuccess) -> WireChangesSinceSuccess:
    last = found.last_success
    return WireChangesSinceSuccess(
        last_success=None
        if last is None
        else WireSuccess(run_id=last.id, display_name=last.display_name, created_at=time_of(last.created_at)),
        comparable=found.is_comparable,
        differences=[
            WireRunDifference(
                thing=each.thing, task=each.task, name=each.name, before=each.before, after=each.after, diff=each.diff
            )
            for each in found.differences
        ],
        more=found.more,
    )
