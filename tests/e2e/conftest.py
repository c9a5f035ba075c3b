"""A real server, started by the command line in a directory of its own."""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import pytest
from kfp import Client

from pinnace.cli.server_file import ServerRecord, require_server
from pinnace.testing.command import PinnaceCommand


@pytest.fixture(scope="session", autouse=True)
def interruptible() -> None:
    """A script's background jobs ignore SIGINT and hand that down; the commands under test have to obey it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def pinnace(tmp_path: Path) -> Iterator[PinnaceCommand]:
    """The command on an empty data directory; its server is stopped at the end."""
    command = PinnaceCommand(tmp_path / "data")
    yield command
    command.stop()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerRecord]:
    """A server that runs for the whole module."""
    command = PinnaceCommand(tmp_path_factory.mktemp("shared") / "data")
    command.start()
    yield require_server(command.data)
    command.stop()


@pytest.fixture(scope="module")
def kfp_client(server: ServerRecord) -> Client:
    """The official client of the module's server."""
    return Client(host=server.address)


@pytest.fixture
def write_flow(tmp_path: Path) -> Callable[[str], Path]:
    """Writes a pipeline file whose only component is the given function."""

    def write(function: str) -> Path:
        path = tmp_path / "flow.py"
        component = f"@dsl.component(base_image='python:3.12-slim')\n{dedent(function).strip()}\n"
        path.write_text(f"from kfp import dsl\nfrom kfp.dsl import Dataset, Output\n\n\n{component}")
        return path

    return write
