"""Tasks of all runs: found by their id, listed by run, by the node around them, or all together."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from pinnace.domain.artifacts import StoredArtifact
from pinnace.domain.ids import ArtifactId, RunId
from pinnace.domain.lineage import Link, TaskBrief
from pinnace.domain.listing import ListQuery, Operation, Page, Predicate
from pinnace.domain.states import NodePhase
from pinnace.domain.tasks import TaskRecord
from pinnace.ports.store import Store, UnitOfWork

MAX_CHILDREN: Final = 1_000
_NO_GROUPS: Final = Predicate("kind", Operation.IN, ("CONTAINER", "IMPORTER"))


def in_phases(phases: Iterable[NodePhase]) -> Predicate:
    """The predicate for nodes in one of these phases, in the words for which the store has the fitting index."""
    wanted = tuple(dict.fromkeys(phases))
    if len(wanted) == 1:
        return Predicate("phase", Operation.EQUALS, wanted[0])
    # Most nodes have succeeded, or were skipped, some day.
    field = "phase" if {NodePhase.SUCCEEDED, NodePhase.SKIPPED}.intersection(wanted) else "few_phases"
    return Predicate(field, Operation.IN, wanted)


@dataclass(frozen=True, slots=True)
class TaskContext:
    """What tasks name: their artifacts, and the task that made each, where it is known."""

    artifacts: Mapping[ArtifactId, StoredArtifact]
    producers: Mapping[ArtifactId, Link]


@dataclass(frozen=True, slots=True)
class TaskDetails:
    """A node of a run with what it names, and the nodes directly inside (of very many, the first)."""

    task: TaskRecord
    context: TaskContext
    children: Sequence[TaskBrief]


@dataclass(frozen=True, slots=True)
class TaskPage:
    """One page of nodes, with what they name."""

    page: Page[TaskRecord]
    context: TaskContext


class TaskService:
    """Reads of tasks; the engine alone writes them."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, task_id: str) -> TaskDetails:
        """The node with that ``task_id``. Raises NotFound."""
        with self._store.read() as uow:
            task = uow.lineage.task(task_id)
            return TaskDetails(task, _context(uow, [task]), uow.lineage.children(task_id, MAX_CHILDREN))

    def list(self, query: ListQuery) -> TaskPage:
        """One page; ``query.parent`` is a run. Raises NotFound if there is no such run."""
        with self._store.read() as uow:
            if query.parent is not None:
                uow.runs.get(RunId(query.parent))
            page = uow.lineage.tasks(query)
            return TaskPage(page, _context(uow, page.items))

    def list_briefs(self, query: ListQuery, *, groups: bool) -> Page[TaskBrief]:
        """The same in a few words, with or without DAGs and loops. Raises NotFound."""
        if not groups:
            query = replace(query, predicates=(*query.predicates, _NO_GROUPS))
        with self._store.read() as uow:
            if query.parent is not None:
                uow.runs.get(RunId(query.parent))
            return uow.lineage.brief_page(query)

    def list_inside(self, query: ListQuery) -> TaskPage:
        """One page of the nodes directly inside the one with the ``task_id`` ``query.parent``. Raises NotFound."""
        with self._store.read() as uow:
            uow.lineage.task(query.parent or "")
            page = uow.lineage.subtasks(query)
            return TaskPage(page, _context(uow, page.items))


def _context(uow: UnitOfWork, tasks: Sequence[TaskRecord]) -> TaskContext:
    named: dict[ArtifactId, None] = {}
    for task in tasks:
        for binding in (task.inputs, task.outputs):
            for each in binding.artifacts.values():
                named.update(dict.fromkeys(each))
    ids = list(named)
    return TaskContext(uow.lineage.artifacts_by_id(ids), uow.lineage.producers(ids)) if ids else TaskContext({}, {})
