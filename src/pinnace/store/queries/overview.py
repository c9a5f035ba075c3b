"""What lists show of runs beside their own rows."""

import json
from collections.abc import Collection, Mapping
from typing import Any, Final

from sqlalchemy import Column, Connection, select

from pinnace.domain.changes import EXPERIMENT, PIPELINE, PIPELINE_VERSION, RECURRING_RUN
from pinnace.domain.ids import RunId
from pinnace.store import values
from pinnace.store.tables import artifacts, experiments, pipeline_versions, pipelines, recurring_runs, task_artifacts

_NAMES: Final[Mapping[str, tuple["Column[str]", "Column[str]"]]] = {
    EXPERIMENT: (experiments.c.id, experiments.c.display_name),
    PIPELINE: (pipelines.c.id, pipelines.c.display_name),
    PIPELINE_VERSION: (pipeline_versions.c.id, pipeline_versions.c.display_name),
    RECURRING_RUN: (recurring_runs.c.id, recurring_runs.c.display_name),
}


class SqlOverview:
    """``ports.overview.Overview`` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def names(self, kind: str, ids: Collection[str]) -> Mapping[str, str]:
        """See the port."""
        key, name = _NAMES[kind]
        found: dict[str, str] = {}
        for some in values.chunks(ids):
            found.update((row[0], row[1]) for row in self._connection.execute(select(key, name).where(key.in_(some))))
        return found

    def metrics(self, runs: Collection[RunId], limit: int) -> Mapping[RunId, Mapping[str, float]]:
        """See the port."""
        # By the links of the run, not by who made the artifact: what the cache served is a run's result as well.
        rows = self._connection.execute(
            select(task_artifacts.c.run_id, artifacts.c.metadata)
            .join(artifacts, artifacts.c.id == task_artifacts.c.artifact_id)
            .where(
                task_artifacts.c.run_id.in_(runs),
                task_artifacts.c.direction == "OUTPUT",
                artifacts.c.schema_title == "system.Metrics",
            )
            .order_by(artifacts.c.created_at.desc(), artifacts.c.id.desc())
            .limit(limit)
        ).all()
        found: dict[RunId, dict[str, float]] = {}
        for row in reversed(rows):
            found.setdefault(RunId(row.run_id), {}).update(_numbers(json.loads(row.metadata)))
        return found


def _numbers(metadata: Mapping[str, Any]) -> dict[str, float]:
    return {
        name: value
        for name, value in metadata.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }
