"""What lists show of runs beside their own rows."""

from collections.abc import Collection, Mapping
from typing import Protocol

from pinnace.domain.ids import RunId


class Overview(Protocol):
    """Reads for many objects at once. Who asks for what is not there gets nothing for it."""

    def names(self, kind: str, ids: Collection[str]) -> Mapping[str, str]:
        """The display names of objects of one kind of ``domain.changes``: experiments, pipelines, their versions and
        recurring runs.
        """
        ...

    def metrics(self, runs: Collection[RunId], limit: int) -> Mapping[RunId, Mapping[str, float]]:
        """The numbers in the ``system.Metrics`` artifacts that tasks of the runs gave out, cached or not.

        Of a name that came twice, the last counts.
        At most *limit* artifacts are read, the newest, so that runs with thousands of them stay cheap to list.
        """
        ...
