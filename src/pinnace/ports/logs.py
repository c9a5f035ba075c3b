"""Where the log of an attempt lies."""

from pathlib import Path
from typing import Protocol

from pinnace.domain.ids import NodeId, RunId


class AttemptLogs(Protocol):
    """Finds log files. Calls touch no disk; the file may not exist (yet, or for a task that ran nothing)."""

    def attempt_log(self, run: RunId, node: NodeId, attempt: int) -> Path:
        """The file that the attempt writes its output to from the first byte on."""
        ...
