"""Lists over all runs: what was made, and what ran."""

from collections.abc import Sequence
from typing import Annotated, Literal, TypeAlias

from fastapi import APIRouter, Query, Response

from pinnace.api.answers import answers
from pinnace.api.extensions.lineage_views import artifact_use, task_brief
from pinnace.api.extensions.wire_base import shown, time_of
from pinnace.api.extensions.wire_overviews import WireArtifactLine, WireArtifactLines, WireTaskLines
from pinnace.domain.listing import ListQuery, Operation, Predicate
from pinnace.domain.states import NodePhase
from pinnace.services.experiments import NAMESPACE
from pinnace.services.lineage import LineageService, ProducedArtifact
from pinnace.services.tasks import TaskService, in_phases

ArtifactKind: TypeAlias = Literal[
    "Artifact", "Model", "Dataset", "HTML", "Markdown", "Metric", "ClassificationMetric", "SlicedClassificationMetric"
]

NamePart = Annotated[str, Query(description="Only those with this in their name, in any case.")]
PageSize = Annotated[int, Query(ge=1, le=200, description="At most so many.")]
PageToken = Annotated[
    str, Query(description="Where the page begins: `next_page_token` of the one before, asked for in the same words.")
]


class OverviewRoutes:
    """Endpoints ``/artifacts`` and ``/tasks`` of our own API."""

    def __init__(self, lineage: LineageService, tasks: TaskService) -> None:
        self._lineage = lineage
        self._tasks = tasks

    def router(self) -> APIRouter:
        """The route table."""
        router = APIRouter()
        router.add_api_route(
            "/artifacts",
            self.artifacts,
            methods=["GET"],
            response_model=WireArtifactLines,
            operation_id="listArtifactLines",
            tags=["artifacts"],
        )
        router.add_api_route(
            "/tasks",
            self.tasks,
            methods=["GET"],
            response_model=WireTaskLines,
            operation_id="listTaskLines",
            responses=answers(404),
            tags=["tasks"],
        )
        return router

    def artifacts(
        self,
        name: NamePart = "",
        kind: Annotated[
            ArtifactKind | None,
            Query(description="Only those of this kind; `Artifact` also stands for types of somebody's own."),
        ] = None,
        page_size: PageSize = 50,
        page_token: PageToken = "",
    ) -> Response:
        """List artifacts of all runs with what made each, newest first."""
        wanted = [Predicate("name", Operation.IS_SUBSTRING, name)] if name else []
        if kind is not None:
            wanted.append(Predicate("kind", Operation.EQUALS, kind))
        found = self._lineage.produced(_newest_first(wanted, page_size, page_token))
        lines = [_artifact_line(each) for each in found.items]
        return shown(WireArtifactLines(items=lines, total=found.total, next_page_token=found.next_token))

    def tasks(
        self,
        name: NamePart = "",
        phase: Annotated[Sequence[NodePhase], Query(description="Only those in one of these phases.")] = (),
        run_id: Annotated[str, Query(description="Only those of this run.")] = "",
        groups: Annotated[bool, Query(description="Also DAGs and loops, which run nothing themselves.")] = False,
        page_size: PageSize = 50,
        page_token: PageToken = "",
    ) -> Response:
        """List tasks of all runs, newest first."""
        wanted = [Predicate("display_name", Operation.IS_SUBSTRING, name)] if name else []
        if phase:
            wanted.append(in_phases(phase))
        query = _newest_first(wanted, page_size, page_token, run_id or None)
        found = self._tasks.list_briefs(query, groups=groups)
        return shown(
            WireTaskLines(
                items=[task_brief(each) for each in found.items], total=found.total, next_page_token=found.next_token
            )
        )


def _newest_first(wanted: Sequence[Predicate], size: int, token: str, run: str | None = None) -> ListQuery:
    return ListQuery(
        namespace=NAMESPACE,
        parent=run,
        predicates=tuple(wanted),
        sort_by="created_at",
        descending=True,
        size=size,
        token=token,
    )


def _artifact_line(found: ProducedArtifact) -> WireArtifactLine:
    artifact = found.stored.artifact
    return WireArtifactLine(
        artifact_id=artifact.id,
        name=artifact.name,
        type=artifact.type.schema_title,
        uri=artifact.uri,
        size=artifact.size if artifact.size >= 0 else None,
        created_at=time_of(found.stored.created_at),
        run_id=found.stored.run or None,
        producer=None if found.producer is None else artifact_use(found.producer),
    )
