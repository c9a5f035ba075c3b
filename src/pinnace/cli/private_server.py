"""A server for the time of a ``pinnace run``. It uses the same data directory, so that a later ``up`` shows the run."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import psutil

from pinnace.cli.exits import CommandError, NoServer
from pinnace.cli.server_api import unfinished_runs
from pinnace.cli.server_file import ServerRecord, find_server

LOG_NAME: Final = "server.log"
_START_SECONDS: Final = 60.0
_STOP_SECONDS: Final = 30.0
_POLL: Final = 0.05
_LINES: Final = 15


@contextlib.contextmanager
def server_for(data_directory: Path, python: str) -> Iterator[ServerRecord]:
    """The server of a data directory; one is started if none runs, and stopped when no run is left on it.

    Raises:
        CommandError: the server does not start; the text holds the end of what it printed.
    """
    record = find_server(data_directory)
    if record is None:
        record = start_server(data_directory, ["--port", "0", "--private", *(["--python", python] if python else [])])
    try:
        yield record
    finally:
        # Another `pinnace run` may share a private server: the last one to leave stops it.
        if record.private and record.is_alive():
            with contextlib.suppress(NoServer):
                if unfinished_runs(record.client()) == 0:
                    stop_server(record)


def start_server(data_directory: Path, options: list[str]) -> ServerRecord:
    """Start ``pinnace up`` in the background and wait until it serves. What it prints goes to ``server.log``."""
    data_directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    log = data_directory / LOG_NAME
    command = [sys.executable, "-m", "pinnace.cli", "up", "--data-dir", str(data_directory), *options]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        record = find_server(data_directory)
        if record is not None:
            return record
        if process.poll() is not None:
            raise CommandError(f"The server did not start:\n{_end_of(log)}")
        time.sleep(_POLL)
    process.terminate()
    raise CommandError(f"The server did not start within {_START_SECONDS:.0f} seconds; see {log}.")


def stop_server(record: ServerRecord) -> None:
    """Ask a server to stop and wait until it has.

    Raises:
        CommandError: it is still there after half a minute.
    """
    try:
        psutil.Process(record.pid).terminate()
    except psutil.NoSuchProcess:
        return
    except psutil.AccessDenied as error:
        raise CommandError(f"The server (process {record.pid}) belongs to another user.") from error
    deadline = time.monotonic() + _STOP_SECONDS
    # Not Process.wait(): it takes a process that has ended, and whose parent has not asked for it yet, for alive.
    while record.is_alive():
        if time.monotonic() > deadline:
            raise CommandError(
                f"The server (process {record.pid}) has not stopped after {_STOP_SECONDS:.0f} seconds. "
                f"Its runs are kept; end it with `kill -9 {record.pid}`."
            )
        time.sleep(_POLL)


def _end_of(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return os.linesep.join(lines[-_LINES:])
