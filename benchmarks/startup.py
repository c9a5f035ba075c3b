"""How long the server takes until it answers, what it holds when idle, and how soon the command line is there."""

import contextlib
import http.client
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import psutil
from measure import Row, megabytes, run_python, timed

from pinnace.testing.command import PinnaceCommand

STARTS = 7
IDLE_SECONDS = 2.0


def server_start() -> Iterator[Row]:
    """From the command to the first answer of healthz: on an empty data directory, and on one that exists."""
    imports = partial(run_python, "-c", "import uvicorn, fastapi, sqlalchemy")
    imports()
    yield Row("a process that imports uvicorn, fastapi and sqlalchemy (for comparison)", _repeat(imports, STARTS), "s")
    with tempfile.TemporaryDirectory() as scratch:
        started = [_start(Path(scratch) / "data") for _ in range(STARTS + 1)]
        fresh = [_start(Path(scratch) / f"data-{number}")[0] for number in range(3)]
    # The very first start also compiled and read from the disk what the others find in memory.
    seconds, processor, memory = zip(*started[1:], strict=True)
    yield Row("server: start to first healthz", seconds, "s", "1.5")
    yield Row("server: processor time until then", processor, "s")
    yield Row("server: start to first healthz, new data directory", fresh, "s", "1.5")
    yield Row("server: resident memory when idle", memory, "MB", "120")


def command_line() -> Iterator[Row]:
    """Whole processes, as the shell sees them."""
    run_python("-m", "pinnace.cli", "--version")
    yield Row("python -c pass (for comparison)", _repeat(partial(run_python, "-c", "pass"), STARTS), "s")
    for words, limit in (("--version", "0.3"), ("run --help", "")):
        command = partial(run_python, "-m", "pinnace.cli", *words.split())
        yield Row(f"pinnace {words}", _repeat(command, STARTS), "s", limit)


def _repeat(action: Callable[[], object], times: int) -> list[float]:
    return [timed(action) for _ in range(times)]


def _start(data: Path) -> tuple[float, float, float]:
    """Seconds to healthz, of them on a processor, and megabytes a while later."""
    port = _free_port()
    command = PinnaceCommand(data)
    begin = time.perf_counter()
    process = command.popen("up", "--port", str(port))
    try:
        while not _is_healthy(port, process):
            time.sleep(0.005)
        seconds = time.perf_counter() - begin
        server = psutil.Process(process.pid)
        processor = sum(server.cpu_times()[:2])
        time.sleep(IDLE_SECONDS)
        memory = server.memory_info().rss
    finally:
        process.terminate()
        process.communicate(timeout=30)
    return seconds, processor, megabytes(memory)


def _is_healthy(port: int, process: "subprocess.Popen[str]") -> bool:
    if process.poll() is not None:
        raise RuntimeError(f"the server ended with code {process.returncode}")
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    with contextlib.closing(connection), contextlib.suppress(ConnectionError):
        connection.request("GET", "/apis/v2beta1/healthz")
        return connection.getresponse().status == 200
    return False


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
