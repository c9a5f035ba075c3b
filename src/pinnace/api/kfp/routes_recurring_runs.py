"""Recurring runs. Upstream: ``recurring_run_server.go``."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from pinnace.api.answers import answers, with_header
from pinnace.api.kfp.convert_recurring_runs import (
    RECURRING_RUN_FIELDS,
    recurring_run_request,
    recurring_run_to_wire,
)
from pinnace.api.kfp.documents import SpecReader
from pinnace.api.kfp.paging import EXPERIMENT, ListParameters
from pinnace.api.kfp.wire_base import Empty, answer
from pinnace.api.kfp.wire_recurring_runs import WireRecurringRun, WireRecurringRuns
from pinnace.domain.ids import RecurringRunId
from pinnace.domain.schedules import RecurringRun
from pinnace.services.experiments import NAMESPACE
from pinnace.services.schedules import ScheduleService

WARNING = "Pinnace-Warning"
"""The header that tells what the author of a schedule may not have meant; upstream's message has no field for it."""


class RecurringRunRoutes:
    """Endpoints under ``/recurringruns``."""

    def __init__(self, schedules: ScheduleService, specs: SpecReader) -> None:
        self._schedules = schedules
        self._specs = specs

    def router(self) -> APIRouter:
        """The route table."""
        router = APIRouter(tags=["recurring runs"])
        every, one = "/recurringruns", "/recurringruns/{recurring_run_id}"
        router.add_api_route(
            every,
            self.create,
            methods=["POST"],
            response_model=WireRecurringRun,
            operation_id="RecurringRunService_CreateRecurringRun",
            responses=with_header(WARNING, "What the author may not have meant.", answers(404)),
        )
        router.add_api_route(
            every,
            self.list,
            methods=["GET"],
            response_model=WireRecurringRuns,
            operation_id="RecurringRunService_ListRecurringRuns",
            responses=answers(404),
        )
        router.add_api_route(
            one + ":enable",
            self.enable,
            methods=["POST"],
            response_model=Empty,
            operation_id="RecurringRunService_EnableRecurringRun",
        )
        router.add_api_route(
            one + ":disable",
            self.disable,
            methods=["POST"],
            response_model=Empty,
            operation_id="RecurringRunService_DisableRecurringRun",
        )
        router.add_api_route(
            one,
            self.get,
            methods=["GET"],
            response_model=WireRecurringRun,
            operation_id="RecurringRunService_GetRecurringRun",
        )
        router.add_api_route(
            one,
            self.delete,
            methods=["DELETE"],
            response_model=Empty,
            operation_id="RecurringRunService_DeleteRecurringRun",
        )
        return router

    def create(self, body: WireRecurringRun) -> Response:
        """Make a recurring run."""
        recurring = self._schedules.create(recurring_run_request(body))
        response = answer(recurring_run_to_wire(recurring, self._spec(recurring)))
        warnings = self._schedules.upcoming(recurring, count=0).warnings
        if warnings:
            response.headers[WARNING] = " ".join(warnings)
        return response

    def list(
        self,
        page: Annotated[ListParameters, Depends()],
        experiment_id: Annotated[str, Query(description=EXPERIMENT)] = "",
    ) -> Response:
        """List recurring runs."""
        found = self._schedules.list(page.query(RECURRING_RUN_FIELDS, NAMESPACE, experiment_id or None))
        specs = self._specs.all(recurring.document for recurring in found.items if recurring.reference is None)
        return answer(
            WireRecurringRuns.model_construct(
                recurringRuns=tuple(
                    recurring_run_to_wire(item, specs.get(item.document) if item.reference is None else None)
                    for item in found.items
                ),
                total_size=found.total,
                next_page_token=page.next_token(found.next_token),
            )
        )

    def get(self, recurring_run_id: str) -> Response:
        """Get a recurring run."""
        recurring = self._schedules.get(RecurringRunId(recurring_run_id))
        return answer(recurring_run_to_wire(recurring, self._spec(recurring)))

    def delete(
        self,
        recurring_run_id: str,
        propagation_policy: Annotated[
            str, Query(description="Read and ignored: it is about objects of Kubernetes.")
        ] = "",
    ) -> Response:
        """Delete a recurring run; its runs stay."""
        del propagation_policy
        self._schedules.delete(RecurringRunId(recurring_run_id))
        return answer(Empty())

    def enable(self, recurring_run_id: str) -> Response:
        """Let it make runs from now on."""
        self._schedules.enable(RecurringRunId(recurring_run_id))
        return answer(Empty())

    def disable(self, recurring_run_id: str) -> Response:
        """Let it make no more runs."""
        self._schedules.disable(RecurringRunId(recurring_run_id))
        return answer(Empty())

    def _spec(self, recurring: RecurringRun) -> dict[str, Any] | None:
        return self._specs(recurring.document) if recurring.reference is None else None
