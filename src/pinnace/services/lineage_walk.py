"""The walk from an artifact along the links: breadth first, a few queries a step, bounded in every direction.

DAGs and loops are left out, so that each artifact has one maker. Backwards it leads from an artifact to the task that
made it and on to what that took in. Forwards it leads from an artifact to every task that took it in, in any run, and
on to what that gave out; a cache hit gives out what an earlier task had made, so that one artifact may be reached
through tasks of many runs.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from pinnace.domain.artifacts import StoredArtifact
from pinnace.domain.ids import ArtifactId, task_uuid
from pinnace.domain.lineage import MAKING, Graph, Link, LinkRole
from pinnace.ports.lineage import Lineage

MAX_NODES: Final = 1_000
MAX_LINKS: Final = 5_000


class Walk:
    """What was met so far."""

    def __init__(self, lineage: Lineage, start: StoredArtifact) -> None:
        self._lineage = lineage
        self._start = start.artifact.id
        self._artifacts: dict[ArtifactId, None] = {self._start: None}
        self._tasks: dict[str, None] = {}
        self._links: dict[Link, None] = {}
        self._truncated = False

    def backward(self, depth: int) -> None:
        """Go *depth* tasks back."""
        seen, frontier = {self._start}, [self._start]
        tasks: set[str] = set()
        for _ in range(depth):
            reached = self._enter_tasks(self._lineage.producers(frontier).values(), tasks)
            inputs = self._lineage.links_of_tasks(reached, [LinkRole.USED], self._room())
            frontier = self._enter_artifacts(inputs, seen)
            if not frontier:
                return
        self._truncated |= bool(self._lineage.producers(frontier))

    def forward(self, depth: int) -> None:
        """Go *depth* tasks on."""
        seen, frontier = {self._start}, [self._start]
        tasks: set[str] = set()
        for _ in range(depth):
            uses = self._lineage.links_of_artifacts(frontier, [LinkRole.USED], self._room())
            reached = self._enter_tasks(uses, tasks)
            frontier = self._enter_artifacts(self._lineage.links_of_tasks(reached, MAKING, self._room()), seen)
            if not frontier:
                return
        self._truncated |= bool(self._lineage.links_of_artifacts(frontier, [LinkRole.USED], 1))

    def graph(self) -> Graph:
        """Everything that was met."""
        artifacts = self._lineage.artifacts_by_id(list(self._artifacts))
        tasks = self._lineage.briefs(list(self._tasks))
        links = [link for link in self._links if link.artifact in artifacts and task_uuid(link.run, link.node) in tasks]
        shown = [artifacts[each] for each in self._artifacts if each in artifacts]
        return Graph(shown, [tasks[each] for each in self._tasks if each in tasks], links, self._truncated)

    def _room(self) -> int:
        """How many links may be asked for; one more than there is room for, to learn that there are more."""
        return MAX_LINKS - len(self._links) + 1

    def _enter_tasks(self, links: Iterable[Link], seen: set[str]) -> Sequence[str]:
        """Take in links together with their tasks; those of the tasks that were not met this way before."""
        fresh: dict[str, None] = {}
        for link in links:
            task = task_uuid(link.run, link.node)
            if self._has_room(link, task in self._tasks):
                self._tasks[task] = self._links[link] = None
                if task not in seen:
                    fresh[task] = None
        seen.update(fresh)
        return list(fresh)

    def _enter_artifacts(self, links: Iterable[Link], seen: set[ArtifactId]) -> list[ArtifactId]:
        """Take in links together with their artifacts; those of the artifacts that were not met this way before."""
        fresh: dict[ArtifactId, None] = {}
        for link in links:
            if self._has_room(link, link.artifact in self._artifacts):
                self._artifacts[link.artifact] = self._links[link] = None
                if link.artifact not in seen:
                    fresh[link.artifact] = None
        seen.update(fresh)
        return list(fresh)

    def _has_room(self, link: Link, known: bool) -> bool:
        full = len(self._artifacts) + len(self._tasks) >= MAX_NODES
        if (full and not known) or (len(self._links) >= MAX_LINKS and link not in self._links):
            self._truncated = True
            return False
        return True
