"""What a command that failed said last: the line that a reader of the failure looks for first."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Final

from pinnace.domain.tasks import TaskFailure

_TAIL_BYTES: Final = 4096
_MAX_LENGTH: Final = 300


def with_last_words(failure: TaskFailure, log: Path) -> TaskFailure:
    """*failure* with the last line of *log* behind its message, where the command itself failed. Blocks."""
    line = _last_line(log) if failure.code == "ExitCode" else ""
    if not line:
        return failure
    return replace(failure, message=f"{failure.message.rstrip('.')}: {line}")


def _last_line(log: Path) -> str:
    try:
        with log.open("rb") as stream:
            stream.seek(0, os.SEEK_END)
            stream.seek(max(0, stream.tell() - _TAIL_BYTES))
            text = stream.read(_TAIL_BYTES).decode(errors="replace")
    except OSError:
        return ""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:_MAX_LENGTH] if lines else ""
