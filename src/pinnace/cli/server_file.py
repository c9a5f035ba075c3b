"""How commands find the server of a data directory: ``server.json``, written by ``pinnace up`` while it serves."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import psutil

from pinnace.cli.client import Client
from pinnace.cli.exits import NoServer

FILE_NAME: Final = "server.json"
_CLOCK_STEP: Final = 2.0


@dataclass(frozen=True, slots=True)
class ServerRecord:
    """A server that serves a data directory.

    Attributes:
        address: Base URL.
        pid: Its process.
        process_started: Start time of that process, so that a process id that was given again is not mistaken for it.
        token: What clients must send; "" for nothing.
        private: Whether ``pinnace run`` started it, and stops it when no run is left.
    """

    address: str
    pid: int
    process_started: float
    token: str = ""
    private: bool = False

    def client(self) -> Client:
        """A client of this server."""
        return Client(self.address, self.token)

    def is_alive(self) -> bool:
        """Whether the process still exists."""
        try:
            process = psutil.Process(self.pid)
            started = process.create_time()
            return abs(started - self.process_started) < _CLOCK_STEP and process.status() != psutil.STATUS_ZOMBIE
        except psutil.Error:
            return False


def write_record(data_directory: Path, address: str, token: str, *, private: bool) -> ServerRecord:
    """Say that this process serves *data_directory* at *address*. Only the user can read the file."""
    record = ServerRecord(address, os.getpid(), psutil.Process().create_time(), token, private)
    target = data_directory / FILE_NAME
    draft = data_directory / f"{FILE_NAME}.{os.getpid()}"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        json.dump(asdict(record), stream)
    draft.replace(target)
    return record


def remove_record(data_directory: Path) -> None:
    """Take back what this process wrote; another server's record stays."""
    record = _read(data_directory)
    if record is not None and record.pid == os.getpid():
        (data_directory / FILE_NAME).unlink(missing_ok=True)


def find_server(data_directory: Path) -> ServerRecord | None:
    """The server that serves *data_directory* now, or None."""
    record = _read(data_directory)
    return record if record is not None and record.is_alive() else None


def require_server(data_directory: Path) -> ServerRecord:
    """The server that serves *data_directory*.

    Raises:
        NoServer: none does.
    """
    record = find_server(data_directory)
    if record is None:
        raise NoServer(
            f"No server runs on the data directory {data_directory}. Start one with `pinnace up`, "
            "or name another directory with --data-dir."
        )
    return record


def _read(data_directory: Path) -> ServerRecord | None:
    """The record, or None where there is none or it is not one of ours."""
    try:
        fields = json.loads((data_directory / FILE_NAME).read_text(encoding="utf-8"))
        return ServerRecord(**fields)
    except (OSError, ValueError, TypeError):
        return None
