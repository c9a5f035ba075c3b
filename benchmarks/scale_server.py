"""A real server on a database that is there already, asked over one connection."""

import http.client
import json
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import psutil
import yaml
from flows import WARM_UP, compiled
from measure import timed
from scale_data import run_id
from scale_lists import KFP

from pinnace.cli.server_file import require_server
from pinnace.testing.command import PinnaceCommand

LOOP = 1_000
LIMIT_SECONDS = 600.0


class ScaleServer:
    """``pinnace up`` without the cache, for the length of a ``with`` block; it has run something before it is measured.

    Attributes:
        start_seconds: From its start to its first answer.
    """

    start_seconds: float
    _connection: http.client.HTTPConnection

    def __init__(self, data: Path, options: Sequence[str]) -> None:
        self._command = PinnaceCommand(data)
        self._options = options
        self._loop = {size: yaml.safe_load(compiled("loop", size)) for size in (WARM_UP, LOOP)}

    def __enter__(self) -> Self:
        self.start_seconds = timed(lambda: self._command.start("--no-cache", *self._options))
        record = require_server(self._command.data)
        self._process = psutil.Process(record.pid)
        address = urlsplit(record.address)
        self._connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=LIMIT_SECONDS)
        begin = self._submit(WARM_UP)
        while self.ended_after(begin) is None:
            time.sleep(0.1)
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self._connection.close()
        self._command.stop()

    @staticmethod
    def run_page() -> str:
        """Where the run with many tasks is."""
        return f"{KFP}/runs/{run_id(0)}"

    @staticmethod
    def nothing() -> str:
        """What costs the server least."""
        return f"{KFP}/healthz"

    def processor_seconds(self) -> float:
        """What the server has used so far."""
        return sum(self._process.cpu_times()[:2])

    def read(self, url: str) -> float:
        """Milliseconds until the whole answer is there."""
        return timed(lambda: self._ask("GET", url)) * 1e3

    def submit_loop(self) -> float:
        """Begin a loop that does nothing a thousand times; returns when."""
        return self._submit(LOOP)

    def ended_after(self, begin: float) -> float | None:
        """Seconds since *begin* if no run is underway."""
        status = json.loads(self._ask("GET", "/apis/pinnace/v1/status"))
        return None if status["runs_unfinished"] else time.perf_counter() - begin

    def _submit(self, size: int) -> float:
        begin = time.perf_counter()
        body = {"display_name": f"loop of {size}", "pipeline_spec": self._loop[size]}
        self._ask("POST", f"{KFP}/runs", json.dumps(body))
        return begin

    def _ask(self, method: str, url: str, body: str | None = None) -> bytes:
        headers: dict[str, Any] = {"Content-Type": "application/json"} if body else {}
        self._connection.request(method, url, body, headers)
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{method} {url}: {answer.status} {content[:500]!r}")
        return content
