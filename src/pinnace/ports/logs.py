"""Where the log of an attempt, and everything else of it, lies."""

from pathlib import Path
from typing import Protocol

from pinnace.domain.ids import NodeId, RunId


class AttemptLogs(Protocol):
    """Finds files. Calls touch no disk; the file may not exist (yet, or for a task that ran nothing)."""

    def attempt_log(self, run: RunId, node: NodeId, attempt: int) -> Path:
        """The file that the attempt writes its output to from the first byte on."""
        ...

    def attempt_directory(self, run: RunId, node: NodeId, attempt: int) -> Path:
        """The directory that the attempt owns."""
        ...

    def workspace(self, run: RunId) -> Path:
        """The directory that the tasks of a run share."""
        ...
