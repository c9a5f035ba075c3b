"""The lists that are measured among very many rows, in the words of the KFP API; the store is asked the same."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

from scale_data import EPOCH, MINUTE, Size, experiment_id, pipeline_id, recurring_run_id, run_id

from pinnace.api.kfp.convert_library import EXPERIMENT_FIELDS, PIPELINE_FIELDS, VERSION_FIELDS
from pinnace.api.kfp.convert_recurring_runs import RECURRING_RUN_FIELDS
from pinnace.api.kfp.convert_runs import RUN_FIELDS
from pinnace.api.kfp.filters import Fields
from pinnace.api.kfp.paging import ListParameters
from pinnace.api.kfp.times import timestamp
from pinnace.domain.listing import ListQuery
from pinnace.domain.values import Instant
from pinnace.ports.store import UnitOfWork

KFP: Final = "/apis/v2beta1"
NAMESPACE: Final = "default"
FIELDS: Final = {
    "runs": RUN_FIELDS,
    "experiments": EXPERIMENT_FIELDS,
    "pipelines": PIPELINE_FIELDS,
    "versions": VERSION_FIELDS,
    "schedules": RECURRING_RUN_FIELDS,
}
"""The lists by the names that the store's unit of work has for them, and by what each can be sorted and filtered."""
PATHS: Final = {
    "versions": f"/pipelines/{pipeline_id(0)}/versions",
    "schedules": "/recurringruns",
}


@dataclass(frozen=True, slots=True)
class Case:
    """One list, asked for again and again.

    Attributes:
        limit: Milliseconds that the slowest hundredth may take.
        skip: How many items lie before the page.
    """

    name: str
    limit: int
    resource: str = "runs"
    predicates: tuple[dict[str, Any], ...] = ()
    sort_by: str = "created_at desc"
    parent: str = ""
    skip: int = 0
    size: int = 20
    parameters: ListParameters = field(init=False)

    def __post_init__(self) -> None:
        text = json.dumps({"predicates": self.predicates}) if self.predicates else ""
        object.__setattr__(self, "parameters", ListParameters("", self.size, self.sort_by, text))

    @property
    def fields(self) -> Fields:
        """By what the list can be sorted and filtered."""
        return FIELDS[self.resource]

    def query(self, unit: UnitOfWork) -> ListQuery:
        """What the store is asked; *unit* is asked for the place where the page begins."""
        namespace = None if self.resource == "versions" else NAMESPACE
        first = self.parameters.query(self.fields, namespace, self._parent() or None)
        if not self.skip:
            return first
        before = ListQuery(namespace, first.parent, first.predicates, first.sort_by, first.descending, self.skip)
        token: str = getattr(unit, self.resource).list(before).next_token
        return ListQuery(namespace, first.parent, size=self.size, token=token)

    def url(self, unit: UnitOfWork) -> str:
        """What the server is asked."""
        query: dict[str, Any] = {"page_size": self.size, "sort_by": self.sort_by, "filter": self.parameters.filter}
        if self.skip:
            query = {"page_size": self.size, "page_token": self.parameters.next_token(self.query(unit).token)}
        if self.parent:
            query["experiment_id"] = self.parent
        return f"{KFP}{PATHS.get(self.resource, '/' + self.resource)}?{urlencode(query)}"

    def _parent(self) -> str:
        return pipeline_id(0) if self.resource == "versions" else self.parent


def cases(size: Size) -> Sequence[Case]:
    """All of them. The first ones have the limit of the design's table, all others the wider one."""
    state = _where("state", "EQUALS", "FAILED")
    available = _where("storage_state", "EQUALS", "AVAILABLE")
    not_archived = _where("storage_state", "NOT_EQUALS", "ARCHIVED")
    middle = EPOCH + size.runs // 2 * MINUTE
    late = _where("created_at", "GREATER_THAN", timestamp(Instant(middle)), "timestamp_value")
    finished = _where("finished_at", "LESS_THAN_EQUALS", timestamp(Instant(middle)), "timestamp_value")
    experiment = experiment_id(7 % size.experiments)
    deep = size.runs // 2 + 1  # of the server's namespace, which every fifth run is not
    return [
        Case("by namespace", 20),
        Case("by namespace, oldest first", 20, sort_by="created_at"),
        Case(f"by namespace, page {deep // 20:,}", 20, skip=deep),
        Case("by experiment", 20, parent=experiment),
        Case("by experiment, a page in the middle", 20, parent=experiment, skip=deep // size.experiments),
        Case("by state", 20, predicates=(state,)),
        Case("by storage state", 20, predicates=(available,)),
        Case("not archived", 20, predicates=(not_archived,)),
        Case("by storage state and state", 20, predicates=(available, state)),
        Case("by experiment, storage state and state", 20, parent=experiment, predicates=(available, state)),
        Case("by namespace, 200 a page", 150, size=200),
        Case("sorted by name", 150, sort_by="name"),
        Case("sorted by name, page in the middle", 150, sort_by="name", skip=deep),
        Case("sorted by finished_at", 150, sort_by="finished_at desc"),
        Case("sorted by finished_at, page in the middle", 150, sort_by="finished_at desc", skip=deep),
        Case("sorted by scheduled_at", 150, sort_by="scheduled_at desc"),
        Case("sorted by description", 150, sort_by="description"),
        Case("sorted by state", 150, sort_by="state"),
        Case("sorted by experiment_id", 150, sort_by="experiment_id"),
        Case("sorted by recurring_run_id", 150, sort_by="recurring_run_id desc"),
        Case("sorted by id", 150, sort_by="run_id"),
        Case("name contains, many do", 150, predicates=(_named("training"),)),
        Case("name contains, few do", 150, predicates=(_named(f" {deep} of"),)),
        Case("name contains, none does", 150, predicates=(_named("nowhere"),)),
        Case(
            "name contains, of an experiment", 150, parent=experiment, predicates=(_where("name", "IS_SUBSTRING", "7"),)
        ),
        Case("description contains", 150, predicates=(_where("description", "IS_SUBSTRING", "fraud"),)),
        Case("by name", 150, predicates=(_where("name", "EQUALS", "demo"),)),
        Case("by id", 150, predicates=(_where("run_id", "EQUALS", run_id(deep)),)),
        Case("by recurring run", 150, predicates=(_where("recurring_run_id", "EQUALS", recurring_run_id(3)),)),
        Case("created since", 150, predicates=(late,)),
        Case("created since, by state", 150, predicates=(late, state, not_archived)),
        Case("finished before", 150, predicates=(finished,), sort_by="finished_at desc"),
        Case(
            "name contains, by state, sorted by name",
            150,
            predicates=(_where("name", "IS_SUBSTRING", "9"), state),
            sort_by="name",
        ),
        *(
            Case(f"{resource} {name}", 150, resource, predicates=predicates, sort_by=sort_by)
            for resource in ("experiments", "pipelines", "versions", "schedules")
            for name, predicates, sort_by in (
                ("by namespace", (), "created_at desc"),
                ("sorted by name", (), "name"),
                ("whose name contains", (_named("77"),), "created_at desc"),
            )
        ),
    ]


def _named(part: str) -> dict[str, Any]:
    return _where("name", "IS_SUBSTRING", part)


def _where(key: str, operation: str, value: str, kind: str = "string_value") -> dict[str, Any]:
    return {"key": key, "operation": operation, kind: value}
