"""A server that is killed and started again, and runs that are submitted to it whenever it answers."""

import contextlib
import json
import signal
import subprocess
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Final

from pinnace.cli.client import Client, ServerError
from pinnace.cli.exits import NoServer
from pinnace.cli.server_api import read_run
from pinnace.cli.server_file import find_server
from pinnace.cli.task_view import RunView
from pinnace.domain.values import JsonObject
from pinnace.testing.command import PinnaceCommand

WAIT_SECONDS: Final = 120.0
_RUNS: Final = "/apis/v2beta1/runs"


def wait(condition: Callable[[], bool], what: Callable[[], object], seconds: float = WAIT_SECONDS) -> None:
    """Until the condition holds; fails with *what* there is instead."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, what()
        time.sleep(0.05)


@dataclass
class Keeper:
    """One data directory, and the server that serves it now, if any."""

    data: Path
    options: tuple[str, ...] = ("--no-cache", "--parallelism", "6")
    process: subprocess.Popen[bytes] | None = None
    starts: int = 0
    asked: dict[str, JsonObject] = field(default_factory=dict)
    accepted: list[str] = field(default_factory=list)

    @property
    def log(self) -> Path:
        """What all the servers said."""
        return self.data.with_name(f"{self.data.name}.log")

    def ensure(self) -> subprocess.Popen[bytes]:
        """The living server, or a new one that may not answer yet."""
        if self.process is None or self.process.poll() is not None:
            command = PinnaceCommand(self.data)
            with self.log.open("ab") as output:
                self.process = subprocess.Popen(
                    command.command("up", "--port", "0", "--data-dir", self.data, *self.options),
                    env=dict(command.environment),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    start_new_session=True,
                )
            self.starts += 1
        return self.process

    def client(self) -> Client | None:
        """A client of the living server, once that answers."""
        record = find_server(self.data)
        if self.process is None or record is None or record.pid != self.process.pid:
            return None
        return Client(record.address, timeout=20.0)

    def ready(self) -> Client:
        """A server that answers."""
        wait(lambda: self.ensure() is not None and self.client() is not None, self.log.read_text)
        client = self.client()
        assert client is not None
        return client

    def kill(self) -> None:
        """kill -9 of the server."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def stop(self) -> None:
        """SIGTERM, and the server must end."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                raise

    def submit(self, document: bytes, **parameters: str | float) -> str:
        """Ask for a run under an id of our own. It is sent by :meth:`send`, as often as it takes."""
        run = str(uuid.uuid4())
        self.asked[run] = {
            "run_id": run,
            "display_name": f"killed {len(self.asked) + len(self.accepted)}",
            "pipeline_spec": json.loads(document),
            "runtime_config": {"parameters": dict(parameters)},
        }
        return run

    def send(self) -> None:
        """Send what was asked for and not accepted. A server that died before it answered may have taken it."""
        client = self.client()
        if client is None:
            return
        for run, body in list(self.asked.items()):
            try:
                client.post(_RUNS, body)
            except NoServer:
                return
            except ServerError as error:
                if error.status == HTTPStatus.SERVICE_UNAVAILABLE:
                    return
                if error.status != HTTPStatus.CONFLICT:
                    raise
            del self.asked[run]
            self.accepted.append(run)

    def unfinished(self) -> int | None:
        """How many runs have not ended; None while the server does not answer."""
        client = self.client()
        with contextlib.suppress(NoServer, ServerError):
            if client is not None:
                return sum(not read_run(client, run).has_ended for run in self.accepted[-20:])
        return None

    def view(self, run: str) -> RunView | None:
        """The run as it is now; None while the server does not answer."""
        client = self.client()
        with contextlib.suppress(NoServer, ServerError):
            return None if client is None else read_run(client, run)
        return None

    def until(self, run: str, reached: Callable[[RunView], bool]) -> RunView:
        """The run once it is as wanted; the server is kept up, and what waits is sent."""
        seen: list[RunView] = []

        def there() -> bool:
            self.ensure()
            self.send()
            view = self.view(run)
            seen[:] = seen if view is None else [view]
            return view is not None and reached(view)

        wait(there, lambda: (seen, self.log.read_text()[-4000:]))
        return seen[0]
