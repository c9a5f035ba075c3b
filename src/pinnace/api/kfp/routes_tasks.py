"""Tasks of all runs. Upstream: ``run_server.go`` of its next release."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Response

from pinnace.api.answers import answers
from pinnace.api.kfp.convert_announced_tasks import TASK_FIELDS, task_to_wire
from pinnace.api.kfp.paging import ListParameters
from pinnace.api.kfp.routes_artifacts import ENGINE_ALONE
from pinnace.api.kfp.wire_base import answer
from pinnace.api.kfp.wire_tasks import WireTask, WireTasks
from pinnace.errors import InvalidInput
from pinnace.services.experiments import NAMESPACE
from pinnace.services.tasks import TaskService


class TaskMessageRoutes:
    """Endpoints under ``/tasks``."""

    def __init__(self, tasks: TaskService) -> None:
        self._tasks = tasks

    def router(self) -> APIRouter:
        """The route table."""
        router = APIRouter(tags=["tasks"])
        one = "/tasks/{task_id}"
        router.add_api_route(
            "/tasks",
            self.list,
            methods=["GET"],
            response_model=WireTasks,
            operation_id="RunService_ListTasks",
            responses=answers(404),
        )
        router.add_api_route(
            "/tasks",
            self.create,
            methods=["POST"],
            response_model=WireTask,
            operation_id="RunService_CreateTask",
            responses=answers(501),
        )
        router.add_api_route(one, self.get, methods=["GET"], response_model=WireTask, operation_id="RunService_GetTask")
        router.add_api_route(
            one,
            self.update,
            methods=["PATCH"],
            response_model=WireTask,
            operation_id="RunService_UpdateTask",
            responses=answers(501),
        )
        return router

    def list(
        self,
        page: Annotated[ListParameters, Depends()],
        run_id: Annotated[str, Query(description="Only tasks of this run.")] = "",
        parent_id: Annotated[str, Query(description="Only tasks directly inside this one.")] = "",
        order_by: Annotated[str, Query(description="The same as `sort_by`, as upstream's proposal has it.")] = "",
    ) -> Response:
        """List tasks of a run, of a task, or of all runs."""
        if run_id and parent_id:
            raise InvalidInput("Give run_id or parent_id, not both: a task lies in one run.")
        if order_by and page.sort_by and order_by != page.sort_by:
            raise InvalidInput("Give sort_by or order_by, not both: they are the same.")
        page = replace(page, sort_by=page.sort_by or order_by)
        query = page.query(TASK_FIELDS, NAMESPACE, parent_id or run_id or None)
        found = self._tasks.list_inside(query) if parent_id else self._tasks.list(query)
        return answer(
            WireTasks.model_construct(
                tasks=tuple(task_to_wire(task, found.context) for task in found.page.items),
                total_size=found.page.total,
                next_page_token=page.next_token(found.page.next_token),
            )
        )

    def get(self, task_id: str) -> Response:
        """Get a task with the tasks directly inside."""
        found = self._tasks.get(task_id)
        return answer(task_to_wire(found.task, found.context, found.children))

    def create(self) -> Response:
        """Refuse to make a task, which is the engine's to do."""
        raise HTTPException(501, ENGINE_ALONE)

    def update(self, task_id: str) -> Response:
        """Refuse to change a task, which is the engine's to do."""
        raise HTTPException(501, f"Task {task_id} stays as it is. {ENGINE_ALONE}")
