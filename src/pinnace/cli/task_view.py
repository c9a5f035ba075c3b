"""A run and its tasks as the command line shows them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pinnace.domain.ids import ROOT
from pinnace.domain.values import JsonValue

ENDED: Final = frozenset({"SUCCEEDED", "FAILED", "SKIPPED", "CANCELED"})
RUNNING: Final = frozenset({"RUNNING", "LAUNCHED", "OPEN", "CANCELING"})


@dataclass(frozen=True, slots=True)
class ArtifactView:
    """An artifact that a task has published. The size is None where it is not known."""

    name: str
    type: str
    uri: str
    metadata: Mapping[str, JsonValue] = field(default_factory=dict)
    id: str = ""
    size: int | None = None


@dataclass(frozen=True, slots=True)
class TaskView:
    """A node of a run.

    Times are seconds since the epoch; the phase is one of ``NodePhase``; outcomes are those of its attempts, "" for one
    that has not ended, and directories are theirs by number.
    """

    node: str
    parent: str | None
    name: str
    kind: str
    phase: str
    index: int | None = None
    started_at: float | None = None
    ended_at: float | None = None
    cached: bool = False
    detail: str = ""
    error: str = ""
    outcomes: Sequence[str] = ()
    directories: Mapping[int, str] = field(default_factory=dict)
    parameters: Mapping[str, JsonValue] = field(default_factory=dict)
    artifacts: Mapping[str, Sequence[ArtifactView]] = field(default_factory=dict)

    @property
    def runs_code(self) -> bool:
        """Whether the node is a task of its own and not a group of tasks."""
        return self.kind in {"CONTAINER", "IMPORTER"}

    @property
    def attempts(self) -> int:
        """How many attempts there were."""
        return len(self.outcomes)

    @property
    def is_root(self) -> bool:
        """Whether the node is the whole pipeline."""
        return self.node == ROOT

    def seconds(self, now: float) -> float | None:
        """How long it took, or takes so far; None before it began."""
        if self.started_at is None:
            return None
        return max(0.0, (self.ended_at if self.ended_at is not None else now) - self.started_at)


@dataclass(frozen=True, slots=True)
class RunView:
    """A run at one moment."""

    id: str
    name: str
    state: str
    error: str = ""
    created_at: float = 0.0
    finished_at: float | None = None
    tasks: Sequence[TaskView] = ()

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in ENDED

    @property
    def succeeded(self) -> bool:
        """Whether it has ended well."""
        return self.state == "SUCCEEDED"

    def seconds(self, now: float) -> float:
        """How long it took, or takes so far. The root task knows it exactly; KFP's own times are whole seconds."""
        root = next((task for task in self.tasks if task.is_root), None)
        exact = root.seconds(now) if root is not None else None
        if exact is not None:
            return exact
        end = self.finished_at if self.has_ended and self.finished_at is not None else now
        return max(0.0, end - self.created_at)

    def failed_tasks(self) -> list[TaskView]:
        """The tasks whose own code, or what surrounds it, failed."""
        return [task for task in self.tasks if task.phase == "FAILED" and task.runs_code]


def duration(seconds: float | None) -> str:
    """A duration in words: ``0.4 s``, ``12 s``, ``3 min 05 s``, ``2 h 10 min``."""
    if seconds is None:
        return ""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
