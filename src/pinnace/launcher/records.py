"""The files of an attempt's directory, by which runner and server speak with each other over crashes of either.

=============== ================================================================================================
``task.json``   what to run; written by the server before it starts a runner
``started``     who runs it: created once and never replaced, so that a second runner gives up
``running``     the process that is, or is about to become, the user's command: its pid, its start, and when it began
``stop``        the server wants the attempt to end: why, and how long the command may take to obey
``result.json`` how it ended; renamed into place last, when every process of the attempt is gone
``log``         standard output and error of the command
``work``        its working directory
=============== ================================================================================================
"""

from __future__ import annotations

import contextlib
import json
import os
from typing import Any

from pinnace.launcher.processes import SCARCE

TASK = "task.json"
STARTED = "started"
RUNNING = "running"
STOP = "stop"
RESULT = "result.json"
LOG = "log"
WORK = "work"
RUNNER_LOG = "runner.log"

MARK_VARIABLE = "PINNACE_ATTEMPT"

_RESULT_ROOM = 4096

Record = dict[str, Any]


def read(directory: str, name: str) -> Record | None:
    """The record *name*, or None where there is none or it cannot be understood.

    Raises OSError where the system cannot open it now, which says nothing of the record.
    """
    try:
        with open(os.path.join(directory, name), "rb") as file:
            value = json.loads(file.read())
    except ValueError:
        return None
    except OSError as error:
        if error.errno in SCARCE:
            raise
        return None
    return value if isinstance(value, dict) else None


def write(directory: str, name: str, record: Record) -> None:
    """Put a record in place at once, over an older one. Raises OSError."""
    path = os.path.join(directory, name)
    temporary = f"{path}.{os.getpid()}.tmp"
    try:
        _write_private(temporary, json.dumps(record).encode())
        os.replace(temporary, path)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def claim(directory: str, record: Record) -> bool:
    """Create ``started``; False where somebody else was first. Raises OSError for any other reason.

    A hard link either fails or shows the whole content at once, so that no reader sees a half-written claim.
    """
    path = os.path.join(directory, STARTED)
    temporary = f"{path}.{os.getpid()}.tmp"
    _write_private(temporary, json.dumps(record).encode())
    try:
        os.link(temporary, path)
    except FileExistsError:
        return False
    finally:
        os.unlink(temporary)
    return True


def is_claimed(directory: str) -> bool:
    """Whether ``started`` is there, as far as can be seen."""
    try:
        os.stat(os.path.join(directory, STARTED))
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True


def reserve_result(directory: str) -> None:
    """Take the disk space of the result before the command can fill the disk. Raises OSError."""
    _write_private(_result_draft(directory), b" " * _RESULT_ROOM)


def write_result(directory: str, record: Record) -> None:
    """Write the result over the reserved space and rename it into place. Raises OSError."""
    draft = _result_draft(directory)
    content = json.dumps(record).encode()
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        os.pwrite(descriptor, content, 0)
        os.ftruncate(descriptor, len(content))
    finally:
        os.close(descriptor)
    os.replace(draft, os.path.join(directory, RESULT))


def _result_draft(directory: str) -> str:
    return os.path.join(directory, RESULT + ".tmp")


def _write_private(path: str, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        view = memoryview(content)
        while view:
            view = view[os.write(descriptor, view) :]
    finally:
        os.close(descriptor)
