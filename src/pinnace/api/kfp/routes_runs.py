"""Runs. Upstream: ``run_server.go``."""

from dataclasses import replace
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Header, Query, Response

from pinnace.api.answers import answers
from pinnace.api.kfp.convert_runs import CACHING, ENVIRONMENT, RUN_FIELDS, run_request, run_to_wire
from pinnace.api.kfp.documents import SpecReader
from pinnace.api.kfp.paging import DEFAULT_SIZE, EXPERIMENT, ListParameters
from pinnace.api.kfp.wire_base import Empty, answer
from pinnace.api.kfp.wire_runs import WireRun, WireRuns
from pinnace.domain.ids import RunId
from pinnace.domain.runs import Run
from pinnace.services.experiments import NAMESPACE
from pinnace.services.runs import RunService
from pinnace.services.views import ViewService

VIEW: Final = f"FULL: with the tasks of every run, and at most {DEFAULT_SIZE} runs a page; else without tasks."
CALLER = "a client of the KFP API"
"""Who stopped or retried a run, as its history tells it while the server has no users."""


class RunRoutes:
    """Endpoints under ``/runs``."""

    def __init__(self, runs: RunService, views: ViewService, specs: SpecReader) -> None:
        self._runs = runs
        self._views = views
        self._specs = specs

    def router(self) -> APIRouter:
        """The route table."""
        router = APIRouter(tags=["runs"])
        one = "/runs/{run_id}"
        router.add_api_route(
            "/runs",
            self.create,
            methods=["POST"],
            response_model=WireRun,
            operation_id="RunService_CreateRun",
            responses=answers(404, 409),
        )
        router.add_api_route(
            "/runs",
            self.list,
            methods=["GET"],
            response_model=WireRuns,
            operation_id="RunService_ListRuns",
            responses=answers(404),
        )
        router.add_api_route(
            one + ":archive", self.archive, methods=["POST"], response_model=Empty, operation_id="RunService_ArchiveRun"
        )
        router.add_api_route(
            one + ":unarchive",
            self.unarchive,
            methods=["POST"],
            response_model=Empty,
            operation_id="RunService_UnarchiveRun",
        )
        router.add_api_route(
            one + ":terminate",
            self.terminate,
            methods=["POST"],
            response_model=Empty,
            operation_id="RunService_TerminateRun",
        )
        router.add_api_route(
            one + ":retry",
            self.retry,
            methods=["POST"],
            response_model=Empty,
            operation_id="RunService_RetryRun",
            responses=answers(409),
        )
        router.add_api_route(one, self.get, methods=["GET"], response_model=WireRun, operation_id="RunService_GetRun")
        router.add_api_route(
            one, self.delete, methods=["DELETE"], response_model=Empty, operation_id="RunService_DeleteRun"
        )
        return router

    def create(
        self,
        body: WireRun,
        experiment_id: Annotated[str, Query(description="Where the body names none.", deprecated=True)] = "",
        environment: Annotated[
            str, Header(alias=ENVIRONMENT, description="How the Python of tasks is made: `inherit` or `isolated`.")
        ] = "",
        caching: Annotated[
            str, Header(alias=CACHING, description="`false`: no task takes the result of an earlier one.")
        ] = "",
    ) -> Response:
        """Submit a run."""
        run = self._runs.create(run_request(body, experiment_id, environment, caching))
        return answer(run_to_wire(run, self._spec(run)))

    def list(
        self,
        page: Annotated[ListParameters, Depends()],
        experiment_id: Annotated[str, Query(description=EXPERIMENT)] = "",
        view: Annotated[Literal["", "DEFAULT", "FULL"], Query(description=VIEW)] = "",
    ) -> Response:
        """List runs, without their tasks unless they are asked for."""
        query = page.query(RUN_FIELDS, NAMESPACE, experiment_id or None)
        with_tasks = view == "FULL"
        found = self._runs.list(replace(query, size=min(query.size, DEFAULT_SIZE)) if with_tasks else query)
        views = self._views.with_tasks(found.items) if with_tasks else [None for _ in found.items]
        specs = self._specs.all(run.document for run in found.items if run.reference is None)
        return answer(
            WireRuns.model_construct(
                runs=tuple(
                    run_to_wire(run, specs.get(run.document), with_its)
                    for run, with_its in zip(found.items, views, strict=True)
                ),
                total_size=found.total,
                next_page_token=page.next_token(found.next_token),
            )
        )

    def get(self, run_id: str) -> Response:
        """Get a run with its tasks."""
        view = self._views.run(RunId(run_id))
        return answer(run_to_wire(view.run, self._spec(view.run), view))

    def delete(self, run_id: str) -> Response:
        """Stop and delete a run."""
        self._runs.delete(RunId(run_id))
        return answer(Empty())

    def archive(self, run_id: str) -> Response:
        """Archive a run."""
        self._runs.archive(RunId(run_id))
        return answer(Empty())

    def unarchive(self, run_id: str) -> Response:
        """Bring a run back."""
        self._runs.unarchive(RunId(run_id))
        return answer(Empty())

    def terminate(self, run_id: str) -> Response:
        """Stop a run."""
        self._runs.terminate(RunId(run_id), CALLER)
        return answer(Empty())

    def retry(self, run_id: str) -> Response:
        """Run again what did not succeed."""
        self._runs.retry(RunId(run_id), CALLER)
        return answer(Empty())

    def _spec(self, run: Run) -> dict[str, Any] | None:
        return self._specs(run.document) if run.reference is None else None
