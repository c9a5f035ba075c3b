"""The seams to what takes room beside the database: files of runs, and environments. All calls block."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from pinnace.domain.ids import RunId
from pinnace.domain.values import Instant
from pinnace.ports.storage import Amount


@dataclass(frozen=True, slots=True)
class RunRoom:
    """Bytes of files of runs.

    Attributes:
        logs: The directories of attempts, with their logs.
        artifacts: Contents of artifacts.
        workspaces: What tasks of a run share.
        complete: False where there are so many files that only a part was looked at.
    """

    logs: int = 0
    artifacts: int = 0
    workspaces: int = 0
    complete: bool = True


@dataclass(frozen=True, slots=True)
class KeptEnvironment:
    """A Python environment that was built for tasks.

    Attributes:
        mode: ``inherit`` for a layer on another interpreter, ``isolated`` for one that stands alone.
        requirements: What was asked for.
        size: Bytes on the disk.
        in_use: Whether a task works with it now.
    """

    key: str
    mode: str
    python_version: str
    requirements: Sequence[str]
    size: int
    built_at: Instant
    last_used_at: Instant
    in_use: bool


@dataclass(frozen=True, slots=True)
class Leftover:
    """A directory of a run that does not exist. ``kind`` is ``logs``, ``artifacts`` or ``workspace``."""

    path: str
    kind: str
    size: int


class RunFiles(Protocol):
    """Files of runs, on this machine and, as far as the store knows their sizes, in buckets."""

    def freed(self, runs: Sequence[RunId]) -> RunRoom:
        """What would be free if these runs were deleted: what they alone hold, together."""
        ...

    def leftovers(self, before: Instant) -> Sequence[Leftover]:
        """Directories in the data directory that no run has and no note is about, last changed before that time."""
        ...

    def remove(self, leftover: Leftover) -> None:
        """Remove one, but for what artifacts name in it. Raises OSError."""
        ...

    def usage(self) -> RunRoom:
        """What lies in the data directory, in bounded time."""
        ...


class EnvironmentRoom(Protocol):
    """Python environments that were built for tasks."""

    def size(self) -> int:
        """Bytes of all of them."""
        ...

    def kept(self) -> Sequence[KeptEnvironment]:
        """All of them, the last used first."""
        ...

    def surplus(self) -> Amount:
        """Those that are over the budget and not in use."""
        ...

    def shrink(self) -> Amount:
        """Remove them; what was removed."""
        ...
