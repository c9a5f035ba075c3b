"""What readers see of a run besides its own row: its nodes, the artifacts that they handle, and their outputs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pinnace.domain.artifacts import Artifact
from pinnace.domain.ids import ROOT, ArtifactId, NodeId, RunId, task_uuid
from pinnace.domain.runs import Run
from pinnace.domain.tasks import AttemptRecord, NodeBinding, TaskRecord
from pinnace.errors import NotFound
from pinnace.ports.store import Store
from pinnace.services.run_changes import ChangesSinceSuccess, changes_since_success


@dataclass(frozen=True, slots=True)
class RunView:
    """A run, its nodes in the order in which they came to be, and every artifact that they name."""

    run: Run
    tasks: Sequence[TaskRecord]
    artifacts: Mapping[ArtifactId, Artifact]

    def artifacts_of(self, binding: NodeBinding, key: str) -> Sequence[Artifact]:
        """The artifacts under *key*, without those that are no longer recorded."""
        return [self.artifacts[item] for item in binding.artifacts.get(key, ()) if item in self.artifacts]


@dataclass(frozen=True, slots=True)
class ServerCounts:
    """How much the server holds."""

    runs_unfinished: int
    change_number: int


class ViewService:
    """Reads that span more than one repository; nothing here writes."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def run(self, run: RunId, *, with_artifacts: bool = False) -> RunView:
        """A run with its nodes; its artifacts only on demand. Raises NotFound."""
        with self._store.read() as uow:
            row = uow.runs.get(run)
            tasks = uow.runs.tasks([run]).get(run, ())
            ids = named_artifacts(tasks) if with_artifacts else []
            return RunView(row, tasks, uow.runs.artifacts(ids) if ids else {})

    def with_tasks(self, runs: Sequence[Run]) -> Sequence[RunView]:
        """Some runs with their nodes, all in one look into the store."""
        with self._store.read() as uow:
            tasks = uow.runs.tasks([run.id for run in runs])
            return [RunView(run, tasks[run.id], {}) for run in runs]

    def task(self, run: RunId, key: str) -> TaskRecord:
        """The node of a run whose id, ``task_id`` or (if only one has it) name is *key*. Raises NotFound."""
        tasks = self.run(run).tasks
        node = NodeId(ROOT if key == "root" else key)
        for task in tasks:
            if task.node == node or task_uuid(run, task.node) == key:
                return task
        named = [task for task in tasks if task.name == key]
        if len(named) != 1:
            raise NotFound("Task", f"{key} of run {run}")
        return named[0]

    def has_ended(self, run: RunId, node: NodeId, attempt: int) -> bool:
        """Whether an attempt has ended. Raises NotFound."""
        with self._store.read() as uow:
            return attempt_of(uow.runs.task(run, node), attempt).ended_at is not None

    def changes_since_success(self, run: RunId) -> ChangesSinceSuccess:
        """What is different from the last run of the same pipeline that succeeded before. Raises NotFound."""
        with self._store.read() as uow:
            return changes_since_success(uow, uow.runs.get(run))

    def counts(self) -> ServerCounts:
        """How much the server holds."""
        with self._store.read() as uow:
            return ServerCounts(runs_unfinished=len(uow.runs.unfinished()), change_number=uow.log.change_number())


def attempt_of(task: TaskRecord, number: int | None) -> AttemptRecord:
    """Attempt *number* of a task, the last one for None. Raises NotFound."""
    for attempt in reversed(task.attempts):
        if number is None or attempt.number == number:
            return attempt
    which = "" if number is None else f"{number} "
    raise NotFound("Attempt", f"{which}of task {task.node}")


def named_artifacts(tasks: Sequence[TaskRecord]) -> list[ArtifactId]:
    """Every artifact that nodes take in or give out, once."""
    found: dict[ArtifactId, None] = {}
    for task in tasks:
        for binding in (task.inputs, task.outputs):
            for ids in binding.artifacts.values():
                found.update(dict.fromkeys(ids))
    return list(found)
