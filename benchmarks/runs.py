"""Whole runs of tasks that do nothing, each task a cold process: our server beside the SDK's own local runner.

The server is a real one, driven by the official client; a run is measured from its submission to its end. The two take
turns, so that what else the machine does meets both.
"""

import contextlib
import tempfile
import time
import warnings
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from flows import CHAIN, FLOWS, WIDTH
from kfp import Client, compiler
from measure import Row, run_python, timed

from pinnace.cli.server_file import ServerRecord, require_server
from pinnace.testing.command import PinnaceCommand

ROUNDS = 5
POLL_SECONDS = 0.05
NAMES = {"chain": f"chain of {CHAIN} tasks", "wide": f"ParallelFor over {WIDTH} items"}
HERE = Path(__file__).parent


def compared_runs() -> Iterator[Row]:
    """The rows of both, and what a process that only imports the SDK's executor takes."""
    executor = partial(run_python, "-c", "import kfp.dsl.executor_main", _KFP_RUNTIME="true")
    floor = [timed(executor) * 1e3 for _ in range(2 * ROUNDS)]
    yield Row("a process that imports the SDK's executor (for comparison)", floor, "ms")
    with tempfile.TemporaryDirectory() as scratch:
        command = PinnaceCommand(Path(scratch) / "data")
        command.start("--no-cache")
        try:
            server = require_server(command.data)
            client = _client(server)
            for flow, name in NAMES.items():
                yield from _rows(name, FLOWS[flow][1], *_take_turns(client, server, flow, Path(scratch)))
        finally:
            command.stop()


def _rows(name: str, tasks: int, ours: list[float], theirs: list[float]) -> Iterator[Row]:
    for who, seconds in (("pinnace", ours), ("kfp.local", theirs)):
        yield Row(f"{name}, {who}", seconds, "s")
        yield Row(f"{name}, {who}, a task", [each / tasks * 1e3 for each in seconds], "ms")


def _take_turns(client: Client, server: ServerRecord, flow: str, scratch: Path) -> tuple[list[float], list[float]]:
    package = scratch / f"{flow}.yaml"
    compiler.Compiler().compile(FLOWS[flow][0], str(package))
    ours, theirs = [], []
    for number in range(ROUNDS + 1):
        ours.append(timed(lambda: _submit_and_wait(client, server, package)))
        output = run_python(HERE / "local_runner.py", flow, scratch / f"local-{flow}-{number}")
        theirs.append(float(output.splitlines()[-1]))
    return ours[1:], theirs[1:]  # the first of each fills the page cache


def _submit_and_wait(client: Client, server: ServerRecord, package: Path) -> None:
    with contextlib.redirect_stdout(None):
        run = client.create_run_from_pipeline_package(str(package), enable_caching=False).run_id
    # The run itself has all its tasks, and would cost so much that the question changes the answer.
    while server.client().get("/apis/pinnace/v1/status")["runs_unfinished"]:
        time.sleep(POLL_SECONDS)
    state = client.get_run(run).state
    if state != "SUCCEEDED":
        raise RuntimeError(f"the run ended as {state}")


def _client(server: ServerRecord) -> Client:
    with warnings.catch_warnings(), contextlib.redirect_stdout(None):
        warnings.simplefilter("ignore", FutureWarning)  # about servers older than the client
        return Client(host=server.address)
