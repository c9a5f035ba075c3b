"""A real server whose runs are measured: started as a user starts it, driven by the official client."""

import contextlib
import tempfile
import time
import warnings
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from kfp import Client

from pinnace.cli.server_file import ServerRecord, require_server
from pinnace.domain.history import RecordedEvent
from pinnace.domain.ids import RunId
from pinnace.domain.tasks import TaskRecord
from pinnace.domain.values import SECOND
from pinnace.store import open_store
from pinnace.testing.command import PinnaceCommand

POLL_SECONDS = 0.05


class MeasuredServer:
    """``pinnace up`` without the cache, for the length of a ``with`` block."""

    record: ServerRecord
    client: Client
    last_run: RunId

    def __init__(self, data: Path, *options: str) -> None:
        self._command = PinnaceCommand(data)
        self._options = options

    def __enter__(self) -> Self:
        self._command.start("--no-cache", *self._options)
        self.record = require_server(self._command.data)
        with warnings.catch_warnings(), contextlib.redirect_stdout(None):
            warnings.simplefilter("ignore", FutureWarning)  # about servers older than the client
            self.client = Client(host=self.record.address)
        self._store = open_store(self._command.data / "pinnace.db")
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self._store.close()
        self._command.stop()

    def run(self, document: bytes) -> float:
        """Seconds from the submission of a pipeline to the end of its run."""
        begin = time.time()
        self.submit(document)
        while not self.has_ended():
            time.sleep(POLL_SECONDS)
        with self._store.read() as unit:
            run = unit.runs.get(self.last_run)
        if run.state != "SUCCEEDED" or run.finished_at is None:
            raise RuntimeError(f"the run ended as {run.state}: {run.failure}")
        return run.finished_at / SECOND - begin

    def submit(self, document: bytes) -> None:
        """Begin a run."""
        with tempfile.NamedTemporaryFile(suffix=".yaml") as package, contextlib.redirect_stdout(None):
            package.write(document)
            package.flush()
            created = self.client.create_run_from_pipeline_package(package.name, enable_caching=False)
        self.last_run = RunId(created.run_id)

    def has_ended(self) -> bool:
        """Whether no run is underway. The run itself has all its tasks: that question would change the answer."""
        return not self.record.client().get("/apis/pinnace/v1/status")["runs_unfinished"]

    def tasks(self) -> Sequence[TaskRecord]:
        """The tasks of the last run."""
        with self._store.read() as unit:
            return unit.runs.tasks([self.last_run])[self.last_run]

    def history(self) -> Sequence[RecordedEvent]:
        """The events of the last run."""
        with self._store.read() as unit:
            return unit.log.events(self.last_run)
