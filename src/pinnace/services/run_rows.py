"""Runs as lists and comparisons show them: with the names of what they belong to, and the numbers that they made."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pinnace.domain.changes import EXPERIMENT, PIPELINE, PIPELINE_VERSION, RECURRING_RUN
from pinnace.domain.ids import RunId
from pinnace.domain.listing import ListQuery, Page
from pinnace.domain.runs import Run
from pinnace.ports.store import Store, UnitOfWork

_MOST_METRICS: Final = 2_000
"""Artifacts that are read for the numbers of one page."""


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run in a list. Names are "" where there is no such object, or no longer."""

    run: Run
    experiment: str
    pipeline: str
    version: str
    recurring_run: str
    metrics: Mapping[str, float]


class RunRowService:
    """Reads rows."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def page(self, query: ListQuery) -> Page[RunRow]:
        """One page of runs. ``query`` as ``Runs.list`` takes it, which also names the errors."""
        with self._store.read() as uow:
            found = uow.runs.list(query)
            return Page(_rows(uow, found.items), found.total, found.next_token)

    def of(self, runs: Iterable[RunId]) -> Sequence[RunRow]:
        """The given runs, in their order. Raises NotFound."""
        with self._store.read() as uow:
            return _rows(uow, [uow.runs.get(run) for run in runs])


def _rows(uow: UnitOfWork, runs: Sequence[Run]) -> list[RunRow]:
    references = [run.reference for run in runs if run.reference is not None]
    experiments = uow.overview.names(EXPERIMENT, {run.experiment for run in runs})
    pipelines = uow.overview.names(PIPELINE, {reference.pipeline for reference in references})
    versions = uow.overview.names(PIPELINE_VERSION, {item.version for item in references if item.version is not None})
    recurring = uow.overview.names(RECURRING_RUN, {run.recurring_run for run in runs if run.recurring_run is not None})
    metrics = uow.overview.metrics([run.id for run in runs], _MOST_METRICS)
    return [
        RunRow(
            run,
            experiment=experiments.get(run.experiment, ""),
            pipeline=pipelines.get(run.reference.pipeline, "") if run.reference is not None else "",
            version=versions.get(run.reference.version or "", "") if run.reference is not None else "",
            recurring_run=recurring.get(run.recurring_run or "", ""),
            metrics=metrics.get(run.id, {}),
        )
        for run in runs
    ]
