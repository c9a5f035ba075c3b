"""``GET /runs`` of our own API: what the dashboard's lists and comparisons show of runs."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Response

from pinnace.api.answers import answers
from pinnace.api.extensions.views import run_header
from pinnace.api.extensions.wire_base import shown
from pinnace.api.extensions.wire_run_rows import WireRunRow, WireRunRows
from pinnace.api.kfp.convert_runs import RUN_FIELDS
from pinnace.api.kfp.filters import Fields
from pinnace.api.kfp.paging import ListParameters
from pinnace.domain.ids import RunId
from pinnace.services.experiments import NAMESPACE
from pinnace.services.run_rows import RunRow, RunRowService

# States are the engine's own here: a stopped run is CANCELED, which KFP's messages tell as FAILED.
_FIELDS: Final = Fields(
    RUN_FIELDS.kind,
    {
        **RUN_FIELDS.names,
        "pipeline_id": "pipeline_id",
        "pipeline_version_id": "pipeline_version_id",
        "pipeline_name": "pipeline_name",
    },
    times=RUN_FIELDS.times,
)
_MOST: Final = 50


class RunRowRoutes:
    """Lists of runs with what belongs to them."""

    def __init__(self, rows: RunRowService) -> None:
        self._rows = rows

    def router(self) -> APIRouter:
        """The route table."""
        router = APIRouter(tags=["runs"])
        router.add_api_route(
            "/runs",
            self.list,
            methods=["GET"],
            response_model=WireRunRows,
            operation_id="listRunRows",
            responses=answers(404),
        )
        return router

    def list(
        self,
        page: Annotated[ListParameters, Depends()],
        experiment_id: Annotated[str, Query(description="Only those of this experiment.")] = "",
        run_id: Annotated[
            list[str] | None, Query(description="These runs, in this order, and nothing else.", max_length=_MOST)
        ] = None,
    ) -> Response:
        """List runs with names, parameters and metrics.

        Filters know the fields of KFP's list of runs, and pipeline_id, pipeline_version_id and pipeline_name.
        """
        if run_id:
            rows = [_row(row) for row in self._rows.of(RunId(item) for item in run_id)]
            return shown(WireRunRows(runs=rows, total_size=len(rows), next_page_token=""))
        found = self._rows.page(page.query(_FIELDS, NAMESPACE, experiment_id or None))
        return shown(
            WireRunRows(
                runs=[_row(row) for row in found.items],
                total_size=found.total,
                next_page_token=page.next_token(found.next_token),
            )
        )


def _row(row: RunRow) -> WireRunRow:
    run = row.run
    return WireRunRow(
        run=run_header(run),
        description=run.description,
        experiment_name=row.experiment,
        pipeline_name=row.pipeline or run.pipeline_name,
        pipeline_id=None if run.reference is None else run.reference.pipeline,
        pipeline_version_id=None if run.reference is None else run.reference.version,
        version_name=row.version,
        recurring_run_id=run.recurring_run,
        recurring_run_name=row.recurring_run,
        creator=run.creator,
        parameters=dict(run.parameters),
        metrics=dict(row.metrics),
    )
