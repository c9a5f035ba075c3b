"""A real server, started by the command line in a directory of its own."""

import importlib.util
import signal
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent
from types import ModuleType
from typing import Any

import pytest
import yaml
from kfp import Client, compiler

from pinnace.cli.server_api import read_log, read_run
from pinnace.cli.server_file import ServerRecord, require_server
from pinnace.cli.task_view import RunView, TaskView
from pinnace.testing.command import PinnaceCommand

PIPELINES = Path(__file__).parents[1] / "pipelines"
WAIT_SECONDS = 240.0


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


def module_of(name: str) -> ModuleType:
    """A module of tests/pipelines."""
    full = f"feature_runs_{name}"
    if full not in sys.modules:
        spec = importlib.util.spec_from_file_location(full, PIPELINES / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        sys.modules[full] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[full])
    return sys.modules[full]


@dataclass
class RunBench:
    """Runs of tests/pipelines on one server, by label."""

    server: ServerRecord
    client: Client
    data: Path
    folder: Path
    runs: dict[str, str] = field(default_factory=dict)

    def submit(
        self,
        label: str,
        module: str,
        function: str,
        change: Callable[[dict[str, Any]], list[Any]] | None = None,
        caching: bool | None = None,
        **arguments: Any,
    ) -> str:
        """Compile a pipeline and start a run of it; *change* edits the document and may add another one."""
        package = self.folder / f"{label}.yaml"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compiler.Compiler().compile(getattr(module_of(module), function), str(package))
        if change is not None:
            package.write_text(yaml.safe_dump_all(change(yaml.safe_load(package.read_text()))))
        run = self.client.create_run_from_pipeline_package(
            str(package), arguments=arguments, run_name=label, enable_caching=caching
        )
        self.runs[label] = str(run.run_id)
        return self.runs[label]

    def marks(self, label: str) -> Path:
        """A directory in which the tasks of a run leave marks."""
        place = self.folder / f"marks {label}"
        place.mkdir(exist_ok=True)
        return place

    def view(self, label: str) -> RunView:
        """The run as it is now."""
        return read_run(self.server.client(), self.runs[label])

    def until(self, label: str, reached: Callable[[RunView], bool]) -> RunView:
        """The run once it is as wanted."""
        deadline = time.monotonic() + WAIT_SECONDS
        while not reached(view := self.view(label)):
            assert time.monotonic() < deadline, f"{label}: {view}"
            time.sleep(0.1)
        return view

    def ended(self, label: str, state: str = "SUCCEEDED") -> dict[str, TaskView]:
        """The tasks of a run that has ended in *state*, by node."""
        view = self.until(label, lambda run: run.has_ended)
        assert view.state == state, view
        return {task.node: task for task in view.tasks}

    def error(self, label: str) -> str:
        """Why the run did not succeed."""
        return self.until(label, lambda run: run.has_ended).error

    def log(self, label: str, node: str) -> str:
        """The log of a task."""
        return b"".join(read_log(self.server.client(), self.runs[label], node)).decode()


@pytest.fixture(scope="module")
def run_bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunBench]:
    """A server for many runs at a time."""
    command = PinnaceCommand(tmp_path_factory.mktemp("bench") / "data")
    command.start("--parallelism", "8")
    record = require_server(command.data)
    yield RunBench(record, Client(host=record.address), command.data, tmp_path_factory.mktemp("packages"))
    command.stop()
